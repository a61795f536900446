import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../../test/support/emulator.ts";
import { findSecret, shownOf } from "../../../../test/support/secrets.ts";
import { type CheckRequest, NO_NAME } from "../../../src/lifecycle/lifecycle.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { Properties } from "../../../src/lifecycle/values.js";
import type { ApiTokenInputs, ApiTokenOutputs } from "../../../src/resources/apiToken/apiToken.js";
import { apiTokenLifecycle } from "../../../src/resources/apiToken/lifecycle.js";
import { contextFor, nextRun, placeOf } from "../../context.ts";

const resource = placeOf("ci", "ApiToken");
const OWN = "GET /v1/auth/api-tokens";
const always = { times: Number.POSITIVE_INFINITY };
const pause = { pause: 1, maxRetries: 2 };

/** An emulator with the group `prod` in `acme`, and a process of the provider. */
async function start(options: Parameters<typeof contextFor>[3] = {}) {
  const emulator = await emulate();
  const account = emulator.store.account("acme");
  account.createGroup({ name: "prod", location: "lhr" });
  const context = contextFor(emulator.url, "acme", {}, options);
  const check = (news: Properties, more: Partial<CheckRequest> = {}) =>
    apiTokenLifecycle.check(context, { olds: undefined, news, resource, preview: true, ...more });
  /** Checks and creates, as hosts do. */
  const create = async (news: Properties) => {
    const { inputs, failures } = await check(news);
    expect(failures).toEqual([]);
    return apiTokenLifecycle.create(context, inputs as ApiTokenInputs);
  };
  const names = () => account.listApiTokens().map(({ name }) => name);
  return { emulator, account, context, check, create, names };
}

/** Runs check with an API that cannot be reached. */
const offline = async (
  news: Properties,
  { organization, ...more }: Partial<CheckRequest> & { organization?: string } = {},
) =>
  apiTokenLifecycle.check(contextFor("http://127.0.0.1:1", organization), {
    olds: undefined,
    news,
    resource,
    ...more,
  });

/** The inputs of a check in another process. */
async function contextCheck(url: string) {
  const context = contextFor(url, "acme");
  const { inputs } = await apiTokenLifecycle.check(context, { olds: undefined, news: {}, resource });
  expect(context.warnings).toEqual([expect.stringContaining("turso auth api-tokens revoke ci-")]);
  return inputs;
}

