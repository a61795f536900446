import type * as pulumi from "@pulumi/pulumi";
import { checkingArguments } from "../lifecycle/function.js";
import { name, stringMap } from "../lifecycle/valueTypes.js";
import {
  type CallOptions,
  callInProgram,
  type OutputArgs,
  type OutputCallOptions,
  outputOf,
} from "../program/functions.js";

export interface GetLocationsArgs {
  /**
   * Slug of the organization whose API token is used. Every organization has the same locations.
   *
   * @default the provider's organization, else none
   */
  organization?: string;
}

export type GetLocationsOutputArgs = OutputArgs<GetLocationsArgs>;

export interface GetLocationsResult {
  /** Code → description, e.g. `{"aws-us-east-1": "AWS US East (Virginia)"}`. */
  locations: Record<string, string>;
}

export const getLocationsFunction = checkingArguments<GetLocationsArgs, GetLocationsResult>({
  name: "getLocations",
  args: { organization: { type: name("the slug, e.g. acme") } },
  result: { name: "GetLocationsResult", fields: { locations: { type: stringMap, always: true } } },

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    return { locations: await api.locations.list(organization) };
  },
});

/**
 * Lists the locations that a group can have. Makes one request.
 *
 * ```ts
 * const { locations } = await turso.getLocations();
 * ```
 */
export function getLocations(
  args: GetLocationsArgs = {},
  options?: CallOptions,
): Promise<GetLocationsResult> {
  return callInProgram(getLocationsFunction, args, options);
}

/**
 * Lists the locations that a group can have when the arguments are known and the resources that they come
 * from exist; unknown until then. Makes one request.
 *
 * @param options `dependsOn`: resources that must exist first
 */
export function getLocationsOutput(
  args: GetLocationsOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<GetLocationsResult> {
  return outputOf("getLocationsOutput", args, options, getLocations);
}
