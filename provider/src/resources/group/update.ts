/** How a group is changed in place. */

import type { Group } from "../../api/index.js";
import { isSame, retrieve } from "../../lifecycle/collection.js";
import { messageOf, PartialError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import type { GroupInputs } from "./group.js";
import { GROUPS } from "./kind.js";
import { samePlace } from "./location.js";
import { archivedHint } from "./messages.js";
import { groupTitle, outputsOf, replicasOf } from "./state.js";

/**
 * Adds and removes replicas and sets the protection until the group is as the inputs say, with one request
 * for each difference. If one fails, the PartialError has the group after the failure, as far as that is
 * known.
 */
export async function reconcileGroup(
  context: Context,
  id: string,
  inputs: GroupInputs,
  group: Group,
): Promise<Group> {
  let now = group;
  for (const change of [...replicaChanges(inputs, group), ...protectionChanges(inputs)]) {
    if (!change.isNeeded(now)) continue;
    const result = await make(change, context, inputs.organization, now);
    if (result.outcome === "failed") throw partialError(id, inputs, change, result);
    now = result.group;
  }
  return now;
}

/** One request that changes a group. */
interface Change {
  /** The change in messages, before the group, e.g. "add replica 'fra' to". */
  verb: string;
  isNeeded(now: Group): boolean;
  /** Sends the request; returns what it changes. */
  request(api: Context["api"], organization: string | undefined, now: Group): Promise<Partial<Group>>;
  isDone(now: Group): boolean;
}

/** Additions come first, so that the group never has fewer replicas than before and after. */
function replicaChanges(inputs: GroupInputs, group: Group): Change[] {
  const { replicas: wanted } = inputs;
  if (wanted === undefined) return [];
  const actual = replicasOf(group, inputs);
  const lacks = (codes: string[]) => (code: string) => !codes.some((other) => samePlace(code, other));
  return [...wanted.filter(lacks(actual)).map(additionOf), ...actual.filter(lacks(wanted)).map(removalOf)];
}

const has = ({ locations }: Group, code: string) => locations?.some((other) => samePlace(code, other));

function additionOf(code: string): Change {
  return {
    verb: `add replica '${code}' to`,
    isNeeded: () => true,
    request: async (api, organization, { name, locations = [] }) => ({
      locations: [...locations, code],
      ...(await api.groups.addLocation(organization, name, code)),
    }),
    isDone: (now) => has(now, code) === true,
  };
}

function removalOf(code: string): Change {
  return {
    verb: `remove replica '${code}' from`,
    isNeeded: () => true,
    request: async (api, organization, { name, locations = [] }) => ({
      locations: locations.filter((other) => other !== code),
      ...(await api.groups.removeLocation(organization, name, code)),
    }),
    isDone: (now) => has(now, code) === false,
  };
}

function protectionChanges({ deleteProtection: wanted }: GroupInputs): Change[] {
  if (wanted === undefined) return [];
  return [
    {
      verb: `${wanted ? "enable" : "disable"} delete protection of`,
      isNeeded: ({ deleteProtection = false }) => deleteProtection !== wanted,
      request: async (api, organization, { name }) => ({
        deleteProtection: await api.groups.setDeleteProtection(organization, name, wanted),
      }),
      isDone: ({ deleteProtection }) => deleteProtection === wanted,
    },
  ];
}

/** The outcome of a change, and the group after it, as far as that is known. */
type Changed = { outcome: "done"; group: Group } | { outcome: "failed"; group: Group; cause: unknown };

/**
 * Makes a change. If it fails, or the response does not show it, reads the group: the request may still have
 * succeeded.
 */
async function make(
  change: Change,
  context: Context,
  organization: string | undefined,
  before: Group,
): Promise<Changed> {
  const record = (news: Partial<Group>): Group => {
    const group = { ...before, ...news, name: before.name };
    context.collection(GROUPS).recordWrite(organization, group);
    return group;
  };
  const sent = await change.request(context.api, organization, before).then(
    (news) =>
      changed(change, record(news), new Error("The API accepted the change, but does not show it yet.")),
    (cause: unknown): Changed => ({ outcome: "failed", group: before, cause }),
  );
  if (sent.outcome === "done") return sent;
  const { name } = before;
  const there = await retrieve(context, GROUPS, { organization, name }).catch(() => undefined);
  if (there === undefined || !isSame(there, before)) return sent;
  return changed(change, record({ ...sent.group, ...there }), sent.cause);
}

const changed = ({ isDone }: Change, group: Group, cause: unknown): Changed =>
  isDone(group) ? { outcome: "done", group } : { outcome: "failed", group, cause };

/** The error for a failed change. State must record the group, because it exists. */
function partialError(
  id: string,
  inputs: GroupInputs,
  { verb }: Change,
  { group, cause }: { group: Group; cause: unknown },
): PartialError {
  const lines = [
    `Failed to ${verb} ${groupTitle({ organization: inputs.organization, name: group.name })}.`,
    messageOf(cause),
    ...archivedHint(cause, group),
    "Completed changes were saved to state. Run `pulumi up` again to finish.",
  ];
  const outputs = { ...outputsOf(inputs, group), __unsettled: true };
  return new PartialError(id, outputs, "UPDATE_FAILED", lines.join("\n"), { cause });
}
