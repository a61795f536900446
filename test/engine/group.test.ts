import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, type EngineOptions, startEngine } from "../support/engine.ts";

describeEngine.each([
  { form: "user", organization: undefined, base: "/v1", prefix: "" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme", prefix: "acme/" },
])("groups in the $form form", ({ organization, base, prefix }) => {
  /** An emulator, and a stack that uses it through variables. */
  async function start(options: EngineOptions = {}) {
    const emulator = await emulate();
    const env = {
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      ...(organization !== undefined && { TURSO_ORGANIZATION: organization }),
    };
    const engine = await startEngine({ ...options, env: { ...env, ...options.env } });
    return { emulator, engine, account: emulator.store.account(organization) };
  }

  test("preview, up, an up without changes, refresh and destroy do what they say, in as few requests as possible", async () => {
    const { emulator, engine, account } = await start();
    engine.program = async () => {
      const group = new turso.Group("analytics", { location: "aws-us-east-1" });
      return {
        name: group.name,
        text: pulumi.interpolate`${group.name} in ${group.primary}, archived: ${group.archived}`,
      };
    };
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect(requestsOf(emulator)).toEqual(["GET /v1/locations", `GET ${base}/groups`]);
    const previewedName = /name: "(analytics-[0-9a-f]{7})"/.exec(preview.text)?.[1];

    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect(requestsOf(emulator)).toEqual(["GET /v1/locations", `GET ${base}/groups`, `POST ${base}/groups`]);
    expect(emulator.requests[0]).toMatchObject({
      userAgent: expect.stringMatching(/^pulumi-turso\/\d+\.\d+\.\d+$/),
    });
    const [group] = account.groups.values();
    expect(group).toMatchObject({ name: previewedName, primary: "aws-us-east-1" });
    expect((await engine.stack.outputs()).text?.value).toBe(`${previewedName} in us-east-1, archived: false`);

    const inputs = {
      name: previewedName,
      location: "aws-us-east-1",
      ...(organization !== undefined && { organization }),
      __provider: 'exports.handler = () => require("pulumi-turso/provider").groupProvider',
    };
    const recorded = {
      type: "pulumi-nodejs:dynamic/turso:Group",
      id: `${prefix}${previewedName}`,
      inputs,
      outputs: {
        ...inputs,
        locations: ["aws-us-east-1"],
        primary: "us-east-1",
        uuid: group?.uuid,
        version: group?.version,
        archived: false,
        protected: false,
      },
    };
    expect(await engine.resources()).toMatchObject([recorded]);

    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator)).toEqual([]);

    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(requestsOf(emulator)).toEqual([`GET ${base}/groups`]);
    const [refreshed] = await engine.resources();
    expect(refreshed).toMatchObject(recorded);
    expect(Object.keys(refreshed?.inputs ?? {}).sort()).toEqual(Object.keys(inputs).sort());

    const state = await engine.stateText();
    expect(state).not.toContain(TOKEN);
    expect(state).not.toContain(process.cwd());

    emulator.requests.length = 0;
    expect(await engine.run("destroy")).toMatchObject({ failed: false, steps: { analytics: ["delete"] } });
    expect(requestsOf(emulator)).toEqual([
      `GET ${base}/groups`,
      `GET ${base}/databases`,
      `DELETE ${base}/groups/${previewedName}`,
    ]);
    expect(account.groups.size).toBe(0);
    expect(await engine.resources()).toEqual([]);
  });

  test("a change of location replaces, and a change of name: the new group is there before the old one goes, unless both have one name", async () => {
    const { emulator, engine, account } = await start();
    let [location, name] = ["lhr", "old"];
    engine.program = async () => {
      new turso.Group("generated", { location });
      new turso.Group("kept", { name: "kept", location });
      new turso.Group("renamed", { name, location: "lhr" });
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const before = structuredClone(account.groups);
    const generated = [...before.keys()].find((key) => key.startsWith("generated-"));
    [location, name] = ["ams", "new"];
    const createsFirst = ["create-replacement", "replace", "delete-replaced"];
    const steps = {
      generated: createsFirst,
      kept: ["delete-replaced", "replace", "create-replacement"],
      renamed: createsFirst,
    };
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps });
    expect(preview.text).toMatch(/generated .*\[diff: ~location,name\]/);
    expect(preview.text).toMatch(/kept .*\[diff: ~location\]/);
    expect(account.groups).toEqual(before);

    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps });
    const writes = requestsOf(emulator).filter((request) => !request.startsWith("GET"));
    expect(writes.toSorted()).toEqual(
      [
        ...[generated, "kept", "old"].map((old) => `DELETE ${base}/groups/${old}`),
        ...Array<string>(3).fill(`POST ${base}/groups`),
      ].toSorted(),
    );
    expect(writes.slice(-2).sort()).toEqual(
      [`DELETE ${base}/groups/${generated}`, `DELETE ${base}/groups/old`].sort(),
    );
    expect([...account.groups.values()].map(({ name, primary }) => [name, primary]).sort()).toEqual([
      [expect.stringMatching(/^generated-[0-9a-f]{7}$/), "ams"],
      ["kept", "ams"],
      ["new", "lhr"],
    ]);
    expect(account.groups.has(generated ?? "")).toBe(false);
    expect(account.group("kept").uuid).not.toBe(before.get("kept")?.uuid);
    expect((await engine.resources()).map(({ id }) => id)).toContain(`${prefix}new`);
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
  });

  test("an existing group is read with get, and left alone", async () => {
    const { engine, account } = await start();
    const group = account.createGroup({ name: "shared", location: "lhr", replicas: ["ams"] });
    engine.program = async () => {
      const shared = turso.Group.get("shared", "shared");
      return {
        uuid: shared.uuid,
        location: shared.location,
        all: shared.locations,
        protected: shared.protected,
      };
    };
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { shared: ["read"] } });
    expect(await engine.stack.outputs()).toMatchObject({
      uuid: { value: group.uuid },
      location: { value: "lhr" },
      all: { value: ["lhr", "ams"] },
      protected: { value: false },
    });
    expect(await engine.resources()).toMatchObject([{ id: `${prefix}shared`, external: true }]);
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(account.groups.has("shared")).toBe(true);

    engine.program = async () => {
      turso.Group.get("missing", "missing");
    };
    const missing = await engine.run("preview");
    expect(missing.failed).toBe(true);
    expect(missing.text).toContain("Group 'missing' does not exist");
  });
});

