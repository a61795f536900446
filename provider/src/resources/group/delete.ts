/** How a group is deleted. */

import { type Group, TursoApiError, TursoError } from "../../api/index.js";
import { isSame, locate, ofUuid } from "../../lifecycle/collection.js";
import { messageOf, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import { DATABASES } from "../database/kind.js";
import { type Contents, contentsOf, listed } from "./contents.js";
import { askOwnership, retrieved } from "./create.js";
import { GROUPS } from "./kind.js";
import { archivedHint, FORCE_DESTROY, LIFT_PROTECTION } from "./messages.js";
import { type GroupOutputs, thingOf } from "./state.js";

/**
 * One DELETE, unless another resource holds the group, or the group no longer exists, is another by now, is protected, or holds
 * databases and may not be forced.
 */
export async function deleteGroup(context: Context, olds: GroupOutputs): Promise<void> {
  const { api } = context;
  const { organization } = olds;
  const target = await deletionTarget(context, olds);
  if (target.outcome !== "found") return context.warn(`${target.title} was not deleted${target.why}`);
  const { group } = target;
  const title = titleOf({ organization, name: group.name });
  const refuse = refusalOf(title);
  const protectedProblem = `it has delete protection enabled.\nTo delete it, ${LIFT_PROTECTION} with the group in the program, then retry.`;
  if (group.deleteProtection) throw refuse(protectedProblem);
  const guard = deletionGuard(context, olds, group, refuse);
  const end = context.ownership.startDeletion(thingOf({ organization, ...group }));
  let lost = false;
  const remove = async () => {
    try {
      await api.groups.delete(organization, group.name, { guard });
      return true;
    } catch (error) {
      if (error instanceof Gone) return true;
      lost ||= error instanceof TursoError && error.mayHaveBeenApplied;
      throw error;
    }
  };
  // A group that has taken the name since must not be deleted by a second request.
  const look = async () => {
    const there = await retrieved(context, { organization, name: group.name });
    return there === undefined || !isSame(there, group) ? true : undefined;
  };
  try {
    await api.settle(remove, look);
  } catch (error) {
    if (error instanceof HeldByNow) return context.warn(`${title} was not deleted${HELD}`);
    if (!(error instanceof TursoError)) throw error;
    const { detail, summary, status, isNotFound } = error instanceof TursoApiError ? error : {};
    if (status === 403 && detail?.includes("protected"))
      throw refuse(`${protectedProblem}\n${summary}`, error);
    const outcome = lost
      ? "whether it was deleted could not be found out. Run this again."
      : status === undefined
        ? "the API was not reached."
        : "the API refuses.";
    if (!isNotFound) throw refuse(`${outcome}\n${error.message}${archivedHint(error, group)}`, error);
  } finally {
    end();
  }
  context.collection(GROUPS).recordDelete(organization, group);
}

type Refuse = (why: string, cause?: unknown) => UserError;

const refusalOf =
  (title: string): Refuse =>
  (why, cause) =>
    new UserError("DELETE_FAILED", `${title} was not deleted: ${why}`, { cause });

/** The group to delete, or why none is deleted. */
type DeletionTarget =
  | { outcome: "found"; group: Group }
  | { outcome: "held" | "gone"; title: string; why: string };

async function deletionTarget(context: Context, olds: GroupOutputs): Promise<DeletionTarget> {
  const { organization } = olds;
  const held = (address: Address): DeletionTarget | undefined =>
    isHeld(context, address) ? { outcome: "held", title: titleOf(address), why: HELD } : undefined;
  const before = held(olds);
  if (before !== undefined) return before;
  const group = await locate(context, GROUPS, olds).catch((error: unknown) => {
    throw refusalOf(titleOf(olds))(
      `whether it is still there could not be found out.\n${messageOf(error)}`,
      error,
    );
  });
  if (group === undefined)
    return { outcome: "gone", title: titleOf(olds), why: ": it is gone already, or another group by now." };
  return held({ organization, ...group }) ?? { outcome: "found", group };
}

function isHeld({ ownership }: Context, address: Address): boolean {
  return askOwnership(address, () => ownership.isHeld(thingOf(address)));
}

/** By the time of a retry, the group that was to be deleted no longer exists. */
class Gone extends Error {}

/** Another resource has adopted the group that was to be deleted. */
class HeldByNow extends Error {}

const HELD = ", because another resource of this program manages it.";

/** What has to hold right before each DELETE, retries included: much can happen while a request waits for its turn. */
function deletionGuard(
  context: Context,
  olds: GroupOutputs,
  group: Group,
  refuse: Refuse,
): () => Promise<void> {
  const { organization } = olds;
  let lastAttempt: number | undefined;
  return async () => {
    // Another resource may have adopted it since the deletion began.
    if (isHeld(context, { organization, ...group })) throw new HeldByNow();
    if (lastAttempt !== undefined) {
      const there = await retrieved(context, { organization, name: group.name }).catch((error: unknown) => {
        throw refuse(`failed to check whether it still exists.\n${messageOf(error)}`, error);
      });
      if (there === undefined || !isSame(there, group)) {
        const renamed = await findByUuid(context, organization, group.uuid);
        if (renamed === undefined) throw new Gone();
        throw refuse(`it was renamed to '${renamed.name}' outside Pulumi. Retry.`);
      }
    }
    if (olds.forceDestroy !== true) {
      // A list from before the last attempt does not have the databases that were created since.
      const contents = await heldBy(context, olds, group.name, lastAttempt).catch((error: unknown) => {
        throw refuse(`whether it holds databases could not be found out.\n${messageOf(error)}`, error);
      });
      if (contents.outcome !== "empty") throw refuse(lossOf(contents));
    }
    lastAttempt = performance.now();
  };
}

/** What a group of state, which is called `name` now, holds. */
async function heldBy(
  context: Context,
  olds: GroupOutputs,
  name: string,
  since: number | undefined,
): Promise<Contents> {
  const { organization } = olds;
  const formerNames = [olds.name, olds.__declaredName]
    .filter((former) => former !== undefined)
    .filter((former) => former !== name);
  const groups = formerNames.length > 0 ? await context.collection(GROUPS).list(organization) : undefined;
  return contentsOf({ name, formerNames }, groups, (filter) =>
    context.collection(DATABASES).list(organization, { filter, since }),
  );
}

/** Why a group that holds databases, or may, is not deleted, and what to do. */
function lossOf(contents: Exclude<Contents, { outcome: "empty" }>): string {
  const what =
    contents.outcome === "unproven"
      ? `it may hold databases: ${contents.reason}.`
      : `it holds ${listed(contents.databases)}, which would be deleted with it.`;
  return [
    what,
    "To keep it without managing it, run `pulumi state delete URN` (`pulumi stack --show-urns` lists the URNs).",
    `To delete it, ${FORCE_DESTROY} with the group in the program, then retry.`,
  ].join("\n");
}

/** The group of that uuid, from a list that is new. */
async function findByUuid(
  { api }: Context,
  organization: string | undefined,
  uuid: string | undefined,
): Promise<Group | undefined> {
  if (uuid === undefined) return undefined;
  return ofUuid(await api.groups.list(organization), uuid);
}
