/** Resources in the user's program, and how each host is sent one. */
import * as pulumi from "@pulumi/pulumi";
import { outputsThat } from "../lifecycle/inputs.js";
import { handlerOf, type ResourceType } from "../lifecycle/resourceType.js";
import { unknownKeys } from "../lifecycle/settings.js";
import { version } from "../version.js";
import type { ProgramContext } from "./context.js";
import { programError } from "./errors.js";
import { checkPluginIsInstalled, checkProviderCanBeLoaded } from "./installation.js";
import { trimStacks } from "./stacks.js";

const dynamicToken = (type: string) => `pulumi-nodejs:dynamic/turso:${type}`;
const nativeToken = (type: string) => `turso:index:${type}`;

/** The type of a resource in state, by host. */
export const tokenOf = { dynamic: dynamicToken, native: nativeToken } as const;

/**
 * Whether a value is a resource of the type, of either host. Typed policies call it with an object that has
 * only a token. The classes must not have a static `__pulumiType`: the SDK would compare that instead, which
 * is the token of one host only.
 */
export function isOfType({ name: type }: ResourceType, value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("__pulumiType" in value)) return false;
  return value.__pulumiType === dynamicToken(type) || value.__pulumiType === nativeToken(type);
}

/** How a host is sent a resource: the type, the inputs and the options that the engine gets. */
type Registration = (
  resource: { type: string; name: string },
  properties: pulumi.Inputs,
  options: pulumi.CustomResourceOptions,
) => { token: string; inputs: pulumi.Inputs; options: pulumi.CustomResourceOptions };

/**
 * What the engine does not send to a dynamic provider. It is one property, because each property costs the
 * user's program. Check removes it, so it is never in state. A resource that is read (`id`) has no check, and
 * is sent no context.
 */
function contextOf(
  type: string,
  name: string,
  { id, parent }: pulumi.CustomResourceOptions,
): { __context?: ProgramContext } {
  if (id !== undefined) return {};
  const types = [qualifiedType(parent), dynamicToken(type)].filter((part) => part !== "").join("$");
  const urn = `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types}::${name}`;
  return { __context: { urn, preview: pulumi.runtime.isDryRun() } };
}

/**
 * The types of a resource and of the components that it is in, as its URN has them, e.g. `my:App$my:Data`; ""
 * at the top level.
 */
function qualifiedType(resource: pulumi.Resource | undefined): string {
  if (resource === undefined) return "";
  // Neither is in the SDK's types. The URN, which includes them, is not known yet.
  const type: unknown = Reflect.get(resource, "__pulumiType");
  const parent: unknown = Reflect.get(resource, "__parentResource");
  if (type === "pulumi:pulumi:Stack") return "";
  const above = pulumi.Resource.isInstance(parent) ? qualifiedType(parent) : "";
  return [above, type].filter((part) => typeof part === "string" && part !== "").join("$");
}

/**
 * The text sent to the engine is only a `require` of the resource's provider. It is the same in every
 * version, so that an update of this package or of its dependencies changes no resource, and no path or
 * secret gets into state with it.
 */
export function dynamicProviderText(type: string): string {
  return `exports.handler = () => require("pulumi-turso/provider").${handlerOf(type)}`;
}

const dynamic: Registration = ({ type, name }, properties, options) => {
  checkStackConfiguration();
  checkProviderCanBeLoaded();
  refuseNativeOptions(type, name, options);
  return {
    token: dynamicToken(type),
    inputs: { ...properties, ...contextOf(type, name, options), __provider: dynamicProviderText(type) },
    options,
  };
};

