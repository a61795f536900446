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
import { type GroupResult, groupResult, groupResultType } from "./getGroup.js";

export interface GetGroupsArgs {
  /**
   * Slug of the organization that owns the groups.
   *
   * @default the provider's organization, else your personal account
   */
  organization?: string;
}

export type GetGroupsOutputArgs = OutputArgs<GetGroupsArgs>;

export interface GetGroupsResult {
  /** All groups of the organization, in the API's order. */
  groups: GroupResult[];
}

export const getGroupsFunction = checkingArguments<GetGroupsArgs, GetGroupsResult>({
  name: "getGroups",
  args: { organization: { type: name("the slug, e.g. acme") } },
  result: { name: "GetGroupsResult", fields: { groups: { type: listOf(groupResultType), always: true } } },

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    const groups = await api.groups.list(organization);
    return { groups: groups.map((group) => groupResult(organization, group)) };
  },
});

/**
 * Lists the groups of an organization. Makes one request.
 *
 * ```ts
 * const { groups } = await turso.getGroups();
 * ```
 */
export function getGroups(args: GetGroupsArgs = {}, options?: CallOptions): Promise<GetGroupsResult> {
  return callInProgram(getGroupsFunction, args, options);
}

/**
 * Lists the groups of an organization when the arguments are known and the resources that they come from
 * exist; unknown until then. Makes one request.
 *
 * @param options `dependsOn`: resources that must exist first
 */
export function getGroupsOutput(
  args: GetGroupsOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<GetGroupsResult> {
  return outputOf("getGroupsOutput", args, options, getGroups);
}
