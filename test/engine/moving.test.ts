/** Stacks that move from the dynamic provider to the native plugin, and groups that move between stacks. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { expect, test } from "vitest";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine, temporaryFolder } from "../support/engine.ts";
import { describeLifecycle } from "../support/hosts.ts";

async function start() {
  const emulator = await emulate();
  const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
  const writes = () => requestsOf(emulator).filter((request) => !request.startsWith("GET"));
  return { emulator, account: emulator.store.account("acme"), dir: temporaryFolder(), env, writes };
}

describeEngine("from the dynamic provider to the native plugin", () => {
  test("a stack moves by a changed import alone, without a replacement or a write; then its group is imported into another stack and destroyed", async () => {
    const { emulator, account, dir, env, writes } = await start();
    const declare = (turso: typeof dynamic, forceDestroy: boolean) => async () => {
      const group = new turso.Group("shop", { location: "lhr", replicas: ["ams"], forceDestroy });
      const invalidation = new turso.GroupTokenInvalidation("cut", { group: group.id, triggers: { v: 1 } });
      new turso.GroupToken("api", {
        group: group.id,
        expiration: "90d",
        keepers: { at: invalidation.invalidatedAt },
      });
    };
    const before = await startEngine({ dir, env });
    before.program = declare(dynamic, false);
    expect(await before.run("up")).toMatchObject({ failed: false });
    const ids = (await before.resources()).map(({ id }) => id).sort();

    const engine = await startEngine({ dir, env, native: true });
    engine.program = declare(native, false);
    emulator.requests.length = 0;
    for (const operation of ["preview", "up", "preview"] as const) {
      const moved = await engine.run(operation);
      expect(moved, moved.text).toMatchObject({ failed: false, steps: {} });
    }
    expect(writes()).toEqual([]);
    const moved = await engine.resources();
    expect(moved.map(({ type }) => type).sort()).toEqual([
      "turso:index:Group",
      "turso:index:GroupToken",
      "turso:index:GroupTokenInvalidation",
    ]);
    expect(moved.map(({ id }) => id).sort()).toEqual(ids);

    const refreshed = await engine.run("refresh");
    expect(refreshed, refreshed.text).toMatchObject({ failed: false });
    expect(await engine.stateText()).not.toContain("__provider");
    expect(writes()).toEqual([]);
    const after = await engine.run("preview");
    expect(after, after.text).toMatchObject({ failed: false, steps: {} });

    const [name = ""] = account.groups.keys();
    const other = await startEngine({ env, native: true, stack: "other" });
    other.program = async () => {
      new native.Group("taken", { name, location: "lhr" }, { import: `acme/${name}` });
    };
    // The program must set what differs from the imported group first.
    const imported = await other.run("up");
    expect(imported, imported.text).toMatchObject({ failed: false, steps: { taken: ["import"] } });
    const destroyed = await other.run("destroy");
    expect(destroyed, destroyed.text).toMatchObject({ failed: false });
    expect(account.groups.size).toBe(0);
  });

  test("an update and a deletion work before the first refresh, with what the dynamic provider left in state", async () => {
    const { emulator, account, dir, env, writes } = await start();
    const declare = (turso: typeof dynamic, deleteProtection: boolean) => async () => {
      new turso.Group("shop", { location: "lhr", deleteProtection });
    };
    const before = await startEngine({ dir, env });
    before.program = declare(dynamic, true);
    expect(await before.run("up")).toMatchObject({ failed: false });

    const engine = await startEngine({ dir, env, native: true });
    engine.program = declare(native, false);
    emulator.requests.length = 0;
    const updated = await engine.run("up");
    expect(updated, updated.text).toMatchObject({ failed: false, steps: { shop: ["update"] } });
    expect(writes()).toEqual([expect.stringMatching(/^PATCH /)]);
    expect(await engine.stateText()).not.toContain("__provider");
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(account.groups.size).toBe(0);
  });
});

describeLifecycle("between stacks", ({ host, turso, startEngine }) => {
  test("a group moves by pulumi state move, and both next previews are empty", async () => {
    const { account, dir, env, writes } = await start();
    const declare = async () => {
      new turso.Group("shop", { location: "lhr" });
    };
    const source = await startEngine({ dir, env, stack: "source" });
    source.program = declare;
    expect(await source.run("up")).toMatchObject({ failed: false });
    const target = await startEngine({ dir, env, stack: "target" });
    expect(await target.run("up")).toMatchObject({ failed: false });
    const written = writes();
    const [{ urn, id } = { urn: "", id: "" }] = await source.resources();

    const pulumi = await getPulumi({ offline: true });
    const args = ["state", "move", "--source", "source", "--dest", "target", "--yes", urn];
    await promisify(execFile)(pulumiPath(pulumi), args, {
      cwd: source.stack.workspace.workDir,
      env: { ...process.env, ...pulumiEnv({ pulumi, dir, project: process.cwd() }), ...env },
    });

    source.program = async () => {};
    target.program = declare;
    for (const engine of [source, target]) {
      const preview = await engine.run("preview");
      expect(preview, `${host}: ${preview.text}`).toMatchObject({ failed: false, steps: {} });
    }
    expect(await source.resources()).toEqual([]);
    expect(await target.resources()).toMatchObject([{ id }]);
    expect(account.groups.size).toBe(1);
    expect(writes()).toEqual(written);
  });
});
