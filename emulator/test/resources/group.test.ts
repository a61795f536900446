import { describe, expect, test } from "vitest";
import { Store } from "../../src/index.ts";
import { ACCOUNTS, start } from "../help.ts";

describe.each(ACCOUNTS)("groups, $account", ({ root, organization }) => {
  test("a new group has a uuid and is neither archived nor protected", async () => {
    const { call } = await start();
    const { body } = await call("POST", `${root}/groups`, { name: "prod", location: "lhr" });
    expect(body).toEqual({
      group: {
        name: "prod",
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        version: expect.any(String),
        locations: ["lhr"],
        primary: "lhr",
        archived: false,
        delete_protection: false,
      },
    });
  });

  test("keys can be capitalized, as the official CLI sends them", async () => {
    const { store, call } = await start();
    await call("POST", `${root}/groups`, { Name: "prod", Location: "lhr", Extensions: "all" });
    expect(store.account(organization).group("prod")).toMatchObject({ primary: "lhr", extensions: "all" });
  });

  test("a taken name returns 409 and does not change the group", async () => {
    const { store, call } = await start();
    const { uuid } = store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const response = await call("POST", `${root}/groups`, { name: "prod", location: "ams" });
    expect(response).toMatchObject({ status: 409, body: { error: "group already exists" } });
    expect(store.account(organization).group("prod")).toMatchObject({ uuid, primary: "lhr" });
  });

  test.each([
    [{ name: "prod", location: "amss" }, "invalid location: amss"],
    [{ name: "prod" }, "invalid location: "],
    [{ name: "prod", location: "constructor" }, "invalid location: constructor"],
    [{ name: "prod", location: 7 }, "location must be a string"],
    [{ location: "lhr" }, /^group name must be 1 to 64 characters long and have only lowercase letters/],
    [{ name: "Prod", location: "lhr" }, /^group name must be/],
    [{ name: "a/b", location: "lhr" }, /^group name must be/],
    [{ name: "x".repeat(65), location: "lhr" }, /^group name must be/],
    [{ name: ["prod"], location: "lhr" }, "name must be a string"],
    [{ name: "prod", location: "lhr", extensions: ["vec", "nope"] }, "invalid extension: nope"],
    [{ name: "prod", location: "lhr", extensions: "some" }, "extensions must be a list of strings"],
  ])("creating %j returns 400", async (body, error) => {
    const { store, call } = await start();
    const response = await call("POST", `${root}/groups`, body);
    const expected = typeof error === "string" ? error : expect.stringMatching(error);
    expect(response).toMatchObject({ status: 400, body: { error: expected } });
    expect(store.account(organization).groups.size).toBe(0);
  });

  test("extensions are `all` or a list", async () => {
    const { store, call } = await start();
    await call("POST", `${root}/groups`, { name: "all", location: "lhr", extensions: "all" });
    await call("POST", `${root}/groups`, { name: "two", location: "lhr", extensions: ["vec", "uuid"] });
    expect(store.account(organization).group("all").extensions).toBe("all");
    expect(store.account(organization).group("two").extensions).toEqual(["vec", "uuid"]);
  });

  test("deleting a group deletes the databases in it and no others", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    account.createGroup({ name: "test", location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    account.createDatabase({ name: "scratch", group: "test" });
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
    expect([...account.databases.keys()]).toEqual(["scratch"]);
  });

  test("a group with delete protection is not deleted", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", deleteProtection: true });
    const error = "group prod is delete-protected and cannot be deleted";
    expect(await call("DELETE", `${root}/groups/prod`)).toMatchObject({ status: 403, body: { error } });
    expect(store.account(organization).groups.has("prod")).toBe(true);
  });

  test.each([
    ["GET", "/groups/none"],
    ["DELETE", "/groups/none"],
    ["POST", "/groups/none/locations/ams"],
    ["DELETE", "/groups/none/locations/ams"],
    ["GET", "/groups/none/configuration"],
    ["PATCH", "/groups/none/configuration", {}],
    ["POST", "/groups/none/auth/tokens"],
    ["POST", "/groups/none/auth/rotate"],
    ["POST", "/groups/none/unarchive"],
    ["POST", "/groups/none/transfer", { organization: "beta" }],
  ])("%s %s returns 404", async (method, path, body?: object) => {
    const { call } = await start();
    const response = await call(method, root + path, body);
    expect(response).toMatchObject({ status: 404, body: { error: "group not found" } });
  });

  test("the configuration is read and changed, and is not wrapped in an object", async () => {
    const { store, call } = await start();
    const group = store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const path = `${root}/groups/prod/configuration`;
    expect(await call("GET", path)).toMatchObject({ status: 200, body: { delete_protection: false } });
    expect((await call("PATCH", path, { delete_protection: true })).body).toEqual({
      delete_protection: true,
    });
    expect((await call("PATCH", path, {})).body).toEqual({ delete_protection: true });
    expect((await call("PATCH", path, { delete_protection: "no" })).status).toBe(400);
    expect(group.deleteProtection).toBe(true);
  });

  test("an archived group refuses requests until it is unarchived", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", archived: true });
    const refused = { status: 400, body: { error: "group prod is archived" } };
    for (const path of ["locations/ams", "auth/tokens", "auth/rotate"]) {
      expect(await call("POST", `${root}/groups/prod/${path}`)).toMatchObject(refused);
    }
    expect(await call("POST", `${root}/databases`, { name: "a", group: "prod" })).toMatchObject(refused);
    expect(await call("GET", `${root}/groups/prod`)).toMatchObject({ body: { group: { archived: true } } });

    const response = await call("POST", `${root}/groups/prod/unarchive`);
    expect(response).toMatchObject({ status: 200, body: { group: { name: "prod", archived: false } } });
    expect((await call("POST", `${root}/groups/prod/locations/ams`)).status).toBe(200);
  });

  test("an archived group can be deleted", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", archived: true });
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
  });

  test("a transfer moves the group, its databases and tokens, and returns the bare group", async () => {
    const { store, call } = await start();
    const from = store.account(organization);
    const { uuid } = from.createGroup({ name: "prod", location: "lhr" });
    from.createDatabase({ name: "orders", group: "prod" });
    const { jwt } = from.mintToken("prod");
    const response = await call("POST", `${root}/groups/prod/transfer`, { organization: "beta" });
    expect(response).toMatchObject({ status: 200, body: { name: "prod", uuid } });
    expect(from.groups.size + from.databases.size).toBe(0);
    expect(store.account("beta").group("prod").uuid).toBe(uuid);
    expect(store.account("beta").database("orders").hostname).toBe("orders-beta.turso.io");
    expect(store.tokenIsValid(jwt)).toBe(true);
  });

  test("a renamed group keeps its uuid, databases and tokens", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    const { uuid } = account.createGroup({ name: "prod", location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    const { jwt } = account.mintToken("prod");
    // The official CLI sends a capitalized key.
    const response = await call("POST", `${root}/groups/prod/rename`, { Name: "live" });
    expect(response).toMatchObject({ status: 200, body: { group: { name: "live", uuid, primary: "lhr" } } });
    expect([...account.groups.keys()]).toEqual(["live"]);
    expect(account.databasesIn("live")).toMatchObject([{ name: "orders", group: "live" }]);
    expect(store.groupByUuid(uuid)).toBe(account.group("live"));
    expect(store.tokenIsValid(jwt)).toBe(true);
  });

  test.each([
    ["none", { Name: "live" }, 404, "group not found"],
    ["prod", { Name: "taken" }, 409, "group already exists"],
    ["prod", { Name: "Live" }, 400, /^group name must be/],
    ["prod", {}, 400, /^group name must be/],
  ])("renaming %s with %j returns %d %s", async (name, body, status, error) => {
    const { store, call } = await start();
    for (const group of ["prod", "taken"])
      store.account(organization).createGroup({ name: group, location: "lhr" });
    const expected = typeof error === "string" ? error : expect.stringMatching(error);
    const response = await call("POST", `${root}/groups/${name}/rename`, body);
    expect(response).toMatchObject({ status, body: { error: expected } });
    expect([...store.account(organization).groups.keys()]).toEqual(["prod", "taken"]);
  });

  test("a transfer is refused and moves nothing if a name is taken", async () => {
    const { store, call } = await start();
    const [from, to] = [store.account(organization), store.account("beta")];
    from.createGroup({ name: "prod", location: "lhr" });
    from.createDatabase({ name: "a", group: "prod" });
    from.createDatabase({ name: "orders", group: "prod" });
    to.createGroup({ name: "other", location: "lhr" });
    to.createDatabase({ name: "orders", group: "other" });
    const transfer = () => call("POST", `${root}/groups/prod/transfer`, { organization: "beta" });
    const error = "database with name orders already exists";
    expect(await transfer()).toMatchObject({ status: 409, body: { error } });
    to.createGroup({ name: "prod", location: "ams" });
    expect(await transfer()).toMatchObject({ status: 409, body: { error: "group already exists" } });
    expect(from.databasesIn("prod").map(({ name }) => name)).toEqual(["a", "orders"]);
  });
});

