import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../test/support/emulator.ts";
import { type Answer, serve } from "../../test/support/server.ts";
import { createClient } from "../src/api/index.js";
import { type GroupInputs, type GroupOutputs, groupLifecycle } from "../src/group.js";
import { type CheckRequest, type Context, type Properties, UNKNOWN } from "../src/lifecycle.js";

const resource = { project: "shop", stack: "dev", name: "analytics" };

/** A context like a host's; what the lifecycle warns of is in `warnings`. */
function contextFor(url: string, organization?: string): Context & { warnings: string[] } {
  const warnings: string[] = [];
  const api = createClient({ token: TOKEN, baseUrl: url });
  return { api, organization, warn: (message) => warnings.push(message), warnings };
}

/** Check in a context that cannot reach anything. */
function check(news: Properties, more: Partial<CheckRequest> & { organization?: string } = {}) {
  const { organization, ...request } = more;
  const context = contextFor("http://127.0.0.1:1", organization);
  return groupLifecycle.check(context, { olds: undefined, news, resource, ...request });
}

const inputsOf = async (...args: Parameters<typeof check>) => (await check(...args)).inputs;
const reasons = async (...args: Parameters<typeof check>) =>
  (await check(...args)).failures.map(({ property, reason }) => `${property}: ${reason}`);