describe("check", () => {
  test("returns the inputs, with the organization and name in the ID of a group", async () => {
    const news = { group: "acme/prod", scopes: ["read", "db:create"], name: "ci", keepers: { a: 1 } };
    expect(await offline(news, { organization: "beta" })).toEqual({
      inputs: { ...news, group: "prod", organization: "acme" },
      failures: [],
    });
  });

  test("refuses a token without an organization, which would open all", async () => {
    expect((await offline({})).failures).toMatchObject([
      { property: "organization", code: "UNRESTRICTED_TOKEN" },
    ]);
    expect((await offline({ group: "prod", scopes: "read-only" })).failures).toMatchObject([
      { code: "UNRESTRICTED_TOKEN" },
    ]);
    expect((await offline({ organization: UNKNOWN })).failures).toEqual([]);
    expect((await offline({ group: UNKNOWN, scopes: "read-only" })).failures).toEqual([]);
  });

  test.each<[Properties, string, string]>([
    [{ group: "prod" }, "scopes", "required"],
    [{ scopes: "read-only" }, "scopes", "`group`"],
    [{ group: "prod", scopes: [] }, "scopes", "at least one"],
    [{ group: "prod", scopes: "write" }, "scopes", '"write"'],
    [{ group: "prod", scopes: ["read", "db:creat"] }, "scopes", "invalid item 2"],
    [{ group: "prod", scopes: ["read-only"] }, "scopes", "invalid item 1"],
    [{ group: "a/b/c", scopes: "read-only" }, "group", "ID"],
    [{ name: "a/b" }, "name", "slashes"],
    [{ token: "mine" }, "token", "no such input"],
  ])("refuses %j", async (news, property, part) => {
    const { failures } = await offline(news, { organization: "acme" });
    expect(failures).toMatchObject([{ property, reason: expect.stringContaining(part) }]);
  });

  test("generates a name that differs for whatever replaces the token, and is kept otherwise", async () => {
    const nameOf = async (news: Properties, more = {}) =>
      (await offline(news, { organization: "acme", ...more })).inputs.name;
    const base = { group: "prod", scopes: ["read"], keepers: { a: 1 } };
    const name = await nameOf(base);
    expect(name).toMatch(/^ci-[0-9a-f]{7}$/);
    expect(await nameOf(base)).toBe(name);
    expect(await nameOf(base, { resource: placeOf("日本", "ApiToken") })).toMatch(/^token-[0-9a-f]{7}$/);
    const olds = { ...base, organization: "acme", name: "ci-0000000" };
    for (const same of [base, { ...base, scopes: "read-only" }, { group: "prod", scopes: ["read"] }])
      expect(await nameOf(same, { olds })).toBe("ci-0000000");
    const others = [
      { ...base, keepers: { a: 2 } },
      { ...base, scopes: ["db:create"] },
      { ...base, group: "dev" },
      {},
    ];
    const changed = await Promise.all(others.map((news) => nameOf(news, { olds })));
    expect(new Set([name, ...changed]).size).toBe(5);
    expect(await nameOf({ ...base, keepers: { a: UNKNOWN } }, { olds })).toBe(UNKNOWN);
  });

  test("generates another name for a forced replacement, and warns", async () => {
    const { emulator, account, context, check } = await start();
    const first = String((await check({})).inputs.name);
    account.createApiToken(first);
    // The engine checks a tainted resource like a new one.
    const second = String((await contextCheck(emulator.url)).name);
    expect(second).toMatch(/^ci-[0-9a-f]{7}$/);
    expect(second).not.toBe(first);
    account.createApiToken(second);
    expect([first, second]).not.toContain((await contextCheck(emulator.url)).name);
    expect(context.warnings).toEqual([]);
  });

  test("needs a name if the engine generates none", async () => {
    const { failures } = await offline({}, { organization: "acme", proposedName: NO_NAME });
    expect(failures).toMatchObject([{ property: "name", code: "NAME_REQUIRED" }]);
    const { inputs } = await offline({}, { organization: "acme", proposedName: "ci-dev" });
    expect(inputs.name).toBe("ci-dev");
  });

  test("refuses the name of another token of the user, also of another organization", async () => {
    const { emulator, check } = await start();
    emulator.store.account("beta").createApiToken("taken");
    const { failures } = await check({ name: "taken" });
    expect(failures).toMatchObject([{ property: "name", code: "NAME_TAKEN" }]);
    expect(failures[0]?.reason).toContain("turso auth api-tokens revoke taken");
    expect((await check({ name: "free" })).failures).toEqual([]);
    expect(requestsOf(emulator)).toEqual([OWN]);
  });

  test("accepts the name that a replacement gives up, and warns if it is forced", async () => {
    const { account, emulator, context, check } = await start();
    account.createApiToken("ci");
    const olds = { name: "ci", organization: "acme" };
    expect((await check({ name: "ci", keepers: { a: 1 } }, { olds })).failures).toEqual([]);
    expect((await check({ name: "ci", keepers: { a: 1 } })).failures).toEqual([]);
    expect(context.warnings).toEqual([]);
    await check({ name: "ci" }, { olds });
    expect((await check({ name: "ci" })).failures).toEqual([]);
    expect(context.warnings).toEqual([expect.stringContaining("deleteBeforeReplace")]);
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("refuses two resources with one name", async () => {
    const { check } = await start();
    await check({ name: "ci" });
    const { failures } = await check({ name: "ci" }, { resource: placeOf("other", "ApiToken") });
    expect(failures).toMatchObject([{ property: "name", code: "DUPLICATE_RESOURCE" }]);
  });

  test("of an unchanged token makes no request", async () => {
    const { emulator, check } = await start();
    await check({}, { olds: { name: "ci-0000000", organization: "acme" } });
    expect(requestsOf(emulator)).toEqual([]);
  });

  test.each([403, 503])("goes on if the user's tokens cannot be listed: %d", async (status) => {
    const { emulator, check } = await start();
    emulator.fail({ ...always, status, body: { error: "no" } });
    expect((await check({ name: "ci" })).failures).toEqual([]);
  });

  test("fails with a rejected token", async () => {
    const { emulator, check } = await start();
    emulator.fail({ ...always, status: 401, body: { error: "no" } });
    await expect(check({ name: "ci" })).rejects.toMatchObject({ status: 401 });
  });
});

describe("diff", () => {
  const news: ApiTokenInputs = {
    name: "ci-0000000",
    organization: "acme",
    group: "prod",
    scopes: ["read", "db:create"],
    keepers: { a: { b: 1 } },
  };
  const olds: ApiTokenOutputs = { ...news, token: "a.b.c", tokenId: "x" };
  const diff = (now: Partial<ApiTokenInputs>, before: Partial<ApiTokenOutputs> = {}) =>
    apiTokenLifecycle.diff(contextFor("http://127.0.0.1:1"), { ...olds, ...before }, { ...news, ...now });

  test("shows no change of an unchanged token, in any order, and for a preset that means the same", () => {
    expect(diff({})).toMatchObject({ changes: false });
    expect(diff({ scopes: ["db:create", "read", "read"] })).toMatchObject({ changes: false });
    expect(diff({ scopes: "read-only" }, { scopes: ["read"] })).toMatchObject({ changes: false });
  });

  test.each<[Partial<ApiTokenInputs>]>([
    [{ name: "new" }],
    [{ organization: "beta" }],
    [{ group: "dev" }],
    [{ group: UNKNOWN }],
    [{ scopes: ["read"] }],
    [{ scopes: "full-access" }],
    [{ keepers: { a: { b: 2 } } }],
  ])("%j replaces the token", (now) => {
    const name = now.name ?? "ci-1111111";
    expect(diff({ ...now, name })).toMatchObject({
      changes: true,
      replaces: expect.arrayContaining(Object.keys(now)),
      deleteBeforeReplace: false,
    });
    // The names of a user's tokens are unique.
    if (now.name === undefined) expect(diff(now)).toMatchObject({ deleteBeforeReplace: true });
  });

  test("without the group, the token would open less than the program says, so it is replaced", () => {
    const { group, scopes, ...rest } = news;
    const { changes, replaces } = apiTokenLifecycle.diff(contextFor("http://127.0.0.1:1"), olds, rest);
    expect({ changes, replaces }).toEqual({ changes: true, replaces: ["group"] });
  });

  test("an input that is not known yet replaces the token after its check only, except its group", async () => {
    const { context, check } = await start();
    const [olds, known] = [
      { name: "ci", organization: "acme", token: "a.b.c", tokenId: "x" },
      { keepers: { a: 1 } },
    ];
    const guess = (news: object) => apiTokenLifecycle.diff(context, olds, { ...olds, ...news }).replaces;
    expect(guess({ keepers: UNKNOWN })).toEqual([]);
    expect(guess({ group: UNKNOWN, scopes: ["read"] })).toEqual(["group", "scopes"]);
    await check(known, { olds });
    expect(guess({ keepers: UNKNOWN })).toEqual(["keepers"]);
  });

  test("removing keepers keeps the token", async () => {
    const { keepers, ...rest } = news;
    const context = contextFor("http://127.0.0.1:1");
    expect(apiTokenLifecycle.diff(context, olds, rest)).toMatchObject({ changes: true, replaces: [] });
    const now = await apiTokenLifecycle.update?.(context, "acme/x", olds, rest);
    expect(now).toEqual({ ...rest, token: "a.b.c", tokenId: "x" });
  });

  test("the name under which a refresh found the group is no change", async () => {
    const renamed = { __group: "prod2" };
    expect(diff({ group: "prod2" }, renamed)).toMatchObject({ changes: false });
    expect(diff({}, renamed)).toMatchObject({ changes: false });
    const given = { group: "prod2", scopes: ["read", "db:create"], keepers: { a: { b: 1 } } };
    const checked = await offline(given, { organization: "acme", olds: { ...news, ...renamed } });
    expect(checked.inputs).toMatchObject({ name: "ci-0000000", group: "prod2", __from: "prod" });
    expect(diff(checked.inputs, renamed)).toMatchObject({ changes: false });
    expect(diff({ __from: "prod2" }, renamed)).toMatchObject({ replaces: ["group"] });
  });
});

describe("create", () => {
  test("returns the token that the API shows once", async () => {
    const { emulator, account, create } = await start();
    const { id, outputs } = await create({
      name: "ci",
      group: "prod",
      scopes: "read-only",
      keepers: { a: 1 },
    });
    const [token] = account.listApiTokens();
    expect(token).toMatchObject({ scopes: ["read"], group: account.group("prod").uuid });
    expect(id).toBe(`acme/${token?.uuid}`);
    expect(outputs).toStrictEqual({
      name: "ci",
      organization: "acme",
      group: "prod",
      scopes: "read-only",
      keepers: { a: 1 },
      token: token?.token,
      tokenId: token?.uuid,
    });
    expect(requestsOf(emulator)).toEqual([OWN, "POST /v1/auth/api-tokens/ci"]);
  });

  test.each<[string, Properties, string, string]>([
    ["a missing group", { group: "none", scopes: ["read"] }, "TOKEN_NOT_ISSUED", "'none'"],
    ["a taken name that the check did not see", { name: "late" }, "NAME_TAKEN", "revoke late"],
  ])("fails for %s", async (_, news, code, part) => {
    const { account, context, check } = await start();
    const { inputs } = await check(news);
    account.createApiToken("late");
    const created = apiTokenLifecycle.create(context, inputs as ApiTokenInputs);
    await expect(created).rejects.toMatchObject({ code, text: expect.stringContaining(part) });
    await expect(created).rejects.not.toThrow("may still have succeeded");
  });

  test("waits for a new group that is not visible yet", async () => {
    const { emulator, create, names } = await start(pause);
    emulator.fail({ method: "POST", status: 404, body: { error: "group not found" } });
    await create({ name: "ci", group: "prod", scopes: "read-only" });
    expect(names()).toEqual(["ci"]);
  });

  test("says which token it needs if the API refuses it", async () => {
    const { emulator, create } = await start();
    emulator.fail({ method: "POST", status: 403, body: { error: "not an admin" } });
    await expect(create({ name: "ci" })).rejects.toMatchObject({
      code: "TOKEN_NOT_ISSUED",
      text: expect.stringMatching(/not an admin[\s\S]*admin or owner/),
    });
  });

  test("a lost token is revoked, and another one is created", async () => {
    const { emulator, account, create } = await start(pause);
    const theirs = emulator.store.account("beta").createApiToken("theirs");
    emulator.fail({ method: "POST", drop: "after" });
    const { outputs } = await create({ name: "ci", group: "prod", scopes: ["db:create", "read"] });
    expect(account.listApiTokens()).toMatchObject([
      { name: "ci", token: outputs.token, uuid: outputs.tokenId },
    ]);
    expect(emulator.store.account("beta").listApiTokens()).toEqual([theirs]);
    const lost = requestsOf(emulator).filter((request) => request.startsWith("DELETE"));
    expect(lost).toHaveLength(1);
    expect(lost[0]).not.toContain(outputs.tokenId);
  });

  test("tokens that are lost each time are all revoked", async () => {
    const { emulator, create, names } = await start(pause);
    emulator.fail({ ...always, method: "POST", drop: "after" });
    await expect(create({ name: "ci" })).rejects.toMatchObject({ code: "TOKEN_NOT_ISSUED" });
    expect(names()).toEqual([]);
  });

  test("a request that was not applied is sent again", async () => {
    const { emulator, create, names } = await start(pause);
    emulator.fail({ method: "POST", drop: "before" });
    await create({ name: "ci" });
    expect(names()).toEqual(["ci"]);
    expect(requestsOf(emulator).filter((request) => request.startsWith("DELETE"))).toEqual([]);
  });

  test.each<[string, (world: Awaited<ReturnType<typeof start>>) => void]>([
    [
      "the tokens from before are not known",
      ({ emulator }) => emulator.fail({ path: OWN.slice(4), method: "GET", status: 403 }),
    ],
    [
      "the one that exists has other scopes",
      ({ emulator }) =>
        emulator.fail({
          method: "GET",
          path: OWN.slice(4),
          times: 2,
          status: 200,
          body: { tokens: [{ id: "x", name: "other" }] },
        }),
    ],
  ])("a lost token is not revoked if %s", async (what, prepare) => {
    const world = await start(pause);
    const { emulator, account, context, check } = world;
    if (what.startsWith("the tokens")) {
      prepare(world);
      // Both the check and the create fail to list.
      emulator.fail({ path: OWN.slice(4), method: "GET", status: 403 });
    }
    const { inputs } = await check({ name: "ci", group: "prod", scopes: ["read"] });
    emulator.fail({ method: "POST", drop: "before" });
    const other = account.createApiToken("ci", { group: "prod", scopes: ["db:create"] });
    const created = apiTokenLifecycle.create(context, inputs as ApiTokenInputs);
    await expect(created).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      text: expect.stringMatching(new RegExp(`${other.uuid}[\\s\\S]*revoke ci`)),
    });
    expect(account.listApiTokens()).toEqual([other]);
  });

  test("a lost token that cannot be revoked is named", async () => {
    const { emulator, account, create } = await start(pause);
    emulator.fail({ method: "POST", drop: "after" });
    emulator.fail({ ...always, method: "DELETE", status: 403, body: { error: "not yours" } });
    const error: unknown = await create({ name: "ci" }).catch((error: unknown) => error);
    const [left] = account.listApiTokens();
    expect(error).toMatchObject({
      code: "OUTCOME_UNKNOWN",
      text: expect.stringMatching(new RegExp(`${left?.uuid}[\\s\\S]*not yours[\\s\\S]*revoke ci`)),
    });
  });

  test("a lost token that no list shows is not left unmentioned", async () => {
    const { emulator, create } = await start(pause);
    emulator.store.listLag = 60_000;
    emulator.fail({ method: "POST", drop: "after" });
    await expect(create({ name: "ci" })).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      text: expect.stringContaining("turso auth api-tokens revoke ci"),
    });
  });
});

