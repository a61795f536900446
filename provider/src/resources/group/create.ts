/** How a group is created, brought to what is declared, and deleted. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Group, TursoApiError, TursoError } from "../../api/index.js";
import { isSame, LAG, locate, ofUuid } from "../../lifecycle/collection.js";
import { messageOf, PartialError, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import { DATABASES } from "../database/kind.js";
import { type Contents, contentsOf, listed } from "./contents.js";
import { GROUPS } from "./kind.js";
import { samePlace } from "./location.js";
import { adoptionProblem, FORCE_DESTROY, LEFT_BEHIND, LIFT_PROTECTION, takenProblem } from "./messages.js";
import { type GroupInputs, type GroupOutputs, outputsOf, primaryOf, replicasOf, thingOf } from "./state.js";

/**
 * The group that is there already, where that is declared; or else one POST. If the answer to that is lost, a group that was not
 * there before and now is, with the declared primary, is the one that it has created.
 */
export async function createGroup(context: Context, inputs: GroupInputs): Promise<Group> {
  const { api } = context;
  const groups = context.collection(GROUPS);
  const { name, location, organization, extensions } = inputs;
  const isGone = (there: Group | undefined) => there === undefined || groups.hasDeleted(organization, there);
  if (inputs.adopt) {
    // Without the list the answer to the POST tells.
    const listing = await groups.list(organization).catch(() => undefined);
    if (!isGone(listing?.get(name))) {
      // A list is of some seconds ago: the group may have been deleted since.
      const there = await retrieved(context, inputs).catch((error: unknown) => {
        throw unreadable(inputs, error);
      });
      if (there !== undefined && !isGone(there)) return adopted(context, inputs, there);
    }
  }
  const before = await groups.listBeforeCreate(organization);
  const wasThere = before?.get(name);
  let lost = false;
  const isOurs = (there: Group) =>
    lost &&
    before !== undefined &&
    (wasThere === undefined || !isSame(wasThere, there)) &&
    samePlace(primaryOf(there), location);

  const create = async () => {
    try {
      return await api.groups.create(organization, { name, location, ...(extensions && { extensions }) });
    } catch (error) {
      lost ||= error instanceof TursoError && error.mayHaveBeenApplied;
      throw error;
    }
  };
  const look = async () => {
    const there = await retrieved(context, inputs);
    if (there === undefined || isGone(there)) return undefined;
    if (isOurs(there)) return there;
    throw new Taken();
  };
  const entered = (group: Group): Group => {
    // The address is what was asked for; should the server have another spelling, a refresh will tell.
    const created = { ...group, name };
    groups.recordWrite(organization, created);
    return created;
  };

  const holderOfName = async (): Promise<NameHolder> => {
    try {
      const there = await retrieved(context, inputs);
      if (there === undefined || isGone(there)) return { outcome: "hidden" };
      return { outcome: isOurs(there) ? "ours" : "foreign", group: there };
    } catch (cause) {
      return groups.hasDeleted(organization, { name })
        ? { outcome: "hidden" }
        : { outcome: "unreadable", cause };
    }
  };

  const start = performance.now();
  for (let pause = 250; ; pause = Math.min(2 * pause, 4_000)) {
    try {
      return entered(await api.settle(create, look));
    } catch (error) {
      if (!mayBeTaken(error)) throw createError(error, inputs, lost);
      const holder = await holderOfName();
      if (holder.outcome === "ours") return entered(holder.group);
      if (!isTaken(error) && holder.outcome !== "foreign") throw createError(error, inputs, lost);
      const hidden = holder.outcome === "hidden";
      if (!hidden && !inputs.adopt) throw takenError(error, inputs, { hidden, lost });
      if (holder.outcome === "foreign") return adopted(context, inputs, holder.group);
      if (holder.outcome === "unreadable") throw unreadable(inputs, holder.cause);
      if (performance.now() - start >= LAG) throw takenError(error, inputs, { hidden, lost });
      await waitForName(context, inputs, { pause, lost });
    }
  }
}

/** Who has the name of a group that was not created. */
type NameHolder =
  | { outcome: "ours" | "foreign"; group: Group }
  /** No group is shown: it was deleted just now, by this process or before it started, or it is ours and not shown yet. */
  | { outcome: "hidden" }
  | { outcome: "unreadable"; cause: unknown };

