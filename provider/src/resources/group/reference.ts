/** What GroupToken and GroupTokenInvalidation share: the group that they are about. */

import { type Group, TursoApiError, TursoError } from "../../api/index.js";
import { locate } from "../../lifecycle/collection.js";
import { type ErrorCode, UserError } from "../../lifecycle/errors.js";
import { textProblem } from "../../lifecycle/inputs.js";
import type { CheckFailure, CheckRequest, Context } from "../../lifecycle/lifecycle.js";
import { organizationProblem } from "../../lifecycle/organization.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";

/** A group as inputs in state name it. */
export interface GroupReference {
  /** The group's name. */
  group: string;
  /** Slug of its organization; absent in the account of the API token's user. */
  organization?: string;
  /** The name that the program gave until now, where that is another: outputs may still have it. Hidden in previews. */
  __from?: string;
}

/** The same in outputs, with what tells whether it is still that group. */
export interface FoundGroup extends GroupReference {
  /** Absent where the server has none. */
  groupUuid?: string;
  /** The name under which refresh found the group, when that is no longer `group`; hidden in previews. */
  __group?: string;
}

/**
 * The group that the inputs `group` (a name, or an id `organization/name`) and `organization` mean. While a group's id is not
 * known, neither is its organization, unless that is given.
 */
export function checkReference(
  context: Pick<Context, "organization">,
  { olds, news, resource: { urn } }: Pick<CheckRequest, "olds" | "news" | "resource">,
): { reference: { group: unknown; organization?: unknown; __from?: unknown }; failures: CheckFailure[] } {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string | undefined, code: ErrorCode = "INVALID_INPUT") => {
    if (reason !== undefined) failures.push({ property, code, reason });
  };
  const { group, organization: given } = news;
  const [name, slug, ...more] = typeof group === "string" ? group.split("/").reverse() : [group];
  fail("group", groupProblem(group, [name, slug], more.length));
  if (given !== undefined) fail("organization", textProblem(given, "the slug, e.g. acme"));
  if (slug !== undefined && given !== undefined && given !== UNKNOWN && given !== slug) {
    fail("organization", `it contradicts group '${group}', which is in organization '${slug}': leave it out`);
  }

  const organization = slug ?? given ?? (group === UNKNOWN ? UNKNOWN : context.organization);
  if (olds !== undefined && failures.length === 0) {
    const explicit = slug !== undefined || given !== undefined;
    const addresses = { old: olds.organization, now: organization };
    fail(
      explicit ? "organization" : "",
      organizationProblem({ urn, ...addresses, explicit }),
      "ORGANIZATION_CHANGED",
    );
  }
  const isAnother = olds !== undefined && name !== UNKNOWN && olds.group !== name;
  const reference = {
    group: name,
    ...(organization !== undefined && { organization }),
    ...(isAnother && { __from: olds.group }),
  };
  return { reference, failures };
}

/** Why `group` names no group. `parts`: its name, and the slug if it has one; `more`: how many parts it has besides. */
function groupProblem(group: unknown, parts: unknown[], more: number): string | undefined {
  const example = "a group's name, or its id as in group.id";
  // The engine sends no value for an output of a resource that is left out.
  if (group === undefined)
    return `it is required (${example}). If it is an output of a Group that \`--target\` leaves out, target that Group, too`;
  if (more > 0) return "it must be a group's name, or its id organization/name";
  return parts
    .filter((part, i) => i === 0 || part !== undefined)
    .map((part) => textProblem(part, example))
    .find((problem) => problem !== undefined);
}

/** Checked inputs with what they keep for the diff. */
export function checked<Inputs extends object>(inputs: Inputs, { __from }: { __from?: unknown }): Inputs {
  return { ...inputs, ...(__from !== undefined && { __from }) };
}

/**
 * The inputs by which another group is meant than before. A name under which refresh found the same group is none; but when the
 * program has taken that up, the old name is.
 */
export function referenceChanges(olds: FoundGroup, news: GroupReference): string[] {
  const names = news.__from === undefined ? [olds.group, olds.__group] : [olds.__group ?? olds.group];
  return [
    ...(names.includes(news.group) ? [] : ["group"]),
    ...(news.organization !== olds.organization ? ["organization"] : []),
  ];
}

/** How messages call the group, e.g. `group 'prod' in organization 'acme'`. */
export function called({ group, organization }: GroupReference): string {
  return titleOf({ name: group, organization }).replace(/^G/, "g");
}

/** The group as it is now, wherever in its organization; undefined when it is gone, also when another one has its name. */
export async function readGroup(context: Context, olds: FoundGroup): Promise<Group | undefined> {
  try {
    return await locate(context, addressOf(olds), await context.directory.groupsToRead(olds.organization));
  } catch (error) {
    if (!(error instanceof TursoError)) throw error;
    throw new UserError("READ_FAILED", `Failed to read ${titleOf(addressOf(olds))}.\n${error.message}`, {
      cause: error,
    });
  }
}

function addressOf({ group, organization, groupUuid }: FoundGroup): Address {
  return { name: group, organization, uuid: groupUuid };
}

/** What state holds of a group that was found: the reference to it, its uuid, and its name if that is another by now. */
export function foundGroup({ group, organization }: GroupReference, found: Group): FoundGroup {
  return {
    group,
    ...(organization !== undefined && { organization }),
    ...(found.uuid !== undefined && { groupUuid: found.uuid }),
    ...(found.name !== group && { __group: found.name }),
  };
}

/**
 * Does something to the tokens of an existing group. Errors have `code` and begin with `failed`; where the response was lost, they end
 * with `lost`, which says what may have happened.
 */
export async function withGroup<T>(
  context: Context,
  olds: FoundGroup,
  { code, failed, lost }: { code: ErrorCode; failed: string; lost: string },
  work: (group: Group) => Promise<T>,
): Promise<T> {
  const missing = (cause?: unknown) =>
    new UserError(
      code,
      olds.groupUuid === undefined
        ? `${failed}\n${titleOf(addressOf(olds))} does not exist. Correct the name, or pass the id of the Group that creates it.\nIf the group was renamed outside Pulumi, run \`pulumi refresh\`.`
        : `${failed}\n${titleOf(addressOf(olds))} no longer exists, or its name belongs to another group. Run \`pulumi refresh\`.`,
      { cause },
    );
  let group: Group | undefined;
  let asked = false;
  try {
    const address = addressOf(olds);
    group = (await locate(context, address, undefined, true)) ?? context.directory.entered(address);
    if (group === undefined) throw missing();
    asked = true;
    return await work(group);
  } catch (error) {
    if (!(error instanceof TursoError)) throw error;
    if (asked && error instanceof TursoApiError && error.isNotFound) throw missing(error);
    const archived =
      error instanceof TursoApiError && error.status < 500 && (error.saysArchived || group?.archived);
    const isLost = asked && error.mayHaveBeenApplied;
    const hints = [
      ...(archived
        ? [`The group is archived. Run \`turso group unarchive ${group?.name ?? olds.group}\`, then retry.`]
        : []),
      ...(isLost ? [lost] : []),
    ];
    throw new UserError(isLost ? "OUTCOME_UNKNOWN" : code, [failed, error.message, ...hints].join("\n"), {
      cause: error,
    });
  }
}
