/**
 * The dynamic provider: runs the lifecycles in the engine's provider process, for Node programs, with nothing
 * to install. The user's program runs program/resource.ts.
 */

import { fstatSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { createClient } from "../api/index.js";
import { collectionsOf, previewOptions } from "../lifecycle/collection.js";
import { explainsItself, missingError, PartialError, shownFailure, UserError } from "../lifecycle/errors.js";
import type { AnyLifecycle, Context } from "../lifecycle/lifecycle.js";
import { engineAddress, Ownership } from "../lifecycle/ownership.js";
import { explained, readSettings, type StackConfig } from "../lifecycle/settings.js";
import { parseUrn } from "../lifecycle/urn.js";
import type { Properties, State } from "../lifecycle/values.js";
import { isProgramContext, type ProgramContext } from "../program/context.js";
import { userAgent } from "../version.js";

/** What the resources of a process share, whatever their type: a process serves one stack. */
const shared: {
  config: StackConfig;
  host?: Omit<Context, "warn" | "ownership">;
  ownership: Ownership;
  warned: Set<string>;
} = { config: () => undefined, ownership: new Ownership(engineAddress()), warned: new Set() };

/** A context from the stack's configuration; a UserError if a setting is invalid. */
function contextOf(): Context {
  if (shared.host === undefined) {
    const { baseUrl, token, requests, organization, deleteProtection } = readSettings(shared.config);
    const options = { baseUrl, token, userAgent, onWait: warn, ...requests };
    const collection = collectionsOf(createClient(options), createClient(previewOptions(options)));
    shared.host = { api: createClient(options), collection, organization, deleteProtection };
    endWithEngine();
  }
  return { ...shared.host, ownership: shared.ownership, warn };
}

/**
 * Ends the process when the engine has ended. The engine holds the other end of stdin, which then closes.
 * Otherwise the process would retry requests whose results nobody reads.
 */
function endWithEngine(): void {
  if (!fstatSync(process.stdin.fd).isFIFO()) return;
  process.stdin
    .on("error", () => {})
    .on("close", () => process.exit(0))
    .resume();
}

/** Prints a warning, which the engine shows in the diagnostics of the stack. */
function warn(message: string): void {
  if (!shared.warned.has(message)) console.warn(`warning: ${message}`);
  shared.warned.add(message);
}

/** The provider of one resource type, as Pulumi's dynamic provider process calls it. */
export function dynamicProvider(lifecycle: AnyLifecycle): pulumi.dynamic.ResourceProvider {
  const { update } = lifecycle;
  return {
    // The engine may call other methods before a promise returned here is settled, so nothing is awaited.
    async configure({ config }) {
      shared.config = (key) => config.get(key);
    },
    async check(olds: Properties, news: Properties) {
      const { __context, __provider, ...inputs } = news;
      try {
        const { __provider: _, ...before } = olds;
        const state = Object.keys(before).length === 0 ? undefined : before;
        // `pulumi import --file` checks the inputs of the file, which no program has sent.
        if (__context === undefined && isDeepStrictEqual(before, inputs)) return { inputs };
        const { urn, preview } = programContext(__context);
        const resource = parseUrn(urn);
        const checked = await lifecycle.check(contextOf(), { olds: state, news: inputs, resource, preview });
        // In a preview, the engine calls nothing but check and diff.
        if (preview && checked.failures.length === 0)
          lifecycle.warnInPreview?.({ warn }, state, checked.inputs);
        return { inputs: checked.inputs, failures: checked.failures.map(shownFailure) };
      } catch (error) {
        const { message } = explained(error, shared.config);
        if (!explainsItself(error)) throw error;
        return { inputs, failures: [{ property: "", reason: message.toWellFormed() }] };
      }
    },
    async diff(_id, olds: State, news: State) {
      const { changes, unseen, ...diff } = lifecycle.diff({ warn, ownership: shared.ownership }, olds, news);
      // With `changes: true`, the engine compares old outputs with new inputs and shows every output as
      // removed. Without it, the engine shows the inputs that change.
      return changes && !unseen ? diff : { ...diff, changes };
    },
    create: (inputs: State) =>
      readable("create", inputs, async () => {
        const { id, outputs } = await lifecycle.create(contextOf(), inputs);
        return { id, outs: outputs };
      }),
    read: (id, props: Properties) =>
      readable(`read ${id}`, props, async () => {
        // On `get` the engine has no state yet, and passes only `__provider`.
        const isGet = Object.keys(props).every((key) => key === "__provider");
        const found = await lifecycle.read(contextOf(), id, isGet ? undefined : props);
        if (found) return { id: found.id, props: found.outputs, inputs: found.inputs };
        if (isGet) throw missingError(lifecycle.resource.name, id);
        return {};
      }),
    ...(update && {
      update: (id: string, olds: State, news: State) =>
        readable(`update ${id}`, news, async () => ({ outs: await update(contextOf(), id, olds, news) })),
    }),
    delete: (id, olds: State) => readable(`delete ${id}`, olds, () => lifecycle.delete(contextOf(), olds)),
  };
}

/** What the class in the user's program sends, see program/resource.ts. */
function programContext(context: unknown): ProgramContext {
  if (isProgramContext(context)) return context;
  throw new UserError(
    "NOT_SUPPORTED",
    "The program imports another version of pulumi-turso than the one in its folder, which Pulumi uses.\n" +
      "Install the same version in both places.",
  );
}

/** Runs one operation. Its error becomes what this host's process expects. */
async function readable<T>(what: string, properties: object, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const error = explained(cause, shared.config);
    // A lone surrogate in a message makes the process hang.
    error.message = error.message.toWellFormed();
    if (error instanceof PartialError) {
      // Without `__provider` among the properties, no later operation could find the provider.
      const { __provider } = properties as { __provider?: string };
      Object.assign(error, { properties: { ...error.outputs, __provider }, reasons: [error.message] });
    }
    // The process prints `${error}: ${error.stack}` in addition to the message. For an error that explains
    // itself, one line is enough.
    if (explainsItself(error)) {
      error.stack = "failed, see the error of the resource";
      error.toString = () => what;
    }
    throw error;
  }
}
