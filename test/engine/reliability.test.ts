/**
 * The cells of docs/reliability.md where the engine matters, many in one stack, because an operation takes
 * seconds.
 */
import type { GroupArgs } from "pulumi-turso";
import { BODIES } from "turso-emulator";
import { expect, onTestFinished, test } from "vitest";
import { emulate } from "../support/emulator.ts";
import type { Engine } from "../support/engine.ts";
import { describeLifecycle } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";
import { findSecret } from "../support/secrets.ts";

/** Every character except the letters is encoded in some form. */
const TOKEN = "tok+en/of=the%20API~that-is:nowhere";

describeLifecycle("under faults", ({ startEngine, turso }) => {
  /** A stack in an organization that also has a group with a database that the stack does not manage. */
  async function start() {
    const emulator = await emulate({ token: TOKEN });
    const account = emulator.store.account("acme");
    const somebodys = account.createGroup({ name: "somebodys", location: "ams" });
    account.createDatabase({ name: "data", group: "somebodys" });
    const before = JSON.stringify([somebodys, account.databasesIn("somebodys")]);
    const engine = await startEngine({
      env: {
        TURSO_API_TOKEN: TOKEN,
        TURSO_API_BASEURL: emulator.url,
        TURSO_ORGANIZATION: "acme",
        TURSO_REQUEST_TIMEOUT: "1",
        TURSO_MAX_RETRIES: "1",
      },
    });
    const shown: string[] = [];
    const run: Engine["run"] = async (operation, options) => {
      const result = await engine.run(operation, options);
      shown.push(result.text, await engine.stateText());
      return result;
    };
    onTestFinished(() => {
      expect(JSON.stringify([account.group("somebodys"), account.databasesIn("somebodys")])).toBe(before);
    });
    return { emulator, account, engine, run, shown };
  }

  test("an up succeeds although every kind of fault happens once; state is complete, and a destroy leaves nothing", {
    tags: ["exhaustive"],
  }, async () => {
    const { emulator, account, engine, run, shown } = await start();
    const groups: Record<string, GroupArgs> = Object.fromEntries(
      ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => [name, { name, location: "lhr" }]),
    );
    Object.assign(groups.a ?? {}, { replicas: ["ams", "fra"], deleteProtection: true });
    engine.program = async () => {
      const [first] = Object.entries(groups).map(([name, args]) => new turso.Group(name, args));
      if (first === undefined) return {};
      return { jwt: new turso.GroupToken("token", { group: first.id, expiration: "1h" }).jwt };
    };
    const post = { method: "POST", path: /\/groups$/ };
    emulator.fail({ ...post, status: 502, body: BODIES.html, applied: true });
    emulator.fail({ ...post, status: 200, body: BODIES.truncated, applied: true });
    emulator.fail({ ...post, drop: "before" });
    emulator.fail({ ...post, drop: "after" });
    emulator.fail({ ...post, hang: "after" });
    emulator.fail({ ...post, status: 429, headers: { "retry-after": "4" } });
    emulator.fail({ ...post, status: 503 });
    emulator.fail({ path: /\/locations\//, drop: "after" });
    emulator.fail({ path: /\/configuration$/, status: 504, applied: true });
    emulator.fail({ path: /\/auth\/tokens/, status: 503 });
    emulator.fail({ method: "GET", path: /\/v1\/locations$/, drop: "during" });
    const up = await run("up");
    expect(up, up.text).toMatchObject({ failed: false });
    // All requests waited because of one response; the warning appears once.
    expect(up.diagnostics.match(/warning: .*429/g)).toHaveLength(1);
    expect(account.group("a")).toMatchObject({ locations: ["lhr", "ams", "fra"], deleteProtection: true });
    const resources = await engine.resources();
    expect(
      resources
        .filter(({ outputs }) => outputs.uuid !== undefined)
        .map(({ outputs }) => [outputs.name, outputs.uuid])
        .sort(),
    ).toEqual(Object.keys(groups).map((name) => [name, account.group(name).uuid]));
    expect(account.groups.size).toBe(Object.keys(groups).length + 1);

    delete groups.a?.deleteProtection;
    account.protectGroup("a", false);
    const remove = { method: "DELETE", path: /\/groups\// };
    emulator.fail({ ...remove, drop: "after" });
    emulator.fail({ ...remove, status: 502, body: BODIES.html, applied: true });
    emulator.fail({ ...remove, status: 503 });
    emulator.fail({ ...remove, hang: "before" });
    emulator.fail({ method: "GET", path: /\/databases/, status: 500 });
    const destroy = await run("destroy");
    expect(destroy, destroy.text).toMatchObject({ failed: false });
    expect(await engine.resources()).toEqual([]);
    expect([...account.groups.keys()]).toEqual(["somebodys"]);
    for (const text of shown) {
      for (const secret of [TOKEN, ...emulator.store.tokens.keys()]) {
        expect(findSecret(text, secret)).toBeUndefined();
      }
    }
  });

  test("an up that fails names what is left to do, and the next one does it", async () => {
    const { emulator, account, engine, run, shown } = await start();
    const groups: Record<string, GroupArgs> = {
      kept: { name: "kept", location: "lhr" },
      gone: { name: "gone", location: "lhr" },
      moved: { name: "moved-1", location: "lhr" },
      undone: { name: "undone", location: "lhr", deleteProtection: false },
    };
    engine.program = async () => {
      for (const [name, args] of Object.entries(groups)) new turso.Group(name, args);
    };
    expect(await run("up")).toMatchObject({ failed: false });
    const { gone: _, ...rest } = groups;
    for (const name of Object.keys(groups)) delete groups[name];
    Object.assign(groups, rest, {
      kept: { name: "kept", location: "lhr", replicas: ["ams", "fra"] },
      moved: { name: "moved-2", location: "lhr" },
      lost: { name: "lost", location: "lhr" },
      never: { name: "never", location: "lhr" },
      undone: { name: "undone", location: "lhr", deleteProtection: true },
    });
    const always = { times: Number.POSITIVE_INFINITY };
    // Created, but neither the response nor a check shows it.
    emulator.fail({ method: "POST", path: /\/groups$/, drop: "after" });
    emulator.fail({ ...always, method: "GET", path: /\/groups\/(lost|never|moved-2|undone)$/, status: 503 });
    emulator.fail({ ...always, method: "PATCH", status: 503, applied: true });
    emulator.fail({ ...always, path: /\/locations\/fra$/, status: 503 });
    emulator.fail({ ...always, method: "DELETE", path: /\/groups\/(gone|moved-1)$/, status: 500 });
    const failed = await run("up", { continueOnError: true });
    expect(failed.failed).toBe(true);
    expect(failed.diagnostics).toMatch(errorLine("UPDATE_FAILED", "'kept' in organization 'acme'", "fra"));
    const resources = await engine.resources();
    const kept = resources.find(({ urn }) => urn.endsWith("::kept"));
    expect(kept).toMatchObject({
      outputs: { replicas: ["ams"], locations: ["lhr", "ams"], __unsettled: true },
    });
    // One response to a create was lost: its group exists and is not in state.
    const orphans = [...account.groups.values()].filter(
      ({ name, uuid }) => name !== "somebodys" && !resources.some(({ outputs }) => outputs.uuid === uuid),
    );
    expect(orphans).toHaveLength(1);
    for (const { name } of orphans) {
      expect(failed.diagnostics).toMatch(errorLine("OUTCOME_UNKNOWN", `'${name}' in organization 'acme'`));
    }
    expect(failed.diagnostics).toMatch(errorLine("UPDATE_FAILED", "'undone' in organization 'acme'"));
    expect(account.group("undone").deleteProtection).toBe(true);
    for (const name of ["gone", ...(orphans[0]?.name === "moved-2" ? [] : ["moved-1"])]) {
      expect(failed.diagnostics).toMatch(errorLine("OUTCOME_UNKNOWN", `'${name}' in organization 'acme'`));
      expect(resources).toContainEqual(expect.objectContaining({ id: `acme/${name}` }));
    }

    emulator.heal();
    Object.assign(groups.undone ?? {}, { deleteProtection: false });
    const refused = await run("preview");
    for (const { name } of orphans) {
      expect(refused.diagnostics).toMatch(errorLine("NAME_TAKEN", `'${name}' in organization 'acme'`));
      expect(refused.diagnostics).toMatch(/adopt: true`.*`pulumi refresh --clear-pending-creates`/);
      for (const args of Object.values(groups)) if (args.name === name) args.adopt = true;
    }
    const up = await run("up");
    expect(up, up.text).toMatchObject({ failed: false });
    const names = Object.values(groups).map(({ name }) => name);
    expect([...account.groups.keys()].sort()).toEqual([...names, "somebodys"].sort());
    expect((await engine.resources()).map(({ outputs }) => outputs.uuid).sort()).toEqual(
      names.map((name) => account.group(String(name)).uuid).sort(),
    );
    expect(account.group("kept").locations).toEqual(["lhr", "ams", "fra"]);
    expect(account.group("undone").deleteProtection).toBe(false);
    // The note in state is removed, and was never shown.
    for (const text of [refused.text, up.text, await engine.stateText()])
      expect(text).not.toContain("__unsettled");
    expect(await run("destroy")).toMatchObject({ failed: false });
    expect([...account.groups.keys()]).toEqual(["somebodys"]);
    for (const text of shown) expect(findSecret(text, TOKEN)).toBeUndefined();
  });
});
