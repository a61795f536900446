/**
 * What keeps a group and its databases from being deleted. Every group is declared in both forms of the API.
 */
import type * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { both, startBothForms, steps } from "../support/bothForms.ts";
import { describeLifecycle } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

const REPLACED = ["create-replacement", "replace", "delete-replaced"];

describeLifecycle("deleteProtection", (host) => {
  test("changes in place, has a default in stack configuration, and is set by the next up where the create failed before it", async () => {
    const { accounts, emulator, engine, declare, writes, reads, forget, stored } = await startBothForms(
      host,
      {},
      { config: { "turso:deleteProtection": { value: "true" } }, env: { TURSO_MAX_RETRIES: "0" } },
    );
    const location = "lhr";
    const groups: Record<string, turso.GroupArgs> = {
      protected: { location, deleteProtection: true },
      default: { location },
      free: { location, deleteProtection: false },
      half: { location },
    };
    declare(groups);
    const times = Number.POSITIVE_INFINITY;
    emulator.fail({ method: "PATCH", path: /groups\/half/, times, status: 500, body: { error: "oops" } });
    const half = await engine.run("up", { continueOnError: true });
    expect(half.failed).toBe(true);
    expect(half.text).toMatch(errorLine("UPDATE_FAILED", "'half'"));
    expect(await stored("half")).toMatchObject(
      accounts.map((account) => ({
        initErrors: [expect.stringContaining("500 oops")],
        outputs: { uuid: account.group("half").uuid, deleteProtection: false, protected: false },
      })),
    );
    for (const name of ["protected", "default"])
      expect(writes(name)).toEqual(["POST groups", `PATCH groups/${name}/configuration`]);
    expect(writes("free")).toEqual(["POST groups"]);

    emulator.heal();
    forget();
    groups.free = { location, deleteProtection: true };
    groups.protected = { location, deleteProtection: false };
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: steps({ half: ["update"], free: ["update"], protected: ["update"] }),
    });
    for (const name of ["half", "free", "protected"])
      expect(writes(name)).toEqual([`PATCH groups/${name}/configuration`]);
    // A list may not show yet whether the failed change was made.
    expect(reads()).toEqual(["GET groups", "GET groups/half"]);
    for (const account of accounts) {
      const on = [...account.groups.values()].filter(({ deleteProtection }) => deleteProtection);
      expect(on.map(({ name }) => name).sort()).toEqual(["default", "free", "half"]);
    }
    expect(await stored("default")).toMatchObject(both({ outputs: { protected: true } }));
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
  });

  test("refuses a replacement at preview, and a destroy, and both say how to disable the protection", async () => {
    const { accounts, emulator, engine, declare, writes, forget } = await startBothForms(host);
    declare({ prod: { location: "lhr", deleteProtection: true, forceDestroy: true } });
    await engine.run("up");
    forget();
    declare({ prod: { location: "ams", deleteProtection: false, forceDestroy: true } });
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: true, steps: {} });
    expect(preview.text).toMatch(errorLine("PROTECTED", "property location value", "'prod'"));
    expect(preview.text).toContain("`deleteProtection: false`");
    const destroy = await engine.run("destroy");
    expect(destroy.failed).toBe(true);
    expect(destroy.text).toMatch(errorLine("PROTECTED", "'prod'"));
    expect(destroy.text).toContain("`deleteProtection: false`");
    expect(writes("prod")).toEqual([]);

    declare({ prod: { location: "lhr", deleteProtection: false } });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(emulator.requests.filter(({ status }) => status !== 200)).toEqual([]);
    for (const account of accounts) expect(account.groups.size).toBe(0);
  });
});

describeLifecycle("forceDestroy", (host) => {
  test("a group with databases is neither replaced nor destroyed, unless forceDestroy was applied before", async () => {
    const { accounts, emulator, engine, declare, writes, reads, forget, stored } = await startBothForms(
      host,
      {},
      { env: { TURSO_MAX_RETRIES: "0" } },
    );
    const fill = (name: string) => {
      for (const account of accounts)
        for (let i = 1; i <= 12; i++) account.createDatabase({ name: `${name}-${i}`, group: "prod" });
    };
    const twelve = (name: string) =>
      `12 databases (${Array.from({ length: 10 }, (_, i) => `${name}-${i + 1}`).join(", ")} and 2 more)`;
    declare({ prod: { location: "lhr" } });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const uuids = accounts.map((account) => account.group("prod").uuid);
    fill("db");
    const isThere = () => {
      expect(accounts.map((account) => account.group("prod").uuid)).toEqual(uuids);
      for (const account of accounts) expect(account.databases.size).toBe(12);
      expect(writes("prod")).toEqual([]);
    };
    forget();

    declare({ prod: { location: "ams" } });
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: true, steps: {} });
    expect(preview.text).toContain("property location value {ams} has a problem: ");
    expect(preview.text).toContain(twelve("db"));
    expect(preview.text).toContain("[HOLDS_DATA]");
    expect(preview.text).toContain("`forceDestroy: true`");

    declare({ prod: { location: "ams", forceDestroy: true } });
    const sameEdit = await engine.run("up");
    expect(sameEdit).toMatchObject({ failed: true, steps: {} });
    expect(sameEdit.text).toContain(twelve("db"));
    expect(sameEdit.text).toContain("[HOLDS_DATA]");

    const destroy = await engine.run("destroy");
    expect(destroy.failed).toBe(true);
    expect(destroy.text).toContain(twelve("db"));
    expect(destroy.text).toMatch(errorLine("HOLDS_DATA", "'prod'"));
    expect(destroy.text).toContain("`forceDestroy: true`");
    isThere();

    emulator.fail({ path: "/v1/databases", status: 403, body: { error: "no databases for you" } });
    emulator.fail({ path: "/v1/organizations/acme/databases", status: 500 });
    const unlisted = await engine.run("destroy");
    expect(unlisted.failed).toBe(true);
    expect(unlisted.text).toMatch(errorLine("MAY_HOLD_DATA", "'prod'"));
    for (const cause of ["403 no databases for you", " 500 "]) expect(unlisted.text).toContain(cause);
    isThere();

    forget();
    declare({ prod: { location: "lhr", forceDestroy: true } });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: ["update"] }) });
    expect(emulator.requests).toEqual([]);

    declare({ prod: { location: "ams", name: "prod2", forceDestroy: true } });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: REPLACED }) });
    expect(writes("prod")).toEqual(["DELETE groups/prod"]);
    for (const account of accounts) {
      expect([...account.groups.keys()]).toEqual(["prod2"]);
      expect(account.databases.size).toBe(0);
      account.createDatabase({ name: "again", group: "prod2" });
    }
    expect(await stored("prod")).toMatchObject(both({ outputs: { name: "prod2", primary: "ams" } }));

    forget();
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(writes("prod2")).toEqual(["DELETE groups/prod2"]);
    expect(reads()).toEqual(["GET groups"]);
    for (const account of accounts) expect([account.groups.size, account.databases.size]).toEqual([0, 0]);
  });
});
