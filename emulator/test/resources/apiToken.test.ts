import { describe, expect, test } from "vitest";
import { API_TOKEN_PERMISSIONS, API_TOKEN_SCOPES, type ApiTokenScope, Store } from "../../src/index.ts";
import { type Started, start } from "../help.ts";

const ACME = "/v1/organizations/acme";
const scopes = ["read"];

/** An organization `acme` with the groups `prod` and `other` and a database in each, and its emulator. */
async function acme(options: Parameters<typeof start>[0] = {}) {
  const emulator = await start(options);
  const account = emulator.store.account("acme");
  for (const name of ["prod", "other"]) {
    account.createGroup({ name, location: "lhr" });
    account.createDatabase({ name: `${name}-db`, group: name });
  }
  /** Sends a request with another token. Returns the status and the error. */
  const as = async (token: string, method: string, path: string, body?: object) => {
    const response = await emulator.call(method, path, body, { authorization: `Bearer ${token}` });
    return { ...response, error: Object(response.body).error };
  };
  return { ...emulator, account, as };
}

const tokenIn = (body: unknown): string => String(Object(body).token);

describe("creating a token", () => {
  test("returns its value once, and lists it without", async () => {
    const { store, call } = await acme();
    const { status, body } = await call("POST", "/v1/auth/api-tokens/ci", { organization: "acme" });
    expect(status).toBe(200);
    const [token] = store.account("acme").listApiTokens();
    expect(body).toEqual({ name: "ci", id: token?.uuid, token: token?.token });
    const listed = await call("GET", `${ACME}/api-tokens`);
    expect(listed.body).toMatchObject({ tokens: [{ name: "ci", id: token?.uuid, organization: "acme" }] });
    expect((await call("GET", "/v1/auth/api-tokens")).body).toMatchObject({ tokens: [{ name: "ci" }] });
    expect(listed.text).not.toContain(tokenIn(body));
  });

  test("that is limited to a group expands its scopes", async () => {
    const { call } = await acme();
    const body = { organization: "acme", group: "prod", scopes: ["full-access"] };
    await call("POST", "/v1/auth/api-tokens/all", body);
    await call("POST", "/v1/auth/api-tokens/few", { ...body, scopes: ["read-only", "db:create", "read"] });
    expect((await call("GET", `${ACME}/api-tokens`)).body).toMatchObject({
      tokens: [
        { name: "all", group: "prod", scopes: API_TOKEN_SCOPES },
        { name: "few", group: "prod", scopes: ["read", "db:create"] },
      ],
    });
  });

  test("as the official CLI does, returns its value as it expects it", async () => {
    const { call } = await acme();
    const { body } = await call("POST", "/v2/auth/api-tokens/ci", { organization: "acme" });
    expect(body).toEqual({ token: { name: "ci", id: expect.any(String), value: expect.any(String) } });
  });

  test.each<[string, number, object | undefined]>([
    ["a name that is taken", 409, { organization: "acme" }],
    ["a name that is taken in another organization", 409, { organization: "beta" }],
    ["a name that is taken, without limits", 409, undefined],
    ["an unknown group", 404, { organization: "acme", group: "none", scopes }],
    ["an unknown organization", 403, { organization: "other" }],
    ["an unknown scope", 400, { organization: "acme", group: "prod", scopes: ["db:creat"] }],
    ["a group without scopes", 400, { organization: "acme", group: "prod" }],
    ["a group with no scopes", 400, { organization: "acme", group: "prod", scopes: [] }],
    ["a group without its organization", 400, { group: "prod", scopes }],
    ["scopes without a group", 400, { organization: "acme", scopes }],
  ])("with %s returns %d", async (_, status, body) => {
    const { store, account, call } = await acme({ organizations: ["acme", "beta"] });
    account.createApiToken("ci");
    const name = status === 409 ? "ci" : "new";
    expect((await call("POST", `/v1/auth/api-tokens/${name}`, body)).status).toBe(status);
    expect(store.account("acme").listApiTokens()).toHaveLength(1);
  });
});

