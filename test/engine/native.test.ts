/** What the native plugin can do that a dynamic provider cannot. */
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso/native";
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine, temporaryFolder } from "../support/engine.ts";
import { errorLine, warningLine } from "../support/messages.ts";

async function start() {
  const emulator = await emulate();
  const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
  const engine = await startEngine({ native: true, env });
  return { emulator, engine, account: emulator.store.account() };
}

/** A name with placeholders for the engine. */
const pattern = (...parts: string[]) => parts.map((part) => `\${${part}}`).join("-");

describeEngine("names that the engine is configured to generate (native)", () => {
  test("are used as proposed, stay with their group, and are the default names in a stack without the setting", async () => {
    const { engine, account } = await start();
    let location = "lhr";
    engine.program = async () => {
      new turso.Group("analytics", { location });
    };
    const names = () => [...account.groups.keys()];
    await engine.stack.setConfig("pulumi:autonaming.mode", { value: "verbatim" }, true);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect(names()).toEqual(["analytics"]);

    // Another configuration does not replace a group that has a name.
    await engine.stack.removeConfig("pulumi:autonaming");
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
    await engine.stack.setConfig(
      "pulumi:autonaming.pattern",
      { value: pattern("project", "stack", "name", "hex(3)") },
      true,
    );
    location = "ams";
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: { analytics: ["create-replacement", "replace", "delete-replaced"] },
    });
    expect(names()).toEqual([expect.stringMatching(/^shop-dev-analytics-[0-9a-f]{3}$/)]);
  });

  test("that are invalid, or that the engine must not generate, are refused at preview", async () => {
    const { engine, account } = await start();
    engine.program = async () => {
      new turso.Group("analytics", { location: "lhr" });
    };
    await engine.stack.setConfig("pulumi:autonaming.mode", { value: "disabled" }, true);
    const disabled = await engine.run("preview");
    expect(disabled.failed).toBe(true);
    expect(disabled.diagnostics).toMatch(errorLine("NAME_REQUIRED", "property name", "pulumi:autonaming"));
    await engine.stack.removeConfig("pulumi:autonaming");
    await engine.stack.setConfig("pulumi:autonaming.pattern", { value: `${pattern("name")}/1` }, true);
    const impossible = await engine.run("preview");
    expect(impossible.failed).toBe(true);
    expect(impossible.diagnostics).toMatch(errorLine("INVALID_INPUT", "property name", "'analytics/1'"));
    expect(account.groups.size).toBe(0);
  });
});

describeEngine("a preview (native)", () => {
  test("knows which outputs an update in place keeps, and shows by property what changes and why", async () => {
    const { engine } = await start();
    let seen: Record<string, unknown> = {};
    const args: turso.GroupArgs = { location: "lhr", replicas: ["ams"] };
    let location = "lhr";
    engine.program = async () => {
      seen = {};
      const shop = new turso.Group("shop", { name: "shop", ...args });
      const { name, primary, uuid, version, locations, protected: isProtected } = shop;
      const outputs = { name, primary, uuid, version, locations, isProtected };
      for (const [key, output] of Object.entries(outputs) as [string, pulumi.Output<unknown>][])
        output.apply((value) => {
          seen[key] = value;
        });
      new turso.Group("twin", { name: shop.uuid.apply((uuid) => `g-${uuid}`), location });
      return { jwt: new turso.GroupToken("api", { group: shop.id, expiration: "1h" }).jwt };
    };
    expect(await engine.run("preview")).toMatchObject({ failed: false });
    // Before the group exists, only its inputs are known.
    expect(seen).toEqual({ name: "shop" });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const { uuid, version } = seen;

    args.replicas = ["ams", "fra"];
    args.deleteProtection = true;
    const update = await engine.run("preview");
    expect(update).toMatchObject({
      failed: false,
      steps: { shop: ["update"] },
      diffs: { shop: { replicas: "update", deleteProtection: "add" } },
    });
    expect(Object.keys(update.steps)).toEqual(["shop"]);
    expect(seen).toEqual({ name: "shop", primary: "lhr", uuid, version, isProtected: true });

    args.replicas = ["ams"];
    delete args.deleteProtection;
    location = "ams";
    const replace = await engine.run("preview");
    expect(replace.steps).toEqual({ twin: ["delete-replaced", "replace", "create-replacement"] });
    expect(replace.diffs).toEqual({ twin: { location: "update-replace" } });
  });

  test("of an up that finishes an incomplete one shows what is left to do", async () => {
    const { emulator, engine } = await start();
    engine.program = async () => {
      new turso.Group("shop", { name: "shop", location: "lhr", replicas: ["ams", "fra"] });
    };
    emulator.fail({ method: "POST", path: /locations\/fra$/, status: 402, body: { error: "no more" } });
    const up = await engine.run("up");
    expect(up.failed).toBe(true);
    expect(up.diagnostics.match(/\[UPDATE_FAILED\]/g)).toHaveLength(1);
    expect(up.diagnostics).toMatch(errorLine("UPDATE_FAILED", "'shop'", "fra"));
    expect(await engine.run("preview")).toMatchObject({
      steps: { shop: ["update"] },
      diffs: { shop: { replicas: "update" } },
    });
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { shop: ["update"] } });
    expect(await engine.resources()).toMatchObject([{ outputs: { replicas: ["ams", "fra"] } }]);
  });
});

describeEngine("with --tracing (native)", () => {
  test("warnings still reach the screen", async () => {
    const { engine } = await start();
    engine.program = async () => {
      new turso.GroupTokenInvalidation("leak", { group: "shop", onCreate: true });
    };
    const tracing = `file:${join(temporaryFolder(), "trace")}`;
    const preview = await engine.run("preview", { tracing });
    expect(preview, preview.text).toMatchObject({ failed: false });
    expect(preview.diagnostics).toMatch(warningLine("group 'shop'"));
  });
});