describe("check", () => {
  test("lets through name, location and organization, and nothing else", async () => {
    expect(await inputsOf({ name: "prod", location: "lhr", organization: "acme" })).toEqual({
      name: "prod",
      location: "lhr",
      organization: "acme",
    });
    expect(await reasons({ location: "lhr", lokation: "ams" })).toEqual([
      "lokation: a Group has no such input; it has name, location and organization",
    ]);
  });

  test("takes the default organization, unless one is given", async () => {
    expect(await inputsOf({ name: "a", location: "lhr" }, { organization: "acme" })).toHaveProperty(
      "organization",
      "acme",
    );
    expect(
      await inputsOf({ name: "a", location: "lhr", organization: "beta" }, { organization: "acme" }),
    ).toHaveProperty("organization", "beta");
    expect(await inputsOf({ name: "a", location: "lhr" })).not.toHaveProperty("organization");
  });

  test.each([
    [{}, "location: it is required (e.g. aws-us-east-1 or lhr)"],
    [{ location: "" }, "location: it is empty (e.g. aws-us-east-1 or lhr)"],
    [{ location: 5 }, "location: it must be a string (e.g. aws-us-east-1 or lhr), but is a number"],
    [{ location: "lhr", name: ".." }, 'name: it cannot be ".." (e.g. prod)'],
    [{ location: "lhr", name: "a/b" }, "name: it must not contain slashes (e.g. prod)"],
    [{ location: "lhr", name: "a b" }, "name: it must not contain spaces (e.g. prod)"],
    [{ location: "lhr", name: ["a"] }, "name: it must be a string (e.g. prod), but is a list"],
    [{ location: "lhr", organization: "" }, "organization: it is empty (the slug, e.g. acme)"],
  ])("refuses %j", async (news, reason) => {
    expect(await reasons(news)).toEqual([reason]);
  });

  test("leaves unknown values alone", async () => {
    const unknown = { name: UNKNOWN, location: UNKNOWN, organization: UNKNOWN };
    const olds = { name: "a", location: "lhr", organization: "acme" };
    expect(await check(unknown, { olds })).toEqual({ inputs: unknown, failures: [] });
  });

  describe("generates a name", () => {
    const nameOf = async (news: Properties, more?: Parameters<typeof check>[1]) =>
      (await inputsOf(news, more)).name;

    test("the same every time, from all that places the group", async () => {
      const name = await nameOf({ location: "lhr" });
      expect(name).toMatch(/^analytics-[0-9a-f]{7}$/);
      expect(await nameOf({ location: "lhr" }, { preview: true })).toBe(name);
      const others = await Promise.all([
        nameOf({ location: "ams" }),
        nameOf({ location: "lhr" }, { organization: "acme" }),
        nameOf({ location: "lhr" }, { resource: { ...resource, project: "other" } }),
        nameOf({ location: "lhr" }, { resource: { ...resource, stack: "prod" } }),
        nameOf({ location: "lhr" }, { resource: { ...resource, name: "analytics2" } }),
      ]);
      expect(new Set([name, ...others]).size).toBe(6);
      expect(await nameOf({ location: "us-east-1" })).toBe(await nameOf({ location: "aws-us-east-1" }));
    });

    test.each(["My Group/Ümlaut", "x".repeat(100), "---", "a_b.c", "日本"])(
      "of allowed characters, from %j",
      async (name) => {
        expect(await nameOf({ location: "lhr" }, { resource: { ...resource, name } })).toMatch(
          /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{7}$/,
        );
      },
    );

    test("that is unknown while its place is", async () => {
      expect(await nameOf({ location: UNKNOWN })).toBe(UNKNOWN);
      expect(await nameOf({ location: "lhr", organization: UNKNOWN })).toBe(UNKNOWN);
    });

    test("that stays in another stack or under another resource name, as after `state move`", async () => {
      const olds = { name: "analytics-0000000", location: "aws-us-east-1" };
      expect(await nameOf({ location: "us-east-1" }, { olds })).toBe("analytics-0000000");
    });

    test("that changes with the location, so that a replacement can exist beside the old group", async () => {
      const olds = { name: "analytics-0000000", location: "lhr" };
      expect(await nameOf({ location: "ams" }, { olds })).toBe(await nameOf({ location: "ams" }));
    });

    test("that stays when the group is at the new location already", async () => {
      const olds = { name: "analytics-0000000", location: "lhr", __primary: "ams" };
      expect(await inputsOf({ location: "ams" }, { olds })).toEqual({
        name: "analytics-0000000",
        location: "ams",
      });
      expect(await inputsOf({ location: "lhr" }, { olds })).toEqual(olds);
    });
  });

  describe("compares the organization with the one in state", () => {
    const olds = { name: "a", location: "lhr", organization: "acme" };
    const userForm = { name: "a", location: "lhr" };

    test("a default that resolves differently is an error with both ways out", async () => {
      const [reason] = await reasons({ location: "lhr" }, { olds, organization: "beta" });
      expect(reason).toContain(
        "organization: this group is in organization 'acme', but the default organization is 'beta' now",
      );
      expect(reason).toContain("pulumi config set turso:organization acme");
      expect(reason).toContain('declare organization: "beta"');
    });

    test("one that is given and changes is a matter of diff", async () => {
      expect(
        await reasons({ location: "lhr", organization: "beta" }, { olds, organization: "acme" }),
      ).toEqual([]);
      expect(
        await reasons({ location: "lhr", organization: "acme" }, { olds, organization: "beta" }),
      ).toEqual([]);
    });

    test("between an organization and the user form lies an error with the way over", async () => {
      const [gone] = await reasons({ location: "lhr" }, { olds });
      expect(gone).toContain("`pulumi config set turso:organization acme`");
      expect(gone).toContain("pulumi stack export");
      const [come] = await reasons({ location: "lhr", organization: "acme" }, { olds: userForm });
      expect(come).toContain("in the account of the API token's user");
      expect(come).toContain("unset turso:organization and TURSO_ORGANIZATION");
      expect(await reasons({ location: "lhr" }, { olds: userForm })).toEqual([]);
    });
  });
});

