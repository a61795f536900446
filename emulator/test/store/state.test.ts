import { describe, expect, test } from "vitest";
import { type EmulatorState, StateError, Store } from "../../src/index.ts";
import { RESOURCES } from "../../src/resources/list.ts";
import { start } from "../help.ts";

const STATE: EmulatorState = {
  organizations: {
    acme: {
      plan: "pro",
      groups: [
        { name: "prod", location: "aws-us-east-1", uuid: "0a1b", deleteProtection: true },
        { name: "edge", location: "lhr", replicas: ["ams"], extensions: ["vector"], archived: true },
      ],
      databases: [
        { name: "orders", group: "prod", uuid: "2c3d", hostname: "orders.example" },
        { name: "cache", group: "edge" },
      ],
      groupTokens: [{ jwt: "a.b.c", group: "prod", authorization: "read-only", expiresAt: 4_000_000_000 }],
    },
    personal: {},
  },
};

/** The problems of a state that cannot be loaded, as `path: message`. */
function problemsOf(state: object, store = new Store()): string[] {
  try {
    store.load(state);
  } catch (error) {
    if (error instanceof StateError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const inAcme = (account: object) => ({ organizations: { acme: account } });

test("load() creates what a state says", () => {
  const store = new Store();
  store.load(STATE);
  const acme = store.account("acme");
  expect(acme.plan).toBe("pro");
  expect(acme.group("prod")).toMatchObject({
    uuid: "0a1b",
    primary: "aws-us-east-1",
    deleteProtection: true,
  });
  expect(acme.group("edge")).toMatchObject({
    locations: ["lhr", "ams"],
    extensions: ["vector"],
    archived: true,
  });
  expect(acme.database("orders")).toMatchObject({ uuid: "2c3d", group: "prod", hostname: "orders.example" });
  expect(acme.database("cache").hostname).toBe("cache-acme.turso.io");
  expect(store.tokenIsValid("a.b.c")).toBe(true);
});

test("what save() returns loads into the same state", () => {
  const store = new Store({ plan: "scaler", locations: { lhr: "London", ams: "Amsterdam" } });
  const acme = store.account("acme");
  acme.createGroup({ name: "prod", location: "lhr", replicas: ["ams"], extensions: "all" });
  acme.createDatabase({ name: "orders", group: "prod" });
  const { jwt } = acme.mintToken("prod", { expiration: "1d", readAttach: ["orders"] });
  const saved = JSON.parse(JSON.stringify(store.save()));

  const other = new Store();
  other.load(saved);
  expect(other.save()).toEqual(store.save());
  expect(other.account("acme").group("prod")).toEqual(acme.group("prod"));
  expect(other.tokens.get(jwt)).toEqual(store.tokens.get(jwt));
});

test("every resource survives saving and loading, whatever happened to it", async () => {
  const { store, call } = await start();
  const acme = "/v1/organizations/acme";
  const requests: [method: string, path: string, body?: object][] = [
    ["POST", `${acme}/groups`, { name: "edge", location: "lhr", extensions: ["vector"] }],
    ["POST", `${acme}/groups/edge/locations/ams`],
    ["POST", `${acme}/groups`, { name: "prod", location: "aws-us-east-1" }],
    ["PATCH", `${acme}/groups/prod/configuration`, { delete_protection: true }],
    ["POST", `${acme}/groups`, { name: "moved", location: "lhr" }],
    ["POST", `${acme}/databases`, { name: "orders", group: "edge" }],
    ["POST", `${acme}/databases`, { name: "users", group: "moved" }],
    ["POST", `${acme}/groups/edge/auth/tokens?expiration=90d`],
    ["POST", `${acme}/groups/moved/auth/tokens?authorization=read-only`],
    ["POST", "/v1/auth/api-tokens/ci", { organization: "acme", group: "edge", scopes: ["read"] }],
    ["POST", "/v1/auth/api-tokens/all", { organization: "acme" }],
    ["POST", "/v2/organizations/acme/invites", { email: "bob@example.com", role: "viewer" }],
    ["POST", `${acme}/groups/moved/transfer`, { organization: "beta" }],
    ["POST", `${acme}/groups/edge/rename`, { name: "old" }],
    ["POST", "/_emulator/organizations/acme/groups/old/archive"],
    ["POST", "/_emulator/organizations/acme/groups/prod/move", { location: "ams" }],
    ["POST", "/v1/groups", { name: "own", location: "lhr" }],
  ];
  for (const [method, path, body] of requests) {
    expect(await call(method, path, body), path).toMatchObject({ status: 200 });
  }
  const saved = JSON.parse(JSON.stringify(store.save()));
  const lists = RESOURCES.flatMap(({ seed }) => seed?.key ?? []).filter((key) => key !== "members");
  expect(Object.keys(saved.organizations.acme)).toEqual(expect.arrayContaining(lists));

  const other = await start({ state: saved });
  expect(other.store.save()).toEqual(saved);
  for (const path of [
    `${acme}/groups`,
    `${acme}/databases`,
    `${acme}/members`,
    `${acme}/api-tokens`,
    "/v1/groups",
  ]) {
    expect((await other.call("GET", path)).body).toEqual((await call("GET", path)).body);
  }
  for (const jwt of store.tokens.keys()) expect(other.store.tokenIsValid(jwt)).toBe(true);
});

test("load() replaces the state, and reset() removes it", () => {
  const store = new Store();
  store.account("other").createGroup({ name: "old", location: "lhr" });
  store.load({ locations: { home: "At home" }, ...STATE, organizations: {} });
  expect(store.accounts()).toEqual([]);
  expect(store.locations).toEqual({ home: "At home" });
  store.reset();
  expect(store.locations).toHaveProperty("lhr");
});

test("an organization of the state exists whatever `organizations` says", () => {
  const store = new Store({ organizations: ["other"] });
  store.load(STATE);
  expect(store.organizations()).toEqual(["personal", "other", "acme"]);
  expect(() => store.account("acme")).not.toThrow();
  expect(() => store.account("unknown")).toThrow("not a member");
});

test("no lag applies to the state", () => {
  const store = new Store({ createLag: 60_000, listLag: 60_000 });
  store.load(STATE);
  expect(store.account("acme").retrieveGroup("prod").name).toBe("prod");
  expect(store.account("acme").listGroups()).toHaveLength(2);
});

describe("a state is refused", () => {
  test.each([
    ["that is no object", [], "state: must be object"],
    ["of another version", { version: 2 }, "version: must be 1"],
    [
      "with an unknown key",
      { groups: [] },
      "groups: unknown key. Valid keys: version, locations, organizations",
    ],
    ["with a bad slug", { organizations: { "a/b": {} } }, "organizations.a/b: is not a valid slug"],
    ["with an unknown plan", inAcme({ plan: "free" }), "organizations.acme.plan: must be one of starter"],
    ["with groups by name", inAcme({ groups: { prod: {} } }), "organizations.acme.groups: must be array"],
    [
      "with a typo",
      inAcme({ groups: [{ name: "a", location: "lhr", replica: [] }] }),
      "organizations.acme.groups[0].replica: unknown key. Valid keys: name, location",
    ],
    [
      "whose group has no location",
      inAcme({ groups: [{ name: "a" }] }),
      "organizations.acme.groups[0]: must have required property 'location'",
    ],
    [
      "whose location does not exist",
      inAcme({ groups: [{ name: "a", location: "moon" }] }),
      "organizations.acme.groups[0]: invalid location: moon",
    ],
    [
      "with a name twice",
      inAcme({ groups: [1, 2].map(() => ({ name: "a", location: "lhr" })) }),
      "organizations.acme.groups[1]: group already exists",
    ],
    [
      "with a uuid twice",
      inAcme({ groups: ["a", "b"].map((name) => ({ name, location: "lhr", uuid: "1" })) }),
      "organizations.acme.groups[1]: another group has the uuid 1",
    ],
    [
      "whose database has no group",
      inAcme({ databases: [{ name: "a", group: "none" }] }),
      "organizations.acme.databases[0]: group not found",
    ],
    [
      "whose token has no group",
      inAcme({ groupTokens: [{ jwt: "a", group: "none", authorization: "read-only" }] }),
      "organizations.acme.groupTokens[0]: group not found",
    ],
  ])("%s", (_, state, problem) => {
    expect(problemsOf(state)).toEqual([expect.stringContaining(problem)]);
  });

  test("with all its problems, and nothing has changed", () => {
    const store = new Store();
    store.load(STATE);
    const before = store.save();
    const groups = ["moon", "lhr", "mars"].map((location) => ({ name: location, location }));
    expect(problemsOf(inAcme({ groups }), store)).toHaveLength(2);
    expect(store.save()).toEqual(before);
  });
});

test("an organization can be called __proto__", () => {
  const store = new Store();
  store.load(JSON.parse('{"organizations":{"__proto__":{"groups":[{"name":"prod","location":"lhr"}]}}}'));
  expect(store.account("__proto__").groups.has("prod")).toBe(true);
  expect(JSON.stringify(store.save())).toContain('"__proto__":{"plan":"developer","groups":[{"name":"prod"');
});
