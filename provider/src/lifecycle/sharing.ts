/** Two resources of a program that want to manage the same thing. */
import type { Problem } from "./errors.js";
import type { Ownership, Thing } from "./ownership.js";
import { titleOf } from "./resourceId.js";
import { parseUrn } from "./urn.js";

/**
 * Why a resource cannot be in the program beside another one that manages the same thing. `things`: it under
 * each of its possible names.
 */
export function duplicateProblem(
  ownership: Ownership,
  urn: string,
  things: readonly Thing[],
  { noun, remedy }: { noun: string; remedy: string },
): Problem | undefined {
  const others = things.map((thing) => ownership.claim(urn, thing));
  const other = others.find((one) => one !== undefined);
  if (other === undefined) return undefined;
  return {
    code: "DUPLICATE_RESOURCE",
    reason: `the ${resourceTitle(other)} of this program manages the same ${noun}. Remove one of the two resources, ${remedy}.`,
  };
}

/**
 * Why a resource cannot adopt a thing that another resource of the program has in state. If the other resource
 * stays, it keeps the thing. If it is replaced in the same `up`, the thing may be deleted before it can be
 * adopted.
 */
export function sharingProblem(ownership: Ownership, urn: string, thing: Thing): Problem | undefined {
  const other = ownership.otherInState(urn, thing) ?? ownership.holderOf(urn, thing);
  if (other === undefined) return undefined;
  return {
    code: "MANAGED_BY_ANOTHER_RESOURCE",
    reason:
      `${titleOf(thing)} is managed by the ${resourceTitle(other)} of this program. To hand it over, remove that resource, ` +
      "or use the option `aliases` or `pulumi state rename`.",
  };
}

/** A resource in messages, e.g. `resource 'db' in my:App`. */
function resourceTitle(urn: string): string {
  const { name, parentType } = parseUrn(urn);
  return `resource '${name}'${parentType === undefined ? "" : ` in ${parentType}`}`;
}

/** What to do about a thing that exists already, if another resource manages it. */
export const IF_MANAGED =
  "- If a stack manages it under another resource name or parent, use the option `aliases`, in an organization file `renamedFrom`, `pulumi state rename` or `pulumi state move`.";
