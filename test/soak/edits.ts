/** Edits of the program. Each returns what it did. */
import type { Group } from "turso-emulator";
import { ownGroup } from "./drift.ts";
import { current, type State } from "./state.ts";
import { type Declared, type Entry, LOCATIONS, type World } from "./world.ts";

type Edit = (world: World, state: State) => string | undefined;

/** Undefined if no resource is suitable. */
const edits: Record<string, Edit> = {
  add(world) {
    const resource = world.newName("r");
    const { random } = world;
    const location = world.location();
    const args = {
      location,
      ...(random.chance(0.6) && { name: someName(world) }),
      ...(random.chance(0.5) && { replicas: someReplicas(world, location) }),
      ...(random.chance(0.3) && { deleteProtection: random.chance(0.5) }),
      ...(random.chance(0.3) && { forceDestroy: true }),
    };
    world.entries.set(resource, { args, token: random.chance(0.25) });
    return `add ${resource} ${JSON.stringify(args)}`;
  },

  adopt(world) {
    const names = world.declaredNames();
    const there = world.random.pick(
      [...world.account.groups.values()].filter(
        ({ name, uuid }) => world.ledger.foreign.has(uuid) && !names.has(name),
      ),
    );
    if (there === undefined) return undefined;
    const resource = world.newName("r");
    const location = world.random.chance(0.8) ? there.primary : world.location(there.primary);
    const args = { name: there.name, location, adopt: true };
    world.entries.set(resource, { args, token: false });
    return `adopt as ${resource} ${JSON.stringify(args)}`;
  },

  /** Follows the advice of an error: adopts the group that has the name. */
  adoptNamed(world, state) {
    const one = world.random.pick(world.taken(state));
    if (one === undefined) return undefined;
    adopt(one.entry, one.there);
    return `adopt ${one.there.name} as ${one.resource}`;
  },

  rename(world) {
    return change(world, (args, resource) => {
      if (args.name !== undefined) world.freed.add(args.name);
      args.name = someName(world);
      return `rename ${resource} to ${args.name}`;
    });
  },

  acceptName(world, state) {
    const renamed = state.groups.filter(({ name, declaredName }) => name !== declaredName);
    const one = world.random.pick(renamed.filter(({ resource }) => world.entries.has(resource)));
    const entry = one && world.entries.get(one.resource);
    if (one === undefined || entry === undefined || world.declaredNames().has(one.name)) return undefined;
    entry.args.name = one.name;
    return `accept the name ${one.name} of ${one.resource}`;
  },

  acceptPlace(world, state) {
    const moved = state.groups.filter(({ location, primary }) => location !== primary);
    const one = world.random.pick(moved.filter(({ resource }) => world.entries.has(resource)));
    const args = one && world.entries.get(one.resource)?.args;
    if (one === undefined || args === undefined) return undefined;
    args.location = one.primary;
    if (args.replicas) args.replicas = args.replicas.filter((code) => code !== args.location);
    return `accept the place ${one.primary} of ${one.resource}`;
  },

  move(world) {
    return change(world, (args, resource) => {
      args.location = world.location(args.location);
      if (args.replicas) args.replicas = args.replicas.filter((code) => code !== args.location);
      return `move ${resource} to ${args.location}`;
    });
  },

  replicas(world) {
    return change(world, (args, resource) => {
      if (args.replicas !== undefined && world.random.chance(0.15)) delete args.replicas;
      else args.replicas = someReplicas(world, args.location);
      return `replicas of ${resource}: ${args.replicas?.join(" ") ?? "not managed"}`;
    });
  },

  protection(world) {
    return change(world, (args, resource) => {
      if (args.deleteProtection !== undefined && world.random.chance(0.2)) delete args.deleteProtection;
      else args.deleteProtection = !args.deleteProtection;
      return `protection of ${resource}: ${args.deleteProtection ?? "not managed"}`;
    });
  },

  force(world) {
    return change(world, (args, resource) => {
      args.forceDestroy = !args.forceDestroy;
      return `forceDestroy of ${resource}: ${args.forceDestroy}`;
    });
  },

  token(world) {
    const resource = world.random.pick(world.entries.keys());
    const entry = resource === undefined ? undefined : world.entries.get(resource);
    if (entry === undefined) return undefined;
    entry.token = !entry.token;
    return `token of ${resource}: ${entry.token}`;
  },

  remove(world, state) {
    const resource = world.random.pick(world.entries.keys());
    if (resource === undefined) return undefined;
    const name = current(state, resource)?.name ?? world.entries.get(resource)?.args.name;
    if (name !== undefined) world.freed.add(name);
    world.entries.delete(resource);
    return `remove ${resource}`;
  },

  databases(world, state) {
    const own = ownGroup(world, state);
    if (own === undefined) return undefined;
    const { name } = own.there;
    const database = world.newName("db");
    world.ledger.byTest(() => world.account.createDatabase({ name: database, group: name }));
    return `database ${database} in ${name}`;
  },
};