describeEngine("inputs that are not known yet", () => {
  test("preview, and become what they turn out to be: a name, location, organization or replica", async () => {
    const emulator = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    let location = "lhr";
    engine.program = async () => {
      const first = new turso.Group("first", { location });
      const later = <T>(value: T) => first.uuid.apply(() => value);
      new turso.Group("second", { name: first.uuid.apply((uuid) => `g-${uuid}`), location });
      new turso.Group("third", { location: later(location) });
      new turso.Group("fourth", { location, organization: later("acme") });
      new turso.Group("fifth", { location, replicas: [later("fra")], adopt: later(false) });
    };
    const create = ["create"];
    expect(await engine.run("preview")).toMatchObject({
      failed: false,
      steps: { first: create, second: create, third: create, fourth: create, fifth: create },
    });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const [own, acme] = [emulator.store.account(), emulator.store.account("acme")];
    expect([...own.groups.keys()].sort()).toEqual([
      expect.stringMatching(/^fifth-/),
      expect.stringMatching(/^first-/),
      expect.stringMatching(/^g-[0-9a-f-]{36}$/),
      expect.stringMatching(/^third-/),
    ]);
    expect([...acme.groups.keys()]).toEqual([expect.stringMatching(/^fourth-/)]);
    location = "ams";
    expect(await engine.run("preview")).toMatchObject({ failed: false });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    for (const { primary } of [...own.groups.values(), ...acme.groups.values()]) expect(primary).toBe("ams");
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
  });
});
