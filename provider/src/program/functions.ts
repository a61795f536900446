/** Functions of `pulumi-turso` run in the user's program, where nothing has to be installed. */

import * as pulumi from "@pulumi/pulumi";
import { createClient } from "../api/index.js";
import { UserError } from "../lifecycle/errors.js";
import type { ProviderFunction } from "../lifecycle/function.js";
import { explained, readSettings, type StackConfig } from "../lifecycle/settings.js";
import { describe } from "../lifecycle/values.js";
import { userAgent } from "../version.js";
import { programError } from "./errors.js";
import { mockedApi } from "./mocked.js";
import { checkStackConfiguration } from "./resource.js";

/** Arguments of an output form: each may be an output. */
export type OutputArgs<Args> = {
  [K in keyof Args]: undefined extends Args[K] ? pulumi.Input<Args[K] | undefined> : pulumi.Input<Args[K]>;
};

/** Refuses arguments that are not an object, which JavaScript lets through. */
export function refuseNonObject(name: string, args: unknown): void {
  if (describe(args) === "an object") return;
  throw programError(
    "INVALID_INPUT",
    `${name}: the arguments must be an object such as { organization: "acme" }, got ${describe(args)}.`,
  );
}

/** The options of a function that runs in the program, without a provider. */
export interface CallOptions {
  /** Only the functions of `pulumi-turso/native` can use an explicit provider. */
  provider?: never;
}

/** The options of an output form, e.g. of `getGroupOutput`. */
export interface OutputCallOptions extends CallOptions, Pick<pulumi.InvokeOutputOptions, "dependsOn"> {}

/**
 * Refuses a provider, whether set or inherited from a parent: it would be ignored. Other options, such as
 * `version`, have no meaning here.
 */
function refuseProvider(name: string, { provider, parent }: pulumi.InvokeOptions): void {
  if (provider === undefined && parent?.getProvider(`turso:index:${name}`) === undefined) return;
  throw programError(
    "NOT_SUPPORTED",
    `${name} of "pulumi-turso" does not support the option \`provider\`, whether given or inherited from \`parent\`.\n` +
      'Import it from "pulumi-turso/native", or pass `organization`.',
  );
}

/** Runs a function in the program, with the settings of its stack. */
export async function callInProgram<Args extends object, Result extends object>(
  { name, run }: ProviderFunction<Args, Result>,
  args: Args,
  options: CallOptions = {},
): Promise<Result> {
  refuseProvider(name, options);
  refuseNonObject(name, args);
  checkStackConfiguration();
  const config = new pulumi.Config("turso");
  const get: StackConfig = (key) => config.get(key.slice("turso:".length));
  try {
    const { env, transport } = mockedApi() ?? {};
    const { baseUrl, token, requests, organization } = readSettings(get, env);
    const api = createClient({ baseUrl, token, userAgent, onWait: warnOnce, ...requests, transport });
    return await run({ api, organization }, args);
  } catch (error) {
    const shown = explained(error, get);
    throw shown instanceof UserError ? programError(shown.code, shown.text) : shown;
  }
}

const warned = new Set<string>();

function warnOnce(message: string): void {
  if (!warned.has(message)) pulumi.log.warn(message.toWellFormed());
  warned.add(message);
}

/**
 * The output form of a function. It waits until the arguments are known, and until the resources behind them
 * and in `dependsOn` exist. In a preview that creates one of these resources, the result stays unknown: a
 * group's name may be known before the group exists.
 */
export function outputOf<Args, Result>(
  name: string,
  args: OutputArgs<Args>,
  options: OutputCallOptions,
  call: (args: Args) => Promise<Result>,
): pulumi.Output<Result> {
  refuseProvider(name, options);
  const resolved: pulumi.Output<unknown> = pulumi.output(args);
  const { dependsOn } = options;
  const explicit = pulumi.output<unknown>(dependsOn);
  const ids = pulumi.output(
    resourcesOf(resolved, explicit).then((resources) => resources.map((resource) => resource.id)),
  );
  return pulumi.all([resolved, explicit, ids]).apply(([known]) => call(known as Args));
}

/** Methods of an Output that are not in the SDK's types. */
interface HiddenOutput {
  allResources(): Promise<Set<pulumi.Resource>>;
  promise(withUnknowns: boolean): Promise<unknown>;
}

function hasHiddenMethods(output: object): output is HiddenOutput {
  return "allResources" in output && "promise" in output;
}

/** The custom resources among the values, those that the values come from, and those in their components. */
async function resourcesOf(...values: pulumi.Output<unknown>[]): Promise<pulumi.CustomResource[]> {
  const found = new Set<pulumi.Resource>();
  const add = async (resource: unknown): Promise<void> => {
    if (!pulumi.Resource.isInstance(resource) || found.has(resource)) return;
    found.add(resource);
    if (!pulumi.ComponentResource.isInstance(resource)) return;
    // Not in the SDK's types: the children of a component, complete when its `__data` is resolved.
    const component = resource as { __data?: Promise<unknown>; __childResources?: Set<unknown> };
    await component.__data;
    await Promise.all([...(component.__childResources ?? [])].map(add));
  };
  for (const value of values) {
    if (!hasHiddenMethods(value)) throw new Error("The version of @pulumi/pulumi is not supported.");
    const resolved = await value.promise(true);
    await Promise.all([resolved].flat().map(add));
    await Promise.all([...(await value.allResources())].map(add));
  }
  return [...found].filter(
    (resource): resource is pulumi.CustomResource =>
      pulumi.CustomResource.isInstance(resource) && resource.id !== undefined,
  );
}
