/**
 * `pulumi-turso/native`: the same resources and functions, run by the native plugin `pulumi-resource-turso`,
 * which `npx pulumi-turso plugin install` installs. To move a stack to it, change the import. There is no way
 * back.
 */
import * as pulumi from "@pulumi/pulumi";
import * as base from "./index.js";
import { checkPluginIsInstalled } from "./program/installation.js";
import { nativeFunction, nativeOutputFunction } from "./program/nativeFunctions.js";
import { native } from "./program/resource.js";
import { trimStacks } from "./program/stacks.js";
import { version } from "./version.js";

export type * from "./index.js";

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

/** {@inheritDoc base.ApiToken} */
export class ApiToken extends base.ApiToken {
  /** @internal */
  static override readonly registration = native;
}

/** {@inheritDoc base.OrganizationMember} */
export class OrganizationMember extends base.OrganizationMember {
  /** @internal */
  static override readonly registration = native;
}

/** {@inheritDoc base.OrganizationInvite} */
export class OrganizationInvite extends base.OrganizationInvite {
  /** @internal */
  static override readonly registration = native;
}

/** {@inheritDoc base.Organization} */
export class Organization extends base.Organization {
  /** @internal */
  static override readonly classes = {
    groups: Group,
    tokens: GroupToken,
    apiTokens: ApiToken,
    members: OrganizationMember,
    invites: OrganizationInvite,
  };
}

/**
 * The settings of one Turso account. Settings that are left out come from the environment variables
 * `TURSO_*`.
 */
export interface ProviderArgs {
  /**
   * Turso Platform API token, as `turso auth api-tokens mint NAME --org ORGANIZATION` creates it. For a
   * personal account, ORGANIZATION is its slug in `turso org list`. It is needed when a request is made, not
   * to preview a program, and is always a secret in state.
   *
   * @default the environment variable `TURSO_API_TOKEN`
   */
  apiToken?: pulumi.Input<string>;
  /**
   * Tokens by the slug of their organization. `apiToken` is used for all others. They are always secrets in
   * state.
   *
   * @default none
   */
  apiTokens?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Slug of the default organization, as `turso org list` shows it.
   *
   * @default the environment variable `TURSO_ORGANIZATION`, else your personal account
   */
  organization?: pulumi.Input<string>;
  /**
   * Base URL of the Turso Platform API. Plain http is accepted for servers on this machine only.
   *
   * @default the environment variable `TURSO_API_BASEURL`, else `https://api.turso.tech`
   */
  baseUrl?: pulumi.Input<string>;
  /**
   * Default of `deleteProtection` of every Group.
   *
   * @default not managed
   */
  deleteProtection?: pulumi.Input<boolean>;
  /**
   * Maximum duration of a request, in seconds, from 0.1 to 3600.
   *
   * @default the environment variable `TURSO_REQUEST_TIMEOUT`, else 60
   */
  requestTimeout?: pulumi.Input<number>;
  /**
   * Maximum number of retries for a failed request, from 0 to 20.
   *
   * @default the environment variable `TURSO_MAX_RETRIES`, else 5
   */
  maxRetries?: pulumi.Input<number>;
  /**
   * Maximum number of requests that start in a second, from 0.1 to 1000.
   *
   * @default not limited
   */
  maxRequestsPerSecond?: pulumi.Input<number>;
}

/**
 * An explicit provider, for several accounts in one program.
 *
 * ```ts
 * const acme = new turso.Provider("acme", { apiToken, organization: "acme" });
 * new turso.Group("prod", { location: "aws-us-east-1" }, { provider: acme });
 * ```
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, options?: pulumi.ResourceOptions) {
    const { apiToken, apiTokens, organization, baseUrl, ...others } = args;
    // The engine takes strings: other values are sent as JSON.
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
    const restoreStacks = trimStacks(inputs, new.target);
    try {
      super("turso", name, inputs, pulumi.mergeOptions(options, { version }));
    } finally {
      restoreStacks();
    }
  }
}

/** {@inheritDoc base.getGroup} */
export const getGroup = nativeFunction<base.GetGroupArgs, base.GroupResult>("getGroup");

/** {@inheritDoc base.getGroupOutput} */
export const getGroupOutput = nativeOutputFunction<base.GetGroupArgs, base.GroupResult>("getGroup");

/** {@inheritDoc base.getGroups} */
export const getGroups = nativeFunction<base.GetGroupsArgs, base.GetGroupsResult>("getGroups");

/** {@inheritDoc base.getGroupsOutput} */
export const getGroupsOutput = nativeOutputFunction<base.GetGroupsArgs, base.GetGroupsResult>("getGroups");

/** {@inheritDoc base.getLocations} */
export const getLocations = nativeFunction<base.GetLocationsArgs, base.GetLocationsResult>("getLocations");

/** {@inheritDoc base.getLocationsOutput} */
export const getLocationsOutput = nativeOutputFunction<base.GetLocationsArgs, base.GetLocationsResult>(
  "getLocations",
);

/** {@inheritDoc base.getOrganization} */
export const getOrganization = nativeFunction<base.GetOrganizationArgs, base.OrganizationResult>(
  "getOrganization",
);

/** {@inheritDoc base.getOrganizationOutput} */
export const getOrganizationOutput = nativeOutputFunction<base.GetOrganizationArgs, base.OrganizationResult>(
  "getOrganization",
);

/** {@inheritDoc base.getOrganizations} */
export const getOrganizations = nativeFunction<base.GetOrganizationsArgs, base.GetOrganizationsResult>(
  "getOrganizations",
);

/** {@inheritDoc base.getOrganizationsOutput} */
export const getOrganizationsOutput = nativeOutputFunction<
  base.GetOrganizationsArgs,
  base.GetOrganizationsResult
>("getOrganizations");

/** {@inheritDoc base.getOrganizationMembers} */
export const getOrganizationMembers = nativeFunction<
  base.GetOrganizationMembersArgs,
  base.GetOrganizationMembersResult
>("getOrganizationMembers");

/** {@inheritDoc base.getOrganizationMembersOutput} */
export const getOrganizationMembersOutput = nativeOutputFunction<
  base.GetOrganizationMembersArgs,
  base.GetOrganizationMembersResult
>("getOrganizationMembers");
