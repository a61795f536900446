/** What GroupToken and GroupTokenInvalidation share: the group that they belong to. */

import { type Group, TursoApiError, TursoError } from "../../api/index.js";
import { locate } from "../../lifecycle/collection.js";
import { type CheckFailure, type ErrorCode, UserError } from "../../lifecycle/errors.js";
import { inputProblems, inputsIn } from "../../lifecycle/inputs.js";
import type { CheckRequest, Context } from "../../lifecycle/lifecycle.js";
import { organizationProblem } from "../../lifecycle/organization.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import type { Inputs, ResourceType } from "../../lifecycle/resourceType.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { describe, type State } from "../../lifecycle/values.js";
import { name, type ValueType } from "../../lifecycle/valueTypes.js";
import { GROUPS } from "./kind.js";
import { archivedHint } from "./messages.js";
import { groupTitle } from "./state.js";

/** The group as state has it in inputs. */
interface GroupReference {
  /** The group's name. */
  group: string;
  /** Slug of its organization; absent in the personal account. */
  organization?: string;
  /**
   * The name in the program before this change, if it was another one: outputs may still have it. Hidden in
   * previews.
   */
  __from?: string;
}

/** The group as state has it in outputs, with the UUID that identifies it. */
export interface FoundGroup extends GroupReference {
  /** Absent where the API does not report it. */
  groupUuid?: string;
  /** The name under which a refresh found the group, where it is no longer `group`. Hidden in previews. */
  __group?: string;
}

const groupName = name("a group's name, or its ID as in group.id");

/** A group's name, or its ID `organization/name`. */
const reference: ValueType<string> = {
  ...groupName,
  // The engine sends no value for an output of a resource that is left out.
  example:
    "a group's name, or its ID as in group.id; if it is an output of a Group that `--target` leaves out, target that Group as well",
  problem(value) {
    if (typeof value !== "string")
      return `must be a group's name, or its ID as in group.id, got ${describe(value)}`;
    const parts = value.split("/");
    if (parts.length > 2) return "must be a group's name, or its ID organization/name";
    return parts.map((part) => groupName.problem(part)).find((problem) => problem !== undefined);
  },
};

/** The inputs that identify the group. */
export const referenceInputs = {
  group: {
    type: reference,
    required: true,
    change: "replace",
    // A refresh may find the group under a new name. Both names mean the group until the program accepts the
    // new one.
    same: (_old, now, olds, news) =>
      (news.__from === undefined ? [olds.group, olds.__group] : [olds.__group ?? olds.group]).includes(now),
  },
  organization: { type: name("the slug, e.g. acme"), change: "replace" },
} satisfies Inputs<{ group: string; organization?: string }>;

/** The check of a resource that belongs to a group. `problems`: the failures of rules between its inputs. */
export function checkWithReference(
  resource: ResourceType,
  context: Pick<Context, "organization">,
  request: CheckRequest,
  problems: CheckFailure[] = [],
): { inputs: State; failures: CheckFailure[] } {
  const { news } = request;
  const invalid = [...inputProblems(resource, news), ...problems];
  if (invalid.length > 0) return { inputs: { ...news }, failures: invalid };
  const { reference, failures } = checkReference(context, request);
  const { __from } = reference;
  const inputs = inputsIn(resource, { ...news, ...reference });
  return { inputs: { ...inputs, ...(__from !== undefined && { __from }) }, failures };
}

/**
 * Resolves the inputs `group` and `organization`, which are valid by themselves, to the name and organization
 * that state records.
 */
function checkReference(
  context: Pick<Context, "organization">,
  { olds, news, resource: { urn } }: Pick<CheckRequest, "olds" | "news" | "resource">,
): { reference: { group?: unknown; organization?: unknown; __from?: unknown }; failures: CheckFailure[] } {
  const { group, organization: given } = news;
  const [name, slug] = typeof group === "string" && group !== UNKNOWN ? group.split("/").reverse() : [group];
  const organization = slug ?? given ?? (group === UNKNOWN ? UNKNOWN : context.organization);
  const isAnother = olds !== undefined && name !== UNKNOWN && olds.group !== name;
  const reference = {
    group: name,
    ...(organization !== undefined && { organization }),
    ...(isAnother && { __from: olds.group }),
  };
  if (slug !== undefined && given !== undefined && given !== UNKNOWN && given !== slug) {
    const reason = `it contradicts \`group\`, which is in organization '${String(slug)}'. Remove \`organization\``;
    return { reference, failures: [{ property: "organization", code: "INVALID_INPUT", reason }] };
  }
  const explicit = slug !== undefined || given !== undefined;
  const problem = olds && organizationProblem({ urn, old: olds.organization, now: organization, explicit });
  if (problem === undefined) return { reference, failures: [] };
  return { reference, failures: [{ property: explicit ? "organization" : "", ...problem }] };
}