describe("revoking a token", () => {
  test.each([
    ["by id", (id: string) => `${ACME}/api-tokens/${id}`],
    ["by name", () => "/v1/auth/api-tokens/ci"],
  ])("%s, its requests return 401, and its name can be used again", async (_, path) => {
    const { account, call, as } = await acme();
    const { token, uuid } = account.createApiToken("ci");
    expect((await as(token, "GET", `${ACME}/groups`)).status).toBe(200);
    expect((await call("DELETE", path(uuid))).status).toBe(200);
    expect((await as(token, "GET", `${ACME}/groups`)).status).toBe(401);
    expect((await call("DELETE", path(uuid))).status).toBe(404);
    expect(account.createApiToken("ci").uuid).not.toBe(uuid);
    expect((await as(token, "GET", "/v1/auth/validate")).status).toBe(401);
  });

  test("of another organization returns 404", async () => {
    const { store, account, call } = await acme();
    const { uuid } = store.account("beta").createApiToken("ci");
    expect((await call("DELETE", `${ACME}/api-tokens/${uuid}`)).status).toBe(404);
    expect(account.listApiTokens()).toEqual([]);
    expect(store.account("beta").listApiTokens()).toHaveLength(1);
  });

  test.each(["deleting", "transferring"])("%s a group revokes its tokens only", async (what) => {
    const { store, account, as } = await acme();
    const ofProd = account.createApiToken("a", { group: "prod", scopes }).token;
    const ofOther = account.createApiToken("b", { group: "other", scopes }).token;
    const all = account.createApiToken("c").token;
    store.account("beta");
    account.renameGroup("prod", "prod2");
    expect((await as(ofProd, "GET", `${ACME}/groups/prod2`)).status).toBe(200);
    if (what === "deleting") account.deleteGroup("prod2");
    else account.transferGroup("prod2", "beta");
    const statuses = [ofProd, ofOther, all].map(
      async (token) => (await as(token, "GET", "/v1/auth/validate")).status,
    );
    expect(await Promise.all(statuses)).toEqual([401, 200, 200]);
  });
});

describe("a token that is limited to an organization", () => {
  test.each<[number, string, string, object?]>([
    [200, "GET", `${ACME}/groups`],
    [200, "POST", `${ACME}/groups`, { name: "new", location: "lhr" }],
    [200, "DELETE", `${ACME}/groups/prod`],
    [200, "GET", "/v1/locations"],
    [200, "GET", "/v1/organizations"],
    [200, "GET", "/v1/user"],
    [200, "GET", `${ACME}/members`],
    [200, "POST", "/v1/auth/api-tokens/new", { organization: "acme" }],
    [403, "POST", "/v1/auth/api-tokens/new", { organization: "beta" }],
    [403, "POST", "/v1/auth/api-tokens/new"],
    [403, "GET", "/v1/organizations/beta/groups"],
    [403, "GET", "/v1/groups"],
    [404, "DELETE", "/v1/auth/api-tokens/of-beta"],
  ])("gets %d for %s %s %j", async (status, method, path, body) => {
    const { store, account, as } = await acme();
    store.account("beta").createApiToken("of-beta");
    const { token } = account.createApiToken("ci");
    expect((await as(token, method, path, body)).status).toBe(status);
  });

  test("sees no other organization", async () => {
    const { store, account, as } = await acme();
    store.account("beta");
    const { token } = account.createApiToken("ci");
    expect((await as(token, "GET", "/v1/organizations")).body).toMatchObject([{ slug: "acme" }]);
  });

  test("sees no token of another organization", async () => {
    const { store, account, as } = await acme();
    store.account("beta").createApiToken("of-beta");
    const { token } = account.createApiToken("ci");
    expect((await as(token, "GET", "/v1/auth/api-tokens")).body).toMatchObject({ tokens: [{ name: "ci" }] });
  });

  test("is accepted beside the option `token`, which stays accepted", async () => {
    const { account, as } = await acme({ token: "configured" });
    const { token } = account.createApiToken("ci");
    const status = async (value: string) => (await as(value, "GET", `${ACME}/groups`)).status;
    expect([await status(token), await status("configured"), await status("other")]).toEqual([200, 200, 401]);
  });
});