describe("diff", () => {
  const olds: GroupOutputs = {
    name: "prod",
    location: "lhr",
    organization: "acme",
    locations: ["lhr"],
    primary: "lhr",
    uuid: "u1",
  };
  const news: GroupInputs = { name: "prod", location: "lhr", organization: "acme" };
  const same = { changes: false, replaces: [], deleteBeforeReplace: false };

  test("sees nothing in an unchanged group, whatever the server adds to it", () => {
    expect(groupLifecycle.diff(olds, news)).toEqual(same);
    expect(
      groupLifecycle.diff({ ...olds, archived: true, version: "v9", locations: ["lhr", "ams"] }, news),
    ).toEqual(same);
    expect(groupLifecycle.diff({ name: "prod", location: "lhr" }, { name: "prod", location: "lhr" })).toEqual(
      same,
    );
  });

  test.each([
    ["name", { name: "other" }, false],
    ["location", { location: "ams" }, true],
    ["organization", { organization: "beta" }, false],
    ["name", { name: UNKNOWN }, false],
    ["location", { location: UNKNOWN }, true],
  ])("a changed %s replaces: %j", (property, change, deleteBeforeReplace) => {
    expect(groupLifecycle.diff(olds, { ...news, ...change })).toEqual({
      changes: true,
      replaces: [property],
      deleteBeforeReplace,
    });
  });

  test("another spelling of the same location is an update", () => {
    const aws = { ...olds, location: "aws-us-east-1", primary: "us-east-1" };
    expect(groupLifecycle.diff(aws, { ...news, location: "us-east-1" })).toEqual({ ...same, changes: true });
  });

  test("a group renamed elsewhere is not renamed back; its new name is accepted without a replacement", () => {
    const renamed = { ...olds, name: "prod2", __declaredName: "prod" };
    expect(groupLifecycle.diff(renamed, news)).toEqual(same);
    expect(groupLifecycle.diff(renamed, { ...news, name: "prod2" })).toEqual({ ...same, changes: true });
    expect(groupLifecycle.diff(renamed, { ...news, name: "third" })).toMatchObject({ replaces: ["name"] });
    expect(groupLifecycle.diff(renamed, { ...news, location: "ams" })).toMatchObject({
      replaces: ["location"],
      deleteBeforeReplace: false,
    });
  });

  test("a group moved elsewhere is not moved back; its new location is accepted without a replacement", () => {
    const moved = { ...olds, primary: "ams", locations: ["ams"] };
    expect(groupLifecycle.diff(moved, news)).toEqual(same);
    expect(groupLifecycle.diff(moved, { ...news, location: "ams" })).toEqual({ ...same, changes: true });
    expect(groupLifecycle.diff(moved, { ...news, location: "fra" })).toMatchObject({
      replaces: ["location"],
    });
  });
});

