import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { type Answer, serve } from "../../../../test/support/server.ts";
import { PartialError } from "../../../src/lifecycle/errors.js";
import type { GroupInputs, GroupOutputs } from "../../../src/resources/group/group.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, nextRun } from "../../context.ts";

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
    const account = emulator.store.account(organization);
    return { emulator, account, context: nextRun(context), id, outputs };
  }

  test("create is one POST and returns the group", async () => {
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

  test("create of a taken name is an error and changes nothing", async () => {
    const { context, account } = await created();
    const uuid = account.group("prod").uuid;
    await expect(groupLifecycle.create(context, inputs({ location: "ams" }))).rejects.toMatchObject({
      code: "NAME_TAKEN",
      message: expect.stringContaining("Group 'prod'"),
    });
    expect(account.group("prod")).toMatchObject({ uuid, primary: "lhr" });
  });

  test("read finds the group unchanged", async () => {
    const { emulator, context, id, outputs } = await created();
    expect(await groupLifecycle.read(context, id, outputs)).toEqual({ id, inputs: inputs(), outputs });
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
    expect(context.warnings).toEqual([]);
  });

  test("read and delete follow a rename outside Pulumi", async () => {
    const { account, context, id, outputs } = await created();
    account.renameGroup("prod", "prod2");
    const renamed = { ...outputs, name: "prod2", __declaredName: "prod" };
    const read = { id: `${prefix}prod2`, inputs: inputs({ __name: "prod2" }), outputs: renamed };
    expect(await groupLifecycle.read(context, id, outputs)).toEqual(read);
    expect(context.warnings.join()).toContain('name: "prod2"');
    expect(await groupLifecycle.read(context, `${prefix}prod2`, renamed)).toEqual(read);
    await groupLifecycle.delete(context, outputs);
    expect(account.groups.size).toBe(0);
  });

  test("a rename that is undone leaves no trace", async () => {
    const { context, outputs } = await created();
    const renamed = { ...outputs, name: "prod2", __declaredName: "prod" };
    expect(await groupLifecycle.read(context, `${prefix}prod2`, renamed)).toEqual({
      id: `${prefix}prod`,
      inputs: inputs(),
      outputs,
    });
  });

  test("accepting a rename or a move makes no request", async () => {
    const { emulator, context, id, outputs } = await created();
    const drifted = { ...outputs, name: "prod2", __declaredName: "prod", primary: "ams" };
    expect(
      await groupLifecycle.update?.(context, id, drifted, inputs({ name: "prod2", location: "ams" })),
    ).toEqual({
      ...outputs,
      name: "prod2",
      location: "ams",
      primary: "ams",
    });
    expect(await groupLifecycle.update?.(context, id, drifted, inputs({ location: "ams" }))).toHaveProperty(
      "__declaredName",
      "prod",
    );
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("read warns about a move outside Pulumi", async () => {
    const { account, context, id, outputs } = await created();
    account.movePrimary("prod", "ams");
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({
      inputs: inputs({ __primary: "ams" }),
      outputs: { location: "lhr", primary: "ams" },
    });
    expect(context.warnings.join()).toContain('location: "ams"');
  });

  test("read and delete of a group that no longer exists succeed", async () => {
    const { account, context, id, outputs } = await created();
    account.deleteGroup("prod");
    expect(await groupLifecycle.read(context, id, outputs)).toBeUndefined();
    await groupLifecycle.delete(context, outputs);
  });

  test("another group of the same name is not read and not deleted", async () => {
    const { emulator, account, context, id, outputs } = await created();
    account.deleteGroup("prod");
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await groupLifecycle.read(context, id, outputs)).toBeUndefined();
    await groupLifecycle.delete(context, outputs);
    expect(account.groups.has("prod")).toBe(true);
    expect(requestsOf(emulator).filter((request) => request.startsWith("DELETE"))).toEqual([]);
  });

  test("delete is one DELETE, after one list of groups and one of databases", async () => {
    const { emulator, context, outputs } = await created();
    await groupLifecycle.delete(context, outputs);
    const databases = base.replace("groups", "databases");
    // The two lists are requested together, and arrive in any order.
    const requests = requestsOf(emulator);
    expect(requests.slice(0, 2).sort()).toEqual([`GET ${databases}?limit=1000`, `GET ${base}`]);
    expect(requests.slice(2)).toEqual([`DELETE ${base}/prod`]);
    expect(emulator.store.account(organization).groups.size).toBe(0);
  });

  test("delete of a group that is deleted meanwhile succeeds", async () => {
    const { emulator, context, outputs } = await created();
    emulator.fail({ method: "DELETE", status: 404, body: { error: "group not found" } });
    await groupLifecycle.delete(context, outputs);
  });

  test("without a uuid the address identifies the group", async () => {
    const { account, context, id } = await created();
    account.deleteGroup("prod");
    account.createGroup({ name: "prod", location: "lhr" });
    const outputs = inputs();
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({ id });
    await groupLifecycle.delete(context, outputs);
    expect(account.groups.size).toBe(0);
  });

  test("a group without a uuid that this run has created is not deleted in place of the one that it replaces", async () => {
    const emulator = await emulate();
    const context = contextFor(emulator.url);
    await groupLifecycle.create(context, inputs());
    // As after a replacement that failed half way and was taken back, on a server without uuids.
    await groupLifecycle.delete(context, inputs());
    expect(emulator.store.account(organization).groups.has("prod")).toBe(true);
    expect(context.warnings).toEqual([expect.stringContaining("Group 'prod'")]);
  });

  test.each([401, 403, 500])(
    "a %i is an error and never means that the group does not exist",
    async (status) => {
      const { emulator, context, id, outputs } = await created();
      emulator.fail({ times: 2, status, body: { error: "no" } });
      await expect(groupLifecycle.read(context, id, outputs)).rejects.toThrow(`${status} no`);
      await expect(groupLifecycle.delete(context, outputs)).rejects.toThrow(`${status} no`);
      expect(emulator.store.account(organization).groups.has("prod")).toBe(true);
    },
  );

  test("a protected group is not deleted", async () => {
    const { account, context, outputs } = await created();
    account.protectGroup("prod");
    await expect(groupLifecycle.delete(context, outputs)).rejects.toMatchObject({
      code: "PROTECTED",
      message: expect.stringContaining("Group 'prod'"),
    });
    expect(account.groups.has("prod")).toBe(true);
  });

  test("create adds replicas and protection with one request for each", async () => {
    const emulator = await emulate();
    const wanted = inputs({ replicas: ["fra", "ams"], deleteProtection: true });
    const { outputs } = await groupLifecycle.create(contextFor(emulator.url), wanted);
    expect(emulator.store.account(organization).group("prod")).toMatchObject({
      locations: ["lhr", "fra", "ams"],
      deleteProtection: true,
    });
    expect(outputs).toMatchObject({
      replicas: ["fra", "ams"],
      deleteProtection: true,
      protected: true,
      locations: ["lhr", "fra", "ams"],
    });
    expect(requestsOf(emulator)).toEqual([
      `POST ${base}`,
      `POST ${base}/prod/locations/fra`,
      `POST ${base}/prod/locations/ams`,
      `PATCH ${base}/prod/configuration`,
    ]);
  });

  test("a create that fails halfway records what it completed, and the next update does only the rest", async () => {
    const emulator = await emulate();
    const context = contextFor(emulator.url);
    const wanted = inputs({ replicas: ["ams", "fra", "cdg"], deleteProtection: true });
    emulator.fail({ method: "POST", path: /locations\/fra/, status: 500, body: { error: "no room" } });
    const error: unknown = await groupLifecycle.create(context, wanted).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    const { id, outputs, code, message } = error as PartialError & { outputs: GroupOutputs };
    expect(code).toBe("UPDATE_FAILED");
    expect(message).toContain("'fra'");
    expect(message).toContain("500 no room");
    expect(id).toBe(`${prefix}prod`);
    expect(outputs).toMatchObject({ replicas: ["ams"], deleteProtection: false, locations: ["lhr", "ams"] });

    emulator.requests.length = 0;
    expect(groupLifecycle.diff(context, outputs, wanted)).toMatchObject({ changes: true, replaces: [] });
    const done = await groupLifecycle.update?.(context, id, outputs, wanted);
    expect(done).toMatchObject({ replicas: ["ams", "fra", "cdg"], deleteProtection: true });
    expect(requestsOf(emulator)).toEqual([
      `GET ${base}`,
      `GET ${base}/prod`,
      `POST ${base}/prod/locations/fra`,
      `POST ${base}/prod/locations/cdg`,
      `PATCH ${base}/prod/configuration`,
    ]);
  });

  test("replicas are added, then removed; the primary stays", async () => {
    const { emulator, account, context, id, outputs } = await created({ replicas: ["ams", "fra"] });
    const news = inputs({ replicas: ["cdg", "fra"] });
    const updated = await groupLifecycle.update?.(context, id, outputs, news);
    expect(updated).toMatchObject({ replicas: ["cdg", "fra"] });
    expect(requestsOf(emulator).slice(1)).toEqual([
      `POST ${base}/prod/locations/cdg`,
      `DELETE ${base}/prod/locations/ams`,
    ]);
    expect(account.group("prod").locations.toSorted()).toEqual(["cdg", "fra", "lhr"]);
  });

  test("replicas that are no longer managed stay, and their order does not matter", async () => {
    const { emulator, account, context, id, outputs } = await created({ replicas: ["ams", "fra"] });
    expect(groupLifecycle.diff(context, outputs, inputs({ replicas: ["fra", "ams"] })).changes).toBe(false);
    const updated = await groupLifecycle.update?.(context, id, outputs, inputs());
    expect(updated).not.toHaveProperty("replicas");
    expect(requestsOf(emulator)).toEqual([]);
    expect(account.group("prod").locations).toEqual(["lhr", "ams", "fra"]);
    await groupLifecycle.update?.(context, id, updated ?? outputs, inputs({ replicas: [] }));
    expect(account.group("prod").locations).toEqual(["lhr"]);
  });

  test("a group whose primary was moved to one of its replicas is not changed", async () => {
    const { emulator, account, context, id, outputs } = await created({ replicas: ["ams", "fra"] });
    account.movePrimary("prod", "ams");
    account.addLocation("prod", "lhr");
    const read = await groupLifecycle.read(context, id, outputs);
    expect(read).toMatchObject({ inputs: { location: "lhr", replicas: ["ams", "fra"], __primary: "ams" } });
    emulator.requests.length = 0;
    const now = read?.outputs ?? outputs;
    expect(groupLifecycle.diff(context, now, inputs({ replicas: ["ams", "fra"] })).changes).toBe(false);
    await groupLifecycle.update?.(context, id, now, inputs({ replicas: ["fra", "ams"] }));
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("read puts drift of managed replicas and protection into the inputs, so that the next preview shows it", async () => {
    const { account, context, id, outputs } = await created({ replicas: ["ams"], deleteProtection: false });
    account.addLocation("prod", "fra");
    account.protectGroup("prod");
    const drifted = { replicas: ["ams", "fra"], deleteProtection: true };
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({
      inputs: inputs(drifted),
      outputs: { ...drifted, protected: true },
    });
  });

  test("an update follows a rename, and does not change another group of the same name", async () => {
    const { account, context, id, outputs } = await created();
    account.renameGroup("prod", "prod2");
    const other = account.createGroup({ name: "prod", location: "lhr" });
    await groupLifecycle.update?.(context, id, outputs, inputs({ deleteProtection: true }));
    expect(account.group("prod2").deleteProtection).toBe(true);
    expect(other.deleteProtection).toBe(false);
    account.protectGroup("prod2", false);
    account.deleteGroup("prod2");
    await expect(
      groupLifecycle.update?.(contextFor(context.url), id, outputs, inputs({ deleteProtection: true })),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(other.deleteProtection).toBe(false);
  });

  test("changing forceDestroy and adopt makes no request", async () => {
    const { emulator, context, id, outputs } = await created();
    const news = inputs({ forceDestroy: true, adopt: true });
    expect(groupLifecycle.diff(context, outputs, news)).toMatchObject({ changes: true, replaces: [] });
    expect(await groupLifecycle.update?.(context, id, outputs, news)).toEqual({ ...outputs, ...news });
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("a group that holds databases is not deleted, and the error names ten of them", async () => {
    const { emulator, account, context, outputs } = await created();
    for (let i = 1; i <= 12; i++) account.createDatabase({ name: `db-${i}`, group: "prod" });
    await expect(groupLifecycle.delete(context, outputs)).rejects.toMatchObject({
      code: "HOLDS_DATA",
      message: expect.stringContaining(
        "12 databases (db-1, db-2, db-3, db-4, db-5, db-6, db-7, db-8, db-9, db-10 and 2 more)",
      ),
    });
    expect(account.databases.size).toBe(12);
    emulator.requests.length = 0;
    await groupLifecycle.delete(context, { ...outputs, forceDestroy: true });
    expect(requestsOf(emulator).filter((request) => request.includes("databases"))).toEqual([]);
    expect(account.databases.size).toBe(0);
  });

  test("databases of other groups do not prevent a deletion; databases that cannot be listed do", async () => {
    const { emulator, account, context, outputs } = await created();
    account.createGroup({ name: "other", location: "lhr" });
    account.createDatabase({ name: "theirs", group: "other" });
    emulator.fail({ path: /databases/, status: 403, body: { error: "not yours" } });
    await expect(groupLifecycle.delete(context, outputs)).rejects.toMatchObject({
      code: "MAY_HOLD_DATA",
      message: expect.stringContaining("403 not yours"),
    });
    await groupLifecycle.delete(contextFor(context.url), outputs);
    expect([...account.groups.keys()]).toEqual(["other"]);
  });

  test("adopt changes nothing, and needs the primary to be in the location of the inputs", async () => {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    const group = account.createGroup({ name: "prod", location: "aws-us-east-1" });
    const wanted = inputs({ location: "us-east-1", adopt: true });
    const { outputs } = await groupLifecycle.create(contextFor(emulator.url), wanted);
    expect(outputs).toMatchObject({ uuid: group.uuid, adopt: true });
    expect(emulator.requests.filter(({ method, status }) => method !== "GET" && status === 200)).toEqual([]);
    await expect(
      groupLifecycle.create(contextFor(emulator.url), inputs({ location: "lhr", adopt: true })),
    ).rejects.toMatchObject({ code: "ADOPTION_FAILED", message: expect.stringContaining("aws-us-east-1") });
  });

  test("create waits for the name of a group that was just deleted, and for no other", async () => {
    const emulator = await emulate({ lag: 400 });
    const context = contextFor(emulator.url);
    const { outputs } = await groupLifecycle.create(context, inputs());
    await groupLifecycle.delete(nextRun(context), outputs);
    const again = await groupLifecycle.create(context, inputs({ location: "ams" }));
    expect(again.outputs).toMatchObject({ primary: "ams" });
    expect(context.warnings.filter((warning) => warning.includes("name is still taken"))).not.toEqual([]);
    // So does the next process, for which the name is taken by no group; one that is there is not waited for.
    emulator.store.account(organization).deleteGroup("prod");
    await groupLifecycle.create(contextFor(emulator.url), inputs());
    await expect(groupLifecycle.create(contextFor(emulator.url), inputs())).rejects.toMatchObject({
      code: "NAME_TAKEN",
    });
  });

  test("the error of an archived group says how to unarchive it", async () => {
    const { account, context, id, outputs } = await created();
    account.archiveGroup("prod");
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({ outputs: { archived: true } });
    await expect(
      groupLifecycle.update?.(context, id, outputs, inputs({ replicas: ["ams"] })),
    ).rejects.toThrow("`turso group unarchive prod`");
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

  test.each(["", "a/b/c", "/b", "a/", "../b", "a b"])("%j is not valid", async (id) => {
    await expect(groupLifecycle.read(contextFor("http://127.0.0.1:1"), id, undefined)).rejects.toMatchObject({
      code: "INVALID_ID",
    });
  });
});

describe("a 404 of another server", () => {
  test("is an error and never means that the group does not exist", async () => {
    const { url } = await serve({ status: 404, body: "<html>Not Found</html>" });
    const outputs = { name: "prod", location: "lhr" };
    await expect(groupLifecycle.read(contextFor(url), "prod", outputs)).rejects.toMatchObject({
      code: "READ_FAILED",
    });
    await expect(groupLifecycle.delete(contextFor(url), outputs)).rejects.toMatchObject({
      code: "DELETE_FAILED",
    });
  });
});

describe("a create whose response cannot be used", () => {
  const answers: Answer[] = [{}, { status: 502, body: "<html>" }, { body: { group: {} } }];
  test.each(answers)("has an unknown outcome: %j", async (answer) => {
    const { url } = await serve(answer);
    await expect(
      groupLifecycle.create(contextFor(url), { name: "prod", location: "lhr" }),
    ).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  });

  test("but not one that was refused", async () => {
    const emulator = await emulate();
    const failed = groupLifecycle.create(contextFor(emulator.url), { name: "prod", location: "nowhere" });
    await expect(failed).rejects.toMatchObject({
      code: "CREATE_FAILED",
      message: expect.stringContaining("invalid location: nowhere"),
    });
  });
});
