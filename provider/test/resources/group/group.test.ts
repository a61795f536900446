import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { type Answer, serve } from "../../../../test/support/server.ts";
import { PartialError } from "../../../src/lifecycle/errors.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import type { GroupInputs, GroupOutputs } from "../../../src/resources/group/state.js";
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
    await expect(groupLifecycle.create(context, inputs({ location: "ams" }))).rejects.toThrow("Group 'prod'");
    expect(account.group("prod")).toMatchObject({ uuid, primary: "lhr" });
  });

  test("read finds the group unchanged", async () => {
    const { emulator, context, id, outputs } = await created();
    expect(await groupLifecycle.read(context, id, outputs)).toEqual({ id, inputs: inputs(), outputs });
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
    expect(context.warnings).toEqual([]);
  });

  test("read and delete follow a rename made elsewhere", async () => {
    const { account, context, id, outputs } = await created();
    account.renameGroup("prod", "prod2");
    const renamed = { ...outputs, name: "prod2", __declaredName: "prod" };
    const read = { id: `${prefix}prod2`, inputs: inputs({ __name: "prod2" }), outputs: renamed };
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

  test("delete is one DELETE, after a look at who it is and which databases it holds", async () => {
    const { emulator, context, outputs } = await created();
    await groupLifecycle.delete(context, outputs);
    const databases = base.replace("groups", "databases");
    expect(requestsOf(emulator)).toEqual([
      `GET ${base}`,
      `GET ${databases}?limit=1000`,
      `DELETE ${base}/prod`,
    ]);
    expect(emulator.store.account(organization).groups.size).toBe(0);
  });

  test("delete of a group that vanishes in between succeeds", async () => {
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

  test("a group without a uuid that this run has created is not deleted as the one that it replaces", async () => {
    const emulator = await emulate();
    const context = contextFor(emulator.url);
    await groupLifecycle.create(context, inputs());
    // As after a replacement that failed half way and was taken back, on a server without uuids.
    await groupLifecycle.delete(context, inputs());
    expect(emulator.store.account(organization).groups.has("prod")).toBe(true);
    expect(context.warnings.join()).toContain(
      "was not deleted, because another resource of this program manages it",
    );
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
      /^Group 'prod'.* was not deleted: it has delete protection enabled\.\nTo delete it, set `deleteProtection: false`, run `pulumi up` with the group in the program, then retry\.$/,
    );
  });

  test("declared replicas and protection are part of create: one request for each", async () => {
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

  test("a create that gets only so far records how far, and the next update does only the rest", async () => {
    const emulator = await emulate();
    const context = contextFor(emulator.url);
    const wanted = inputs({ replicas: ["ams", "fra", "cdg"], deleteProtection: true });
    emulator.fail({ method: "POST", path: /locations\/fra/, status: 500, body: { error: "no room" } });
    const error: unknown = await groupLifecycle.create(context, wanted).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    const { id, outputs, message } = error as PartialError & { outputs: GroupOutputs };
    expect(message).toContain("could not get a replica in fra. What was done until then is in state");
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

  test("replicas that are no longer managed are left alone, and their order is no difference", async () => {
    const { emulator, account, context, id, outputs } = await created({ replicas: ["ams", "fra"] });
    expect(groupLifecycle.diff(context, outputs, inputs({ replicas: ["fra", "ams"] })).changes).toBe(false);
    const updated = await groupLifecycle.update?.(context, id, outputs, inputs());
    expect(updated).not.toHaveProperty("replicas");
    expect(requestsOf(emulator)).toEqual([]);
    expect(account.group("prod").locations).toEqual(["lhr", "ams", "fra"]);
    await groupLifecycle.update?.(context, id, updated ?? outputs, inputs({ replicas: [] }));
    expect(account.group("prod").locations).toEqual(["lhr"]);
  });

  test("a group that was moved to one of its replicas is left as it is", async () => {
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

  test("drift in managed replicas and protection is read as inputs, for the next preview to show", async () => {
    const { account, context, id, outputs } = await created({ replicas: ["ams"], deleteProtection: false });
    account.addLocation("prod", "fra");
    account.protectGroup("prod");
    const drifted = { replicas: ["ams", "fra"], deleteProtection: true };
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({
      inputs: inputs(drifted),
      outputs: { ...drifted, protected: true },
    });
  });

  test("an update follows a rename, and does not touch a stranger of the same name", async () => {
    const { account, context, id, outputs } = await created();
    account.renameGroup("prod", "prod2");
    const stranger = account.createGroup({ name: "prod", location: "lhr" });
    await groupLifecycle.update?.(context, id, outputs, inputs({ deleteProtection: true }));
    expect(account.group("prod2").deleteProtection).toBe(true);
    expect(stranger.deleteProtection).toBe(false);
    account.protectGroup("prod2", false);
    account.deleteGroup("prod2");
    await expect(
      groupLifecycle.update?.(contextFor(context.url), id, outputs, inputs({ deleteProtection: true })),
    ).rejects.toThrow("is gone, so it was not changed");
    expect(stranger.deleteProtection).toBe(false);
  });

  test("changing what only this provider minds is no request", async () => {
    const { emulator, context, id, outputs } = await created();
    const news = inputs({ forceDestroy: true, adopt: true });
    expect(groupLifecycle.diff(context, outputs, news)).toMatchObject({ changes: true, replaces: [] });
    expect(await groupLifecycle.update?.(context, id, outputs, news)).toEqual({ ...outputs, ...news });
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("a group that holds databases is not deleted, and the refusal names ten of them and what to do", async () => {
    const { emulator, account, context, outputs } = await created();
    for (let i = 1; i <= 12; i++) account.createDatabase({ name: `db-${i}`, group: "prod" });
    const refusal = groupLifecycle.delete(context, outputs);
    await expect(refusal).rejects.toThrow(
      "it holds 12 databases (db-1, db-2, db-3, db-4, db-5, db-6, db-7, db-8, db-9, db-10 and 2 more)",
    );
    await expect(refusal).rejects.toThrow(
      "To delete it, set `forceDestroy: true`, run `pulumi up` with the group in the program, then retry.",
    );
    expect(account.databases.size).toBe(12);
    emulator.requests.length = 0;
    await groupLifecycle.delete(context, { ...outputs, forceDestroy: true });
    expect(requestsOf(emulator).filter((request) => request.includes("databases"))).toEqual([]);
    expect(account.databases.size).toBe(0);
  });

  test("databases of other groups are no hindrance; databases that cannot be listed are", async () => {
    const { emulator, account, context, outputs } = await created();
    account.createGroup({ name: "other", location: "lhr" });
    account.createDatabase({ name: "theirs", group: "other" });
    emulator.fail({ path: /databases/, status: 403, body: { error: "not yours" } });
    await expect(groupLifecycle.delete(context, outputs)).rejects.toThrow(
      /whether it holds databases could not be found out\.\n.*403 not yours/,
    );
    await groupLifecycle.delete(contextFor(context.url), outputs);
    expect([...account.groups.keys()]).toEqual(["other"]);
  });

  test("adopt takes a group under management without touching it, if its primary is the declared location", async () => {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    const group = account.createGroup({ name: "prod", location: "aws-us-east-1" });
    const wanted = inputs({ location: "us-east-1", adopt: true });
    const { outputs } = await groupLifecycle.create(contextFor(emulator.url), wanted);
    expect(outputs).toMatchObject({ uuid: group.uuid, adopt: true });
    expect(emulator.requests.filter(({ method, status }) => method !== "GET" && status === 200)).toEqual([]);
    await expect(
      groupLifecycle.create(contextFor(emulator.url), inputs({ location: "lhr", adopt: true })),
    ).rejects.toThrow("already exists, but in aws-us-east-1: it cannot be adopted as a group in lhr");
  });

  test("create waits for a name that was just given free, and for no other", async () => {
    const emulator = await emulate({ lag: 400 });
    const context = contextFor(emulator.url);
    const { outputs } = await groupLifecycle.create(context, inputs());
    await groupLifecycle.delete(nextRun(context), outputs);
    const again = await groupLifecycle.create(context, inputs({ location: "ams" }));
    expect(again.outputs).toMatchObject({ primary: "ams" });
    expect(
      context.warnings.filter((warning) => warning.includes("waiting until Turso gives it free")),
    ).not.toEqual([]);
    // So does the next process, for which the name is taken by no group; one that is there is not waited for.
    emulator.store.account(organization).deleteGroup("prod");
    await groupLifecycle.create(contextFor(emulator.url), inputs());
    await expect(groupLifecycle.create(contextFor(emulator.url), inputs())).rejects.toThrow(
      "set `adopt: true`",
    );
  });

  test("a call that fails because the group is archived says so", async () => {
    const { account, context, id, outputs } = await created();
    account.archiveGroup("prod");
    expect(await groupLifecycle.read(context, id, outputs)).toMatchObject({ outputs: { archived: true } });
    await expect(
      groupLifecycle.update?.(context, id, outputs, inputs({ replicas: ["ams"] })),
    ).rejects.toThrow("The group is archived: `turso group unarchive prod` wakes it up.");
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
