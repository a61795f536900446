import * as pulumi from "@pulumi/pulumi";
import {
  type CallOptions,
  callInProgram,
  defineFunction,
  type OutputCallOptions,
  outputOf,
} from "../../program/functions.js";
import { type GroupResult, groupResult, refuseOrganization } from "./getGroup.js";

export interface GetGroupsArgs {
  /**
   * Slug of the organization that owns the groups. Default: `turso:organization`, else the variable
   * `TURSO_ORGANIZATION`, else the account of the API token's user.
   */
  organization?: string;
}

export interface GetGroupsOutputArgs {
  /**
   * Slug of the organization that owns the groups. Default: `turso:organization`, else the variable
   * `TURSO_ORGANIZATION`, else the account of the API token's user.
   */
  organization?: pulumi.Input<string | undefined>;
}

export interface GetGroupsResult {
  /** Every group there is, in the order in which the API lists them. */
  groups: GroupResult[];
}

export const getGroupsFunction = defineFunction<GetGroupsArgs, GetGroupsResult>({
  name: "getGroups",
  argumentNames: ["organization"],

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    refuseOrganization("getGroups", organization);
    const groups = await api.groups.list(organization);
    return { groups: groups.map((group) => groupResult(organization, group)) };
  },
});

/**
 * Lists every group of an organization, with one request.
 *
 *     const { groups } = await turso.getGroups();
 */
export function getGroups(args: GetGroupsArgs = {}, options?: CallOptions): Promise<GetGroupsResult> {
  return callInProgram(getGroupsFunction, args, options);
}

/**
 * Lists every group of an organization, with one request, when the arguments are known and what they come from is
 * there; unknown until then.
 *
 * @param options `dependsOn`: resources that must be there first
 */
export function getGroupsOutput(
  args: GetGroupsOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<GetGroupsResult> {
  return outputOf("getGroupsOutput", pulumi.output(args) as pulumi.Output<GetGroupsArgs>, options, getGroups);
}
