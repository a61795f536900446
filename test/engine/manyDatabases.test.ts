/** The API returns at most 1,000 databases in a response: the guards see those after them, too. */
import { expect, test } from "vitest";
import { both, startBothForms } from "../support/bothForms.ts";
import { describeLifecycle } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

describeLifecycle("a group whose database comes after 1,005 others", (host) => {
  test.each(["with limit", "never"] as const)(
    "is neither replaced nor destroyed, with pagination: %s",
    async (pagination) => {
      const { accounts, engine, declare, writes, forget } = await startBothForms(host, { pagination });
      for (const account of accounts) {
        account.createGroup({ name: "others", location: "lhr" });
        for (let i = 1; i <= 1_005; i++) account.createDatabase({ name: `other-${i}`, group: "others" });
      }
      declare({ prod: { location: "lhr" } });
      expect(await engine.run("up")).toMatchObject({ failed: false });
      for (const account of accounts) account.createDatabase({ name: "orders", group: "prod" });
      forget();

      declare({ prod: { location: "ams" } });
      const preview = await engine.run("preview");
      expect(preview).toMatchObject({ failed: true, steps: {} });
      expect(preview.text).toMatch(errorLine("HOLDS_DATA", "1 database (orders)"));

      const destroy = await engine.run("destroy");
      expect(destroy.failed).toBe(true);
      expect(destroy.text).toMatch(errorLine("HOLDS_DATA", "1 database (orders)"));
      expect(writes("prod")).toEqual([]);
      expect(accounts.map((account) => account.groups.has("prod"))).toEqual(both(true));
      expect(accounts.map((account) => account.databases.size)).toEqual(both(1_006));
    },
  );
});