/** The group in messages, e.g. `group 'prod' in organization 'acme'`. */
export function called({ group, organization }: GroupReference): string {
  return titleOf({ type: "group", name: group, organization });
}

/**
 * The group as it is now, also after a rename; undefined if it no longer exists, even if another group has
 * its name.
 */
export async function readGroup(context: Context, olds: FoundGroup): Promise<Group | undefined> {
  try {
    return await locate(context, GROUPS, addressOf(olds), {
      listing: await context.collection(GROUPS).listForRead(olds.organization),
    });
  } catch (error) {
    if (!(error instanceof TursoError)) throw error;
    throw new UserError("READ_FAILED", `Failed to read ${groupTitle(addressOf(olds))}.\n${error.message}`, {
      cause: error,
    });
  }
}

function addressOf({ group, organization, groupUuid }: FoundGroup): Address {
  return { name: group, organization, uuid: groupUuid };
}

/**
 * What state records of a group that was found: the reference, its UUID, and its name if that has changed.
 */
export function foundGroup({ group, organization }: GroupReference, found: Group): FoundGroup {
  return {
    group,
    ...(organization !== undefined && { organization }),
    ...(found.uuid !== undefined && { groupUuid: found.uuid }),
    ...(found.name !== group && { __group: found.name }),
  };
}

/** Sentences about an operation on the tokens of a group. */
interface Operation {
  /** The code of its errors, if the response was not lost. */
  code: ErrorCode;
  /** What failed: the first line of its errors. */
  failed: string;
  /** What may have happened, if the response was lost. */
  lost: string;
}

/** Finds a group and does `work` with it. */
export async function withGroup<T>(
  context: Context,
  olds: FoundGroup,
  operation: Operation,
  work: (group: Group) => Promise<T>,
): Promise<T> {
  const address = addressOf(olds);
  const group = await findGroup(context, address).catch((error: unknown) => {
    throw operationError(operation, error, []);
  });
  if (group === undefined) throw missingGroup(operation, address);
  return work(group).catch((error: unknown) => {
    if (error instanceof TursoApiError && error.isNotFound) throw missingGroup(operation, address, error);
    throw operationError(operation, error, archivedHint(error, group), { mayBeLost: true });
  });
}

/** The group, also if this process has just created it and the API does not show it yet. */
async function findGroup(context: Context, address: Address): Promise<Group | undefined> {
  const found = await locate(context, GROUPS, address, { retryNotFound: true });
  return found ?? context.collection(GROUPS).written(address);
}

function missingGroup({ code, failed }: Operation, address: Address, cause?: unknown): UserError {
  const title = groupTitle(address);
  const text =
    address.uuid === undefined
      ? `${title} does not exist. Correct the name, or pass the ID of the Group that creates it.\nIf the group was renamed outside Pulumi, run \`pulumi refresh\`.`
      : `${title} no longer exists, or its name belongs to another group. Run \`pulumi refresh\`.`;
  return new UserError(code, `${failed}\n${text}`, { cause });
}

/** The error for an operation that failed; one that is not the client's explains itself. */
function operationError(
  { code, failed, lost }: Operation,
  cause: unknown,
  hints: string[],
  { mayBeLost = false } = {},
): unknown {
  if (!(cause instanceof TursoError)) return cause;
  const isLost = mayBeLost && cause.mayHaveBeenApplied;
  const lines = [failed, cause.message, ...hints, ...(isLost ? [lost] : [])];
  return new UserError(isLost ? "OUTCOME_UNKNOWN" : code, lines.join("\n"), { cause });
}
