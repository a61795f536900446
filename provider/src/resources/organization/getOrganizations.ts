import type * as pulumi from "@pulumi/pulumi";
import { checkingArguments } from "../../lifecycle/function.js";
import { listOf, name } from "../../lifecycle/valueTypes.js";
import {
  type CallOptions,
  callInProgram,
  type OutputArgs,
  type OutputCallOptions,
  outputOf,
} from "../../program/functions.js";
import { type OrganizationResult, organizationResultType } from "./getOrganization.js";

export interface GetOrganizationsArgs {
  /**
   * Slug of the organization whose API token is used.
   *
   * @default the provider's organization, else none
   */
  organization?: string;
}

export type GetOrganizationsOutputArgs = OutputArgs<GetOrganizationsArgs>;

export interface GetOrganizationsResult {
  /** All organizations that the API token gives access to, in the API's order. */
  organizations: OrganizationResult[];
}

export const getOrganizationsFunction = checkingArguments<GetOrganizationsArgs, GetOrganizationsResult>({
  name: "getOrganizations",
  args: { organization: { type: name("the slug, e.g. acme") } },
  result: {
    name: "GetOrganizationsResult",
    fields: { organizations: { type: listOf(organizationResultType), always: true } },
  },

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    return { organizations: await api.organizations.list(organization) };
  },
});

/**
 * Lists the organizations that the API token gives access to, with the personal account. Makes one request.
 *
 * ```ts
 * const { organizations } = await turso.getOrganizations();
 * ```
 */
export function getOrganizations(
  args: GetOrganizationsArgs = {},
  options?: CallOptions,
): Promise<GetOrganizationsResult> {
  return callInProgram(getOrganizationsFunction, args, options);
}

/**
 * Lists the organizations that the API token gives access to, when the arguments are known and the resources
 * that they come from exist; unknown until then. Makes one request.
 *
 * @param options `dependsOn`: resources that must exist first
 */
export function getOrganizationsOutput(
  args: GetOrganizationsOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<GetOrganizationsResult> {
  return outputOf("getOrganizationsOutput", args, options, getOrganizations);
}
