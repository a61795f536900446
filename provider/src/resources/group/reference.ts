/** What GroupToken and GroupTokenInvalidation share: the group that they belong to. */

import { type Group, TursoApiError, TursoError } from "../../api/index.js";
import { locate } from "../../lifecycle/collection.js";
import { type ErrorCode, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import type { GroupReference } from "../../lifecycle/reference.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import { GROUPS } from "./kind.js";
import { archivedHint } from "./messages.js";
import { groupTitle } from "./state.js";

/** The group as state has it in outputs, with the UUID that identifies it. */
export interface FoundGroup extends GroupReference {
  /** Absent where the API does not report it. */
  groupUuid?: string;
  /** The name under which a refresh found the group, where it is no longer `group`. Hidden in previews. */
  __group?: string;
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
