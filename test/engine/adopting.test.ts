/**
 * What docs/adopting.md promises besides adoption itself: how a group is kept, and how its resource moves.
 */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeLifecycle } from "../support/hosts.ts";

describeLifecycle("an adopted group", ({ turso, startEngine }) => {
  test("stays the same resource with aliases, under another name and in a component; is kept with retainOnDelete, and deleted by destroy", async () => {
    const emulator = await emulate();
    const account = emulator.store.account();
    const group = account.createGroup({ name: "prod", location: "lhr" });
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    const args = { name: "prod", location: "lhr", adopt: true };
    const declare = (name: string, options?: pulumi.CustomResourceOptions) => async () => {
      new turso.Group(name, args, options);
    };
    engine.program = declare("old");
    expect(await engine.run("up")).toMatchObject({ failed: false });

    engine.program = declare("new", { aliases: [{ name: "old" }] });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    const declareIn = (options: pulumi.CustomResourceOptions) => async () => {
      const parent = new pulumi.ComponentResource("my:Shop", "shop");
      new turso.Group("new", args, { ...options, parent });
    };
    engine.program = declareIn({ aliases: [{ parent: pulumi.rootStackResource }] });
    const moved = await engine.run("up");
    expect(moved).toMatchObject({ failed: false });
    expect(moved.steps.new).toBeUndefined();
    expect(account.groups.get("prod")).toBe(group);

    engine.program = declareIn({ retainOnDelete: true });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(await engine.resources()).toEqual([]);
    expect(account.groups.get("prod")).toBe(group);

    engine.program = declare("old");
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(account.groups.size).toBe(0);
  });
});
