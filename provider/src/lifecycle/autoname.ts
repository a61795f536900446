import { createHash } from "node:crypto";
import type { CheckFailure, Problem } from "./errors.js";
import { type CheckRequest, NO_NAME } from "./lifecycle.js";
import { UNKNOWN } from "./unknown.js";
import type { ResourcePlace } from "./urn.js";
import { problemOf, type ValueType } from "./valueTypes.js";

/**
 * The name of a thing that the program does not name: the resource's name, a dash and seven hexadecimal
 * digits, at most 32 characters of `[a-z0-9-]`. It is the same in preview and `pulumi up`, but differs for
 * another `place` or organization, so that a replacement can exist beside the old thing, and for a resource
 * of the same name in another component. Unknown if the place or the organization is. `noun` takes the place of
 * a resource's name that has no such characters.
 */
export function generatedName(
  resource: ResourcePlace,
  { place, organization, noun }: { place: string; organization: unknown; noun: string },
): string {
  if (place === UNKNOWN || organization === UNKNOWN) return UNKNOWN;
  const parts = [
    resource.project,
    resource.stack,
    resource.name,
    place,
    organization ?? null,
    ...(resource.parentType === undefined ? [] : [resource.parentType]),
  ];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 7);
  const stem = resource.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${stem.slice(0, 24).replace(/^-+|-+$/g, "") || noun}-${hash}`;
}

/** Why a name that the engine proposes cannot be used, or why there is none. */
export function generatedNameProblems(
  type: ValueType<string>,
  given: unknown,
  proposed: CheckRequest["proposedName"],
): CheckFailure[] {
  const problem = nameProblem(type, given, proposed);
  return problem === undefined ? [] : [{ property: "name", ...problem }];
}

function nameProblem(
  type: ValueType<string>,
  given: unknown,
  proposed: CheckRequest["proposedName"],
): Problem | undefined {
  if (given === NO_NAME) {
    return {
      code: "NAME_REQUIRED",
      reason: "it is required, because pulumi:autonaming is disabled for this stack. Set one, e.g. prod.",
    };
  }
  if (given === undefined || given !== proposed) return undefined;
  const problem = problemOf(type, given);
  return problem === undefined
    ? undefined
    : { code: "INVALID_INPUT", reason: `pulumi:autonaming generates '${given}', but it ${problem}` };
}
