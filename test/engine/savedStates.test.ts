/**
 * State that an earlier version wrote: today's code continues with it unchanged. The states are in
 * test/data/states.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { type Operation, temporaryFolder } from "../support/engine.ts";
import { describeHosts } from "../support/hosts.ts";
import { programOf, restoreState, savedCommits, savedStatesOf, settingsOf } from "../support/savedStates.ts";

const saved = savedCommits().flatMap((commit) =>
  savedStatesOf(commit).map((state) => ({ ...state, commit, account: state.organization ?? "the user" })),
);

/** The last version whose state is kept. */
const NEWEST = "48c62f7";

type Steps = Record<string, string[]>;

describeHosts("state of an earlier version", ({ host, turso, startEngine }) => {
  /**
   * Runs the operations on the stack of a state; each must show the given steps, and nothing may be written.
   */
  async function runAll(
    { commit, organization }: (typeof saved)[number],
    operations: (unfinished: Steps) => [Operation, Steps][],
  ) {
    const program = await programOf(commit);
    const emulator = await emulate();
    const dir = temporaryFolder();
    restoreState(commit, host, organization, emulator, join(dir, ".pulumi/stacks/shop/dev.json"));
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
    const engine = await startEngine({ ...settingsOf(emulator, organization), dir, env });
    engine.program = async () => program.declare(turso, { first: false, account: organization });
    const stored = await engine.resources();
    expect(stored.length).toBeGreaterThan(2);

    const unfinished = Object.fromEntries((program.unfinished ?? []).map((name) => [name, ["update"]]));
    for (const [operation, steps] of operations(unfinished)) {
      const result = await engine.run(operation);
      expect(result, `${operation}: ${result.text}`).toMatchObject({ failed: false });
      // What a program gets is read each time; a refresh shows a step for every resource.
      const { found: _, ...others } = result.steps;
      if (!operation.toLowerCase().includes("refresh")) expect(others, result.text).toEqual(steps);
    }
    expect(requestsOf(emulator).filter((request) => !request.startsWith("GET "))).toEqual([]);
    const ids = (resources: typeof stored) => resources.map(({ urn, id }) => `${urn} ${id}`).sort();
    expect(ids(await engine.resources())).toEqual(ids(stored));
  }

  const states = saved.filter((state) => state.host === host);
  const older = states.filter(({ commit }) => commit !== NEWEST);

  test.for(older)("$commit, $account: a preview changes nothing", (state) =>
    runAll(state, (unfinished) => [["preview", unfinished]]),
  );

  for (const state of states) {
    const tags = state.commit === NEWEST ? [] : ["exhaustive"];
    test(
      `${state.commit}, ${state.account}: previews change nothing, up writes nothing, a refresh finds nothing`,
      {
        tags,
      },
      () =>
        runAll(state, (unfinished) => [
          ["previewRefresh", {}],
          ["preview", unfinished],
          ["up", unfinished],
          ["refresh", {}],
          ["preview", {}],
        ]),
    );
  }
});
