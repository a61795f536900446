/**
 * Host 1 of a lifecycle: Pulumi's dynamic providers, for Node programs, with nothing to install. This runs in the
 * engine's provider process; what runs in the program is in resource.ts.
 */

import { fstatSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { createClient } from "../api/index.js";
import { collectionsOf, previewOptions } from "../lifecycle/collection.js";
import { explainsItself, PartialError, shownFailure, UserError } from "../lifecycle/errors.js";
import type { AnyLifecycle, Context } from "../lifecycle/lifecycle.js";
import { engineAddress, Ownership } from "../lifecycle/ownership.js";
import { explained, readSettings, type StackConfig } from "../lifecycle/settings.js";
import type { Properties, State } from "../lifecycle/values.js";
import { userAgent } from "../version.js";

/** What the resources of one process share, whatever their type: a process serves one stack. */
const shared: {
  config: StackConfig;
  host?: Omit<Context, "warn" | "ownership">;
  ownership: Ownership;
  warned: Set<string>;
} = { config: () => undefined, ownership: new Ownership(engineAddress()), warned: new Set() };

/** A context from the stack's configuration; a UserError if a setting is malformed. */
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
 * Ends the process when the engine is gone, which holds the other end of stdin: a request that nobody waits for any more must
 * not be made again. The process would live on.
 */
function endWithEngine(): void {
  if (!fstatSync(process.stdin.fd).isFIFO()) return;
  process.stdin
    .on("error", () => {})
    .on("close", () => process.exit(0))
    .resume();
}

/** Tells the user: the engine shows what this process prints among the diagnostics of the stack. */
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
      const { __dryRun, __logicalName, __project, __stack, __parentType, __provider, ...inputs } = news;
      const [project, stack, name] = [String(__project), String(__stack), String(__logicalName)];
      const parentType = __parentType === undefined ? undefined : String(__parentType);
      const types = [
        ...(parentType ? [parentType] : []),
        `pulumi-nodejs:dynamic/turso:${lifecycle.resource.name}`,
      ];
      const urn = `urn:pulumi:${stack}::${project}::${types.join("$")}::${name}`;
      try {
        const { __provider: _, ...before } = olds;
        const state = Object.keys(before).length === 0 ? undefined : before;
        const checked = await lifecycle.check(contextOf(), {
          olds: state,
          news: inputs,
          resource: { urn, project, stack, name, parentType },
          ...(typeof __dryRun === "boolean" && { preview: __dryRun }),
        });
        // Of a preview, this host gets only the check.
        if (__dryRun === true && checked.failures.length === 0)
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
      // Told only that there are changes, the engine would compare old outputs with new inputs and show every output
      // as removed. Left to find them itself, it shows the inputs that change.
      return changes && !unseen ? diff : { ...diff, changes };
    },
    create: (inputs: State) =>
      readable("create", inputs, async () => {
        const { id, outputs } = await lifecycle.create(contextOf(), inputs);
        return { id, outs: outputs };
      }),
    read: (id, props: Properties) =>
      readable(`read ${id}`, props, async () => {
        // On `get` the engine has no state yet: the provider's text is all it passes.
        const isGet = Object.keys(props).every((key) => key === "__provider");
        const found = await lifecycle.read(contextOf(), id, isGet ? undefined : props);
        if (found) return { id: found.id, props: found.outputs, inputs: found.inputs };
        if (isGet) throw new UserError("NOT_FOUND", `${lifecycle.resource.name} '${id}' does not exist.`);
        return {};
      }),
    ...(update && {
      update: (id: string, olds: State, news: State) =>
        readable(`update ${id}`, news, async () => ({ outs: await update(contextOf(), id, olds, news) })),
    }),
    delete: (id, olds: State) => readable(`delete ${id}`, olds, () => lifecycle.delete(contextOf(), olds)),
  };
}

/** Runs one operation; its error comes out as this host's process wants it. */
async function readable<T>(what: string, properties: object, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const error = explained(cause, shared.config);
    // The process hangs on a message with a lone surrogate.
    error.message = error.message.toWellFormed();
    if (error instanceof PartialError) {
      // Without the provider's text among the properties nothing could ever be done with the resource again.
      const { __provider } = properties as { __provider?: string };
      Object.assign(error, { properties: { ...error.outputs, __provider }, reasons: [error.message] });
    }
    // The process prints `${error}: ${error.stack}` besides reporting the message: one line of it will do, unless the
    // error is none that explains itself.
    if (explainsItself(error)) {
      error.stack = "failed, see the error of the resource";
      error.toString = () => what;
    }
    throw error;
  }
}
