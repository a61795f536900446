/** What state holds of a group, and how it compares. Nothing here makes a request. */

import type { Group } from "../../api/index.js";
import { changesOf, inputsIn } from "../../lifecycle/inputs.js";
import type { Thing } from "../../lifecycle/ownership.js";
import type { Address } from "../../lifecycle/resourceId.js";
import { type Properties, withoutUndefined } from "../../lifecycle/values.js";
import { type GroupInputs, type GroupOutputs, group } from "./group.js";
import { samePlace, samePlaces } from "./location.js";

export type { GroupInputs, GroupOutputs };

/** The inputs of a group that state has. */
export function inputsInState(olds: Properties): GroupInputs {
  const { __name, __primary } = olds;
  return {
    ...inputsIn(group, olds),
    ...(typeof __name === "string" && { __name }),
    ...(typeof __primary === "string" && { __primary }),
  };
}

/** State's outputs for a group that is declared so. */
export function outputsOf(inputs: GroupInputs, group: Group): GroupOutputs {
  const { __name, __primary, ...declared } = inputs;
  const { deleteProtection, ...told } = group;
  return {
    ...declared,
    ...told,
    ...(declared.replicas !== undefined && { replicas: replicasOf(group, inputs) }),
    ...(declared.deleteProtection !== undefined && {
      deleteProtection: deleteProtection ?? declared.deleteProtection,
    }),
    ...(deleteProtection !== undefined && { protected: deleteProtection }),
    ...(group.name !== declared.name && { __declaredName: declared.name }),
  };
}

/** A group as resources hold it. */
export function thingOf({ name, organization, uuid }: Address): Thing {
  return { type: "Group", name, organization, uuid };
}

/** The group as state's outputs have it. */
export function groupOf(outputs: GroupOutputs): Group {
  const { name, uuid, locations, primary, version, archived, protected: deleteProtection } = outputs;
  return withoutUndefined({ name, uuid, locations, primary, version, archived, deleteProtection });
}

/**
 * A group's replicas: as declared, if all of these are there and no others; as declared too, if the server does not tell. Of a group that
 * was moved elsewhere neither the new primary nor the declared location is a replica too many.
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

/** The primary location as a program would declare it: with the `aws-` that the API's `primary` may lack. */
export function locationOf({ primary, locations = [] }: Group): string {
  return locations.find((code) => samePlace(code, primary)) ?? primary ?? locations[0] ?? "";
}

/** The same, or undefined where it is not certain: without `primary`, any of several locations may be the primary. */
export function primaryOf(group: Group): string | undefined {
  const isKnown = group.primary !== undefined || group.locations?.length === 1;
  return isKnown ? locationOf(group) : undefined;
}

/** The inputs whose change replaces the group. `before` is what state has of the inputs, with what a refresh found instead. */
export function replacesOf(before: GroupInputs, news: GroupInputs): string[] {
  return changesOf(group, before, news).replaces;
}

/** Whether two values are equal, lists in any order. */
export function sameList(a: unknown, b: unknown): boolean {
  return Array.isArray(a) && Array.isArray(b) ? samePlaces(a, b) : a === b;
}