/** A request that succeeds for each operation of the table that the emulator serves. */
const REQUESTS: Record<string, [path: string, body?: object]> = {
  "GET /auth/validate": ["/v1/auth/validate"],
  "GET /locations": ["/v1/locations"],
  "GET /groups": [`${ACME}/groups`],
  "GET /groups/:group": [`${ACME}/groups/prod`],
  "POST /groups/:group/rename": [`${ACME}/groups/prod/rename`, { name: "new" }],
  "POST /groups/:group/unarchive": [`${ACME}/groups/prod/unarchive`],
  "POST /groups/:group/locations/:location": [`${ACME}/groups/prod/locations/ams`],
  "DELETE /groups/:group/locations/:location": [`${ACME}/groups/prod/locations/ams`],
  "GET /groups/:group/configuration": [`${ACME}/groups/prod/configuration`],
  "PATCH /groups/:group/configuration": [`${ACME}/groups/prod/configuration`, { delete_protection: true }],
  "POST /groups/:group/auth/tokens": [`${ACME}/groups/prod/auth/tokens`],
  "POST /groups/:group/auth/rotate": [`${ACME}/groups/prod/auth/rotate`],
  "GET /databases": [`${ACME}/databases`],
  "POST /databases": [`${ACME}/databases`, { name: "new", group: "prod" }],
  "GET /databases/:database": [`${ACME}/databases/prod-db`],
  "DELETE /databases/:database": [`${ACME}/databases/prod-db`],
};

describe("a token that is limited to a group", () => {
  const served = Object.entries(REQUESTS);

  async function responses(
    { as, account }: Pick<Awaited<ReturnType<typeof acme>>, "as" | "account">,
    granted: readonly ApiTokenScope[],
    operation: string,
  ) {
    const { token } = account.createApiToken("ci", { group: "prod", scopes: granted });
    const [path = "", body] = REQUESTS[operation] ?? [];
    return as(token, operation.split(" ")[0] ?? "", path, body);
  }

  test.each(served)("%s needs the scope that the table says", async (operation) => {
    const needs = API_TOKEN_PERMISSIONS[operation];
    expect(needs).toBeDefined();
    expect(
      (await responses(await acme(), needs === "any" ? ["read"] : [needs ?? "read"], operation)).status,
    ).toBe(200);
    if (needs === "any") return;
    const others = API_TOKEN_SCOPES.filter((scope) => scope !== needs);
    const refused = await responses(await acme(), others, operation);
    expect(refused).toMatchObject({ status: 403, error: expect.stringContaining(String(needs)) });
  });

  test.each(served.filter(([, [path]]) => /prod/.test(path)))(
    "%s of another group returns 403",
    async (operation) => {
      const { account, as } = await acme();
      const { token } = account.createApiToken("ci", { group: "other", scopes: ["full-access"] });
      const [path = "", body] = REQUESTS[operation] ?? [];
      const response = await as(token, operation.split(" ")[0] ?? "", path, body);
      expect(response).toMatchObject({ status: 403, error: "token is restricted to another group" });
    },
  );

  test("cannot create a database in another group", async () => {
    const { account, as } = await acme();
    const { token } = account.createApiToken("ci", { group: "other", scopes: ["full-access"] });
    for (const [key, group] of [
      ["group", "prod"],
      ["Group", "prod"],
    ] as const)
      expect((await as(token, "POST", `${ACME}/databases`, { name: "new", [key]: group })).status).toBe(403);
    expect(account.databases.has("new")).toBe(false);
  });

  test("sees its group and the databases in it only", async () => {
    const { account, as } = await acme();
    const { token } = account.createApiToken("ci", { group: "prod", scopes });
    const lists = [await as(token, "GET", `${ACME}/groups`), await as(token, "GET", `${ACME}/databases`)];
    expect(lists.map(({ body }) => body)).toMatchObject([
      { groups: [{ name: "prod" }] },
      { databases: [{ Name: "prod-db" }] },
    ]);
  });

  test.each<[string, string, object?]>([
    ["POST", `${ACME}/groups`, { name: "new", location: "lhr" }],
    ["DELETE", `${ACME}/groups/prod`],
    ["POST", `${ACME}/groups/prod/transfer`, { organization: "beta" }],
    ["GET", "/v1/organizations"],
    ["GET", `${ACME}/api-tokens`],
    ["GET", `${ACME}/members`],
    ["GET", "/v2/organizations/acme/invites"],
    ["POST", "/v1/auth/api-tokens/new", { organization: "acme" }],
    ["GET", "/v1/auth/api-tokens"],
  ])("gets 403 for %s %s, whatever its scopes", async (method, path, body) => {
    const { account, as } = await acme();
    const { token } = account.createApiToken("ci", { group: "prod", scopes: ["full-access"] });
    const error = "group-scoped token cannot access org-level resources";
    expect(await as(token, method, path, body)).toMatchObject({ status: 403, error });
  });

  test.each(["GET", "HEAD"])("path tricks with %s do not reach another group", async (method) => {
    const { account, as } = await acme();
    const { token } = account.createApiToken("ci", { group: "prod", scopes });
    for (const path of [
      "groups/%6fther",
      "groups/prod/../other",
      "databases/%6fther-db",
      "%67roups/other",
      "groups//other",
      "groups/other/",
    ])
      expect([403, 404], path).toContain((await as(token, method, `${ACME}/${path}`)).status);
  });
});