const EDIT_WEIGHTS = {
  add: 5,
  adopt: 0.6,
  adoptNamed: 1,
  rename: 1.5,
  acceptName: 1,
  acceptPlace: 1,
  move: 1.5,
  replicas: 3,
  protection: 2,
  force: 1,
  token: 1,
  remove: 3,
  databases: 1.2,
};

/** Makes a few edits; the program keeps at least one group. */
export function edit(world: World, state: State): string[] {
  const { random } = world;
  if (random.chance(0.1) && world.undo()) return ["as it was before the last edits"];
  world.remember();
  const done = mend(world, state);
  for (let i = random.int(1, 3); i > 0; i--) {
    const few = world.entries.size < 2;
    const what = few ? "add" : random.weighted(EDIT_WEIGHTS);
    if (what === "add" && world.entries.size >= 7) continue;
    const text = edits[what]?.(world, state);
    if (text !== undefined) done.push(text);
  }
  return done;
}

/** Removes most causes of failed ups from the program. */
function mend(world: World, state: State): string[] {
  const { random } = world;
  const done: string[] = [];
  for (const { resource, entry, there } of world.taken(state)) {
    if (random.chance(0.25)) continue;
    const how = random.weighted({ rename: 3, remove: 1, adopt: 1 });
    if (how === "rename") entry.args.name = world.newName("prod");
    else if (how === "remove") world.entries.delete(resource);
    else adopt(entry, there);
    done.push(
      `${how} ${resource}, because ${there.name} is taken${entry.args.name ? `: ${entry.args.name}` : ""}`,
    );
  }
  for (const { resource, uuid, location, declaredName, place } of world.held(state)) {
    if (random.chance(0.4) || world.isDeclaredElsewhere(declaredName, resource)) continue;
    // Another resource may have taken it over since.
    if (state.groups.some((other) => other.uuid === uuid && other.resource !== resource)) continue;
    const args = { name: declaredName, location, forceDestroy: true, deleteProtection: false };
    world.entries.set(resource, { args, token: world.entries.get(resource)?.token ?? false, ...place });
    done.push(`let go of ${declaredName} (${resource})`);
  }
  return done;
}

function change(world: World, how: (args: Declared, resource: string) => string): string | undefined {
  const resource = world.random.pick(world.entries.keys());
  const entry = resource === undefined ? undefined : world.entries.get(resource);
  return resource === undefined || entry === undefined ? undefined : how(entry.args, resource);
}

/** Makes a resource adopt a group. */
export function adopt({ args }: Entry, there: Group): void {
  args.adopt = true;
  args.location = there.primary;
  delete args.replicas;
}

/** A new name, or one that was just released, or the name of a foreign group. */
function someName(world: World): string {
  const declared = world.declaredNames();
  const which = world.random.weighted({ fresh: 6, freed: 3, foreign: 0.7 });
  const foreign = [...world.account.groups.values()].filter(({ uuid }) => world.ledger.foreign.has(uuid));
  const names =
    which === "freed" ? [...world.freed] : which === "foreign" ? foreign.map(({ name }) => name) : [];
  return world.random.pick(names.filter((name) => !declared.has(name))) ?? world.newName("prod");
}

function someReplicas(world: World, location: string): string[] {
  const others = LOCATIONS.filter((code) => code !== location);
  return world.random.sample(others, world.random.int(0, 3));
}
