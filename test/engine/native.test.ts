/** What the native plugin can do that a dynamic provider cannot. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso/native";
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine } from "../support/engine.ts";
import { slowly } from "../support/server.ts";

async function start() {
  const emulator = await emulate();
  const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
  const engine = await startEngine({ native: true, env });
  return { emulator, engine, account: emulator.store.account() };
}

/** A name with parts that the engine fills in. */
const pattern = (...parts: string[]) => parts.map((part) => `\${${part}}`).join("-");

describeEngine("names, as the engine is configured to generate them (native)", () => {
  test("are taken as proposed, stay with their group, and are ours in a stack that says nothing", async () => {
    const { engine, account } = await start();
    let location = "lhr";
    engine.program = async () => {
      new turso.Group("analytics", { location });
    };
    const names = () => [...account.groups.keys()];
    await engine.stack.setConfig("pulumi:autonaming.mode", { value: "verbatim" }, true);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect(names()).toEqual(["analytics"]);

    // Another configuration is no reason to replace what has a name.
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

  test("that cannot be, or are not to be generated, are refused at preview", async () => {
    const { engine, account } = await start();
    engine.program = async () => {
      new turso.Group("analytics", { location: "lhr" });
    };
    await engine.stack.setConfig("pulumi:autonaming.mode", { value: "disabled" }, true);
    const disabled = await engine.run("preview");
    expect(disabled.failed).toBe(true);
    expect(disabled.diagnostics).toContain(
      "it is required, for pulumi:autonaming is disabled for this stack: declare one (e.g. prod)",
    );
    await engine.stack.removeConfig("pulumi:autonaming");
    await engine.stack.setConfig("pulumi:autonaming.pattern", { value: `${pattern("name")}/1` }, true);
    const impossible = await engine.run("preview");
    expect(impossible.failed).toBe(true);
    expect(impossible.diagnostics).toContain("pulumi:autonaming gives 'analytics/1', but it");
    expect(account.groups.size).toBe(0);
  });
});

describeEngine("a preview (native)", () => {
  test("knows what an update in place leaves as it is, and tells by property what changes and why", async () => {
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
    // Of a group that is not there yet, only what is declared.
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

  test("of an up that finishes what the last one left undone tells what that is", async () => {
    const { emulator, engine } = await start();
    engine.program = async () => {
      new turso.Group("shop", { name: "shop", location: "lhr", replicas: ["ams", "fra"] });
    };
    emulator.fail({ method: "POST", path: /locations\/fra$/, status: 402, body: { error: "no more" } });
    const up = await engine.run("up");
    expect(up.failed).toBe(true);
    expect(up.diagnostics.match(/could not get a replica in fra/g)).toHaveLength(1);
    expect(await engine.run("preview")).toMatchObject({
      steps: { shop: ["update"] },
      diffs: { shop: { replicas: "update" } },
    });
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { shop: ["update"] } });
    expect(await engine.resources()).toMatchObject([{ outputs: { replicas: ["ams", "fra"] } }]);
  });
});

describeEngine("an up that is broken off (native)", () => {
  const isAlive = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  /** An up of two new groups, of which Turso answers one soon and the other not for long, when both are under way. */
  async function underWay() {
    const { emulator, engine, account } = await start();
    const { url, seen } = await slowly(emulator.url, ({ method, body }) =>
      method !== "POST" ? 0 : body.includes("quick") ? 300 : 60_000,
    );
    engine.stack.workspace.envVars.TURSO_API_BASEURL = url;
    engine.program = async () => {
      for (const name of ["quick", "slow"]) new turso.Group(name, { name, location: "lhr" });
    };
    const ctrlC = new AbortController();
    const up = engine.run("up", { signal: ctrlC.signal });
    while (seen.filter(({ method }) => method === "POST").length < 2) await sleep(20);
    return { engine, account, ctrlC, up };
  }

  test("by Ctrl-C ends in about a second: what Turso answers until then is in state, and of the rest the group is named", async () => {
    const { engine, account, ctrlC, up } = await underWay();
    const start = Date.now();
    ctrlC.abort();
    const { failed, diagnostics } = await up;
    // A plugin that had to be killed would take five seconds, the request a minute.
    expect(Date.now() - start).toBeLessThan(4_500);
    expect(failed).toBe(true);
    expect(diagnostics).toContain("Group 'slow' could not be created in lhr.");
    expect(diagnostics).toContain("(stopped)");
    expect(diagnostics).toContain("It may have been created all the same: look with `turso group list`");
    expect(await engine.resources()).toMatchObject([
      { id: "quick", outputs: { uuid: account.group("quick").uuid } },
    ]);
    expect(JSON.parse(await engine.stateText())).not.toHaveProperty("checkpoint.latest.pending_operations");
  });

  test.runIf(process.platform !== "win32")("by kill -9 of the engine leaves no plugin behind", async () => {
    const { up } = await underWay();
    const processes = new Map(
      execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
        .split("\n")
        .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)?.slice(1) ?? [])
        .map(([pid, parent, command = ""]) => [Number(pid), { parent: Number(parent), command }] as const),
    );
    const mine = [...processes].filter(
      ([, { parent, command }]) =>
        command.includes("pulumi-resource-turso") && processes.get(parent)?.parent === process.pid,
    );
    expect(mine.length).toBeGreaterThan(0);
    for (const [, { parent }] of mine) if (isAlive(parent)) process.kill(parent, "SIGKILL");
    expect(await up).toMatchObject({ failed: true });
    const deadline = Date.now() + 10_000;
    while (mine.some(([pid]) => isAlive(pid)) && Date.now() < deadline) await sleep(20);
    expect(mine.filter(([pid]) => isAlive(pid))).toEqual([]);
  });
});