describe.each([
  { form: "user", organization: undefined, base: "/v1/groups", prefix: "" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups", prefix: "acme/" },
])("in the $form form", ({ organization, base, prefix }) => {
  const inputs = (more: Partial<GroupInputs> = {}): GroupInputs => ({
    name: "prod",
    location: "lhr",
    ...(organization !== undefined && { organization }),
    ...more,
  });

  /** An emulator with the group `prod` created by our lifecycle, and no requests yet. */
  async function created(more: Partial<GroupInputs> = {}) {
    const emulator = await emulate();
    const context = contextFor(emulator.url);
    const { id, outputs } = await groupLifecycle.create(context, inputs(more));
    emulator.requests.length = 0;
    return { emulator, account: emulator.store.account(organization), context, id, outputs };
  }

  test("create is one POST and tells what there is now", async () => {
    const emulator = await emulate();
    const { id, outputs } = await groupLifecycle.create(
      contextFor(emulator.url),
      inputs({ location: "aws-us-east-1" }),
    );
    const group = emulator.store.account(organization).group("prod");
    expect(id).toBe(`${prefix}prod`);
    expect(outputs).toEqual({
      ...inputs({ location: "aws-us-east-1" }),
      locations: ["aws-us-east-1"],
      primary: "us-east-1",
      uuid: group.uuid,
      version: group.version,
      archived: false,
      protected: false,
    });
    expect(requestsOf(emulator)).toEqual([`POST ${base}`]);
  });

  test("create of a taken name says so, and does not touch what is there", async () => {
    const { context, account } = await created();
    const uuid = account.group("prod").uuid;
    await expect(groupLifecycle.create(context, inputs({ location: "ams" }))).rejects.toThrow(
      "exists already, and this stack did not create it",
    );
    expect(account.group("prod")).toMatchObject({ uuid, primary: "lhr" });
  });

  test("read finds the group unchanged", async () => {
    const { emulator, context, id, outputs } = await created();
    expect(await groupLifecycle.read(context, id, outputs)).toEqual({ id, inputs: inputs(), outputs });
    expect(requestsOf(emulator)).toEqual([`GET ${base}/prod`]);
    expect(context.warnings).toEqual([]);
  });

  test("read and delete follow a rename made elsewhere", async () => {
    const { account, context, id, outputs } = await created();
    account.renameGroup("prod", "prod2");
    const renamed = { ...outputs, name: "prod2", __declaredName: "prod" };
    const read = { id: `${prefix}prod2`, inputs: inputs(), outputs: renamed };
    expect(await groupLifecycle.read(context, id, outputs)).toEqual(read);
    expect(context.warnings.join()).toContain('declare name: "prod2"');
    expect(await groupLifecycle.read(context, `${prefix}prod2`, renamed)).toEqual(read);
    await groupLifecycle.delete(context, outputs);
    expect(account.groups.size).toBe(0);
  });

  test("a rename that is taken back leaves no trace", async () => {
    const { context, outputs } = await created();
    const renamed = { ...outputs, name: "prod2", __declaredName: "prod" };
    expect(await groupLifecycle.read(context, `${prefix}prod2`, renamed)).toEqual({
      id: `${prefix}prod`,
      inputs: inputs(),
      outputs,
    });
  });

  test("accepting a rename or a move is no request", async () => {
    const { emulator, context, outputs } = await created();
    const drifted = { ...outputs, name: "prod2", __declaredName: "prod", primary: "ams" };
    expect(await groupLifecycle.update(context, drifted, inputs({ name: "prod2", location: "ams" }))).toEqual(
      {
        ...outputs,
        name: "prod2",
        location: "ams",
        primary: "ams",
      },
    );
    expect(await groupLifecycle.update(context, drifted, inputs({ location: "ams" }))).toHaveProperty(
      "__declaredName",
      "prod",
    );
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("read tells of a move made elsewhere", async () => {
    const { account, context, id, outputs } = await created();
    account.movePrimary("prod", "ams");
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({
      inputs: inputs({ __primary: "ams" }),
      outputs: { location: "lhr", primary: "ams" },
    });
    expect(context.warnings.join()).toContain('declare location: "ams"');
  });

  test("a group that is gone is gone to read, and deleted to delete", async () => {
    const { account, context, id, outputs } = await created();
    account.deleteGroup("prod");
    expect(await groupLifecycle.read(context, id, outputs)).toBeUndefined();
    await groupLifecycle.delete(context, outputs);
  });

  test("another group of the same name is not ours: gone to read, left alone by delete", async () => {
    const { emulator, account, context, id, outputs } = await created();
    account.deleteGroup("prod");
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await groupLifecycle.read(context, id, outputs)).toBeUndefined();
    await groupLifecycle.delete(context, outputs);
    expect(account.groups.has("prod")).toBe(true);
    expect(requestsOf(emulator).filter((request) => request.startsWith("DELETE"))).toEqual([]);
  });

  test("delete is one GET for identity and one DELETE", async () => {
    const { emulator, context, outputs } = await created();
    await groupLifecycle.delete(context, outputs);
    expect(requestsOf(emulator)).toEqual([`GET ${base}/prod`, `DELETE ${base}/prod`]);
    expect(emulator.store.account(organization).groups.size).toBe(0);
  });

  test("delete of a group that vanishes in between succeeds", async () => {
    const { emulator, context, outputs } = await created();
    emulator.fail({ method: "DELETE", status: 404, body: { error: "group not found" } });
    await groupLifecycle.delete(context, outputs);
  });

  test("without a uuid the address identifies the group, and delete looks nothing up", async () => {
    const { emulator, account, context, id } = await created();
    account.deleteGroup("prod");
    account.createGroup({ name: "prod", location: "lhr" });
    const outputs = inputs();
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({ id });
    emulator.requests.length = 0;
    await groupLifecycle.delete(context, outputs);
    expect(requestsOf(emulator)).toEqual([`DELETE ${base}/prod`]);
  });

  test.each([401, 403, 500])("a %i is an error, never an absence", async (status) => {
    const { emulator, context, id, outputs } = await created();
    emulator.fail({ times: 2, status, body: { error: "no" } });
    await expect(groupLifecycle.read(context, id, outputs)).rejects.toThrow(`${status} no`);
    await expect(groupLifecycle.delete(context, outputs)).rejects.toThrow(`${status} no`);
    expect(emulator.store.account(organization).groups.has("prod")).toBe(true);
  });

  test("a failing deletion names the group", async () => {
    const { account, context, outputs } = await created();
    account.protectGroup("prod");
    await expect(groupLifecycle.delete(context, outputs)).rejects.toThrow(
      /^Group 'prod'.* could not be deleted\.\n.*403 group prod is delete-protected/,
    );
  });

  test("get reads by id alone", async () => {
    const { context, id, outputs } = await created({ location: "aws-us-east-1" });
    expect(await groupLifecycle.read(context, id, undefined)).toEqual({
      id,
      inputs: inputs({ location: "aws-us-east-1" }),
      outputs,
    });
    expect(await groupLifecycle.read(context, `${prefix}nope`, undefined)).toBeUndefined();
  });
});

describe("an id", () => {
  test("without a slash means the default organization where one is set", async () => {
    const emulator = await emulate();
    emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
    const found = await groupLifecycle.read(contextFor(emulator.url, "acme"), "prod", undefined);
    expect(found).toMatchObject({ id: "acme/prod", inputs: { organization: "acme" } });
    expect(await groupLifecycle.read(contextFor(emulator.url), "prod", undefined)).toBeUndefined();
  });

  test.each(["", "a/b/c", "/b", "a/", "../b", "a b"])("%j is none", async (id) => {
    await expect(groupLifecycle.read(contextFor("http://127.0.0.1:1"), id, undefined)).rejects.toThrow(
      "is not the id of a group",
    );
  });
});

describe("a 404 that is not the API's", () => {
  test("as of a misspelt base URL is an error, never an absence", async () => {
    const { url } = await serve({ status: 404, body: "<html>Not Found</html>" });
    const outputs = { name: "prod", location: "lhr" };
    await expect(groupLifecycle.read(contextFor(url), "prod", outputs)).rejects.toThrow("an HTML page");
    await expect(groupLifecycle.delete(contextFor(url), outputs)).rejects.toThrow("an HTML page");
  });
});

describe("a create whose answer cannot be used", () => {
  const answers: Answer[] = [{}, { status: 502, body: "<html>" }, { body: { group: {} } }];
  test.each(answers)("says that the group may be there: %j", async (answer) => {
    const { url } = await serve(answer);
    await expect(groupLifecycle.create(contextFor(url), { name: "prod", location: "lhr" })).rejects.toThrow(
      "It may have been created all the same",
    );
  });

  test("and one that was refused does not", async () => {
    const emulator = await emulate();
    const failed = groupLifecycle.create(contextFor(emulator.url), { name: "prod", location: "nowhere" });
    await expect(failed).rejects.toThrow("invalid location: nowhere\n`turso db locations` lists");
    await expect(failed).rejects.not.toThrow("may have been created");
  });
});