/** Refuses the options that only the native plugin supports, before the engine fails on them. */
function refuseNativeOptions(type: string, name: string, options: pulumi.CustomResourceOptions): void {
  if (options.import !== undefined) {
    throw programError(
      "NOT_SUPPORTED",
      `${type} '${name}': "pulumi-turso" does not support the option \`import\`.\n` +
        'Import it with "pulumi-turso/native" and its plugin (`npx pulumi-turso plugin install`), or remove `import`. A Group can also be adopted with `adopt: true`.',
    );
  }
  // Children inherit the provider of a component.
  const inherited = options.parent?.getProvider(nativeToken(type));
  if (isNativeProvider(options.provider ?? inherited)) {
    const from = options.provider === undefined ? ", which it inherits from its parent," : "";
    throw programError(
      "NOT_SUPPORTED",
      `${type} '${name}' comes from "pulumi-turso", but its provider${from} comes from "pulumi-turso/native".\n` +
        'Import both from "pulumi-turso/native".',
    );
  }
}

/** Whether a provider is the plugin's: its type is not in the SDK's types. */
function isNativeProvider(provider: pulumi.ProviderResource | undefined): boolean {
  if (provider === undefined || !("__pulumiType" in provider)) return false;
  return provider.__pulumiType === "pulumi:providers:turso";
}

/**
 * The native plugin identifies a resource type by its token. The alias takes over resources of the dynamic
 * provider.
 */
export const native: Registration = ({ type }, properties, options) => {
  checkPluginIsInstalled();
  return {
    token: nativeToken(type),
    inputs: {
      ...properties,
      ...(options.id === undefined && { __dryRun: pulumi.runtime.isDryRun() }),
    },
    options: pulumi.mergeOptions(options, {
      version,
      aliases: [{ type: dynamicToken(type) }],
    }),
  };
};

/**
 * A resource of the dynamic provider. `pulumi-turso/native` has the same classes as resources of the native
 * plugin.
 */
export abstract class TursoResource extends pulumi.CustomResource {
  /** @internal */
  static readonly registration: Registration = dynamic;

  constructor(
    resource: ResourceType,
    name: string,
    args: object | undefined,
    given: pulumi.CustomResourceOptions = {},
  ) {
    const { token, inputs, options } = new.target.registration(
      { type: resource.name, name },
      // A property that is missing here would not exist on the resource.
      { ...propertiesOf(resource), ...args },
      given,
    );
    // A resource that is read (`id`) is constructed by `get`.
    const restoreStacks = trimStacks(inputs, new.target, options.id === undefined ? 0 : 1);
    try {
      super(token, name, inputs, withSecretOutputs(resource, options));
    } finally {
      restoreStacks();
    }
  }
}

function propertiesOf({ inputs, outputs }: ResourceType): pulumi.Inputs {
  return Object.fromEntries([...Object.keys(inputs), ...Object.keys(outputs)].map((key) => [key, undefined]));
}

function withSecretOutputs(
  resource: ResourceType,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  const secrets = outputsThat(resource, ({ secret }) => secret === true);
  return secrets.length === 0 ? options : pulumi.mergeOptions(options, { additionalSecretOutputs: secrets });
}

/**
 * Checks of stack configuration. They run in the program: a dynamic provider does not know which keys exist
 * and how they are stored.
 */
export function checkStackConfiguration(): void {
  refusePlainTokens();
  warnOfUnknownKeys();
}

/** The stacks whose users were warned: a process may run several programs. */
const warned = new WeakSet<pulumi.Resource>();

function warnOfUnknownKeys(): void {
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined || warned.has(stack)) return;
  warned.add(stack);
  const keys = Object.keys(pulumi.runtime.allConfig());
  for (const warning of unknownKeys(keys, pulumi.getProject())) pulumi.log.warn(warning);
}

/** The engine copies stack configuration into state as it is stored, so tokens must be stored as secrets. */
function refusePlainTokens(): void {
  const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };
  const config = new pulumi.Config("turso");
  for (const [key, set] of [
    ["apiToken", "turso:apiToken"],
    ["apiTokens", "--path 'turso:apiTokens.ORGANIZATION'"],
  ] as const) {
    if (config.get(key) === undefined || isConfigSecret?.(`turso:${key}`) !== false) continue;
    throw programError(
      "PLAINTEXT_TOKEN",
      `turso:${key} is stored unencrypted in the stack configuration and would be copied into the state.\n` +
        `Set it again with \`pulumi config set --secret ${set}\`, and revoke the old token if the file was ever shared.`,
    );
  }
}
