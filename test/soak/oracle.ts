/** What must hold after an operation. Each function returns complaints: what does not hold. */
import type { Result } from "../support/stack.ts";
import { current, type State, type StateGroup, sameSet } from "./state.ts";
import type { Declared, World } from "./world.ts";

/**
 * After every operation: groups of others are unchanged, nothing guarded was lost, and no secret is shown.
 */
export function judgeAlways(world: World, before: State, after: State, text: string): string[] {
  const { ledger } = world;
  const complaints: string[] = [];
  for (const { group, databases, foreign } of ledger.deletions.splice(0)) {
    const holders = [...world.entries].filter(([resource, entry]) => {
      const old = current(before, resource);
      // State still has what a killed engine was about to replace.
      if (old?.uuid === group.uuid) return !world.replaces(entry, old);
      return current(after, resource)?.uuid === group.uuid;
    });
    for (const [resource] of holders)
      complaints.push(`${group.name} was deleted, although ${resource} declares it`);
    if (foreign) complaints.push(`the foreign group ${group.name} was deleted`);
    if (group.deleteProtection) complaints.push(`the protected group ${group.name} was deleted`);
    const forced = before.groups.some(({ uuid, forceDestroy }) => uuid === group.uuid && forceDestroy);
    if (databases.length > 0 && !forced)
      complaints.push(`${group.name} was deleted with its databases, without forceDestroy in state`);
  }
  for (const [uuid, copy] of ledger.foreign) {
    const now = ledger.find(uuid);
    if (JSON.stringify(now) !== JSON.stringify(copy) && !world.asked.has(uuid))
      complaints.push(`the foreign group ${copy.group.name} was changed: ${JSON.stringify(now)}`);
    if (after.groups.some((group) => group.uuid === uuid))
      complaints.push(`the foreign group ${copy.group.name} is in state, although no resource adopts it`);
  }
  for (const secret of ledger.secrets) {
    if (text.includes(secret)) complaints.push(`the output shows the secret ${secret.slice(0, 12)}…`);
    if (after.text.includes(secret)) complaints.push(`state contains the secret ${secret.slice(0, 12)}…`);
  }
  return complaints;
}

/**
 * After an up: updates what the stack manages, what it has read, and what it cannot know because of an
 * interruption.
 */
export function learn(
  world: World,
  before: State,
  after: State,
  result: Result,
  { isProviderKilled = false } = {},
): void {
  const unfinished = Object.keys(result.steps).filter((resource) =>
    result.steps[resource]?.includes("update"),
  );
  for (const resource of isProviderKilled && result.failed ? unfinished : after.updating) {
    world.drifted(resource, "places");
    world.drifted(resource, "protection");
  }
  for (const { uuid } of after.groups) {
    world.excused.delete(uuid);
    if (world.asked.has(uuid)) world.ledger.adopted(uuid);
  }
  for (const uuid of world.asked) if (world.ledger.foreign.has(uuid)) world.ledger.copy(uuid);
  for (const resource of world.unseen.keys()) {
    const [old, now] = [current(before, resource), current(after, resource)];
    if (old === undefined || old.uuid !== now?.uuid) world.unseen.delete(resource);
    else if (!result.failed && result.steps[resource]?.includes("update")) {
      const args = world.entries.get(resource)?.args;
      const declared = args?.replicas ?? [];
      const replicas = old.locations.filter(
        (code) => declared.includes(code) || ![args?.location, old.primary].includes(code),
      );
      // Only an update that makes a request reads the group first.
      const isChanged =
        (args?.replicas !== undefined && !sameSet(declared, replicas)) ||
        (args?.deleteProtection !== undefined && args.deleteProtection !== old.protected);
      if (isChanged) world.unseen.delete(resource);
    }
  }
}

