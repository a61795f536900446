import type * as pulumi from "@pulumi/pulumi";
import { type Group, TursoApiError } from "../../api/index.js";
import { UserError } from "../../lifecycle/errors.js";
import { checkingArguments } from "../../lifecycle/function.js";
import { idOf } from "../../lifecycle/resourceId.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import { boolean, name, type ObjectType, string, strings } from "../../lifecycle/valueTypes.js";
import {
  type CallOptions,
  callInProgram,
  type OutputArgs,
  type OutputCallOptions,
  outputOf,
} from "../../program/functions.js";
import { groupTitle, locationOf } from "./state.js";

export interface GetGroupArgs {
  /** Name of the group. */
  name: string;
  /**
   * Slug of the organization that owns the group.
   *
   * @default the provider's organization, else your personal account
   */
  organization?: string;
}

export type GetGroupOutputArgs = OutputArgs<GetGroupArgs>;

/** A group as it is now. Properties that the API leaves out are absent. */
export interface GroupResult {
  /**
   * `organization/name`, or `name` in your personal account: the ID that Group, GroupToken and imports use.
   */
  id: string;
  /** Name of the group. */
  name: string;
  /** Slug of the organization; absent in your personal account. */
  organization?: string;
  /** Code of the primary location as a program sets it, e.g. `aws-us-east-1`. */
  location: string;
  /** Codes of all locations, including the primary. */
  locations?: string[];
  /** Code of the primary location as the API reports it, e.g. `us-east-1` for `aws-us-east-1`. */
  primary?: string;
  /** UUID of the group, which never changes. */
  uuid?: string;
  /** Version of the libSQL server, e.g. `v0.23.7`. */
  version?: string;
  /** Whether the group is archived (suspended after inactivity). */
  archived?: boolean;
  /** Whether the API refuses to delete the group. */
  protected?: boolean;
}

export const groupResultType: ObjectType<GroupResult> = {
  name: "GroupResult",
  fields: {
    id: { type: string, always: true },
    name: { type: string, always: true },
    organization: { type: string },
    location: { type: string, always: true },
    locations: { type: strings },
    primary: { type: string },
    uuid: { type: string },
    version: { type: string },
    archived: { type: boolean },
    protected: { type: boolean },
  },
};

export const getGroupFunction = checkingArguments<GetGroupArgs, GroupResult>({
  name: "getGroup",
  args: {
    name: { type: name("e.g. prod"), always: true },
    organization: { type: name("the slug, e.g. acme") },
  },
  result: groupResultType,

  async run({ api, organization: byDefault }, { name, organization = byDefault }) {
    try {
      return groupResult(organization, await api.groups.retrieve(organization, name));
    } catch (error) {
      if (!(error instanceof TursoApiError && error.isNotFound)) throw error;
      throw new UserError(
        "NOT_FOUND",
        `${groupTitle({ organization, name })} does not exist.\nCheck the name and the organization: \`turso group list\` lists the groups.\n${error.summary}`,
        {
          cause: error,
        },
      );
    }
  },
});

/**
 * Reads a group. Makes one request.
 *
 * ```ts
 * const { uuid } = await turso.getGroup({ name: "prod" });
 * ```
 *
 * @throws if the group does not exist
 */
export function getGroup(args: GetGroupArgs, options?: CallOptions): Promise<GroupResult> {
  return callInProgram(getGroupFunction, args, options);
}

/**
 * Reads a group when the arguments are known and the resources that they come from exist; unknown until then.
 * Makes one request.
 *
 * ```ts
 * const uuid = turso.getGroupOutput({ name: group.name }).uuid;
 * ```
 *
 * @param options `dependsOn`: resources that must exist first
 */
export function getGroupOutput(
  args: GetGroupOutputArgs,
  options: OutputCallOptions = {},
): pulumi.Output<GroupResult> {
  return outputOf("getGroupOutput", args, options, getGroup);
}

/** A group as functions return it. */
export function groupResult(organization: string | undefined, group: Group): GroupResult {
  const { deleteProtection, ...reported } = group;
  return withoutUndefined<GroupResult>({
    id: idOf({ organization, name: group.name }),
    organization,
    location: locationOf(group),
    ...reported,
    protected: deleteProtection,
  });
}
