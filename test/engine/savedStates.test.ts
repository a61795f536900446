/**
 * State that an earlier version wrote: today's code continues with it unchanged. The states are in
 * test/data/states.
 */
import { join } from "node:path";
import * as native from "pulumi-turso/native";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { type Operation, temporaryFolder } from "../support/engine.ts";
import { describeHost, describeHosts, type Host } from "../support/hosts.ts";
import { programOf, restoreState, savedCommits, savedStatesOf, settingsOf } from "../support/savedStates.ts";
import type { StateResource } from "../support/stack.ts";

const saved = savedCommits().flatMap((commit) =>
  savedStatesOf(commit).map((state) => ({ ...state, commit, account: state.organization ?? "the user" })),
);

/** The last version whose state is kept. */
const NEWEST = "5c1ec62";
/** The first version, whose state has the fewest properties. */
const OLDEST = "2f83423";

type Steps = Record<string, string[]>;

/**
 * Runs the operations on the stack of a state; each must show the given steps, and nothing may be written.
 */
async function runAll(
  { turso, startEngine }: Pick<Host, "turso" | "startEngine">,
  { commit, host, organization }: (typeof saved)[number],
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

  const names = stored.map(({ urn }) => urn.split("::").at(-1));
  const incomplete = (program.unfinished ?? []).filter((name) => names.includes(name));
  const unfinished = Object.fromEntries(incomplete.map((name) => [name, ["update"]]));
  for (const [operation, steps] of operations(unfinished)) {
    const result = await engine.run(operation, { expectNoChanges: operation === "refresh" });
    expect(result, `${operation}: ${result.text}`).toMatchObject({ failed: false });
    // What a program gets is read each time; a refresh shows a step for every resource.
    const { found: _, ...others } = result.steps;
    if (!operation.toLowerCase().includes("refresh")) expect(others, result.text).toEqual(steps);
  }
  expect(requestsOf(emulator).filter((request) => !request.startsWith("GET "))).toEqual([]);
  return { before: stored, after: await engine.resources() };
}

const idsOf = (resources: Pick<StateResource, "urn" | "id">[]) =>
  resources.map(({ urn, id }) => `${urn} ${id}`).sort();

describeHosts("state of an earlier version", (host) => {
  const states = saved.filter((state) => state.host === host.host);

  // An organization has every kind of resource, so this is enough for personal accounts in `npm test`.
  const previewed = states.filter(
    ({ commit, organization }) => organization === undefined && [NEWEST, OLDEST].includes(commit),
  );
  test.for(previewed)("$commit, $account: a preview changes nothing", async (state) => {
    await runAll(host, state, (unfinished) => [["preview", unfinished]]);
  });

  for (const state of states) {
    const tags = state.commit === NEWEST && state.organization !== undefined ? [] : ["exhaustive"];
    test(`${state.commit}, ${state.account}: previews change nothing, up writes nothing, a refresh finds nothing`, {
      tags,
    }, async () => {
      const { before, after } = await runAll(host, state, (unfinished) => [
        ["previewRefresh", {}],
        ["preview", unfinished],
        ["up", unfinished],
        ["refresh", {}],
        ["preview", {}],
      ]);
      expect(idsOf(after)).toEqual(idsOf(before));
    });
  }
});

describeHost("native", "state that an earlier version of the dynamic provider wrote", (host) => {
  test.for(saved.filter((state) => state.host === "dynamic"))(
    "$commit, $account: moves by a changed import, which replaces and writes nothing",
    { tags: ["exhaustive"] },
    async (state) => {
      // Its program had no explicit providers.
      const { Provider: _, ...turso } = native;
      const { before, after } = await runAll({ ...host, turso }, state, (unfinished) => [
        ["preview", unfinished],
        ["up", unfinished],
        ["preview", {}],
        ["refresh", {}],
        ["preview", {}],
      ]);
      const moved = before.map(({ urn, id }) => ({ urn: urn.replaceAll(DYNAMIC, NATIVE), id }));
      expect(idsOf(after)).toEqual(idsOf(moved));
    },
  );
});

/** How the types of resources begin. */
const [DYNAMIC, NATIVE] = ["pulumi-nodejs:dynamic/turso:", "turso:index:"];
