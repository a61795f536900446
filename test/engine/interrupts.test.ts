/** An up that is interrupted or fails halfway: what is in state then, and how the next up continues. */
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type * as turso from "pulumi-turso";
import { expect, test, vi } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import type { Engine } from "../support/engine.ts";
import { describeHosts, describeLifecycle, type Host } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";
import { slowly } from "../support/server.ts";

interface Process {
  pid: number;
  parent: number;
  command: string;
}

/** All processes except zombies. */
function processes(): Process[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, parent, stat, command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return stat === undefined || stat.startsWith("Z")
        ? []
        : [{ pid: Number(pid), parent: Number(parent), command }];
    });
}

const below = ({ pid }: { pid: number }, all = processes()): Process[] =>
  all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child, all)]);

/** The engine that this test runs. */
function engineProcess(): Process {
  const engine = below(process).find(({ command }) => /^\S*pulumi up /.test(command));
  if (engine === undefined) throw new Error("no engine is running");
  return engine;
}

const isAlive = ({ pid }: Process) => processes().some((other) => other.pid === pid);

/** The operations that a killed engine left as pending in state. */
async function pendingIn(engine: Engine): Promise<string[]> {
  const { checkpoint } = JSON.parse(await engine.stateText()) as {
    checkpoint: { latest: { pending_operations?: { resource: { urn: string }; type: string }[] } };
  };
  return (checkpoint.latest.pending_operations ?? []).map(
    ({ resource, type }) => `${type} ${resource.urn.split("::").at(-1)}`,
  );
}

/** A stack, and a group that it does not manage. */
async function start(host: Host, env: Record<string, string> = {}) {
  const emulator = await emulate();
  const account = emulator.store.account();
  const foreign = account.createGroup({ name: "foreign", location: "lhr", replicas: ["ams"] });
  const untouched = structuredClone(foreign);
  const engine = await host.startEngine({
    env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, ...env },
  });
  return {
    emulator,
    account,
    engine,
    /**
     * State has exactly these groups, as they are, and nothing is pending. The API has no others except
     * `lost`.
     */
    async expectExactly(names: string[], lost: string[] = []) {
      const stored = await engine.resources();
      const groups = [...account.groups.values()].filter(({ name }) => !["foreign", ...lost].includes(name));
      expect([...account.groups.keys()].sort()).toEqual(["foreign", ...names, ...lost].sort());
      expect(stored.map(({ id }) => id).sort()).toEqual(names.toSorted());
      for (const { name, uuid, primary, locations } of groups)
        expect(stored.find(({ id }) => id === name)?.outputs).toMatchObject({ uuid, primary, locations });
      expect(await pendingIn(engine)).toEqual([]);
    },
    async destroy() {
      expect(await engine.run("destroy")).toMatchObject({ failed: false });
      expect([...account.groups.values()]).toEqual([untouched]);
      expect(await engine.resources()).toEqual([]);
      expect(await pendingIn(engine)).toEqual([]);
    },
  };
}

/** A stack whose ups get the response to a create only after so many milliseconds, by group. */
async function startSlow(host: Host, delays: Record<string, number>) {
  const stack = await start(host);
  const { account, engine, emulator } = stack;
  const { url } = await slowly(emulator.url, ({ method, body }) =>
    method === "POST" && body !== "" ? (delays[(JSON.parse(body) as { name: string }).name] ?? 0) : 0,
  );
  const { envVars } = engine.stack.workspace;
  const args: turso.GroupArgs = { location: "lhr", replicas: ["ams"] };
  const names: string[] = [];
  const adopted = new Set<string>();
  engine.program = async () => {
    const { Group } = host.turso;
    new Group("done", { name: "done", ...args });
    for (const name of names) {
      const slow = new Group(name, { name, ...args, ...(adopted.has(name) && { adopt: true }) });
      new Group(`after-${name}`, { name: `after-${name}`, ...args }, { dependsOn: slow });
    }
  };
  return {
    ...stack,
    /**
     * Starts an up that creates the group, and `done` if it does not exist; resolves when the API has both,
     * before the response.
     */
    async upUntilCreated(name: string, signal?: AbortSignal) {
      envVars.TURSO_API_BASEURL = url;
      names.push(name);
      const up = engine.run("up", signal && { signal });
      await until(() => account.groups.has("done") && account.groups.has(name));
      envVars.TURSO_API_BASEURL = emulator.url;
      return { up };
    },
    /** What a user does who follows the errors, with an API that responds at once. */
    async recover(name: string, { pending }: { pending: boolean }) {
      const taken = await engine.run("up");
      expect(taken.failed).toBe(true);
      expect(taken.diagnostics).toMatch(errorLine("NAME_TAKEN", `'${name}'`, "lhr"));
      expect(taken.diagnostics).toContain("`adopt: true`");
      expect(taken.diagnostics).toContain("`pulumi refresh --clear-pending-creates`");
      adopted.add(name);
      expect(await engine.run("up")).toMatchObject({
        failed: false,
        steps: { [name]: ["create"], [`after-${name}`]: ["create"] },
      });
      expect(await pendingIn(engine)).toEqual(pending ? [`creating ${name}`] : []);
      if (pending)
        expect(await engine.run("refresh", { clearPendingCreates: true })).toMatchObject({ failed: false });
    },
  };
}

