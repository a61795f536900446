/** State that an earlier version wrote: today's code takes it over as it stands. The states are in test/data/states. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { describeHosts } from "../support/hosts.ts";
import { programOf, restoreState, savedCommits, savedStatesOf, settingsOf } from "../support/savedStates.ts";

const saved = savedCommits().flatMap((commit) =>
  savedStatesOf(commit).map((state) => ({ ...state, commit, account: state.organization ?? "the user" })),
);

/** The last version whose state is kept. */
const NEWEST = "47b740d";

describeHosts("state of an earlier version", ({ host, turso, startEngine }) => {
  test.for(saved.filter((state) => state.host === host))(
    "$commit, $account: previews change nothing, up writes nothing, a refresh finds nothing",
    async ({ commit, organization }) => {
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
      const operations = [
        ["previewRefresh", {}],
        ["preview", unfinished],
        ["up", unfinished],
        ["refresh", {}],
        ["preview", {}],
      ] as const;
      // Of the older versions `npm test` looks at the preview alone; `npm run test:exhaustive` at all of it.
      const isQuick = process.env.MODE !== "exhaustive" && commit !== NEWEST;
      for (const [operation, steps] of isQuick ? [operations[1]] : operations) {
        const result = await engine.run(operation);
        expect(result, `${operation}: ${result.text}`).toMatchObject({ failed: false });
        // What a program gets is read each time; a refresh shows a step for every resource.
        const { found: _, ...others } = result.steps;
        if (!operation.toLowerCase().includes("refresh")) expect(others, result.text).toEqual(steps);
      }
      expect(requestsOf(emulator).filter((request) => !request.startsWith("GET "))).toEqual([]);
      const ids = (resources: typeof stored) => resources.map(({ urn, id }) => `${urn} ${id}`).sort();
      expect(ids(await engine.resources())).toEqual(ids(stored));
    },
  );
});