describe.each(ACCOUNTS)("group locations, $account", ({ root, organization }) => {
  test("a location that a group has already is not added again", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    for (let i = 0; i < 2; i += 1) {
      const response = await call("POST", `${root}/groups/prod/locations/ams`);
      expect(response).toMatchObject({
        status: 200,
        body: { group: { primary: "lhr", locations: ["lhr", "ams"] } },
      });
    }
  });

  test("removing a location twice succeeds", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", replicas: ["ams", "bos"] });
    for (let i = 0; i < 2; i += 1) {
      const response = await call("DELETE", `${root}/groups/prod/locations/ams`);
      expect(response).toMatchObject({ status: 200, body: { group: { locations: ["lhr", "bos"] } } });
    }
  });

  test("the primary cannot be removed", async () => {
    const { store, call } = await start();
    const group = store.account(organization).createGroup({ name: "prod", location: "lhr" });
    expect((await call("DELETE", `${root}/groups/prod/locations/lhr`)).status).toBe(400);
    expect(group.locations).toEqual(["lhr"]);
  });

  test.each(["POST", "DELETE"])("%s of an unknown location returns 400", async (method) => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const response = await call(method, `${root}/groups/prod/locations/amss`);
    expect(response).toMatchObject({ status: 400, body: { error: "invalid location: amss" } });
  });

  test.each(["aws-us-east-1", "us-east-1"])(
    "the primary of a group in %s is returned without aws-",
    async (location) => {
      const { call } = await start();
      const { body } = await call("POST", `${root}/groups`, { name: "prod", location });
      expect(body).toMatchObject({ group: { primary: "us-east-1", locations: ["aws-us-east-1"] } });
    },
  );

  test("groups on AWS have no replicas, and replicas are not on AWS", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "aws", location: "aws-us-east-1" });
    store.account(organization).createGroup({ name: "fly", location: "lhr" });
    const refused = { status: 400, body: { error: "replication is not supported" } };
    expect(await call("POST", `${root}/groups/aws/locations/aws-eu-west-1`)).toMatchObject(refused);
    expect(await call("DELETE", `${root}/groups/aws/locations/aws-us-east-1`)).toMatchObject(refused);
    expect(await call("POST", `${root}/groups/aws/locations/lhr`)).toMatchObject(refused);
    expect(await call("POST", `${root}/groups/fly/locations/aws-us-east-1`)).toMatchObject(refused);
  });
});

