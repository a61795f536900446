/** Groups that already exist, declared in both forms of the API where the test does not say otherwise. */
import { expect, test } from "vitest";
import { startBothForms, steps } from "../support/bothForms.ts";
import { describeLifecycle } from "../support/hosts.ts";
import { errorLine, warningLine } from "../support/messages.ts";

describeLifecycle("adoption", (host) => {
  test("a taken name is an error at preview; with adopt: true the group comes under management without a write", async () => {
    const { accounts, emulator, engine, declare, forget, stored } = await startBothForms(host);
    const there = accounts.map((account) =>
      account.createGroup({ name: "prod", location: "lhr", replicas: ["ams"] }),
    );
    const before = structuredClone(there);
    declare({ prod: { location: "lhr" } });
    const taken = await engine.run("preview");
    expect(taken).toMatchObject({ failed: true, steps: {} });
    expect(taken.text).toMatch(
      errorLine("NAME_TAKEN", "property name value {prod} has a problem:", "'prod'", "lhr"),
    );
    expect(taken.text).toContain("`adopt: true`");

    declare({ prod: { location: "fra", adopt: true } });
    const otherLocation = await engine.run("preview");
    expect(otherLocation).toMatchObject({ failed: true, steps: {} });
    expect(otherLocation.text).toMatch(errorLine("ADOPTION_FAILED", "'prod'", "lhr", "fra"));

    declare({ prod: { location: "lhr", adopt: true } });
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: steps({ prod: ["create"] }) });
    expect(preview.diagnostics).toMatch(warningLine("'prod' in organization 'acme'"));
    expect(preview.diagnostics).toContain("`pulumi destroy`");
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: ["create"] }) });
    expect(there).toEqual(before);
    expect(emulator.requests.filter(({ method }) => method !== "GET")).toEqual([]);
    const complete = there.map(({ uuid, version }, i) => ({
      id: ["prod", "acme/prod"][i],
      inputs: { name: "prod", location: "lhr", adopt: true },
      outputs: {
        uuid,
        version,
        locations: ["lhr", "ams"],
        primary: "lhr",
        archived: false,
        protected: false,
      },
    }));
    expect(await stored("prod")).toMatchObject(complete);
    forget();
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    expect(emulator.requests).toEqual([]);
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await stored("prod")).toMatchObject(complete);

    // Another resource takes the group over: it is not deleted with the old resource.
    engine.program = async () => {
      new host.turso.Group("live", { name: "prod", location: "lhr", adopt: true });
      new host.turso.Group("acme-prod", { name: "prod", location: "lhr", organization: "acme", adopt: true });
    };
    const takenOver = await engine.run("up");
    expect(takenOver).toMatchObject({ failed: false, steps: { live: ["create"], "own-prod": ["delete"] } });
    expect(takenOver.text).toMatch(warningLine("'prod'"));
    expect(there).toEqual(before);
    expect(accounts[0]?.groups.has("prod")).toBe(true);
  });

  test("where preview could not check, up says how to adopt the group, and a replacement says to set deleteBeforeReplace", async () => {
    const env = { TURSO_MAX_RETRIES: "0" };
    const { accounts, emulator, engine, declare } = await startBothForms(host, {}, { env });
    for (const account of accounts) account.createGroup({ name: "prod", location: "lhr" });
    declare({ prod: { location: "lhr" } });
    emulator.fail({ method: "GET", path: /\/groups$/, status: 500, times: Number.POSITIVE_INFINITY });
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: steps({ prod: ["create"] }) });
    expect(preview.diagnostics.match(/warning:/g)).toHaveLength(1);
    const up = await engine.run("up");
    expect(up.failed).toBe(true);
    expect(up.text).toMatch(errorLine("NAME_TAKEN", "'prod'"));
    expect(up.text).toContain("`adopt: true`");
    expect(up.text).toContain("`deleteBeforeReplace: true`");
    expect(up.text).toContain("409 group already exists");
    expect(await engine.resources()).toEqual([]);

    emulator.heal();
    // With this option the engine creates the new group while the name is still in use.
    const program = (location: string) => async () => {
      new host.turso.Group("own-fresh", { name: "fresh", location }, { deleteBeforeReplace: false });
    };
    engine.program = program("lhr");
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const uuid = accounts[0]?.group("fresh").uuid;
    engine.program = program("ams");
    const replaced = await engine.run("up");
    expect(replaced.failed).toBe(true);
    expect(replaced.text).toMatch(errorLine("NAME_TAKEN", "'fresh'"));
    expect(replaced.text).toContain("`deleteBeforeReplace: true`");
    expect(accounts[0]?.group("fresh").uuid).toBe(uuid);
  });

  test("two resources that declare the same group are an error at preview", async () => {
    const { emulator, engine } = await startBothForms(host);
    engine.program = async () => {
      new host.turso.Group("one", { name: "prod", location: "lhr" });
      new host.turso.Group("two", { name: "prod", location: "lhr" });
    };
    const preview = await engine.run("preview");
    expect(preview.failed).toBe(true);
    expect(preview.text).toMatch(
      /resource '(one|two)': property name value \{prod\} has a problem: .*'(one|two)'.*\[DUPLICATE_RESOURCE\]/,
    );
    expect(emulator.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});
