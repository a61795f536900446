/** The end of a seed: without faults, the stack reaches what is declared, and is then destroyed. */
import { adopt } from "./edits.ts";
import type { Run } from "./operations.ts";
import type { Random } from "./random.ts";
import type { Entry } from "./world.ts";

export async function finish(run: Run, random: Random): Promise<void> {
  const { world } = run;
  if (world.unseen.size > 0 || run.state.pending > 0 || random.chance(0.3)) await run.refresh();

  for (const group of run.state.groups.filter(({ tainted }) => tainted)) await run.untaint(group);
  const declared = new Map(world.entries);
  run.note("by hand", run.apiTokens?.mend(run.state) ?? []);
  run.note("by hand", run.people?.mend(run.state) ?? []);
  run.note("by hand", mend(run));
  if (world.held(run.state).length > 0) {
    // The value in state counts: first allow the deletion of what is held.
    world.entries.clear();
    for (const group of run.state.groups.filter(({ doomed }) => !doomed)) {
      // If state has one group for two resources, only one of them keeps it.
      const sharers = run.state.groups.filter(({ uuid, doomed }) => uuid === group.uuid && !doomed);
      if (group !== (sharers.find(({ resource }) => declared.has(resource)) ?? sharers[0])) continue;
      // With its current name: another group may have the declared one.
      const { name, location, replicas, adopt } = group;
      const args = { name, location, ...(replicas && { replicas }), ...(adopt && { adopt }) };
      const { token = false } = declared.get(group.resource) ?? {};
      world.entries.set(group.resource, { args, token, ...group.place });
    }
    letGo(world.entries.values());
    if ((await run.up()).failed) run.complain(["the up that allows deletions failed"]);
    world.entries.clear();
    for (const [resource, entry] of declared) world.entries.set(resource, entry);
    run.note("by hand", mend(run));
  }
  letGo(world.entries.values());
  if ((await run.up()).failed) run.complain(["the last up failed"]);
  if (random.chance(0.3)) {
    const { failed, steps } = await run.preview();
    if (failed || Object.keys(steps).length > 0)
      run.complain(["after the last up the preview still shows changes"]);
  }

  const before = run.state;
  world.entries.clear();
  run.apiTokens?.clear();
  run.people?.clear();
  const destroy = await run.operate("destroy");
  run.note("destroy", [destroy.failed ? "failed" : "succeeded"]);
  await run.look();
  const left = world.ledger.alive().filter(({ uuid }) => !world.excused.has(uuid));
  run.judge(before, [
    ...(destroy.failed ? ["the destroy failed"] : []),
    ...left.map(({ name }) => `after the destroy ${name} still exists`),
    ...(run.apiTokens?.judgeSuccess(run.state) ?? []),
    ...(run.people?.judgeSuccess(run.state) ?? []),
    ...run.state.groups.map(({ name }) => `after the destroy ${name} is still in state`),
  ]);
}

function letGo(entries: Iterable<Entry>): void {
  for (const { args } of entries) Object.assign(args, { forceDestroy: true, deleteProtection: false });
}

/** What a user does after an error about an existing group. Returns what was done. */
function mend({ world, state }: Run): string[] {
  const done: string[] = [];
  for (const [resource, { args }] of world.doubled(state)) {
    args.name = world.newName("prod");
    delete args.adopt;
    done.push(`rename ${resource} to ${args.name}, because another resource declares the same group`);
  }
  for (const { resource, entry, there } of world.taken(state)) {
    const isLost = world.ledger.ours.has(there.uuid) && !state.groups.some(({ uuid }) => uuid === there.uuid);
    if (isLost) {
      adopt(entry, there);
      done.push(`adopt ${there.name} as ${resource}`);
    } else {
      entry.args.name = world.newName("prod");
      delete entry.args.adopt;
      done.push(`rename ${resource} to ${entry.args.name}, because ${there.name} is taken`);
    }
  }
  const adopted = new Set(world.taken(state, { adopted: true }).map(({ there }) => there.uuid));
  world.ledger.byTest(() => {
    for (const { name, uuid } of world.ledger.alive()) {
      if (state.groups.some((group) => group.uuid === uuid) || adopted.has(uuid)) continue;
      world.account.protectGroup(name, false);
      world.account.deleteGroup(name);
      done.push(`delete ${name}, which an error or a kill left behind`);
    }
    for (const group of state.groups.filter(({ doomed }) => doomed)) {
      const there = world.ledger.find(group.uuid);
      if (there === undefined || !world.isHeld(group)) continue;
      // No program declares it any more.
      world.account.protectGroup(there.group.name, false);
      for (const { name } of there.databases) world.account.deleteDatabase(name);
      done.push(`let go of ${there.group.name}, which is to be deleted`);
    }
  });
  return done;
}