const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 60_000, interval: 20 });

const onUnix = test.skipIf(process.platform === "win32");

describeHosts("an up that is interrupted", (host) => {
  const isNative = host.host === "native";

  test("by Ctrl-C: completed creates are in state, and the error names the group of the others", async () => {
    const { engine, upUntilCreated, recover, expectExactly, destroy } = await startSlow(host, {
      done: 300,
      slow: isNative ? 60_000 : 1_500,
    });
    const ctrlC = new AbortController();
    const { up } = await upUntilCreated("slow", ctrlC.signal);
    const start = Date.now();
    ctrlC.abort();
    const { failed, diagnostics } = await up;
    expect(failed).toBe(true);
    if (isNative) {
      // A plugin that had to be killed would take five seconds, the request a minute.
      expect(Date.now() - start).toBeLessThan(4_500);
      expect(diagnostics).toMatch(errorLine("OUTCOME_UNKNOWN", "'slow'"));
      for (const way of ["`turso group list`", "adopt: true"]) expect(diagnostics).toContain(way);
      await expectExactly(["done"], ["slow"]);
    } else {
      // Pulumi does not notify a dynamic provider.
      expect(diagnostics).toContain("update canceled");
      await expectExactly(["done", "slow"]);
    }
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    if (isNative) await recover("slow", { pending: false });
    else expect(await engine.run("up")).toMatchObject({ failed: false, steps: { "after-slow": ["create"] } });
    await expectExactly(["done", "slow", "after-slow"]);
    await destroy();
  });

  onUnix(
    "by a second Ctrl-C, or by kill -9 of the provider or the engine: what was in progress is in the error or pending",
    { tags: host.host === "dynamic" ? ["exhaustive"] : [] },
    async () => {
      const stack = await startSlow(host, { twice: 60_000, provider: 60_000, engine: 60_000 });
      const { engine, upUntilCreated, recover, expectExactly, destroy } = stack;
      const there = ["done"];
      const stuckAt = async (name: string) => {
        const { up } = await upUntilCreated(name);
        await until(async () => (await engine.resources()).length === there.length);
        return { up, cli: engineProcess() };
      };

      const twice = await stuckAt("twice");
      process.kill(twice.cli.pid, "SIGINT");
      await sleep(300);
      process.kill(twice.cli.pid, "SIGINT");
      const terminated = await twice.up;
      expect(terminated.failed).toBe(true);
      expect(terminated.text).toMatch(/twice creating .*\(interrupted\)/);
      expect(await pendingIn(engine)).toEqual(["creating twice"]);
      await recover("twice", { pending: true });
      there.push("twice", "after-twice");
      await expectExactly(there);

      const provider = await stuckAt("provider");
      // The parent of a dynamic provider is a shell.
      for (const { pid } of below(provider.cli).toReversed()) process.kill(pid, "SIGKILL");
      const orphaned = await provider.up;
      expect(orphaned.failed).toBe(true);
      expect(orphaned.diagnostics).toMatch(
        /\(provider\):\n +error: error reading from server: (EOF|.*connection reset by peer)/,
      );
      await expectExactly(there, ["provider"]);
      await recover("provider", { pending: false });
      there.push("provider", "after-provider");
      await expectExactly(there);

      const killed = await stuckAt("engine");
      const plugins = below(killed.cli);
      expect(plugins.length).toBeGreaterThan(0);
      process.kill(killed.cli.pid, "SIGKILL");
      expect(await killed.up).toMatchObject({ failed: true });
      expect(await pendingIn(engine)).toEqual(["creating engine"]);
      await until(() => !plugins.some(isAlive));
      // Otherwise the next error says to run this command.
      await engine.stack.cancel();
      await recover("engine", { pending: true });
      await expectExactly([...there, "engine", "after-engine"]);
      await destroy();
    },
  );
});

