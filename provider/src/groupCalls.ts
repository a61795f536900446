/** How a group is created, brought to what is declared, and deleted. */
import { setTimeout as sleep } from "node:timers/promises";
import { titleOf } from "./address.js";
import { type Group, TursoApiError, TursoError } from "./api/index.js";
import { locate } from "./directory.js";
import { elsewhereProblem, FORCE_DESTROY, LIFT_PROTECTION, listed } from "./groupCheck.js";
import { type GroupInputs, type GroupOutputs, locationOf, outputsOf, replicasOf } from "./groupState.js";
import { type Context, PartialError, UserError } from "./lifecycle.js";
import { samePlace } from "./locations.js";

/** How long to wait for a name that this process has given free itself, in milliseconds: deletions may lag behind. */
const LAG = 60_000;

/** The group that is there already, where that is declared; or else one POST. */
export async function createGroup(context: Context, inputs: GroupInputs): Promise<Group> {
  const { api, directory, signal } = context;
  const { name, location, organization, extensions } = inputs;
  if (inputs.adopt) {
    // Without the list the answer to the POST tells.
    const groups = await directory.groups(organization).catch(() => undefined);
    const there = groups?.get(name);
    if (there !== undefined) return adopted(context, inputs, there);
  }
  const start = Date.now();
  for (let pause = 250; ; pause = Math.min(2 * pause, 4_000)) {
    try {
      const group = await api.groups.create(organization, {
        name,
        location,
        ...(extensions && { extensions }),
      });
      // The address is what was asked for; should the server have another spelling, a refresh will tell.
      const created = { ...group, name };
      directory.enter(organization, created);
      return created;
    } catch (error) {
      if (!(error instanceof TursoApiError && error.status === 409)) throw createError(error, inputs);
      const there = await locate(context, { organization, name }).catch((cause: TursoError) => cause);
      // A name that is taken by no group is that of one just deleted, by this process or before it started.
      const lagging =
        there === undefined || directory.hasDeleted(organization, there instanceof Error ? { name } : there);
      if (lagging && Date.now() - start < LAG) {
        context.warn(
          `${titleOf(inputs)} is gone, but its name is still taken; waiting until Turso gives it free.`,
        );
        await sleep(pause, undefined, signal && { signal }).catch((cause: unknown) => {
          throw new UserError(`${titleOf(inputs)} was not created: stopped while waiting for its name.`, {
            cause,
          });
        });
        continue;
      }
      if (lagging || !inputs.adopt) throw createError(error, inputs, lagging);
      if (there instanceof Error) {
        const text = `${titleOf(inputs)} exists already, and could not be read, so it was not adopted.`;
        throw new UserError(`${text}\n${there.message}`, { cause: there });
      }
      return adopted(context, inputs, there);
    }
  }
}

function adopted(context: Context, inputs: GroupInputs, group: Group): Group {
  const where = locationOf(group);
  if (!samePlace(where, inputs.location)) throw new UserError(elsewhereProblem(inputs, where));
  context.directory.adopt(inputs);
  if (inputs.extensions !== undefined) {
    context.warn(
      `${titleOf(inputs)} was adopted; whether it has the declared extensions the API does not tell.`,
    );
  }
  return group;
}

function createError(error: unknown, inputs: GroupInputs, lagging = false): unknown {
  if (!(error instanceof TursoError)) return error;
  const title = titleOf(inputs);
  let text = `${title} could not be created in ${inputs.location}.\n${error.message}`;
  if (lagging) {
    text = `${title} could not be created: it was deleted, and after a minute its name is still taken. Try again later.`;
  } else if (error instanceof TursoApiError && error.status === 409) {
    text =
      `${title} exists already, and this resource does not manage it. Choose another name; or, to manage that group with it, ` +
      "declare adopt: true. If this stack has it under another resource name, set the resource option aliases; if it is the " +
      `very group that is being replaced here, deleteBeforeReplace: true.\n${error.summary}`;
  } else if (error instanceof TursoApiError && error.status === 400 && error.detail?.includes("location")) {
    text += "\n`turso db locations` lists those that there are.";
  } else if (error.mayHaveBeenApplied) {
    text +=
      "\nIt may have been created all the same: look with `turso group list` before you run this again, and if it is " +
      "there and new, declare adopt: true, or delete it with `turso group destroy`.";
  }
  return new UserError(text, { cause: error });
}

