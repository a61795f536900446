/**
 * Host 1 of a lifecycle: Pulumi's dynamic providers, for Node programs, with nothing to install. The upper half
 * runs in the user's program, the lower half in the engine's provider process.
 */
import * as pulumi from "@pulumi/pulumi";
import { createClient, TursoApiError, TursoError } from "./api/index.js";
import { readSettings, type StackConfig } from "./config.js";
import { Directory } from "./directory.js";
import { type Context, type Lifecycle, PartialError, type Properties, UserError } from "./lifecycle.js";
import { userAgent } from "./version.js";

/** Inputs that carry what the engine does not tell a dynamic provider; check drops them, so state never holds them. */
const hints = ["__dryRun", "__logicalName", "__project", "__stack"] as const;

/**
 * A resource of the dynamic host. `handler` is the name under which `pulumi-turso/provider` exports its provider:
 * the text sent to the engine is only a `require` of it, the same in every version, so that an update of this
 * package or of its dependencies changes no resource and no path or secret can get into state with it.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(
    type: string,
    handler: string,
    name: string,
    properties: pulumi.Inputs,
    options?: pulumi.CustomResourceOptions,
  ) {
    refusePlainTokens();
    const inputs: pulumi.Inputs = {
      ...properties,
      __provider: `exports.handler = () => require("pulumi-turso/provider").${handler}`,
    };
    if (options?.id === undefined) {
      const values = [pulumi.runtime.isDryRun(), name, pulumi.getProject(), pulumi.getStack()];
      hints.forEach((hint, i) => {
        inputs[hint] = values[i];
      });
    }
    super(`pulumi-nodejs:dynamic/turso:${type}`, name, inputs, options);
  }
}

/** The engine copies stack configuration into state as it stands there, so tokens must stand there encrypted. */
export function refusePlainTokens(): void {
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
  const config = new pulumi.Config("turso");
  for (const [key, set] of [
    ["apiToken", "apiToken"],
    ["apiTokens", "--path 'apiTokens.ORGANIZATION'"],
  ] as const) {
    if (config.get(key) === undefined || isConfigSecret?.(`turso:${key}`) !== false) continue;
    throw new pulumi.RunError(
      `turso:${key} stands unencrypted in the stack's configuration, from where it would get into state. Set it again as a secret:\n` +
        `    pulumi config set --secret ${set.replace("api", "turso:api")}\n` +
        "and revoke the old token if the file was ever shared.",
    );
  }
}

/** What the resources of one process share, whatever their type: a process serves one stack. */
const shared: { config: StackConfig; host?: Omit<Context, "warn">; warned: Set<string> } = {
  config: () => undefined,
  warned: new Set(),
};

/** A context from the stack's configuration; a UserError if a setting is malformed. */
function contextOf(): Context {
  if (shared.host === undefined) {
    const { baseUrl, token, organization, deleteProtection } = readSettings(shared.config);
    const api = createClient({ baseUrl, token, userAgent });
    shared.host = { api, directory: new Directory(api), organization, deleteProtection };
  }
  return { ...shared.host, warn };
}

/** Tells the user: the engine shows what this process prints among the diagnostics of the stack. */
function warn(message: string): void {
  if (!shared.warned.has(message)) console.warn(message);
  shared.warned.add(message);
}

/** The provider of one resource type, as Pulumi's dynamic provider process calls it. */
export function dynamicProvider<I extends object, O extends object>(
  lifecycle: Lifecycle<I, O>,
): pulumi.dynamic.ResourceProvider {
  const { update } = lifecycle;
  return {
    // The engine may call other methods before a promise returned here is settled, so nothing is awaited.
    async configure({ config }) {
      shared.config = (key) => config.get(key);
    },
    async check(olds: Properties, news: Properties) {
      const { __dryRun, __logicalName, __project, __stack, __provider, ...inputs } = news;
      try {
        const { __provider: _, ...before } = olds;
        return await lifecycle.check(contextOf(), {
          olds: Object.keys(before).length === 0 ? undefined : before,
          news: inputs,
          resource: { project: String(__project), stack: String(__stack), name: String(__logicalName) },
          ...(typeof __dryRun === "boolean" && { preview: __dryRun }),
        });
      } catch (error) {
        const { message } = explained(error);
        if (!explainsItself(error)) throw error;
        return { inputs, failures: [{ property: "", reason: message }] };
      }
    },
    async diff(_id, olds: O, news: I) {
      const { changes, unseen, ...diff } = lifecycle.diff({ warn }, olds, news);
      // Told only that there are changes, the engine would compare old outputs with new inputs and show every output
      // as removed. Left to find them itself, it shows the inputs that change.
      return changes && !unseen ? diff : { ...diff, changes };
    },
    create: (inputs: I) =>
      readable("create", inputs, async () => {
        const { id, outputs } = await lifecycle.create(contextOf(), inputs);
        return { id, outs: outputs };
      }),
    read: (id, props: Properties) =>
      readable(`read ${id}`, props, async () => {
        // On `get` the engine has no state yet: the provider's text is all it passes.
        const isGet = Object.keys(props).every((key) => key === "__provider");
        const found = await lifecycle.read(contextOf(), id, isGet ? undefined : (props as O));
        if (found) return { id: found.id, props: found.outputs, inputs: found.inputs };
        if (isGet) throw new UserError(`${lifecycle.type} '${id}' does not exist`);
        return {};
      }),
    ...(update && {
      update: (id: string, olds: O, news: I) =>
        readable(`update ${id}`, news, async () => ({ outs: await update(contextOf(), id, olds, news) })),
    }),
    delete: (id, olds: O) => readable(`delete ${id}`, olds, () => lifecycle.delete(contextOf(), olds)),
  };
}

/** Runs one operation; its error comes out as this host's process wants it. */
async function readable<T>(what: string, properties: object, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const error = explained(cause);
    if (error instanceof PartialError) {
      // Without the provider's text among the properties nothing could ever be done with the resource again.
      const { __provider } = properties as { __provider?: string };
      Object.assign(error, { properties: { ...error.outputs, __provider }, reasons: [error.message] });
    }
    // The process prints `${error}: ${error.stack}` besides reporting the message: one line of it will do, unless the
    // error is none that explains itself.
    if (explainsItself(error)) {
      error.stack = "failed; its resource shows the error";
      error.toString = () => what;
    }
    throw error;
  }
}

function explainsItself(error: unknown): boolean {
  return error instanceof UserError || error instanceof TursoError;
}

/** The error, with what a user of this host can do about a refused token. Resources that share a list share its error: it stays as it is. */
function explained(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const refused = causesOf(error).find((cause) => cause instanceof TursoApiError && cause.status === 401);
  if (!(refused instanceof TursoApiError)) return error;
  const organization = /^\/v1\/organizations\/([^/?]+)/.exec(refused.path)?.[1];
  const path =
    organization && shared.config("turso:apiTokens") && ` --path 'turso:apiTokens.${organization}'`;
  const message =
    `${error.message}\nThen set it: \`pulumi config set --secret${path || " turso:apiToken"}\`, or the variable TURSO_API_TOKEN.` +
    "\n`pulumi refresh` and `pulumi destroy` use the configuration of the last `pulumi up`: add --run-program to use today's.";
  return error instanceof PartialError
    ? new PartialError(error.id, error.outputs, message, { cause: error })
    : new UserError(message, { cause: error });
}

function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
