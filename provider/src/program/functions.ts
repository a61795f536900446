/** Functions of `pulumi-turso` run in the user's program, where nothing has to be installed. */

import * as pulumi from "@pulumi/pulumi";
import { createClient, TursoApiError, TursoError } from "../api/index.js";
import { UserError } from "../lifecycle/errors.js";
import type { ProviderFunction } from "../lifecycle/function.js";
import { readSettings } from "../lifecycle/settings.js";
import { describe } from "../lifecycle/values.js";
import { userAgent } from "../version.js";
import { checkStackConfiguration } from "./resource.js";

/** Arguments of an output form: each may be an output. */
export type OutputArgs<Args> = {
  [K in keyof Args]: undefined extends Args[K] ? pulumi.Input<Args[K] | undefined> : pulumi.Input<Args[K]>;
};

/** Refuses what JavaScript lets through: arguments that are not an object. */
export function refuseNonObject(name: string, args: unknown): void {
  if (describe(args) === "an object") return;
  const example = name === "getGroup" ? '{ name: "prod" }' : '{ organization: "acme" }';
  throw new pulumi.RunError(
    `${name}: the arguments must be an object such as ${example}, got ${describe(args)}.`,
  );
}

/** The options of a call in the program: it goes through no provider. */
export interface CallOptions {
  /** Only the functions of `pulumi-turso/native` can use an explicit provider. */
  provider?: never;
}

/** The options of an output form. */
export interface OutputCallOptions extends CallOptions, Pick<pulumi.InvokeOutputOptions, "dependsOn"> {}

/** A provider that is given, or inherited from a parent, would be ignored. `version` and the like say nothing here, so they do no harm. */
function refuseProvider(name: string, { provider, parent }: pulumi.InvokeOptions): void {
  if (provider === undefined && parent?.getProvider(`turso:index:${name}`) === undefined) return;
  throw new pulumi.RunError(
    `${name} of "pulumi-turso" does not support the option \`provider\`, whether given or inherited from \`parent\`. ` +
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
  try {
    const settings = readSettings((key) => config.get(key.slice("turso:".length)));
    const { baseUrl, token, requests, organization } = settings;
    const api = createClient({ baseUrl, token, userAgent, onWait: tellOnce, ...requests });
    return await run({ api, organization }, args);
  } catch (error) {
    if (!(error instanceof UserError || error instanceof TursoError)) throw error;
    // Of a RunError the message is shown, and no stack.
    const message = `${error.message}${isRefusedToken(error) ? `\n${setToken}` : ""}`;
    // On a lone surrogate the SDK hangs.
    throw new pulumi.RunError(message.toWellFormed());
  }
}

const told = new Set<string>();

function tellOnce(message: string): void {
  if (!told.has(message)) pulumi.log.warn(message.toWellFormed());
  told.add(message);
}

const setToken = "Then set it: `pulumi config set --secret turso:apiToken`, or the variable TURSO_API_TOKEN.";

function isRefusedToken(error: unknown): boolean {
  if (error instanceof TursoApiError && error.status === 401) return true;
  return error instanceof Error && error.cause !== undefined && isRefusedToken(error.cause);
}

/**
 * The output form of a call: made when the arguments are known and everything is there that they, or `dependsOn`, come
 * from. In a preview that is to create one of those resources, the result stays unknown: a group's name may be known while there
 * is no such group yet.
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

/** Every custom resource that the values come from or are, with those inside of components. */
async function resourcesOf(...values: pulumi.Output<unknown>[]): Promise<pulumi.CustomResource[]> {
  const found = new Set<pulumi.Resource>();
  const add = async (resource: unknown): Promise<void> => {
    if (!pulumi.Resource.isInstance(resource) || found.has(resource)) return;
    found.add(resource);
    if (!pulumi.ComponentResource.isInstance(resource)) return;
    // Not in the SDK's types: what a component consists of, complete when its `__data` is there.
    const component = resource as { __data?: Promise<unknown>; __childResources?: Set<unknown> };
    await component.__data;
    await Promise.all([...(component.__childResources ?? [])].map(add));
  };
  for (const value of values) {
    // `allResources` and `promise` are not in the SDK's types either.
    const output = value as unknown as {
      allResources(): Promise<Set<pulumi.Resource>>;
      promise(withUnknowns: boolean): Promise<unknown>;
    };
    const resolved = await output.promise(true);
    await Promise.all([resolved].flat().map(add));
    await Promise.all([...(await output.allResources())].map(add));
  }
  return [...found].filter(
    (resource): resource is pulumi.CustomResource =>
      pulumi.CustomResource.isInstance(resource) && resource.id !== undefined,
  );
}
