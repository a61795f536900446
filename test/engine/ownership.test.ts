/** An `up` never deletes a group that a resource of the same run manages. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { expect, test } from "vitest";
import { errorLine, warningLine } from "../support/messages.ts";
import "../soak/sdk.ts";
import type { Emulator, RecordedRequest } from "turso-emulator";
import { killAll } from "../soak/interrupt.ts";
import { runPulumi } from "../support/cli.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine, temporaryFolder } from "../support/engine.ts";
import {
  declare,
  type Ending,
  type Form,
  type Handover,
  handovers,
  ignoreCase,
  lost,
  unrecorded,
} from "../support/handover.ts";
import { describeHost, describeLifecycle } from "../support/hosts.ts";

const ENDINGS: Ending[] = ["succeeds", "fails", "is killed", "has only targets"];

/** How the second `up` ends, and the third: every order. */
const RUNS = ENDINGS.flatMap((second) => ENDINGS.map((third) => ({ second, third })));

/** Every order of two forms, each with another third one. */
function cases(): Handover[] {
  const pairs = Map.groupBy(handovers(3), ({ forms: [first, second] }) => `${first?.what} → ${second?.what}`);
  return [...pairs.values()].flatMap((third, i) => third[i % third.length] ?? []);
}

describeEngine("a group that is handed from one resource to another", () => {
  for (const { second, third } of RUNS) {
    test(`survives, where the first \`up\` of it ${second} and the next one ${third}`, {
      tags: ["exhaustive"],
    }, async () => {
      const emulator = await emulate();
      ignoreCase(emulator);
      const dir = temporaryFolder();
      const engine = await startEngine({
        dir,
        native: true,
        env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_MAX_RETRIES: "0" },
      });
      const groups = cases();
      engine.program = declare(groups, 0, emulator);
      const first = await engine.run("up");
      expect(first.failed, first.text).toBe(false);
      const before = new Map(emulator.store.account().groups);
      expect(before.size).toBe(groups.length);

      for (const [step, ending] of [second, third, "succeeds" as const].entries()) {
        engine.program = declare(groups, step + 1, emulator, ending === "fails" || ending === "is killed");
        if (ending === "fails")
          emulator.fail({
            method: "POST",
            path: /\/groups$/,
            status: 402,
            body: { error: "no more" },
            times: 1,
          });
        if (ending === "is killed") emulator.fail({ method: "POST", path: /\/groups$/, hang: "before" });
        const ended = new AbortController();
        const killed = ending === "is killed" && killAfterAll(dir, emulator, ended.signal);
        const targets = groups.flatMap(({ name, forms }) => {
          const { resource, component } = (forms[step + 1] ?? forms.at(-1)) as Form;
          return [`**::${name}-${resource}`, ...(component ? [`**::${component}::${name}-component`] : [])];
        });
        const up = await engine.run("up", ending === "has only targets" ? { target: targets } : {});
        ended.abort();
        await killed;
        emulator.heal();
        emulator.requests.length = 0;
        expect(lost(groups, emulator, before), `${ending}: ${up.text.slice(-3000)}`).toEqual([]);
        expect(up.failed, up.text.slice(-3000)).toBe(ending === "fails" || ending === "is killed");
      }
      expect(await unrecorded(groups, engine)).toEqual([]);
      const preview = await engine.run("preview");
      expect(preview, preview.text).toMatchObject({ failed: false, steps: {} });

      // Groups that no resource manages are deleted.
      engine.program = async () => {};
      const removed = await engine.run("up");
      expect(removed.failed, removed.text).toBe(false);
      expect([...emulator.store.account().groups.keys()]).toEqual([]);
    });
  }
});

