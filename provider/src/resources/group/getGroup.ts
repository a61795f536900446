import * as pulumi from "@pulumi/pulumi";
import { type Group, TursoApiError } from "../../api/index.js";
import { UserError } from "../../lifecycle/errors.js";
import { textProblem } from "../../lifecycle/inputs.js";
import { idOf, titleOf } from "../../lifecycle/resourceId.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import {
  type CallOptions,
  callInProgram,
  defineFunction,
  type OutputCallOptions,
  outputOf,
} from "../../program/functions.js";
import { locationOf } from "./state.js";

export interface GetGroupArgs {
  /** The group's name. */
  name: string;
  /**
   * Slug of the organization that owns the group. Default: `turso:organization`, else the variable
   * `TURSO_ORGANIZATION`, else the account of the API token's user.
   */
  organization?: string;
}

export interface GetGroupOutputArgs {
  /** The group's name. */
  name: pulumi.Input<string>;
  /**
   * Slug of the organization that owns the group. Default: `turso:organization`, else the variable
   * `TURSO_ORGANIZATION`, else the account of the API token's user.
   */
  organization?: pulumi.Input<string | undefined>;
}

/** A group as it is now. What the API leaves out is absent. */
export interface GroupResult {
  /** `organization/name`, or `name` in the account of the API token's user: what Group, GroupToken and `Group.get` take. */
  id: string;
  name: string;
  /** Slug of the organization; absent in the account of the API token's user. */
  organization?: string;
  /** The primary location as a program declares it, e.g. `aws-us-east-1`. */
  location: string;
  /** Codes of every location, the primary included. */
  locations?: string[];
  /** Code of the primary location as the API tells it, e.g. `us-east-1` for `aws-us-east-1`. */
  primary?: string;
  /** Identifies the group for good. */
  uuid?: string;
  /** Version of the libSQL server, e.g. `v0.23.7`. */
  version?: string;
  /** Whether the group sleeps after days without use. */
  archived?: boolean;
  /** Whether the API refuses to delete the group. */
  protected?: boolean;
}

export const getGroupFunction = defineFunction<GetGroupArgs, GroupResult>({
  name: "getGroup",
  argumentNames: ["name", "organization"],

  async run({ api, organization: byDefault }, { name, organization = byDefault }) {
    refuse("getGroup", "name", textProblem(name, "e.g. prod"));
    refuseOrganization("getGroup", organization);
    try {
      return groupResult(organization, await api.groups.retrieve(organization, name));
    } catch (error) {
      if (!(error instanceof TursoApiError && error.isNotFound)) throw error;
      throw new UserError(
        "NOT_FOUND",
        `${titleOf({ organization, name })} does not exist.\n${error.summary}`,
        {
          cause: error,
        },
      );
    }
  },
});

/**
 * Reads a group, with one request.
 *
 *     const { uuid } = await turso.getGroup({ name: "prod" });
 *
 * @throws when there is no such group
 */
export function getGroup(args: GetGroupArgs, options?: CallOptions): Promise<GroupResult> {
  return callInProgram(getGroupFunction, args, options);
}

/**
 * Reads a group, with one request, when the arguments are known and what they come from is there; unknown until then.
 *
 *     const uuid = turso.getGroupOutput({ name: group.name }).uuid;
 *
 * @param options `dependsOn`: resources that must be there first
 */
export function getGroupOutput(
  args: GetGroupOutputArgs,
  options: OutputCallOptions = {},
): pulumi.Output<GroupResult> {
  return outputOf("getGroupOutput", pulumi.output(args) as pulumi.Output<GetGroupArgs>, options, getGroup);
}

/** What the functions tell of a group. */
export function groupResult(organization: string | undefined, group: Group): GroupResult {
  const { deleteProtection, ...told } = group;
  return withoutUndefined<GroupResult>({
    id: idOf({ organization, name: group.name }),
    organization,
    location: locationOf(group),
    ...told,
    protected: deleteProtection,
  });
}

export function refuseOrganization(name: string, organization: unknown): void {
  if (organization !== undefined)
    refuse(name, "organization", textProblem(organization, "the slug, e.g. acme"));
}

function refuse(name: string, argument: string, problem: string | undefined): void {
  if (problem !== undefined)
    throw new UserError("INVALID_INPUT", `${name}: ${problem.replace(/^it /, `\`${argument}\` `)}`);
}
