/**
 * Edits that give a group to another resource: under another name, in a component, on the other host, by a provider of its own. They draw
 * from a generator of their own, so that the seeds that found bugs before there were any stay what they are.
 */

import type { Random } from "./random.ts";
import { HOSTS, type HostName } from "./report.ts";
import type { State } from "./state.ts";
import type { Entry, World } from "./world.ts";

/** Where new resources stand: mostly at the top level of the program, on the host of the seed. */
export function place(random: Random, entry: Entry, host: HostName): void {
  entry.host = host;
  if (random.chance(0.6)) return;
  entry.host = random.pick(HOSTS);
  entry.explicit = entry.host === "native" && random.chance(0.4);
  if (random.chance(0.4)) entry.component = random.pick(["my:A", "my:B"]);
}

/** Gives groups of state to other resources; says what it did. */
export function handOver(world: World, state: State, random: Random, host: HostName): string[] {
  const done: string[] = [];
  for (const [resource, entry] of [...world.entries]) {
    const group = state.groups.find((one) => one.resource === resource && !one.doomed);
    const there = group && world.actual(group);
    if (there === undefined || !random.chance(0.3)) continue;
    if (world.account.groups.get(there.name) !== there || world.isDeclaredElsewhere(there.name, resource))
      continue;
    const { replicas: _, ...args } = entry.args;
    const next: Entry = {
      args: { ...args, name: there.name, location: there.primary, adopt: true },
      token: entry.token,
    };
    place(random, next, host);
    const name = world.newName("h");
    world.entries.delete(resource);
    world.entries.set(name, next);
    done.push(
      `hand ${there.name} from ${resource} to ${name} ${JSON.stringify({ ...next, args: undefined })}`,
    );
  }
  return done;
}

/** The URN of a resource that is to be replaced by force, if one is drawn. */
export function drawTaint(world: World, state: State, random: Random): string | undefined {
  if (!random.chance(0.12)) return undefined;
  const groups = state.groups.filter(({ resource, doomed }) => !doomed && world.entries.has(resource));
  // A group that was renamed elsewhere leaves its name to the one that replaces it: then its token sees no change.
  return random.pick(groups.filter(({ resource }) => !world.unseen.has(resource)))?.urn;
}