test("a transfer needs an organization that exists", async () => {
  const { store, call } = await start({ organizations: ["acme"] });
  store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const path = "/v1/organizations/acme/groups/prod/transfer";
  expect((await call("POST", path, { organization: "nope" })).status).toBe(404);
  expect((await call("POST", path, {})).status).toBe(400);
});

test("movePrimary() moves the primary and keeps the uuid", () => {
  const acme = new Store().account("acme");
  const { uuid } = acme.createGroup({ name: "prod", location: "lhr", replicas: ["ams"] });
  expect(acme.movePrimary("prod", "ams")).toMatchObject({ uuid, primary: "ams", locations: ["ams", "lhr"] });
  expect(acme.movePrimary("prod", "aws-eu-west-1")).toMatchObject({
    uuid,
    primary: "aws-eu-west-1",
    locations: ["aws-eu-west-1"],
  });
});

test("archiveGroup() and protectGroup() change a group without a request", () => {
  const acme = new Store().account("acme");
  acme.createGroup({ name: "prod", location: "lhr" });
  acme.archiveGroup("prod");
  acme.protectGroup("prod");
  expect(acme.group("prod")).toMatchObject({ archived: true, deleteProtection: true });
});

test("a group that is deleted and created again has another uuid", () => {
  const acme = new Store().account("acme");
  const before = acme.createGroup({ name: "prod", location: "lhr" });
  acme.deleteGroup("prod");
  const after = acme.createGroup({ name: "prod", location: "lhr" });
  expect(after.uuid).not.toBe(before.uuid);
});