describe("read", () => {
  test("of an unchanged token changes nothing, and one list serves ten", async () => {
    const { emulator, create } = await start();
    const created = [];
    for (let i = 0; i < 10; i++) created.push(await create({ name: `ci-${i}`, keepers: { i } }));
    emulator.requests.length = 0;
    const later = contextFor(emulator.url);
    for (const { id, outputs } of created) {
      const { token, tokenId, ...inputs } = outputs;
      expect(await apiTokenLifecycle.read(later, id, outputs)).toStrictEqual({ id, inputs, outputs });
    }
    expect(requestsOf(emulator)).toEqual(["GET /v1/organizations/acme/api-tokens"]);
  });

  test("finds nothing if the token was revoked, or its group was deleted", async () => {
    const { emulator, account, create } = await start();
    const own = await create({ name: "ci" });
    const ofGroup = await create({ name: "cd", group: "prod", scopes: "read-only" });
    account.revokeApiToken(own.outputs.tokenId);
    account.deleteGroup("prod");
    // A new token of the same name is another token.
    account.createApiToken("ci");
    for (const { id, outputs } of [own, ofGroup])
      expect(await apiTokenLifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
  });

  test("records the new name of a group that was renamed", async () => {
    const { emulator, account, create } = await start();
    const { id, outputs } = await create({ name: "ci", group: "prod", scopes: "read-only" });
    account.renameGroup("prod", "prod2");
    const found = await apiTokenLifecycle.read(contextFor(emulator.url), id, outputs);
    expect(found?.outputs).toStrictEqual({ ...outputs, __group: "prod2" });
    account.renameGroup("prod2", "prod");
    const back = await apiTokenLifecycle.read(contextFor(emulator.url), id, found?.outputs);
    expect(back?.outputs).toStrictEqual(outputs);
  });

  test("a replacement is a token of the renamed group, also if another group has the old name", async () => {
    const { emulator, account, create } = await start();
    const news = { group: "prod", scopes: "read-only" };
    const { id, outputs } = await create(news);
    account.renameGroup("prod", "prod2");
    account.createGroup({ name: "prod", location: "lhr" });
    const found = await apiTokenLifecycle.read(contextFor(emulator.url), id, outputs);
    const run = contextFor(emulator.url, "acme");
    const changed = { news: { ...news, keepers: { a: 1 } }, resource };
    await apiTokenLifecycle.check(run, { olds: { ...found?.inputs }, ...changed });
    // The engine checks a replacement again, without state.
    const { inputs } = await apiTokenLifecycle.check(run, { olds: undefined, ...changed });
    const now = await apiTokenLifecycle.create(run, inputs as ApiTokenInputs);
    expect(account.listApiTokens().map(({ group }) => group)).toEqual(
      Array(2).fill(account.group("prod2").uuid),
    );
    expect(now.outputs).toMatchObject({ group: "prod", __group: "prod2" });
  });

  test("keeps a valid token that the list lacks, and warns", async () => {
    const { emulator, create } = await start();
    const { id, outputs } = await create({ name: "ci" });
    emulator.fail({ path: /organizations/, status: 200, body: { tokens: [] } });
    const later = contextFor(emulator.url);
    expect((await apiTokenLifecycle.read(later, id, outputs))?.outputs).toStrictEqual(outputs);
    expect(later.warnings).toEqual([expect.stringContaining("'ci'")]);
  });

  test.each([401, 403, 500])("that fails with %d does not remove the token from state", async (status) => {
    const { emulator, create } = await start();
    const { id, outputs } = await create({ name: "ci" });
    emulator.fail({ ...always, path: /organizations/, status, body: { error: "no" } });
    const read = apiTokenLifecycle.read(contextFor(emulator.url), id, outputs);
    await expect(read).rejects.toMatchObject({ code: "READ_FAILED" });
  });

  test("and import are refused without the token: the API never returns it again", async () => {
    const context = contextFor("http://127.0.0.1:1");
    for (const olds of [undefined, { name: "ci", organization: "acme" } as ApiTokenOutputs])
      await expect(apiTokenLifecycle.read(context, "acme/x", olds)).rejects.toMatchObject({
        code: "NOT_IMPORTABLE",
      });
  });
});

describe("delete", () => {
  test("revokes the token by its ID, and no other one of its name", async () => {
    const { emulator, account, context, create, names } = await start();
    const { outputs } = await create({ name: "ci" });
    emulator.requests.length = 0;
    await apiTokenLifecycle.delete(context, outputs);
    expect(names()).toEqual([]);
    expect(requestsOf(emulator)).toEqual([`DELETE /v1/organizations/acme/api-tokens/${outputs.tokenId}`]);
    account.createApiToken("ci");
    await apiTokenLifecycle.delete(nextRun(context), outputs);
    expect(names()).toEqual(["ci"]);
  });

  test("succeeds if the response is lost", async () => {
    const { emulator, context, create, names } = await start(pause);
    const { outputs } = await create({ name: "ci" });
    emulator.fail({ method: "DELETE", drop: "after" });
    await apiTokenLifecycle.delete(context, outputs);
    expect(names()).toEqual([]);
  });

  test.each([403, 404])("that the API refuses with %d says which token is needed", async (status) => {
    const { emulator, context, create, names } = await start();
    const { outputs } = await create({ name: "ci" });
    emulator.fail({ ...always, method: "DELETE", status, body: { error: "not yours" } });
    await expect(apiTokenLifecycle.delete(context, outputs)).rejects.toMatchObject({
      code: "DELETE_FAILED",
      text: expect.stringMatching(/not yours[\s\S]*may still be valid[\s\S]*admin or owner/),
    });
    expect(names()).toEqual(["ci"]);
  });

  test("succeeds if the response is unusable, but the token is no longer accepted", async () => {
    const { emulator, context, create, names } = await start();
    const { outputs } = await create({ name: "ci" });
    emulator.fail({ method: "DELETE", status: 200, body: "<html>", applied: true });
    await apiTokenLifecycle.delete(context, outputs);
    expect(names()).toEqual([]);
  });

  test("whose outcome is unknown says so", async () => {
    const { emulator, context, create } = await start();
    const { outputs } = await create({ name: "ci" });
    emulator.fail({ ...always, method: "DELETE", drop: "before" });
    await expect(apiTokenLifecycle.delete(context, outputs)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });

  test("of the token that the provider uses is refused", async () => {
    const { emulator, account, create } = await start();
    const { outputs } = await create({ name: "ci" });
    const context = contextFor(emulator.url, "acme", {}, { token: outputs.token });
    await expect(apiTokenLifecycle.delete(context, outputs)).rejects.toMatchObject({ code: "TOKEN_IN_USE" });
    expect(account.listApiTokens()).toHaveLength(1);
  });
});

test("an organization's token manages the tokens of its organization, a group's token none", async () => {
  const { emulator, account } = await start();
  const as = (token: string) => contextFor(emulator.url, "acme", {}, { token });
  const inputs = { name: "new", organization: "acme" };
  const admin = as(account.createApiToken("admin").token);
  const { outputs } = await apiTokenLifecycle.create(admin, inputs);
  const member = as(account.createApiToken("few", { group: "prod", scopes: ["full-access"] }).token);
  await expect(apiTokenLifecycle.delete(member, outputs)).rejects.toMatchObject({ code: "DELETE_FAILED" });
  await expect(apiTokenLifecycle.create(member, { ...inputs, name: "x" })).rejects.toMatchObject({
    code: "TOKEN_NOT_ISSUED",
    text: expect.stringContaining("not limited to a group"),
  });
  await apiTokenLifecycle.delete(admin, outputs);
});

test("no error and no warning contains the value of a token", async () => {
  const { emulator, account, context, create } = await start();
  const { id, outputs } = await create({ name: "ci", group: "prod", scopes: "read-only" });
  const shown: unknown[] = [];
  const fails = async (work: Promise<unknown>) =>
    shown.push(
      await work.then(
        () => "",
        (error: unknown) => error,
      ),
    );
  const echo = { error: `no ${outputs.token}, ${btoa(outputs.token)}` };
  emulator.fail({ path: /validate/, status: 500, body: echo });
  emulator.fail({ path: /organizations/, status: 200, body: { tokens: [] } });
  await fails(apiTokenLifecycle.read(contextFor(emulator.url), id, outputs));
  emulator.fail({ path: /organizations/, status: 200, body: { tokens: [] } });
  await fails(apiTokenLifecycle.read(context, id, outputs));
  emulator.fail({ ...always, method: "DELETE", status: 404, body: { error: "gone" } });
  await fails(apiTokenLifecycle.delete(context, outputs));
  await fails(apiTokenLifecycle.read(context, "acme/x", { ...outputs, tokenId: undefined } as never));
  const inputs: ApiTokenInputs = { name: "new", organization: "acme" };
  for (const body of [{ id: "x", token: [outputs.token] }, `<html>${outputs.token}`]) {
    emulator.fail({ method: "POST", status: 200, body });
    await fails(apiTokenLifecycle.create(contextFor(emulator.url), inputs));
  }
  const all = shownOf([shown, context.warnings]);
  expect(shown.filter((error) => error === "")).toHaveLength(1);
  for (const secret of [TOKEN, ...account.listApiTokens().map(({ token }) => token)])
    expect(findSecret(all, secret)).toBeUndefined();
});