test("a token without limits may do everything", async () => {
  const { call, as } = await acme();
  const token = tokenIn((await call("POST", "/v1/auth/api-tokens/all")).body);
  expect((await as(token, "GET", "/v1/organizations/beta/groups")).status).toBe(200);
  expect((await call("GET", `${ACME}/api-tokens`)).body).toEqual({ tokens: [] });
});

test("a reset removes all tokens", async () => {
  const { store, account, call } = await acme();
  account.createApiToken("ci");
  store.reset();
  expect((await call("GET", "/v1/auth/api-tokens")).body).toEqual({ tokens: [] });
});

test("late lists show a token late, and a revoked one still", async () => {
  const {
    store,
    account,
    call,
  }: Pick<Started, "store" | "call"> & { account: ReturnType<Store["account"]> } = await acme({
    listLag: 60_000,
  });
  const names = async () =>
    Object(await call("GET", `${ACME}/api-tokens`)).body.tokens.map(({ name }: { name: string }) => name);
  const { uuid } = account.createApiToken("ci");
  expect(await names()).toEqual([]);
  store.listLag = 0;
  expect(await names()).toEqual(["ci"]);
  store.listLag = 60_000;
  account.revokeApiToken(uuid);
  store.listLag = 0;
  expect(await names()).toEqual([]);
});

test("a state has every token, and loads into the same", () => {
  const store = new Store();
  const account = store.account("acme");
  account.createGroup({ name: "prod", location: "lhr" });
  account.createApiToken("ci", { group: "prod", scopes: ["read-only", "db:create"] });
  account.createApiToken("all");
  const state = store.save();
  const copy = new Store();
  copy.load(state);
  expect(copy.save()).toEqual(state);
  expect(copy.account("acme").listApiTokens()).toEqual(account.listApiTokens());
  const bad = (apiToken: object) => () =>
    new Store().load({ organizations: { acme: { apiTokens: [apiToken] } } } as never);
  expect(bad({ name: "a", group: "none", scopes })).toThrow(
    "organizations.acme.apiTokens[0]: group not found",
  );
  expect(bad({ name: "a", scopes: ["db:creat"] })).toThrow(/scopes\[0\]: must be one of read, /);
});
