/**
 * Edits that move a group to another resource: with another name, in a component, on the other host, with an
 * explicit provider. They use a separate random generator, so that older seeds that found bugs still do the
 * same.
 */

import type { Random } from "./random.ts";
import { HOSTS, type HostName } from "./report.ts";
import type { State } from "./state.ts";
import type { Entry, World } from "./world.ts";

/**
 * Draws where a new resource is declared: mostly at the top level of the program, on the host of the seed.
 */
export function place(random: Random, entry: Entry, host: HostName): void {
  entry.host = host;
  if (random.chance(0.6)) return;
  entry.host = random.pick(HOSTS);
  entry.explicit = entry.host === "native" && random.chance(0.4);
  if (random.chance(0.4)) entry.component = random.pick(["my:A", "my:B"]);
}

/** Moves groups in state to other resources. Returns what it did. */
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

/** The URN of a resource to taint, if one is drawn. */
export function drawTaint(world: World, state: State, random: Random): string | undefined {
  if (!random.chance(0.12)) return undefined;
  const groups = state.groups.filter(({ resource, doomed }) => !doomed && world.entries.has(resource));
  // A group that was renamed outside Pulumi leaves its name to its replacement: then its token sees no
  // change.
  return random.pick(groups.filter(({ resource }) => !world.unseen.has(resource)))?.urn;
}
