import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, type EngineOptions, startEngine } from "../support/engine.ts";

describeEngine.each([
  { form: "user", organization: undefined, base: "/v1/groups", prefix: "" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups", prefix: "acme/" },
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
      return { name: group.name, uuid: group.uuid };
    };
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect(requestsOf(emulator)).toEqual([]);
    const previewedName = /name: "(analytics-[0-9a-f]{7})"/.exec(preview.text)?.[1];

    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect(requestsOf(emulator)).toEqual([`POST ${base}`]);
    expect(emulator.requests[0]).toMatchObject({
      userAgent: expect.stringMatching(/^pulumi-turso\/\d+\.\d+\.\d+$/),
    });
    const [group] = account.groups.values();
    expect(group).toMatchObject({ name: previewedName, primary: "aws-us-east-1" });

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
    expect(requestsOf(emulator)).toEqual([`GET ${base}/${previewedName}`]);
    const [refreshed] = await engine.resources();
    expect(refreshed).toMatchObject(recorded);
    expect(Object.keys(refreshed?.inputs ?? {}).sort()).toEqual(Object.keys(inputs).sort());

    const state = await engine.stateText();
    expect(state).not.toContain(TOKEN);
    expect(state).not.toContain(process.cwd());

    emulator.requests.length = 0;
    expect(await engine.run("destroy")).toMatchObject({ failed: false, steps: { analytics: ["delete"] } });
    expect(requestsOf(emulator).filter((request) => request.startsWith("DELETE"))).toHaveLength(1);
    expect(account.groups.size).toBe(0);
    expect(await engine.resources()).toEqual([]);
  });

  test("a changed location replaces: a generated name changes with it, and the new group is there before the old one goes", async () => {
    const { emulator, engine, account } = await start();
    let location = "lhr";
    engine.program = async () => {
      new turso.Group("analytics", { location });
    };
    await engine.run("up");
    const [before] = account.groups.values();
    location = "ams";
    const replacement = ["create-replacement", "replace", "delete-replaced"];
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: { analytics: replacement } });
    expect(preview.text).toContain("[diff: ~location,name]");
    expect([...account.groups.values()]).toEqual([before]);

    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: replacement } });
    expect(requestsOf(emulator)).toEqual([
      `POST ${base}`,
      `GET ${base}/${before?.name}`,
      `DELETE ${base}/${before?.name}`,
    ]);
    expect([...account.groups.values()]).toMatchObject([
      { primary: "ams", name: expect.not.stringMatching(`^${before?.name}$`) },
    ]);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
  });

  test("a changed location under a name that is given deletes first; a changed name creates first", async () => {
    const { engine, account } = await start();
    let args: turso.GroupArgs = { name: "prod", location: "lhr" };
    engine.program = async () => {
      new turso.Group("analytics", args);
    };
    await engine.run("up");
    const first = account.group("prod").uuid;
    args = { name: "prod", location: "ams" };
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: { analytics: ["delete-replaced", "replace", "create-replacement"] },
    });
    const second = account.group("prod");
    expect(second).toMatchObject({ primary: "ams" });
    expect(second.uuid).not.toBe(first);

    args = { name: "next", location: "ams" };
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: { analytics: ["create-replacement", "replace", "delete-replaced"] },
    });
    expect([...account.groups.keys()]).toEqual(["next"]);
    expect(await engine.resources()).toMatchObject([{ id: `${prefix}next`, outputs: { name: "next" } }]);
  });

  test("a name or location that is not known yet previews, and becomes what it turns out to be", async () => {
    const { engine, account } = await start();
    let location = "lhr";
    engine.program = async () => {
      const first = new turso.Group("first", { location });
      const later = first.uuid.apply((uuid) => `g-${uuid}`);
      new turso.Group("second", { name: later, location });
      new turso.Group("third", { location: first.uuid.apply(() => location) });
    };
    expect(await engine.run("preview")).toMatchObject({
      failed: false,
      steps: { first: ["create"], second: ["create"], third: ["create"] },
    });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const names = [...account.groups.keys()].sort();
    expect(names).toEqual([
      expect.stringMatching(/^first-/),
      expect.stringMatching(/^g-[0-9a-f-]{36}$/),
      expect.stringMatching(/^third-/),
    ]);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    location = "ams";
    expect(await engine.run("preview")).toMatchObject({ failed: false });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect([...account.groups.values()].map(({ primary }) => primary)).toEqual(["ams", "ams", "ams"]);
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
    await engine.run("destroy");
    expect(account.groups.has("shared")).toBe(true);

    engine.program = async () => {
      turso.Group.get("missing", "missing");
    };
    const missing = await engine.run("preview");
    expect(missing.failed).toBe(true);
    expect(missing.text).toContain("Group 'missing' does not exist");
  });

  test("outputs reach the rest of the program", async () => {
    const { engine } = await start();
    engine.program = async () => {
      const group = new turso.Group("a", { location: "lhr" });
      return { text: pulumi.interpolate`${group.name} in ${group.primary}, archived: ${group.archived}` };
    };
    await engine.run("up");
    expect((await engine.stack.outputs()).text?.value).toMatch(/^a-[0-9a-f]{7} in lhr, archived: false$/);
  });
});