/**
 * Adds and removes replicas and sets the protection until the group is what is declared, in as many requests as there are
 * differences. If one fails, the PartialError holds the group as it is by then.
 */
export async function reconcileGroup(
  context: Context,
  id: string,
  inputs: GroupInputs,
  group: Group,
): Promise<Group> {
  const { api, directory } = context;
  const { organization, deleteProtection } = inputs;
  const { name } = group;
  let now = group;
  let doing = "";
  const became = (change: Partial<Group>) => {
    now = { ...now, ...change, name };
    directory.enter(organization, now);
  };
  try {
    if (inputs.replicas !== undefined) {
      const declared = inputs.replicas;
      const there = replicasOf(group, inputs);
      const missing = declared.filter((code) => !there.some((other) => samePlace(code, other)));
      const extra = there.filter((code) => !declared.some((other) => samePlace(code, other)));
      for (const code of missing) {
        doing = `get a replica in ${code}`;
        const answer = await api.groups.addLocation(organization, name, code);
        became({ locations: [...(now.locations ?? []), code], ...answer });
      }
      for (const code of extra) {
        doing = `lose its replica in ${code}`;
        const answer = await api.groups.removeLocation(organization, name, code);
        became({ locations: (now.locations ?? []).filter((other) => other !== code), ...answer });
      }
    }
    if (deleteProtection !== undefined && deleteProtection !== (now.deleteProtection ?? false)) {
      doing = deleteProtection ? "be protected" : "be freed from its protection";
      became({
        deleteProtection: await api.groups.setDeleteProtection(organization, name, deleteProtection),
      });
    }
    return now;
  } catch (error) {
    if (!(error instanceof TursoError)) throw error;
    const text = `${titleOf({ organization, name })} could not ${doing}. What was done until then is in state; the next \`pulumi up\` does the rest.`;
    throw new PartialError(
      id,
      outputsOf(inputs, now),
      `${text}\n${error.message}${archivedHint(error, now)}`,
      {
        cause: error,
      },
    );
  }
}

/** One DELETE, unless the group is gone, is another by now, is protected, or holds databases and may not be forced. */
export async function deleteGroup(context: Context, olds: GroupOutputs): Promise<void> {
  const { api, directory } = context;
  const { organization } = olds;
  let title = titleOf(olds);
  const refuse = (why: string, cause?: unknown) =>
    new UserError(`${title} was not deleted: ${why}`, { cause });
  const group = await locate(context, olds).catch((error: unknown) => {
    throw refuse(`whether it is still there could not be found out.\n${messageOf(error)}`, error);
  });
  if (group === undefined) return;
  title = titleOf({ organization, name: group.name });
  if (directory.hasAdopted({ organization, name: group.name })) {
    context.warn(`${title} was not deleted: another resource of this stack has just adopted it.`);
    return;
  }
  const isProtected = `it is protected from deletion. ${LIFT_PROTECTION} (with the group in the program), then this again.`;
  if (group.deleteProtection) throw refuse(isProtected);
  if (olds.forceDestroy !== true) {
    const databases = await directory.databases(organization).catch((error: unknown) => {
      throw refuse(`whether it holds databases could not be found out.\n${messageOf(error)}`, error);
    });
    const names = databases.get(group.name) ?? [];
    if (names.length > 0) {
      throw refuse(
        `it holds ${listed(names)}, which would be deleted with it, and no revert brings data back. ` +
          `If that is what you want, ${FORCE_DESTROY} (with the group in the program), then this again.`,
      );
    }
  }
  try {
    await api.groups.delete(organization, group.name);
  } catch (error) {
    if (!(error instanceof TursoApiError)) throw error;
    if (error.status === 403 && error.detail?.includes("protected"))
      throw refuse(`${isProtected}\n${error.summary}`, error);
    if (!error.isNotFound)
      throw refuse(`the API refuses.\n${error.message}${archivedHint(error, group)}`, error);
  }
  directory.strike(organization, group);
}

function archivedHint(error: unknown, group: Group): string {
  const archived =
    error instanceof TursoApiError && error.status < 500 && (error.saysArchived || group.archived);
  return archived ? `\nThe group is archived: \`turso group unarchive ${group.name}\` wakes it up.` : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
