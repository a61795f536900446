/** What docs/adopting.md promises besides adoption itself: how a group is kept, and how its resource moves. */
import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";

describeHosts("an adopted group", ({ turso, startEngine }) => {
  const start = async () => {
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
    return { account, group, engine, args, declare };
  };

  test("is deleted by destroy, and kept with retainOnDelete", async () => {
    const { account, engine, declare } = await start();
    engine.program = declare("old", { retainOnDelete: true });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(await engine.resources()).toEqual([]);
    expect([...account.groups.keys()]).toEqual(["prod"]);

    engine.program = declare("old");
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(account.groups.size).toBe(0);
  });

  test("stays the same resource under another name and in a component, with aliases", async () => {
    const { account, group, engine, args, declare } = await start();
    engine.program = declare("new", { aliases: [{ name: "old" }] });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    engine.program = async () => {
      const parent = new pulumi.ComponentResource("my:Shop", "shop");
      new turso.Group("new", args, { parent, aliases: [{ parent: pulumi.rootStackResource }] });
    };
    const moved = await engine.run("up");
    expect(moved).toMatchObject({ failed: false });
    expect(moved.steps.new).toBeUndefined();
    expect(account.group("prod").uuid).toBe(group.uuid);
  });
});