async function waitForName(
  context: Context,
  inputs: GroupInputs,
  { pause, lost }: { pause: number; lost: boolean },
): Promise<void> {
  const { signal, warn } = context;
  warn(
    lost
      ? `${titleOf(inputs)} seems to be created, but is not shown yet; waiting until it is.`
      : `${titleOf(inputs)} is gone, but its name is still taken; waiting until Turso gives it free.`,
  );
  await sleep(pause, undefined, signal && { signal }).catch((cause: unknown) => {
    const state = lost ? "may have been created" : "was not created";
    throw new UserError("CREATE_FAILED", `${titleOf(inputs)} ${state}: stopped while waiting for its name.`, {
      cause,
    });
  });
}

/** A lost creation turns out to have met with a group that was there before. */
class Taken extends Error {}

/** Whether the error may be that of a taken name. Only 409 says so: otherwise, whether the group exists decides. */
function mayBeTaken(error: unknown): boolean {
  return isTaken(error) || (error instanceof TursoApiError && [400, 422].includes(error.status));
}

function isTaken(error: unknown): boolean {
  return error instanceof Taken || (error instanceof TursoApiError && error.status === 409);
}

/** The group as the API shows it by its name now, undefined if there is none: unlike a list, never an earlier answer. */
async function retrieved(
  { api }: Context,
  { organization, name }: { organization?: string | undefined; name: string },
): Promise<Group | undefined> {
  try {
    return await api.groups.retrieve(organization, name);
  } catch (error) {
    if (error instanceof TursoApiError && error.isNotFound) return undefined;
    throw error;
  }
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

function unreadable(inputs: GroupInputs, cause: unknown): UserError {
  const text = `${titleOf(inputs)} already exists and was not adopted, because it could not be read.`;
  return new UserError("ADOPTION_FAILED", `${text}\n${messageOf(cause)}`, { cause });
}

function adopted(context: Context, inputs: GroupInputs, group: Group): Group {
  const problem = adoptionProblem(inputs, group);
  if (problem !== undefined) throw new UserError("ADOPTION_FAILED", problem);
  const thing = thingOf({ ...inputs, uuid: group.uuid });
  // Noted before it is asked about deletions: one that begins now sees that the group is held.
  context.ownership.hold(thing);
  if (askOwnership(inputs, () => context.ownership.isBeingDeleted(thing))) {
    throw new UserError(
      "ADOPTION_FAILED",
      `${titleOf(inputs)} was not adopted, because another resource of this program is deleting it. Run \`pulumi up\` again.`,
    );
  }
  if (inputs.extensions !== undefined) {
    context.warn(
      `${titleOf(inputs)} was adopted; whether it has the declared extensions the API does not tell.`,
    );
  }
  return group;
}

function createError(error: unknown, inputs: GroupInputs, lost: boolean): unknown {
  if (!(error instanceof TursoError)) return error;
  let text = `${titleOf(inputs)} could not be created in ${inputs.location}.\n${error.message}`;
  if (error instanceof TursoApiError && error.status === 400 && error.detail?.includes("location")) {
    text += "\n`turso db locations` lists those that there are.";
  }
  if (lost) {
    text += `\nIt may have been created all the same: look with \`turso group list\` before you run this again. ${LEFT_BEHIND}`;
  }
  return new UserError(lost ? "OUTCOME_UNKNOWN" : "CREATE_FAILED", text, { cause: error });
}

/** The name is taken: `hidden` by no group that is shown, `lost` perhaps by this resource itself. */
function takenError(
  cause: unknown,
  inputs: GroupInputs,
  { hidden, lost }: { hidden: boolean; lost: boolean },
): UserError {
  const title = titleOf(inputs);
  const summary = cause instanceof TursoApiError ? `\n${cause.summary}` : "";
  if (hidden && lost)
    return new UserError(
      "OUTCOME_UNKNOWN",
      `${title} may have been created, but after a minute it is not shown yet. ${LEFT_BEHIND}${summary}`,
      { cause },
    );
  if (hidden)
    return new UserError(
      "NAME_NOT_RELEASED",
      `${title} could not be created: it was deleted, and after a minute its name is still taken. Try again later.`,
      { cause },
    );
  if (lost)
    return new UserError(
      "OUTCOME_UNKNOWN",
      `${title} is there, and may be what this resource has just created: the answer was lost, and whether it was there before is not known. ${LEFT_BEHIND}${summary}`,
      { cause },
    );
  return new UserError("NAME_TAKEN", `${takenProblem(inputs)}${summary}`, { cause });
}

/**
 * Adds and removes replicas and sets the protection until the group is what is declared, in as many requests as there are
 * differences. If one fails, the PartialError holds the group as it is by then, as far as that is known.
 */
export async function reconcileGroup(
  context: Context,
  id: string,
  inputs: GroupInputs,
  group: Group,
): Promise<Group> {
  const { api } = context;
  const { organization, deleteProtection } = inputs;
  const { name } = group;
  let now = group;
  let doing = "";
  const became = (change: Partial<Group>) => {
    now = { ...now, ...change, name };
    context.collection(GROUPS).recordWrite(organization, now);
  };
  /** Makes one change. If it fails, or the response does not show it, reads the group: the change may have been made. */
  const change = async (what: string, call: () => Promise<Partial<Group>>, isDone: () => boolean) => {
    doing = what;
    let failure: unknown = new UserError(
      "UPDATE_FAILED",
      "The API accepted the change, but does not show it yet.",
    );
    try {
      became(await call());
      if (isDone()) return;
    } catch (error) {
      failure = error;
    }
    const there = await retrieved(context, { organization, name }).catch(() => undefined);
    if (there !== undefined && isSame(there, group)) became(there);
    if (!isDone()) throw failure;
  };
  const has = (code: string) => now.locations?.some((other) => samePlace(code, other)) === true;
  try {
    if (inputs.replicas !== undefined) {
      const declared = inputs.replicas;
      const there = replicasOf(group, inputs);
      const missing = declared.filter((code) => !there.some((other) => samePlace(code, other)));
      const extra = there.filter((code) => !declared.some((other) => samePlace(code, other)));
      for (const code of missing) {
        const add = async () => ({
          locations: [...(now.locations ?? []), code],
          ...(await api.groups.addLocation(organization, name, code)),
        });
        await change(`get a replica in ${code}`, add, () => has(code));
      }
      for (const code of extra) {
        const remove = async () => ({
          locations: (now.locations ?? []).filter((other) => other !== code),
          ...(await api.groups.removeLocation(organization, name, code)),
        });
        await change(`lose its replica in ${code}`, remove, () => now.locations !== undefined && !has(code));
      }
    }
    if (deleteProtection !== undefined && deleteProtection !== (now.deleteProtection ?? false)) {
      const protect = async () => ({
        deleteProtection: await api.groups.setDeleteProtection(organization, name, deleteProtection),
      });
      await change(
        deleteProtection ? "be protected" : "be freed from its protection",
        protect,
        () => now.deleteProtection === deleteProtection,
      );
    }
    return now;
  } catch (error) {
    // Whatever went wrong: the group is there, and state has to know it.
    const text = `${titleOf({ organization, name })} could not ${doing}. What was done until then is in state; the next \`pulumi up\` does the rest.`;
    throw new PartialError(
      id,
      { ...outputsOf(inputs, now), __unsettled: true },
      "UPDATE_FAILED",
      `${text}\n${messageOf(error)}${archivedHint(error, now)}`,
      { cause: error },
    );
  }
}

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

/** What another resource of this program does with a group; an error when that cannot be known. */
function askOwnership(address: Address, ask: () => boolean): boolean {
  try {
    return ask();
  } catch (cause) {
    throw new UserError(
      "OWNERSHIP_UNKNOWN",
      `Failed to check whether another resource of this program manages ${titleOf(address)}: ${messageOf(cause)}.\n` +
        "Nothing was changed. Set the variable TMPDIR to a folder that only you can write to, then retry.",
      { cause },
    );
  }
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

function archivedHint(error: unknown, group: Group): string {
  const archived =
    error instanceof TursoApiError && error.status < 500 && (error.saysArchived || group.archived);
  return archived ? `\nThe group is archived: \`turso group unarchive ${group.name}\` wakes it up.` : "";
}
