/** How a group is created. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Group, TursoApiError, TursoError } from "../../api/index.js";
import { isSame, LAG } from "../../lifecycle/collection.js";
import { messageOf, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import { GROUPS } from "./kind.js";
import { samePlace } from "./location.js";
import { adoptionProblem, LEFT_BEHIND, takenProblem } from "./messages.js";
import { type GroupInputs, primaryOf, thingOf } from "./state.js";

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
export async function retrieved(
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

/** What another resource of this program does with a group; an error when that cannot be known. */
export function askOwnership(address: Address, ask: () => boolean): boolean {
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
