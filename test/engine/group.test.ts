import * as pulumi from "@pulumi/pulumi";
import type { GroupArgs } from "pulumi-turso";
import { describe, expect, test } from "vitest";
import { startBothForms, steps } from "../support/bothForms.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import type { EngineOptions } from "../support/engine.ts";
import { describeHosts, describeLifecycle } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

describeHosts("groups", (host) => {
  const { turso, startEngine } = host;

  // The form of the API is the same to both hosts: one of the two is exhaustive.
  const forms = [
    { form: "user", organization: undefined, base: "/v1", prefix: "", quickOn: "native" },
    {
      form: "organization",
      organization: "acme",
      base: "/v1/organizations/acme",
      prefix: "acme/",
      quickOn: "dynamic",
    },
  ];
  describe.each(forms)("in the $form form", ({ organization, base, prefix, quickOn }) => {
    const tags = quickOn === host.host ? [] : ["exhaustive"];

    /** An emulator, and a stack that uses it through environment variables. */
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

    test("preview, up, an up without changes, refresh and destroy do what they say, in as few requests as possible", {
      tags,
    }, async () => {
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
      // Lists are requested together, and arrive in any order.
      const lists = ["GET /v1/locations", `GET ${base}/groups`].sort();
      expect(requestsOf(emulator).sort()).toEqual(lists);
      const previewedName = /name: "(analytics-[0-9a-f]{7})"/.exec(preview.text)?.[1];

      emulator.requests.length = 0;
      expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
      expect(requestsOf(emulator).slice(0, 2).sort()).toEqual(lists);
      expect(requestsOf(emulator).slice(2)).toEqual([`POST ${base}/groups`]);
      expect(emulator.requests[0]).toMatchObject({
        userAgent: expect.stringMatching(/^pulumi-turso\/\d+\.\d+\.\d+$/),
      });
      const [group] = account.groups.values();
      expect(group).toMatchObject({ name: previewedName, primary: "aws-us-east-1" });
      expect((await engine.stack.outputs()).text?.value).toBe(
        `${previewedName} in us-east-1, archived: false`,
      );

      const inputs = {
        name: previewedName,
        location: "aws-us-east-1",
        ...(organization !== undefined && { organization }),
        ...host.marks("groupProvider"),
      };
      const recorded = {
        type: host.typeOf("Group"),
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
      const deletion = requestsOf(emulator);
      expect(deletion.slice(0, 2).sort()).toEqual([`GET ${base}/databases?limit=1000`, `GET ${base}/groups`]);
      expect(deletion.slice(2)).toEqual([`DELETE ${base}/groups/${previewedName}`]);
      expect(account.groups.size).toBe(0);
      expect(await engine.resources()).toEqual([]);
    });
  });

  test("existing groups are read with get and not changed; a missing one is an error", async () => {
    const emulator = await emulate();
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const engine = await startEngine({ env });
    const [acme, beta, own] = ["acme", "beta", undefined].map((organization) =>
      emulator.store
        .account(organization)
        .createGroup({ name: "shared", location: "lhr", replicas: ["ams"] }),
    );
    engine.program = async () => {
      const shared = turso.Group.get("shared", "shared");
      return {
        uuid: shared.uuid,
        location: shared.location,
        all: shared.locations,
        protected: shared.protected,
        beta: turso.Group.get("beta", "beta/shared").uuid,
      };
    };
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: { shared: ["read"], beta: ["read"] },
    });
    expect(await engine.stack.outputs()).toMatchObject({
      uuid: { value: acme?.uuid },
      location: { value: "lhr" },
      all: { value: ["lhr", "ams"] },
      protected: { value: false },
      beta: { value: beta?.uuid },
    });
    expect((await engine.resources()).sort((a, b) => a.id.localeCompare(b.id))).toMatchObject([
      { id: "acme/shared", external: true },
      { id: "beta/shared", external: true },
    ]);
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(requestsOf(emulator).filter((request) => !request.startsWith("GET"))).toEqual([]);

    engine.stack.workspace.envVars.TURSO_ORGANIZATION = "";
    engine.program = async () => ({ uuid: turso.Group.get("shared", "shared").uuid });
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: { shared: ["read"] } });
    expect(preview.text).toContain(own?.uuid);
    engine.program = async () => {
      turso.Group.get("missing", "missing");
    };
    const missing = await engine.run("preview");
    expect(missing.failed).toBe(true);
    expect(missing.text).toMatch(errorLine("NOT_FOUND", "'missing'"));
  });

  test("inputs that the preview does not know yet take effect in the up: a name, location, organization or replica", async () => {
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

describeLifecycle("a group", (host) => {
  const { turso } = host;

  test("a change of location replaces, and a change of name: the new group is created before the old one is deleted, unless both have the same name", async () => {
    const { accounts, emulator, engine, declare, writes, forget, stored } = await startBothForms(host);
    let location = "lhr";
    const groups: Record<string, GroupArgs> = { kept: { location }, renamed: { name: "old", location } };
    declare(groups);
    const declared = engine.program;
    engine.program = async () => {
      await declared();
      new turso.Group("own-generated", { location });
      new turso.Group("acme-generated", { location, organization: "acme" });
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const groupsNow = () => accounts.map(({ groups }) => new Map(structuredClone([...groups])));
    const before = groupsNow();
    const generated = before.map(
      (groups) =>
        [...groups.keys()].find((name) => name.startsWith("own-g") || name.startsWith("acme-g")) ?? "",
    );
    location = "ams";
    Object.assign(groups, { kept: { location }, renamed: { name: "new", location: "lhr" } });
    const createsFirst = ["create-replacement", "replace", "delete-replaced"];
    const replaced = steps({
      generated: createsFirst,
      kept: ["delete-replaced", "replace", "create-replacement"],
      renamed: createsFirst,
    });
    const preview = await engine.run("preview");
    expect(preview).toMatchObject({ failed: false, steps: replaced });
    expect(preview.text).toMatch(/own-generated .*\[diff: ~location,name\]/);
    expect(preview.text).toMatch(/acme-kept .*\[diff: ~location\]/);
    expect(groupsNow()).toEqual(before);

    forget();
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: replaced });
    expect(writes("kept")).toEqual(["DELETE groups/kept", "POST groups"]);
    expect(writes("old")).toEqual(["DELETE groups/old"]);
    expect(writes("new")).toEqual(["POST groups"]);
    const all = requestsOf(emulator).filter((request) => !request.startsWith("GET"));
    expect(all.slice(-4).sort()).toEqual(
      [
        "DELETE /v1/groups/old",
        `DELETE /v1/groups/${generated[0]}`,
        "DELETE /v1/organizations/acme/groups/old",
        `DELETE /v1/organizations/acme/groups/${generated[1]}`,
      ].sort(),
    );
    expect(all.filter((request) => request.startsWith("POST"))).toHaveLength(6);
    for (const [i, account] of accounts.entries()) {
      const there = [...account.groups.values()].map(({ name, primary }) => `${name} ${primary}`);
      expect(
        there.map((group) => group.replace(/^(own|acme)-generated-[0-9a-f]{7} /, "generated ")).sort(),
      ).toEqual(["generated ams", "kept ams", "new lhr"]);
      expect(account.groups.has(generated[i] ?? "")).toBe(false);
      expect(account.group("kept").uuid).not.toBe(before[i]?.get("kept")?.uuid);
    }
    expect(await stored("renamed")).toMatchObject([{ id: "new" }, { id: "acme/new" }]);
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
  });
});
