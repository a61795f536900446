/** What must hold after an operation. A complaint says what does not. */
import type { Result } from "../support/stack.ts";
import { current, type State, type StateGroup, sameSet } from "./state.ts";
import type { Declared, World } from "./world.ts";

/** After every operation: what this stack did not make is as it was, nothing was lost that is guarded, and no secret is told. */
export function judgeAlways(world: World, before: State, after: State, text: string): string[] {
  const { ledger } = world;
  const complaints: string[] = [];
  for (const { group, databases, foreign } of ledger.deletions.splice(0)) {
    const holders = [...world.entries].filter(([resource, entry]) => {
      const old = current(before, resource);
      // What a killed engine was about to replace is in state still.
      if (old?.uuid === group.uuid) return !world.replaces(entry, old);
      return current(after, resource)?.uuid === group.uuid;
    });
    for (const [resource] of holders)
      complaints.push(`${group.name} was deleted, although ${resource} declares it`);
    if (foreign) complaints.push(`the foreign group ${group.name} was deleted`);
    if (group.deleteProtection) complaints.push(`the protected group ${group.name} was deleted`);
    const forced = before.groups.some(({ uuid, forceDestroy }) => uuid === group.uuid && forceDestroy);
    if (databases.length > 0 && !forced)
      complaints.push(`${group.name} was deleted, which held databases, without forceDestroy in state`);
  }
  for (const [uuid, copy] of ledger.foreign) {
    const now = ledger.find(uuid);
    if (JSON.stringify(now) !== JSON.stringify(copy) && !world.asked.has(uuid))
      complaints.push(`the foreign group ${copy.group.name} was changed: ${JSON.stringify(now)}`);
    if (after.groups.some((group) => group.uuid === uuid))
      complaints.push(`the foreign group ${copy.group.name} is in state, and nobody asked for that`);
  }
  for (const secret of ledger.secrets) {
    if (text.includes(secret)) complaints.push(`the output tells the secret ${secret.slice(0, 12)}…`);
    if (after.text.includes(secret)) complaints.push(`state holds the secret ${secret.slice(0, 12)}…`);
  }
  return complaints;
}

/** After an up: what the stack has taken over by now, what it has looked at again, and what it was kept from telling. */
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
      // Only a call to change something looks at the group before.
      const isChanged =
        (args?.replicas !== undefined && !sameSet(declared, replicas)) ||
        (args?.deleteProtection !== undefined && args.deleteProtection !== old.protected);
      if (isChanged) world.unseen.delete(resource);
    }
  }
}

/** After an up that succeeded: what is declared is what state has, and that is what there is. */
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
  return [...complaints, ...unrecorded(world, after).map((name) => `${name} is there, but not in state`)];
}

/** After a refresh that succeeded: state is what there is. */
export function judgeRefresh(world: World, after: State): string[] {
  world.unseen.clear();
  return [
    ...after.groups.filter(({ doomed }) => !doomed).flatMap((group) => untrue(world, group)),
    ...unrecorded(world, after).map((name) => `${name} is there, but the refresh forgot it`),
  ];
}

/** After an up that failed: what there is, state knows or the error names. */
export function judgeFailure(world: World, after: State, result: Result, interrupted: boolean): string[] {
  const complaints: string[] = [];
  for (const { name, uuid } of world.ledger.alive()) {
    if (world.excused.has(uuid) || after.groups.some((group) => group.uuid === uuid)) continue;
    const isNamed = new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(result.diagnostics);
    if (!isNamed && !interrupted)
      complaints.push(`${name} is there, but neither state has it nor the error names it`);
    world.excused.add(uuid);
  }
  return complaints;
}

/** What state does not have as it is declared. */
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

/** What state says of a group that is not so; what drifted since it last looked, it cannot know. */
function untrue(world: World, group: StateGroup): string[] {
  const { resource, name, primary, locations } = group;
  const there = world.actual(group);
  if (there === undefined)
    return world.isUnseen(resource, "gone") ? [] : [`${name} is in state, but not there (${resource})`];
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

/** Our groups that state does not have. */
function unrecorded(world: World, { groups }: State): string[] {
  return world.ledger
    .alive()
    .filter(({ uuid }) => !world.excused.has(uuid) && !groups.some((group) => group.uuid === uuid))
    .map(({ name }) => name);
}
