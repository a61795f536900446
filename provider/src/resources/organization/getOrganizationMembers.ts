import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../lifecycle/errors.js";
import { checkingArguments } from "../../lifecycle/function.js";
import { listOf, name, type ObjectType, string } from "../../lifecycle/valueTypes.js";
import {
  type CallOptions,
  callInProgram,
  type OutputArgs,
  type OutputCallOptions,
  outputOf,
} from "../../program/functions.js";

export interface GetOrganizationMembersArgs {
  /**
   * Slug of the organization. Personal accounts have no members.
   *
   * @default the provider's organization
   */
  organization?: string;
}

export type GetOrganizationMembersOutputArgs = OutputArgs<GetOrganizationMembersArgs>;

/** A member of an organization. Properties that the API leaves out are absent. */
export interface OrganizationMemberResult {
  /** Username of the member. */
  username: string;
  /** `owner`, `admin`, `member` or `viewer`. */
  role: string;
  /** Email address of the member. */
  email?: string;
}

export interface GetOrganizationMembersResult {
  /** All members, including owners, in the API's order. */
  members: OrganizationMemberResult[];
}

const memberResultType: ObjectType<OrganizationMemberResult> = {
  name: "OrganizationMemberResult",
  fields: {
    username: { type: string, always: true },
    role: { type: string, always: true },
    email: { type: string },
  },
};

export const getOrganizationMembersFunction = checkingArguments<
  GetOrganizationMembersArgs,
  GetOrganizationMembersResult
>({
  name: "getOrganizationMembers",
  args: { organization: { type: name("the slug, e.g. acme") } },
  result: {
    name: "GetOrganizationMembersResult",
    fields: { members: { type: listOf(memberResultType), always: true } },
  },

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    if (organization === undefined) {
      throw new UserError(
        "INVALID_INPUT",
        "getOrganizationMembers: `organization` is required, because a personal account has no members. Pass it, or set `turso:organization`.",
      );
    }
    return { members: await api.organizations.members(organization) };
  },
});

/**
 * Lists the members of an organization. Makes one request.
 *
 * ```ts
 * const { members } = await turso.getOrganizationMembers({ organization: "acme" });
 * const admins = members.filter(({ role }) => role === "admin");
 * ```
 *
 * @throws if no organization is set
 */
export function getOrganizationMembers(
  args: GetOrganizationMembersArgs = {},
  options?: CallOptions,
): Promise<GetOrganizationMembersResult> {
  return callInProgram(getOrganizationMembersFunction, args, options);
}

/**
 * Lists the members of an organization when the arguments are known and the resources that they come from
 * exist; unknown until then. Makes one request.
 *
 * @param options `dependsOn`: resources that must exist first
 */
export function getOrganizationMembersOutput(
  args: GetOrganizationMembersOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<GetOrganizationMembersResult> {
  return outputOf("getOrganizationMembersOutput", args, options, getOrganizationMembers);
}