describeLifecycle("an up that is interrupted", (host) => {
  onUnix(
    "by kill -9 during an update, which the program then undoes, is corrected by a refresh",
    async () => {
      const { account, emulator, engine, expectExactly, destroy } = await start(host);
      let deleteProtection = false;
      engine.program = async () => {
        new host.turso.Group("prod", { name: "prod", location: "lhr", deleteProtection });
      };
      expect(await engine.run("up")).toMatchObject({ failed: false });
      const stuck = async () => {
        emulator.fail({ method: "PATCH", hang: "after" });
        deleteProtection = true;
        const up = engine.run("up");
        await until(() => account.group("prod").deleteProtection);
        return { up, cli: engineProcess() };
      };
      const setRight = async () => {
        deleteProtection = false;
        expect((await engine.resources())[0]?.outputs).toMatchObject({ protected: false });
        expect(await engine.run("refresh")).toMatchObject({ failed: false });
        expect((await engine.resources())[0]?.outputs).toMatchObject({ protected: true });
        expect(await engine.run("up")).toMatchObject({ failed: false, steps: { prod: ["update"] } });
        expect(account.group("prod").deleteProtection).toBe(false);
        await expectExactly(["prod"]);
      };

      const provider = await stuck();
      for (const { pid } of below(provider.cli).toReversed()) process.kill(pid, "SIGKILL");
      const orphaned = await provider.up;
      expect(orphaned.diagnostics).toMatch(
        /\(prod\):\n +error: error reading from server: (EOF|.*connection reset by peer)/,
      );
      expect(await pendingIn(engine)).toEqual([]);
      await setRight();

      const { up, cli } = await stuck();
      process.kill(cli.pid, "SIGKILL");
      expect(await up).toMatchObject({ failed: true });
      expect(await pendingIn(engine)).toEqual(["updating prod"]);
      await engine.stack.cancel();
      await setRight();
      await destroy();
    },
  );

  test("because the API stops responding continues when the API is back", async () => {
    const { emulator, engine, expectExactly, destroy } = await start(host, { TURSO_MAX_RETRIES: "1" });
    let isToGo = true;
    engine.program = async () => {
      const { Group } = host.turso;
      const first = new Group("first", { name: "first", location: "lhr" });
      await new Promise((resolve) => first.uuid.apply(resolve));
      if (isToGo) emulator.refuse(Number.POSITIVE_INFINITY);
      for (const name of ["second", "third"]) new Group(name, { name, location: "lhr", replicas: ["ams"] });
    };
    const { failed, diagnostics } = await engine.run("up", { continueOnError: true });
    expect(failed).toBe(true);
    for (const name of ["second", "third"])
      expect(diagnostics).toMatch(errorLine("CREATE_FAILED", `'${name}'`));
    expect(diagnostics).toContain("ECONNREFUSED");
    expect(diagnostics).not.toContain("[OUTCOME_UNKNOWN]");
    await expectExactly(["first"]);

    isToGo = false;
    emulator.heal();
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: { second: ["create"], third: ["create"] },
    });
    await expectExactly(["first", "second", "third"]);
    await destroy();
  });
});

describeLifecycle("a replacement", (host) => {
  test("whose old group cannot be deleted leaves both in state, and the next up deletes the old one", async () => {
    const { account, emulator, engine, expectExactly, destroy } = await start(host);
    let name = "old";
    engine.program = async () => {
      new host.turso.Group("prod", { name, location: "lhr" });
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const times = Number.POSITIVE_INFINITY;
    emulator.fail({ method: "DELETE", times, status: 403, body: { error: "not now" } });
    name = "new";
    const refused = await engine.run("up");
    expect(refused.failed).toBe(true);
    expect(refused.diagnostics).toMatch(errorLine("DELETE_FAILED", "'old'"));
    expect(refused.diagnostics).toContain("403 not now");
    await expectExactly(["new", "old"]);
    const uuid = account.group("new").uuid;
    emulator.heal();
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { prod: ["delete-replaced"] } });
    await expectExactly(["new"]);
    expect(account.group("new").uuid).toBe(uuid);
    await destroy();
  });
});
