import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { StoreOptions } from "../../src/index.ts";
import { ACCOUNTS, type Started, start } from "../help.ts";

// Only the date is fake: timers of the server and the client are real.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

const PROD = { name: "prod", location: "lhr" };

describe.each(ACCOUNTS)("lags, $account", ({ root, organization }) => {
  async function begin(options: StoreOptions) {
    const emulator = await start(options);
    const account = emulator.store.account(organization);
    return { ...emulator, account, shown: () => shown(emulator) };
  }

  /** The groups and databases that lists return, and the status of a GET request for `prod`. */
  async function shown({ call }: Started) {
    const listed = Object((await call("GET", `${root}/groups`)).body).groups;
    const databases = Object((await call("GET", `${root}/databases`)).body).databases;
    return {
      listed: listed.map(({ name }: { name: string }) => name),
      retrieved: (await call("GET", `${root}/groups/prod`)).status,
      databases: databases.map(({ Name }: { Name: string }) => Name),
    };
  }

  test("createLag: a new group is missing from lists and GET requests; other requests for it work", async () => {
    const { call, account, shown } = await begin({ createLag: 100 });
    expect(await call("POST", `${root}/groups`, PROD)).toMatchObject({ status: 200 });
    pass(99);
    expect(await shown()).toEqual({ listed: [], retrieved: 404, databases: [] });
    expect(account.groups.has("prod")).toBe(true);
    expect((await call("POST", `${root}/groups`, PROD)).status).toBe(409);
    for (const [method, path, body] of [
      ["GET", "/groups/prod/configuration"],
      ["PATCH", "/groups/prod/configuration", { delete_protection: false }],
      ["POST", "/groups/prod/locations/ams"],
      ["DELETE", "/groups/prod/locations/ams"],
      ["POST", "/groups/prod/auth/tokens"],
      ["POST", "/databases", { name: "orders", group: "prod" }],
    ] as const) {
      expect(await call(method, root + path, body)).toMatchObject({ status: 200 });
    }
    expect((await shown()).databases).toEqual(["orders"]);
    pass(1);
    expect(await shown()).toEqual({ listed: ["prod"], retrieved: 200, databases: ["orders"] });
  });

  test("createLag: applies to a group that createGroup() creates, also after a rename; it can be deleted", async () => {
    const { call, account, shown } = await begin({ createLag: 100 });
    account.createGroup({ ...PROD, name: "old" });
    account.renameGroup("old", "prod");
    expect(await shown()).toMatchObject({ listed: [], retrieved: 404 });
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
    pass(100);
    expect(await shown()).toMatchObject({ listed: [], retrieved: 404 });
  });

  test("deleteLag: lists and GET requests return a deleted group as it was; other requests for it return 404", async () => {
    const { call, account, shown } = await begin({ deleteLag: 100 });
    const { uuid } = account.createGroup({ ...PROD, replicas: ["ams"] });
    account.createDatabase({ name: "orders", group: "prod" });
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
    pass(99);
    expect(await shown()).toEqual({ listed: ["prod"], retrieved: 200, databases: [] });
    expect((await call("GET", `${root}/groups/prod`)).body).toMatchObject({
      group: { uuid, locations: ["lhr", "ams"] },
    });
    expect(account.groups.size).toBe(0);
    for (const [method, path] of [
      ["DELETE", "/groups/prod"],
      ["GET", "/groups/prod/configuration"],
      ["POST", "/groups/prod/locations/ams"],
      ["POST", "/groups/prod/auth/tokens"],
    ] as const) {
      expect(await call(method, root + path)).toMatchObject({ status: 404 });
    }
    pass(1);
    expect(await shown()).toMatchObject({ listed: [], retrieved: 404 });
  });

  test("deleteLag: a new group of the same name replaces the deleted one as soon as it appears", async () => {
    const { store, call, account, shown } = await begin({ deleteLag: 100, createLag: 0 });
    const uuid = async () => Object((await call("GET", `${root}/groups/prod`)).body).group.uuid;
    const first = account.createGroup(PROD);
    account.deleteGroup("prod");
    store.createLag = 50;
    const second = account.createGroup(PROD);
    expect(await uuid()).toBe(first.uuid);
    pass(50);
    expect(await uuid()).toBe(second.uuid);
    expect((await shown()).listed).toEqual(["prod"]);
    account.deleteGroup("prod");
    expect(await uuid()).toBe(second.uuid);
    expect((await shown()).listed).toEqual(["prod"]);
  });

  test("listLag: lists are old, GET requests are current", async () => {
    const { call, account, shown } = await begin({ listLag: 100 });
    await call("POST", `${root}/groups`, PROD);
    pass(60);
    account.createDatabase({ name: "orders", group: "prod" });
    pass(39);
    expect(await shown()).toEqual({ listed: [], retrieved: 200, databases: [] });
    pass(1);
    expect(await shown()).toEqual({ listed: ["prod"], retrieved: 200, databases: [] });
    pass(60);
    expect(await shown()).toEqual({ listed: ["prod"], retrieved: 200, databases: ["orders"] });
    await call("POST", `${root}/groups/prod/locations/ams`);
    pass(60);
    await call("DELETE", `${root}/groups/prod`);
    expect(await shown()).toEqual({ listed: ["prod"], retrieved: 404, databases: ["orders"] });
    const locations = async () => Object((await call("GET", `${root}/groups`)).body).groups[0].locations;
    expect(await locations()).toEqual(["lhr"]);
    pass(40);
    expect(await locations()).toEqual(["lhr", "ams"]);
    expect((await call("GET", `${root}/databases?group=prod`)).body).toMatchObject({
      databases: [{ Name: "orders", regions: ["lhr", "ams"] }],
    });
    pass(60);
    expect(await shown()).toEqual({ listed: [], retrieved: 404, databases: [] });
  });

  test("listLag: every change appears late in lists", async () => {
    const { store, account, call } = await begin({});
    account.createGroup(PROD);
    account.createGroup({ ...PROD, name: "moved" });
    account.createDatabase({ name: "orders", group: "prod" });
    const listed = async () => [
      (await call("GET", `${root}/groups`)).body,
      (await call("GET", `${root}/databases`)).body,
    ];
    store.listLag = 100;
    for (const change of [
      () => account.addLocation("prod", "ams"),
      () => account.removeLocation("prod", "ams"),
      () => account.movePrimary("prod", "bos"),
      () => account.protectGroup("prod"),
      () => account.protectGroup("prod", false),
      () => account.archiveGroup("prod"),
      () => account.unarchiveGroup("prod"),
      () => account.renameGroup("prod", "live"),
      () => account.deleteDatabase("orders"),
      () => account.createDatabase({ name: "users", group: "live" }),
      () => account.transferGroup("live", "beta"),
      () => account.deleteGroup("moved"),
    ]) {
      const before = await listed();
      change();
      pass(99);
      expect(await listed()).toEqual(before);
      pass(1);
      expect(await listed()).not.toEqual(before);
    }
  });

  test("listLag adds to createLag and deleteLag", async () => {
    const { account, shown } = await begin({ createLag: 50, deleteLag: 50, listLag: 100 });
    account.createGroup(PROD);
    pass(149);
    expect((await shown()).listed).toEqual([]);
    pass(1);
    expect((await shown()).listed).toEqual(["prod"]);
    account.deleteGroup("prod");
    pass(50);
    expect(await shown()).toMatchObject({ listed: ["prod"], retrieved: 404 });
    pass(99);
    expect((await shown()).listed).toEqual(["prod"]);
    pass(1);
    expect((await shown()).listed).toEqual([]);
  });

  test("lag: the name of a deleted group stays taken", async () => {
    const { call, account } = await begin({ lag: 100 });
    account.createGroup(PROD);
    expect((await call("DELETE", `${root}/groups/prod`)).status).toBe(200);
    pass(99);
    expect((await call("GET", `${root}/groups/prod`)).status).toBe(404);
    const error = "group already exists";
    expect(await call("POST", `${root}/groups`, PROD)).toMatchObject({ status: 409, body: { error } });
    pass(1);
    expect((await call("POST", `${root}/groups`, PROD)).status).toBe(200);
  });

  test("a new listLag applies at once, other lags to later creations and deletions", async () => {
    const { store, account, shown } = await begin({});
    account.createGroup(PROD);
    Object.assign(store, { createLag: 100, deleteLag: 100, listLag: 100, lag: 100 });
    expect(await shown()).toMatchObject({ listed: ["prod"], retrieved: 200 });
    account.deleteGroup("prod");
    Object.assign(store, { createLag: 0, deleteLag: 0, listLag: 0, lag: 0 });
    expect(await shown()).toMatchObject({ listed: ["prod"], retrieved: 200 });
    expect(() => account.createGroup(PROD)).toThrow("group already exists");
    pass(100);
    expect(await shown()).toMatchObject({ listed: [], retrieved: 404 });
    account.createGroup(PROD);
    account.deleteGroup("prod");
    expect(await shown()).toMatchObject({ listed: [], retrieved: 404 });
  });
});

test("a reset removes what the lags still show, and keeps the lags", async () => {
  const { store, call, reset } = await start({ deleteLag: 100, listLag: 100 });
  store.account().createGroup(PROD);
  pass(200);
  store.account().deleteGroup("prod");
  reset();
  expect((await call("GET", "/v1/groups")).body).toEqual({ groups: [] });
  expect((await call("GET", "/v1/groups/prod")).status).toBe(404);
  expect(store).toMatchObject({ deleteLag: 100, listLag: 100 });
});