/** After an up that succeeded: state has what is declared, and the API has what is in state. */
export function judgeSuccess(world: World, after: State): string[] {
  const complaints: string[] = [];
  for (const [resource, { args, token }] of world.entries) {
    const groups = after.groups.filter((group) => group.resource === resource);
    const group = current(after, resource);
    if (group === undefined || groups.length > 1) {
      complaints.push(`state has ${groups.length} groups for ${resource}`);
      continue;
    }
    if (group.unfinished) complaints.push(`${resource} is unfinished in state`);
    complaints.push(
      ...undeclared(args, group).map((what) => `state of ${resource} is not as declared: ${what}`),
    );
    complaints.push(...untrue(world, group));
    const tokens = after.tokens.filter((other) => other.resource === `${resource}-token`);
    if (tokens.length !== (token ? 1 : 0))
      complaints.push(`state has ${tokens.length} tokens of ${resource}`);
    else if (token && tokens[0]?.groupUuid !== group.uuid && !world.unseen.has(resource))
      complaints.push(`the token of ${resource} opens ${tokens[0]?.groupUuid}, not ${group.uuid}`);
  }
  for (const { resource, name } of after.groups)
    if (!world.entries.has(resource))
      complaints.push(`state has ${name} of ${resource}, which is not declared`);
  return [...complaints, ...unrecorded(world, after).map((name) => `${name} exists, but is not in state`)];
}

/** After a refresh that succeeded: state has what the API has. */
export function judgeRefresh(world: World, after: State): string[] {
  world.unseen.clear();
  return [
    ...after.groups.filter(({ doomed }) => !doomed).flatMap((group) => untrue(world, group)),
    ...unrecorded(world, after).map((name) => `${name} exists, but the refresh removed it from state`),
  ];
}

/** After an up that failed: every group is in state or named by an error. */
export function judgeFailure(world: World, after: State, result: Result, interrupted: boolean): string[] {
  const complaints: string[] = [];
  for (const { name, uuid } of world.ledger.alive()) {
    if (world.excused.has(uuid) || after.groups.some((group) => group.uuid === uuid)) continue;
    const isNamed = new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(result.diagnostics);
    if (!isNamed && !interrupted)
      complaints.push(`${name} exists, but is neither in state nor named by an error`);
    world.excused.add(uuid);
  }
  return complaints;
}

/** The differences between state and what is declared. */
function undeclared(args: Declared, group: StateGroup): string[] {
  const problems: string[] = [];
  const { name, location, replicas, deleteProtection, forceDestroy = false, adopt = false } = args;
  const expect = (what: string, declared: unknown, actual: unknown) => {
    if (declared !== actual) problems.push(`${what} ${String(actual)}, not ${String(declared)}`);
  };
  if (name !== undefined) expect("name", name, group.declaredName);
  expect("location", location, group.location);
  expect("deleteProtection", deleteProtection, group.deleteProtection);
  expect("forceDestroy", forceDestroy, group.forceDestroy);
  expect("adopt", adopt, group.adopt);
  if (
    !sameSet(replicas ?? [], group.replicas ?? []) ||
    (replicas === undefined) !== (group.replicas === undefined)
  )
    problems.push(`replicas ${group.replicas?.join(" ")}, not ${replicas?.join(" ")}`);
  return problems;
}

/** What is wrong in state about a group, except for drift since the last read. */
function untrue(world: World, group: StateGroup): string[] {
  const { resource, name, primary, locations } = group;
  const there = world.actual(group);
  if (there === undefined)
    return world.isUnseen(resource, "gone") ? [] : [`${name} is in state, but does not exist (${resource})`];
  const problems: string[] = [];
  if (there.name !== name && !world.isUnseen(resource, "name"))
    problems.push(`${resource} is ${there.name}, not ${name}`);
  if (there.primary !== primary && !world.isUnseen(resource, "places"))
    problems.push(`${name} is in ${there.primary}, not ${primary}`);
  if (!sameSet(there.locations, locations) && !world.isUnseen(resource, "places"))
    problems.push(`${name} has the locations ${there.locations.join(" ")}, not ${locations.join(" ")}`);
  const isProtected = group.deleteProtection ?? group.protected;
  if (there.deleteProtection !== isProtected && !world.isUnseen(resource, "protection"))
    problems.push(`the protection of ${name} is ${there.deleteProtection}, not ${isProtected}`);
  return problems;
}

/** The groups of this stack that are not in state. */
function unrecorded(world: World, { groups }: State): string[] {
  return world.ledger
    .alive()
    .filter(({ uuid }) => !world.excused.has(uuid) && !groups.some((group) => group.uuid === uuid))
    .map(({ name }) => name);
}
