/** The report of previews that the engine prints now. Those of test/data/previews have more cases. */
import { expect, test } from "vitest";
import { toMarkdown } from "../../provider/src/cli/report/markdown.js";
import { parsePreview } from "../../provider/src/cli/report/preview.js";
import { summaryOf } from "../../provider/src/cli/report/summary.js";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";
import { recordPreview } from "../support/previews.ts";

/** A name in the program that a stranger may choose. */
const HOSTILE = "<img/src=x/onerror=alert(1)>@team|`";

describeHosts("the report of a preview", ({ turso, startEngine }) => {
  test("names databases, losses and drift, also in events", { tags: ["exhaustive"] }, async () => {
    const emulator = await emulate();
    const account = emulator.store.account("acme");
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const engine = await startEngine({ env });
    const declare = (groups: Record<string, string>) => {
      engine.program = async () => {
        for (const [name, location] of Object.entries(groups))
          new turso.Group(name, { name: name === HOSTILE ? "new" : name, location });
      };
    };
    const report = async (options?: Parameters<typeof recordPreview>[1]) => {
      const { stdout, failed } = await recordPreview(engine, options);
      const summary = summaryOf(parsePreview(stdout), { allow: [], failOn: "destructive" });
      expect(summary.failed).toBe(failed);
      return { ...summary, text: toMarkdown(summary, { title: undefined, marker: "test" }) };
    };

    declare({ prod: "lhr", old: "lhr" });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    account.createDatabase({ name: "orders", group: "prod" });
    declare({ prod: "ams", old: "lhr" });
    for (const stream of [false, true]) {
      const refused = await report({ stream });
      expect(refused).toMatchObject({ failed: true, exitCode: 1 });
      expect(refused.text).toContain("which holds 1 database (orders)");
    }

    declare({ prod: "lhr", [HOSTILE]: "lhr" });
    const [document, events] = [await report(), await report({ stream: true })];
    expect(document.destructive).toMatchObject([
      { action: "delete", name: "old", type: "turso:index:Group" },
    ]);
    expect(document.exitCode).toBe(7);
    expect(document.text).toContain(`create turso:index:Group ${HOSTILE}`);
    expect(events.text).toBe(document.text);

    account.groups.delete("old");
    const [drift, driftEvents] = [
      await report({ refresh: true }),
      await report({ refresh: true, stream: true }),
    ];
    expect(drift).toMatchObject({ refresh: true, destructive: [], exitCode: 0 });
    expect(drift.text).toContain("`old` (`turso:index:Group`) no longer exists");
    expect(driftEvents.text).toBe(drift.text);
  });
});