describeLifecycle("what a run holds", (host) => {
  const { turso } = host;

  async function start() {
    const emulator = await emulate();
    const dir = temporaryFolder();
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const engine = await host.startEngine({ dir, env: { ...env, TURSO_MAX_RETRIES: "0" } });
    const account = emulator.store.account("acme");
    /** Declares the group prod, and whatever else the resource options say. */
    const declare = (args: Partial<dynamic.GroupArgs>, options: pulumi.CustomResourceOptions = {}) => {
      engine.program = async () => {
        new turso.Group("prod", { name: "prod", location: "lhr", ...args }, options);
      };
    };
    return { emulator, account, dir, engine, declare };
  }

  test("does not include what only a refresh has read", async () => {
    const { account, engine, declare } = await start();
    const run = async (...args: Parameters<typeof engine.run>) => {
      const result = await engine.run(...args);
      expect(result.failed, result.text).toBe(false);
    };
    declare({});
    await run("up");
    engine.program = async () => {};
    await run("up", { refresh: true });
    expect([...account.groups.keys()]).toEqual([]);

    for (const options of [{ refresh: true }, { runProgram: true }, { refresh: true, runProgram: true }]) {
      declare({});
      await run("up");
      await run("destroy", options);
      expect([...account.groups.keys()], JSON.stringify(options)).toEqual([]);
    }
  });

  test("is the group that a forced replacement would take data with, and the preview says so", async () => {
    const { account, engine, declare } = await start();
    declare({ replicas: [] });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const { uuid } = account.group("prod");
    account.createDatabase({ name: "orders", group: "prod" });
    declare({ replicas: ["ams"] }, { replaceOnChanges: ["replicas"] });
    const refused = await engine.run("preview");
    expect(refused.failed, refused.text).toBe(true);
    expect(refused.text).toMatch(
      errorLine("HOLDS_DATA", "'prod' in organization 'acme'", "1 database (orders)"),
    );
    account.deleteDatabase("orders");
    const warned = await engine.run("preview");
    expect(warned.failed, warned.text).toBe(false);
    expect(warned.diagnostics).toMatch(warningLine("'prod'"));
    expect(warned.diagnostics).toContain("`deleteBeforeReplace: true`");
    declare({ replicas: ["ams"] }, { replaceOnChanges: ["replicas"], deleteBeforeReplace: true });
    const replaced = await engine.run("up");
    expect(replaced.failed, replaced.text).toBe(false);
    expect(account.group("prod")).toMatchObject({ locations: ["lhr", "ams"] });
    expect(account.group("prod").uuid).not.toBe(uuid);
  });

  test("a tainted resource says how its replacement becomes possible", async () => {
    const { account, dir, engine, declare } = await start();
    declare({});
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const [{ urn } = { urn: "" }] = await engine.resources();
    await runPulumi(engine, dir, ["state", "taint", urn, "--yes"]);
    const refused = await engine.run("preview");
    expect(refused.failed, refused.text).toBe(true);
    expect(refused.text).toContain("[NAME_TAKEN]");
    expect(refused.text).toContain("`pulumi state untaint URN`");
    declare({ name: "prod2" });
    const replaced = await engine.run("up");
    expect(replaced.failed, replaced.text).toBe(false);
    expect([...account.groups.keys()]).toEqual(["prod2"]);
  });

  test("the token of a group that was renamed and tainted opens the group that replaces it", async () => {
    const { account, dir, engine } = await start();
    engine.program = async () => {
      const group = new turso.Group("prod", { name: "prod", location: "lhr" });
      new turso.GroupToken("api", { group: group.id, expiration: "90d" });
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    account.renameGroup("prod", "renamed");
    const group = (await engine.resources()).find(({ type }) => type === host.typeOf("Group"));
    await runPulumi(engine, dir, ["state", "taint", group?.urn ?? "", "--yes"]);
    const up = await engine.run("up");
    expect(up.failed, up.text).toBe(false);
    expect([...account.groups.keys()]).toEqual(["prod"]);
    const token = (await engine.resources()).find(({ type }) => type === host.typeOf("GroupToken"));
    expect(token?.outputs.groupUuid).toBe(account.group("prod").uuid);
  });

  test("a name that was taken outside Pulumi during a failed replacement is refused by the preview", async () => {
    const { emulator, account, engine, declare } = await start();
    declare({});
    expect(await engine.run("up")).toMatchObject({ failed: false });
    emulator.fail({ method: "POST", path: /\/groups$/, status: 402, body: { error: "no more" } });
    declare({ location: "ams" });
    const failed = await engine.run("up");
    expect(failed.failed, failed.text).toBe(true);
    expect([...account.groups.keys()]).toEqual([]);
    const { uuid } = account.createGroup({ name: "prod", location: "ams" });
    for (const location of ["ams", "lhr"]) {
      declare({ location });
      const refused = await engine.run("preview");
      expect(refused.failed, refused.text).toBe(true);
      expect(refused.text).toMatch(errorLine("NAME_TAKEN", "'prod'", "ams"));
    }
    engine.program = async () => {};
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(account.group("prod").uuid).toBe(uuid);
  });

  test("groups of the same resource name in two components get different names, and the same name is refused", async () => {
    const { account, engine } = await start();
    const declareIn = (...args: dynamic.GroupArgs[]) => {
      engine.program = async () => {
        for (const [i, type] of ["my:A", "my:B"].entries()) {
          const parent = new pulumi.ComponentResource(type, "shop");
          const [own = { location: "lhr" }] = [args[i]];
          new turso.Group("db", own, { parent });
        }
      };
    };
    declareIn();
    const up = await engine.run("up");
    expect(up.failed, up.text).toBe(false);
    expect([...account.groups.keys()]).toEqual([
      expect.stringMatching(/^db-[0-9a-f]{7}$/),
      expect.stringMatching(/^db-[0-9a-f]{7}$/),
    ]);
    const first = (await engine.resources()).find(({ urn }) => urn.includes("my:A$"));
    declareIn({ location: "lhr" }, { name: String(first?.outputs.name), location: "lhr", adopt: true });
    const refused = await engine.run("preview");
    expect(refused.failed, refused.text).toBe(true);
    expect(refused.text).toMatch(/'db' in my:[AB].*\[DUPLICATE_RESOURCE\]/);
  });
});

describeLifecycle("a group that another resource takes over", (host) => {
  const { turso } = host;
  const H = { location: "lhr", forceDestroy: true };

  /** A stack that has created what the program declares, with data in the group prod. */
  async function start(program: () => void, env: Record<string, string> = {}) {
    const emulator = await emulate();
    const dir = temporaryFolder();
    const engine = await startEngine({
      dir,
      native: true,
      env: {
        TURSO_API_BASEURL: emulator.url,
        TURSO_API_TOKEN: TOKEN,
        TURSO_ORGANIZATION: "acme",
        TURSO_MAX_RETRIES: "1",
        ...env,
      },
    });
    const account = emulator.store.account("acme");
    const run = async (next: () => void | Promise<void>, ...args: Parameters<typeof engine.run>) => {
      engine.program = async () => next();
      return engine.run(...args);
    };
    const first = await run(program, "up");
    expect(first.failed, first.text).toBe(false);
    account.createDatabase({ name: "orders", group: "prod" });
    const group = account.group("prod");
    return { emulator, account, engine, dir, run, isAlive: () => account.groups.get("prod") === group };
  }

  test("survives when what it depended on is replaced", async () => {
    const { run, isAlive } = await start(() => {
      const a = new turso.Group("a", { name: "a", location: "lhr" });
      new turso.Group("old", { name: "prod", ...H, location: a.location });
    });
    const up = await run(() => {
      new turso.Group("a", { name: "a", location: "ams" });
      new turso.Group("new", { name: "prod", ...H, adopt: true });
    }, "up");
    expect(up.failed, up.text).toBe(false);
    expect(isAlive()).toBe(true);
  });

  test("is neither replaced nor refused when what it depends on is replaced", async () => {
    const program = (location: string) => () => {
      const a = new turso.Group("a", { name: "a", location });
      new turso.Group("b", {
        name: "prod",
        ...H,
        organization: a.organization.apply((slug) => slug ?? "acme"),
      });
    };
    const { run, isAlive } = await start(program("lhr"));
    const up = await run(program("ams"), "up");
    expect(up.failed, up.text).toBe(false);
    expect(up.steps.b).toBeUndefined();
    expect(isAlive()).toBe(true);
  });

  test("survives when the adoption fails and Pulumi continues", async () => {
    const { emulator, run, isAlive } = await start(() => {
      new turso.Group("old", { name: "prod", ...H });
    });
    emulator.fail({ method: "GET", path: /\/groups\/prod$/, status: 500, times: 2 });
    const adopt = () => {
      new turso.Group("new", { name: "prod", ...H, adopt: true });
    };
    const up = await run(adopt, "up", { continueOnError: true });
    expect(up.failed, up.text).toBe(true);
    expect(isAlive()).toBe(true);
    emulator.heal();
    expect(await run(adopt, "up")).toMatchObject({ failed: false });
    expect(isAlive()).toBe(true);
  });

  test("survives when its deletion waits for a retry while the other host adopts it", async () => {
    const other = host.host === "dynamic" ? native : dynamic;
    const { emulator, run, isAlive } = await start(() => {
      new turso.Group("r1", { name: "prod", ...H });
    });
    const isDelete = ({ method }: { method: string }) => method === "DELETE";
    // Until the other host, which may take any time to start, holds the group.
    const times = Number.POSITIVE_INFINITY;
    emulator.fail({ method: "DELETE", status: 429, headers: { "retry-after": "1" }, times });
    const program = async () => {
      new turso.Group("r1", { name: "prod2", ...H }, { deleteBeforeReplace: true });
      while (!pulumi.runtime.isDryRun() && !emulator.requests.some(isDelete)) await sleep(5);
      new other.Group("r2", { name: "prod", ...H, adopt: true });
    };
    // Either the adoption comes before the retry, or its error says to run `pulumi up` again.
    const up = await run(program, "up");
    expect(up.failed && !/\[ADOPTION_FAILED\]/.test(up.text), up.text).toBe(false);
    expect(isAlive()).toBe(true);
    emulator.heal();
    const again = await run(program, "up");
    expect(again.failed, again.text).toBe(false);
    expect(isAlive()).toBe(true);
  });

  test("is refused while a resource that gives it up in the same change has it in state", async () => {
    const { run, isAlive } = await start(() => {
      new turso.Group("r1", { name: "prod", ...H });
    });
    const refused = await run(() => {
      const r1 = new turso.Group("r1", { name: "prod2", ...H }, { deleteBeforeReplace: true });
      // So that the engine comes to it second: in the other order the group is held.
      new turso.Group("r2", { name: "prod", ...H, adopt: true }, { dependsOn: r1 });
    }, "preview");
    expect(refused.failed, refused.text).toBe(true);
    expect(refused.text).toMatch(errorLine("MANAGED_BY_ANOTHER_RESOURCE", "'prod'", "'r1'"));
    expect(isAlive()).toBe(true);
  });

  test("survives when the engine compares inputs itself", async () => {
    const { emulator, run, isAlive } = await start(
      () => {
        new turso.Group("old", { name: "prod", ...H });
      },
      { PULUMI_ENABLE_LEGACY_DIFF: "true" },
    );
    const adopt = (last: boolean) => () => {
      const group = new turso.Group("new", { name: "prod", ...H, adopt: true });
      if (last) new turso.Group("last", { name: "last", location: "lhr" }, { dependsOn: group });
    };
    emulator.fail({ method: "POST", path: /\/groups$/, status: 402, body: { error: "no more" } });
    expect(await run(adopt(true), "up")).toMatchObject({ failed: true });
    expect(await run(adopt(false), "up")).toMatchObject({ failed: false });
    expect(isAlive()).toBe(true);
  });

  test("survives when a tainted resource adopts its own group and is deleted before it is replaced", async () => {
    const { engine, dir, run, isAlive } = await start(() => {
      new turso.Group("r1", { name: "prod", ...H });
    });
    const [{ urn } = { urn: "" }] = await engine.resources();
    await runPulumi(engine, dir, ["state", "taint", urn, "--yes"]);
    const up = await run(() => {
      new turso.Group("r1", { name: "prod", ...H, adopt: true }, { deleteBeforeReplace: true });
    }, "up");
    expect(up.failed, up.text).toBe(false);
    expect(isAlive()).toBe(true);
  });
});

describeHost("native", "a group that is imported", ({ startEngine, turso }) => {
  test("survives when the resource that had it is removed", async () => {
    const emulator = await emulate();
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const engine = await startEngine({ env });
    engine.program = async () => {
      new turso.Group("old", { name: "prod", location: "lhr" });
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const group = emulator.store.account("acme").group("prod");
    engine.program = async () => {
      new turso.Group("new", { name: "prod", location: "lhr" }, { import: "acme/prod" });
    };
    const up = await engine.run("up");
    expect(up.failed, up.text).toBe(false);
    expect(emulator.store.account("acme").groups.get("prod")).toBe(group);
    expect((await engine.resources()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["new"]);
  });
});

/** Kills the engine and its providers when they create the group that comes after all others. */
async function killAfterAll(dir: string, { requests }: Emulator, ended: AbortSignal): Promise<void> {
  const isLast = ({ body }: RecordedRequest) => (body as { name?: string } | undefined)?.name === "last";
  while (!requests.some(isLast) && !ended.aborted) await sleep(5);
  killAll(dir);
  // As `pulumi cancel` does.
  rmSync(join(dir, ".pulumi", "locks"), { recursive: true, force: true });
}
