/**
 * `pulumi-turso/native`: the same resources and functions, served by the native plugin `pulumi-resource-turso`, which must be installed
 * (`npx pulumi-turso plugin install`). A stack moves over by a change of the import; there is no way back.
 */
import * as pulumi from "@pulumi/pulumi";
import * as base from "./index.js";
import { refuseNonObject } from "./program/functions.js";
import { checkPluginIsInstalled } from "./program/installation.js";
import { native } from "./program/resource.js";
import type {
  GetLocationsArgs,
  GetLocationsOutputArgs,
  GetLocationsResult,
} from "./resources/getLocations.js";
import type { GetGroupArgs, GetGroupOutputArgs, GroupResult } from "./resources/group/getGroup.js";
import type { GetGroupsArgs, GetGroupsOutputArgs, GetGroupsResult } from "./resources/group/getGroups.js";
import { version } from "./version.js";

export type { GroupArgs, GroupTokenArgs, GroupTokenInvalidationArgs } from "./index.js";
export type {
  GetGroupArgs,
  GetGroupOutputArgs,
  GetGroupsArgs,
  GetGroupsOutputArgs,
  GetGroupsResult,
  GetLocationsArgs,
  GetLocationsOutputArgs,
  GetLocationsResult,
  GroupResult,
};

/** {@inheritDoc base.Group} */
export class Group extends base.Group {
  /** @internal */
  static override readonly registration = native;
}

/** {@inheritDoc base.GroupToken} */
export class GroupToken extends base.GroupToken {
  /** @internal */
  static override readonly registration = native;
}

/** {@inheritDoc base.GroupTokenInvalidation} */
export class GroupTokenInvalidation extends base.GroupTokenInvalidation {
  /** @internal */
  static override readonly registration = native;
}

/** The settings of one Turso account; what is left out comes from the variables `TURSO_*`. */
export interface ProviderArgs {
  /** A Platform API token. Default: the variable `TURSO_API_TOKEN`. Always a secret in state. */
  apiToken?: pulumi.Input<string>;
  /** Tokens by organization; `apiToken` for all others. Always secrets in state. */
  apiTokens?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Slug of the default organization. Default: the variable `TURSO_ORGANIZATION`. */
  organization?: pulumi.Input<string>;
  /** Where the Platform API is. Default: the variable `TURSO_API_BASEURL`, else `https://api.turso.tech`. */
  baseUrl?: pulumi.Input<string>;
  /** The default for every Group's `deleteProtection`. */
  deleteProtection?: pulumi.Input<boolean>;
  /** How long a request may take, in seconds. Default: the variable `TURSO_REQUEST_TIMEOUT`, else 60. */
  requestTimeout?: pulumi.Input<number>;
  /** How often a request is made again that met with trouble. Default: the variable `TURSO_MAX_RETRIES`, else 5. */
  maxRetries?: pulumi.Input<number>;
  /** How many requests may start in a second. Default: any number. */
  maxRequestsPerSecond?: pulumi.Input<number>;
}

/**
 * An explicit provider, for several accounts in one program.
 *
 *     const acme = new turso.Provider("acme", { apiToken, organization: "acme" });
 *     new turso.Group("prod", { location: "aws-us-east-1" }, { provider: acme });
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, options?: pulumi.ResourceOptions) {
    const { apiToken, apiTokens, organization, baseUrl, ...others } = args;
    // A provider's settings are strings to the engine, others their JSON.
    const json = (value: pulumi.Input<unknown> | undefined) =>
      value === undefined ? undefined : pulumi.output(value).apply((known) => JSON.stringify(known));
    const inputs = {
      apiToken: apiToken === undefined ? undefined : pulumi.secret(apiToken),
      apiTokens: apiTokens === undefined ? undefined : pulumi.secret(json(apiTokens)),
      organization,
      baseUrl,
      ...Object.fromEntries(Object.entries(others).map(([key, value]) => [key, json(value)])),
    };
    checkPluginIsInstalled();
    super("turso", name, inputs, pulumi.mergeOptions(options, { version }));
  }
}

const invoke = async <Result>(
  name: string,
  args: object,
  options: pulumi.InvokeOptions = {},
): Promise<Result> => {
  checkPluginIsInstalled();
  refuseNonObject(name, args);
  return pulumi.runtime
    .invoke(`turso:index:${name}`, { ...args }, { version, ...options })
    .catch((error: unknown) => {
      // Of a RunError the message is shown, and no stack.
      throw new pulumi.RunError(
        error instanceof Error ? error.message.replace(/^invocation of .*? error: /i, "") : String(error),
      );
    });
};

const invokeOutput = <Result>(
  name: string,
  args: object,
  options: pulumi.InvokeOutputOptions = {},
): pulumi.Output<Result> => {
  checkPluginIsInstalled();
  return pulumi.runtime.invokeOutput(`turso:index:${name}`, { ...args }, { version, ...options });
};

/** {@inheritDoc base.getGroup} */
export const getGroup = (args: GetGroupArgs, options?: pulumi.InvokeOptions) =>
  invoke<GroupResult>("getGroup", args, options);

/** {@inheritDoc base.getGroupOutput} */
export const getGroupOutput = (args: GetGroupOutputArgs, options?: pulumi.InvokeOutputOptions) =>
  invokeOutput<GroupResult>("getGroup", args, options);

/** {@inheritDoc base.getGroups} */
export const getGroups = (args: GetGroupsArgs = {}, options?: pulumi.InvokeOptions) =>
  invoke<GetGroupsResult>("getGroups", args, options);

/** {@inheritDoc base.getGroupsOutput} */
export const getGroupsOutput = (args: GetGroupsOutputArgs = {}, options?: pulumi.InvokeOutputOptions) =>
  invokeOutput<GetGroupsResult>("getGroups", args, options);

/** {@inheritDoc base.getLocations} */
export const getLocations = (args: GetLocationsArgs = {}, options?: pulumi.InvokeOptions) =>
  invoke<GetLocationsResult>("getLocations", args, options);

/** {@inheritDoc base.getLocationsOutput} */
export const getLocationsOutput = (args: GetLocationsOutputArgs = {}, options?: pulumi.InvokeOutputOptions) =>
  invokeOutput<GetLocationsResult>("getLocations", args, options);
