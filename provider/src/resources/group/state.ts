/** What state has of a group, and how it compares. Nothing here makes a request. */

import type { Group } from "../../api/index.js";
import { changesOf, inputsIn } from "../../lifecycle/inputs.js";
import type { Thing } from "../../lifecycle/ownership.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import { type Properties, withoutUndefined } from "../../lifecycle/values.js";
import { type GroupInputs, type GroupOutputs, group } from "./group.js";
import { samePlace, samePlaces } from "./location.js";

/** The inputs of a group that state has. */
export function inputsInState(olds: Properties): GroupInputs {
  const { __name, __primary } = olds;
  return {
    ...inputsIn(group, olds),
    ...(typeof __name === "string" && { __name }),
    ...(typeof __primary === "string" && { __primary }),
  };
}

/** The outputs of a group with these inputs. */
export function outputsOf(inputs: GroupInputs, group: Group): GroupOutputs {
  const { __name, __primary, ...declared } = inputs;
  const { deleteProtection, ...reported } = group;
  return {
    ...declared,
    ...reported,
    ...(declared.replicas !== undefined && { replicas: replicasOf(group, inputs) }),
    ...(declared.deleteProtection !== undefined && {
      deleteProtection: deleteProtection ?? declared.deleteProtection,
    }),
    ...(deleteProtection !== undefined && { protected: deleteProtection }),
    ...(group.name !== declared.name && { __declaredName: declared.name }),
  };
}

/** A group in messages, e.g. `Group 'prod' in organization 'acme'`. */
export function groupTitle(address: Address): string {
  return titleOf({ ...address, type: group.name });
}

/** A group as ownership identifies it. */
export function thingOf({ name, organization, uuid }: Address): Thing {
  return { type: group.name, name, organization, uuid };
}

/** The group that outputs in state describe. */
export function groupOf(outputs: GroupOutputs): Group {
  const { name, uuid, locations, primary, version, archived, protected: deleteProtection } = outputs;
  return withoutUndefined({ name, uuid, locations, primary, version, archived, deleteProtection });
}

/**
 * A group's replicas. They are those that the program sets, in its order, if the group has exactly these, or
 * if the API does not report the locations. After a move outside Pulumi, neither the new primary location nor
 * the one in the program counts as a replica.
 */
export function replicasOf(
  { locations, primary }: Group,
  { replicas = [], location }: Pick<GroupInputs, "replicas" | "location">,
): string[] {
  if (locations === undefined) return replicas;
  const among = (code: string, codes: readonly string[]) => codes.some((other) => samePlace(code, other));
  const actual = locations.filter(
    (code) => among(code, replicas) || !among(code, [location, primary ?? location]),
  );
  return samePlaces(actual, replicas) ? replicas : actual;
}

/** The primary location as a program sets it: with the `aws-` that the API's `primary` may lack. */
export function locationOf({ primary, locations = [] }: Group): string {
  return locations.find((code) => samePlace(code, primary)) ?? primary ?? locations[0] ?? "";
}

/**
 * The same, or undefined if it is not certain: without `primary`, any of several locations may be the
 * primary.
 */
export function primaryOf(group: Group): string | undefined {
  const isKnown = group.primary !== undefined || group.locations?.length === 1;
  return isKnown ? locationOf(group) : undefined;
}

/**
 * The inputs whose change replaces the group. `before` is what state has of the inputs, with what a refresh
 * found instead.
 */
export function replacesOf(before: GroupInputs, news: GroupInputs): string[] {
  return changesOf(group, before, news).replaces;
}

/** Whether two values are equal, lists in any order. */
export function sameList(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) ? samePlaces(a, b) : a === b;
}
