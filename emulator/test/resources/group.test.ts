import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { FORMS, start } from "../help.ts";

describe.each(FORMS)("groups, $form form", ({ root, organization }) => {
  test("a new group has a uuid of its own, and is neither archived nor protected", async () => {
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

  test("keys may be capitalised, as the official CLI sends them", async () => {
    const { store, call } = await start();
    await call("POST", `${root}/groups`, { Name: "prod", Location: "lhr", Extensions: "all" });
    expect(store.account(organization).group("prod")).toMatchObject({ primary: "lhr", extensions: "all" });
  });

  test("a name that is taken answers 409 and leaves the group alone", async () => {
    const { store, call } = await start();
    const { uuid } = store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const answer = await call("POST", `${root}/groups`, { name: "prod", location: "ams" });
    expect(answer).toMatchObject({ status: 409, body: { error: "group already exists" } });
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
  ])("creating %j answers 400", async (body, error) => {
    const { store, call } = await start();
    const answer = await call("POST", `${root}/groups`, body);
    const expected = typeof error === "string" ? error : expect.stringMatching(error);
    expect(answer).toMatchObject({ status: 400, body: { error: expected } });
    expect(store.account(organization).groups.size).toBe(0);
  });

  test("extensions are all, or a list", async () => {
    const { store, call } = await start();
    await call("POST", `${root}/groups`, { name: "all", location: "lhr", extensions: "all" });
    await call("POST", `${root}/groups`, { name: "two", location: "lhr", extensions: ["vec", "uuid"] });
    expect(store.account(organization).group("all").extensions).toBe("all");
    expect(store.account(organization).group("two").extensions).toEqual(["vec", "uuid"]);
  });

  test("deleting a group deletes every database in it, and no other", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    account.createGroup({ name: "test", location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    account.createDatabase({ name: "scratch", group: "test" });
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
    expect([...account.databases.keys()]).toEqual(["scratch"]);
  });

  test("a protected group is not deleted", async () => {
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
  ])("%s %s answers 404 for a group that is not there", async (method, path, body?: object) => {
    const { call } = await start();
    const answer = await call(method, root + path, body);
    expect(answer).toMatchObject({ status: 404, body: { error: "group not found" } });
  });

  test("configuration is read and changed, and not wrapped", async () => {
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

  test("an archived group refuses work until it is unarchived", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", archived: true });
    const refused = { status: 400, body: { error: "group prod is archived" } };
    for (const work of ["locations/ams", "auth/tokens", "auth/rotate"]) {
      expect(await call("POST", `${root}/groups/prod/${work}`)).toMatchObject(refused);
    }
    expect(await call("POST", `${root}/databases`, { name: "a", group: "prod" })).toMatchObject(refused);
    expect(await call("GET", `${root}/groups/prod`)).toMatchObject({ body: { group: { archived: true } } });

    const answer = await call("POST", `${root}/groups/prod/unarchive`);
    expect(answer).toMatchObject({ status: 200, body: { group: { name: "prod", archived: false } } });
    expect((await call("POST", `${root}/groups/prod/locations/ams`)).status).toBe(200);
  });

  test("an archived group can be deleted", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", archived: true });
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
  });

  test("a transfer moves the group, its databases and tokens, and answers with the bare group", async () => {
    const { store, call } = await start();
    const from = store.account(organization);
    const { uuid } = from.createGroup({ name: "prod", location: "lhr" });
    from.createDatabase({ name: "orders", group: "prod" });
    const { jwt } = from.mintToken("prod");
    const answer = await call("POST", `${root}/groups/prod/transfer`, { organization: "beta" });
    expect(answer).toMatchObject({ status: 200, body: { name: "prod", uuid } });
    expect(from.groups.size + from.databases.size).toBe(0);
    expect(store.account("beta").group("prod").uuid).toBe(uuid);
    expect(store.account("beta").database("orders").hostname).toBe("orders-beta.turso.io");
    expect(store.tokenIsValid(jwt)).toBe(true);
  });

  test("one is renamed and keeps its uuid, databases and tokens", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    const { uuid } = account.createGroup({ name: "prod", location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    const { jwt } = account.mintToken("prod");
    // As the official CLI spells it.
    const answer = await call("POST", `${root}/groups/prod/rename`, { Name: "live" });
    expect(answer).toMatchObject({ status: 200, body: { group: { name: "live", uuid, primary: "lhr" } } });
    expect([...account.groups.keys()]).toEqual(["live"]);
    expect(account.database("orders").group).toBe("live");
    expect(store.tokenIsValid(jwt)).toBe(true);
  });

  test.each([
    ["none", { Name: "live" }, 404, "group not found"],
    ["prod", { Name: "taken" }, 409, "group already exists"],
    ["prod", { Name: "Live" }, 400, /^group name must be/],
    ["prod", {}, 400, /^group name must be/],
  ])("renaming %s with %j answers %d %s", async (name, body, status, error) => {
    const { store, call } = await start();
    for (const group of ["prod", "taken"])
      store.account(organization).createGroup({ name: group, location: "lhr" });
    const expected = typeof error === "string" ? error : expect.stringMatching(error);
    const answer = await call("POST", `${root}/groups/${name}/rename`, body);
    expect(answer).toMatchObject({ status, body: { error: expected } });
    expect([...store.account(organization).groups.keys()]).toEqual(["prod", "taken"]);
  });

  test("a transfer is refused, with nothing moved, where a name is taken", async () => {
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

test("the two forms, and two organizations, do not see each other's groups", async () => {
  const { call } = await start();
  await call("POST", "/v1/groups", { name: "mine", location: "lhr" });
  await call("POST", "/v1/organizations/acme/groups", { name: "acme", location: "lhr" });
  await call("POST", "/v1/organizations/beta/groups", { name: "beta", location: "lhr" });
  const names = async (path: string) => {
    const { body } = await call("GET", path);
    return body;
  };
  expect(await names("/v1/groups")).toMatchObject({ groups: [{ name: "mine" }] });
  expect(await names("/v1/organizations/acme/groups")).toMatchObject({ groups: [{ name: "acme" }] });
  expect(await names("/v1/organizations/personal/groups")).toMatchObject({ groups: [{ name: "mine" }] });
});

test("a transfer goes only to an organization that is there", async () => {
  const { store, call } = await start({ organizations: ["acme"] });
  store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const path = "/v1/organizations/acme/groups/prod/transfer";
  expect((await call("POST", path, { organization: "nope" })).status).toBe(404);
  expect((await call("POST", path, {})).status).toBe(400);
});

test("with a lag, the name of a deleted group stays taken for a while", async () => {
  const { store, call } = await start({ lag: 250 });
  store.account().createGroup({ name: "prod", location: "lhr" });
  await call("DELETE", "/v1/groups/prod");
  const create = () => call("POST", "/v1/groups", { name: "prod", location: "lhr" });
  expect((await call("GET", "/v1/groups/prod")).status).toBe(404);
  expect(await create()).toMatchObject({ status: 409, body: { error: "group already exists" } });
  await sleep(260);
  expect((await create()).status).toBe(200);
});
