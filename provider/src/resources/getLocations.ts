import * as pulumi from "@pulumi/pulumi";
import {
  type CallOptions,
  callInProgram,
  defineFunction,
  type OutputCallOptions,
  outputOf,
} from "../program/functions.js";
import { refuseOrganization } from "./group/getGroup.js";

export interface GetLocationsArgs {
  /**
   * Slug of the organization whose API token is used; every organization has the same locations. Default: `turso:organization`,
   * else the variable `TURSO_ORGANIZATION`, else none.
   */
  organization?: string;
}

export interface GetLocationsOutputArgs {
  /**
   * Slug of the organization whose API token is used; every organization has the same locations. Default: `turso:organization`,
   * else the variable `TURSO_ORGANIZATION`, else none.
   */
  organization?: pulumi.Input<string | undefined>;
}

export interface GetLocationsResult {
  /** Code → description, e.g. `{"aws-us-east-1": "AWS US East (Virginia)"}`. */
  locations: Record<string, string>;
}

export const getLocationsFunction = defineFunction<GetLocationsArgs, GetLocationsResult>({
  name: "getLocations",
  argumentNames: ["organization"],

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    refuseOrganization("getLocations", organization);
    return { locations: await api.locations.list(organization) };
  },
});

/**
 * Lists the locations that a group can be in, with one request.
 *
 *     const { locations } = await turso.getLocations();
 */
export function getLocations(
  args: GetLocationsArgs = {},
  options?: CallOptions,
): Promise<GetLocationsResult> {
  return callInProgram(getLocationsFunction, args, options);
}

/**
 * Lists the locations that a group can be in, with one request, when the arguments are known and what they come from is
 * there; unknown until then.
 *
 * @param options `dependsOn`: resources that must be there first
 */
export function getLocationsOutput(
  args: GetLocationsOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<GetLocationsResult> {
  return outputOf(
    "getLocationsOutput",
    pulumi.output(args) as pulumi.Output<GetLocationsArgs>,
    options,
    getLocations,
  );
}
