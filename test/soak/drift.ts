/** Changes to groups outside Pulumi. Each returns what it did. */
import type { Group } from "turso-emulator";
import type { State, StateGroup } from "./state.ts";
import type { World } from "./world.ts";

type Drift = (world: World, state: State) => string | undefined;

/** Undefined if no group is suitable. */
const drifts: Record<string, Drift> = {
  delete(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined || own.there.deleteProtection) return undefined;
    world.account.deleteGroup(own.there.name);
    world.drifted(own.group.resource, "gone");
    return `deleted ${own.there.name}`;
  },

  recreate(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined || own.there.deleteProtection) return undefined;
    const { name, primary } = own.there;
    world.account.deleteGroup(name);
    world.drifted(own.group.resource, "gone");
    world.account.createGroup({ name, location: primary });
    if (world.random.chance(0.5)) world.account.createDatabase({ name: world.newName("db"), group: name });
    return `deleted ${name} and created another`;
  },

  rename(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined) return undefined;
    const { name } = own.there;
    const newName = world.newName("renamed");
    world.account.renameGroup(name, newName);
    world.drifted(own.group.resource, "name");
    return `renamed ${name} to ${newName}`;
  },

  replicas(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined) return undefined;
    const { name, primary, locations } = own.there;
    const code = world.location(primary);
    if (locations.includes(code)) world.account.removeLocation(name, code);
    else world.account.addLocation(name, code);
    world.drifted(own.group.resource, "places");
    return `${locations.includes(code) ? "added" : "removed"} the replica ${code} of ${name}`;
  },

  move(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined) return undefined;
    const { name, primary } = own.there;
    const code = world.location(primary);
    world.account.movePrimary(name, code);
    world.drifted(own.group.resource, "places");
    return `moved ${name} to ${code}`;
  },

  protect(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined) return undefined;
    const { name, deleteProtection } = own.there;
    world.account.protectGroup(name, !deleteProtection);
    world.drifted(own.group.resource, "protection");
    return `${deleteProtection ? "unprotected" : "protected"} ${name}`;
  },

  squat(world) {
    const free = [...world.declaredNames()].filter((name) => !world.account.groups.has(name));
    const name = world.random.pick(free);
    if (name === undefined) return undefined;
    world.account.createGroup({ name, location: world.location() });
    return `created ${name}, which the program declares`;
  },
};

const DRIFT_WEIGHTS = { delete: 1.5, recreate: 1.5, rename: 1, move: 1, replicas: 2, protect: 1, squat: 1 };

/** Makes one random change outside Pulumi. */
export function drift(world: World, state: State): string[] {
  const what = world.random.weighted(DRIFT_WEIGHTS);
  try {
    const text = world.ledger.byTest(() => drifts[what]?.(world, state));
    return text === undefined ? [] : [text];
  } catch (error) {
    // The name of a group that was just deleted is still taken.
    return [`${what}: ${(error as Error).message}`];
  }
}

/** A random group that is in state and exists. */
export function ownGroup(world: World, state: State): { group: StateGroup; there: Group } | undefined {
  const own = state.groups.flatMap((group) => {
    // If two resources have it in state, only one of them would record the drift.
    const isShared = state.groups.some((other) => other !== group && other.uuid === group.uuid);
    if (group.doomed || group.tainted || isShared) return [];
    const there = world.account.groups.get(world.actual(group)?.name ?? "");
    return there && world.ledger.ours.has(there.uuid) ? [{ group, there }] : [];
  });
  return world.random.pick(own);
}
