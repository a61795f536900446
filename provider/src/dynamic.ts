/**
 * Host 1 of a lifecycle: Pulumi's dynamic providers, for Node programs, with nothing to install. The upper half
 * runs in the user's program, the lower half in the engine's provider process.
 */
import * as pulumi from "@pulumi/pulumi";
import { createClient, TursoApiError, TursoError } from "./api/index.js";
import { readSettings, type Settings } from "./config.js";
import { type Context, type Lifecycle, type Properties, UserError } from "./lifecycle.js";

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
    refusePlainToken();
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

/** The engine copies stack configuration into state as it stands there, so a token must stand there encrypted. */
function refusePlainToken(): void {
  const key = "turso:apiToken";
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
  if (new pulumi.Config("turso").get("apiToken") === undefined || isConfigSecret?.(key) !== false) return;
  throw new pulumi.RunError(
    `${key} stands unencrypted in the stack's configuration, from where it would get into state. Set it again as a secret:\n` +
      `    pulumi config set --secret ${key}\n` +
      "and revoke the old token if the file was ever shared.",
  );
}

/** The provider of one resource type, as Pulumi's dynamic provider process calls it. */
export function dynamicProvider<I extends object, O extends object>(
  lifecycle: Lifecycle<I, O>,
  userAgent: string,
): pulumi.dynamic.ResourceProvider {
  let config: (key: string) => string | undefined = () => undefined;
  let settings: Settings | undefined;
  let api: Context["api"] | undefined;

  const context = (): Context => {
    settings ??= readSettings(config);
    const { baseUrl, organization, token } = settings;
    api ??= createClient({ baseUrl, token, userAgent });
    // The engine shows what this process prints among the diagnostics of the stack.
    return { api, organization, warn: (message) => console.warn(message) };
  };

  const check: pulumi.dynamic.ResourceProvider["check"] = (olds: Properties, news: Properties) => {
    const { __dryRun, __logicalName, __project, __stack, __provider, ...inputs } = news;
    return lifecycle.check(context(), {
      olds: Object.keys(olds).length === 0 ? undefined : olds,
      news: inputs,
      resource: { project: String(__project), stack: String(__stack), name: String(__logicalName) },
      ...(typeof __dryRun === "boolean" && { preview: __dryRun }),
    });
  };

  return {
    // The engine may call other methods before a promise returned here is settled, so nothing is awaited.
    async configure({ config: stack }) {
      config = (key) => stack.get(key);
    },
    check: (olds, news) =>
      readable("check", async () => {
        try {
          return await check(olds, news);
        } catch (error) {
          if (error instanceof UserError)
            return { inputs: news, failures: [{ property: "", reason: error.message }] };
          throw error;
        }
      }),
    async diff(_id, olds: O, news: I) {
      const { changes, ...diff } = lifecycle.diff(olds, news);
      // Told only that there are changes, the engine would compare old outputs with new inputs and show every output
      // as removed. Left to find them itself, it shows the inputs that change.
      return changes ? diff : { changes };
    },
    create: (inputs: I) =>
      readable("create", async () => {
        const { id, outputs } = await lifecycle.create(context(), inputs);
        return { id, outs: outputs };
      }),
    read: (id, props: Properties) =>
      readable(`read ${id}`, async () => {
        // On `get` the engine has no state yet: the provider's text is all it passes.
        const isGet = Object.keys(props).every((key) => key === "__provider");
        const found = await lifecycle.read(context(), id, isGet ? undefined : (props as O));
        if (found) return { id: found.id, props: found.outputs, inputs: found.inputs };
        if (isGet) throw new UserError(`${lifecycle.type} '${id}' does not exist`);
        return {};
      }),
    update: (id, olds: O, news: I) =>
      readable(`update ${id}`, async () => ({ outs: await lifecycle.update(context(), olds, news) })),
    delete: (id, olds: O) => readable(`delete ${id}`, () => lifecycle.delete(context(), olds)),
  };
}

/** Runs one operation. Its error comes out readable, and says what a user of this host can do about a refused token. */
async function readable<T>(what: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const refused = causesOf(error).find((cause) => cause instanceof TursoApiError && cause.status === 401);
    if (refused !== undefined) {
      error.message +=
        "\nThen set it: `pulumi config set --secret turso:apiToken`, or the variable TURSO_API_TOKEN." +
        "\n`pulumi refresh` and `pulumi destroy` use the configuration of the last `pulumi up`: add --run-program to use today's.";
    }
    // The provider process prints `${error}: ${error.stack}` besides reporting the message: one line of it will do,
    // unless the error is none that explains itself.
    if (error instanceof UserError || error instanceof TursoError) {
      error.stack = "failed; its resource shows the error";
      error.toString = () => what;
    }
    throw error;
  }
}

function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
