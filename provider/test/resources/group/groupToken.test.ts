import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { serve } from "../../../../test/support/server.ts";
import type { CheckRequest } from "../../../src/lifecycle/lifecycle.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { Properties } from "../../../src/lifecycle/values.js";
import {
  type GroupTokenInputs,
  type GroupTokenOutputs,
  groupTokenLifecycle,
} from "../../../src/resources/group/groupToken.js";
import { contextFor, placeOf } from "../../context.ts";

const resource = placeOf("api", "GroupToken");

/** Runs check with an API that cannot be reached. */
function check(news: Properties, more: Partial<CheckRequest> & { organization?: string } = {}) {
  const { organization, ...request } = more;
  const context = contextFor("http://127.0.0.1:1", organization);
  return groupTokenLifecycle.check(context, { olds: undefined, news, resource, ...request });
}

const inputsOf = async (...args: Parameters<typeof check>) => (await check(...args)).inputs;
const failuresOf = async (...args: Parameters<typeof check>) => (await check(...args)).failures;

describe("check", () => {
  test("returns the inputs of a token, and refuses others", async () => {
    const all = {
      group: "prod",
      organization: "acme",
      expiration: "2w1d30m",
      authorization: "read-only",
      readAttach: ["orders"],
      renewBefore: "1w",
      keepers: { a: [1, { b: null }] },
    };
    expect(await check(all)).toEqual({ inputs: all, failures: [] });
    const failures = await failuresOf({ group: "prod", jwt: "mine" });
    expect(failures).toMatchObject([{ property: "jwt", code: "UNKNOWN_INPUT" }]);
    for (const input of Object.keys(all)) expect(failures[0]?.reason).toContain(input);
  });

  test("splits an ID into the name and the organization", async () => {
    expect(await inputsOf({ group: "acme/prod" }, { organization: "beta" })).toEqual({
      group: "prod",
      organization: "acme",
    });
    expect(await inputsOf({ group: "acme/prod", organization: "acme" })).toEqual({
      group: "prod",
      organization: "acme",
    });
    expect(await failuresOf({ group: "acme/prod", organization: "beta" })).toEqual([
      { property: "organization", code: "INVALID_INPUT", reason: expect.stringContaining("'acme'") },
    ]);
  });

  test("uses the organization that the program sets, else the default one, else none", async () => {
    expect(await inputsOf({ group: "prod" }, { organization: "acme" })).toEqual({
      group: "prod",
      organization: "acme",
    });
    expect(await inputsOf({ group: "prod", organization: "beta" }, { organization: "acme" })).toEqual({
      group: "prod",
      organization: "beta",
    });
    expect(await inputsOf({ group: "prod" })).toEqual({ group: "prod" });
  });

  test("accepts unknown values, and does not guess the organization of an unknown group", async () => {
    const unknown = {
      group: UNKNOWN,
      organization: UNKNOWN,
      expiration: UNKNOWN,
      authorization: UNKNOWN,
      readAttach: [UNKNOWN],
      renewBefore: UNKNOWN,
      keepers: { a: UNKNOWN },
    };
    expect(await check(unknown, { olds: { group: "prod", organization: "acme" } })).toEqual({
      inputs: unknown,
      failures: [],
    });
    expect(await inputsOf({ group: UNKNOWN }, { organization: "acme" })).toEqual({
      group: UNKNOWN,
      organization: UNKNOWN,
    });
    expect(await failuresOf({ group: "prod", readAttach: UNKNOWN, keepers: UNKNOWN })).toEqual([]);
  });

  test("refuses a default organization that resolves differently, and accepts one that the program sets", async () => {
    const olds = { group: "prod", organization: "acme" };
    const refused = async (...args: Parameters<typeof check>) =>
      (await failuresOf(...args)).map(({ property, code }) => ({ property, code }));
    const code = "ORGANIZATION_CHANGED";
    expect(await refused({ group: "prod" }, { olds, organization: "beta" })).toEqual([
      { property: "", code },
    ]);
    expect(await refused({ group: "prod" }, { olds })).toEqual([{ property: "", code }]);
    expect(await refused({ group: "beta/prod" }, { olds, organization: "acme" })).toEqual([]);
    const personal = { olds: { group: "prod" } };
    expect(await refused({ group: "acme/prod" }, personal)).toEqual([{ property: "organization", code }]);
  });

  test.each<[news: Properties, property: string, named: string[]]>([
    [{}, "group", ["required", "`--target`"]],
    [{ group: "" }, "group", ["empty"]],
    [{ group: 5 }, "group", ["a number"]],
    [{ group: "a/b/c" }, "group", ["organization/name"]],
    [{ group: "acme/.." }, "group", ['".."']],
    [{ group: "a b/c" }, "group", ["spaces"]],
    [{ group: "a", organization: "" }, "organization", ["empty"]],
    [{ group: "a", expiration: "1 year" }, "expiration", ['"never"', "90d", '"1 year"']],
    [{ group: "a", expiration: "" }, "expiration", ['""']],
    [{ group: "a", expiration: "0d" }, "expiration", ['"0d"']],
    [{ group: "a", expiration: "300000w" }, "expiration", ['"300000w"']],
    [{ group: "a", expiration: 3600 }, "expiration", ["a number"]],
    [{ group: "a", authorization: "admin" }, "authorization", ['"full-access"', '"read-only"', '"admin"']],
    [{ group: "a", readAttach: ["orders", ""] }, "readAttach", ["item 2", "empty"]],
    [{ group: "a", expiration: "1d", renewBefore: "never" }, "renewBefore", ['got "never"']],
    [{ group: "a", renewBefore: "1h" }, "renewBefore", ["expiration", '"never"']],
    [{ group: "a", renewBefore: "1h", expiration: "never" }, "renewBefore", ["expiration", '"never"']],
    [{ group: "a", renewBefore: "24h", expiration: "1d" }, "renewBefore", ["shorter", "1d"]],
    [{ group: "a", keepers: ["x"] }, "keepers", ["a list"]],
  ])("refuses %j: %s, %j", async (news, property, named) => {
    const failures = await failuresOf(news);
    expect(failures).toMatchObject([{ property, code: "INVALID_INPUT" }]);
    for (const part of named) expect(failures[0]?.reason).toContain(part);
  });

  test.each(["never", "1s", "90d", "2w1d30m", "1.5h", "1h30m", "1d1d"])(
    "accepts the expiration %s, as the API does",
    async (expiration) => {
      expect(await failuresOf({ group: "prod", expiration })).toEqual([]);
      const emulator = await emulate();
      emulator.store.account().createGroup({ name: "prod", location: "lhr" });
      await groupTokenLifecycle.create(contextFor(emulator.url), { group: "prod", expiration });
      expect(emulator.store.tokens.size).toBe(1);
    },
  );
});

test.each<[string, Properties, Properties | undefined, boolean]>([
  ["warns of a new token with readAttach", { readAttach: ["a"] }, undefined, true],
  ["warns of another database in readAttach", { readAttach: ["b"] }, { readAttach: ["a"] }, true],
  ["warns of an unknown readAttach", { readAttach: UNKNOWN }, { readAttach: ["a"] }, true],
  ["does not warn of an unchanged token", { readAttach: ["a", "b"] }, { readAttach: ["b", "a"] }, false],
  ["does not warn of a new token without readAttach", { readAttach: [] }, undefined, false],
  ["does not warn when readAttach is removed", {}, { readAttach: ["a"] }, false],
])("a preview %s", (_what, news, olds, warns) => {
  const shown: string[] = [];
  const warn = (message: string) => shown.push(message);
  const inputs = (more: Properties): GroupTokenInputs => ({ group: "prod", organization: "acme", ...more });
  groupTokenLifecycle.warnInPreview?.({ warn }, olds && inputs(olds), inputs(news));
  const named = expect.stringMatching(/'prod'.*'acme'.*`readAttach`/);
  expect(shown).toEqual(warns ? [named] : []);
});

describe("diff", () => {
  const olds: GroupTokenOutputs = {
    group: "prod",
    organization: "acme",
    expiration: "90d",
    authorization: "read-only",
    readAttach: ["orders", "users"],
    renewBefore: "30d",
    keepers: { a: 1, b: { c: [1, 2] } },
    jwt: "eyJ.x.y",
    groupUuid: "u",
    expiresAt: new Date(Date.now() + 60 * 86_400_000).toISOString(),
  };
  const { jwt, groupUuid, expiresAt, ...news } = olds;

  function diff(now: Partial<GroupTokenInputs>, before: Partial<GroupTokenOutputs> = {}) {
    const context = contextFor("http://127.0.0.1:1");
    return { ...groupTokenLifecycle.diff(context, { ...olds, ...before }, { ...news, ...now }), ...context };
  }

  test("shows no change of an unchanged token, in any order", () => {
    expect(diff({})).toMatchObject({ changes: false, replaces: [], warnings: [] });
    expect(diff({ readAttach: ["users", "orders"], keepers: { b: { c: [1, 2] }, a: 1 } })).toMatchObject({
      changes: false,
    });
    const empty: GroupTokenOutputs = { group: "prod", jwt, keepers: {} };
    const context = contextFor("http://127.0.0.1:1");
    expect(groupTokenLifecycle.diff(context, empty, { group: "prod", readAttach: [] }).changes).toBe(false);
  });

  test.each<[Partial<GroupTokenInputs>]>([
    [{ group: "prod2" }],
    [{ group: UNKNOWN }],
    [{ organization: "beta" }],
    [{ expiration: "never" }],
    [{ authorization: "full-access" }],
    [{ readAttach: ["orders"] }],
    [{ readAttach: ["orders", UNKNOWN] }],
    [{ renewBefore: "29d" }],
    [{ keepers: { a: 1, b: { c: [2, 1] } } }],
    [{ keepers: { a: 1, b: UNKNOWN } }],
  ])("%j replaces the token", (now) => {
    expect(diff(now)).toMatchObject({
      changes: true,
      replaces: Object.keys(now),
      deleteBeforeReplace: false,
      warnings: [],
    });
  });

  test("the name under which a refresh found the group is no change", () => {
    expect(diff({ group: "prod2" }, { __group: "prod2" })).toMatchObject({ changes: false });
    expect(diff({}, { __group: "prod2" })).toMatchObject({ changes: false });
    expect(diff({ group: "prod2", __from: "prod" }, { __group: "prod2" })).toMatchObject({ changes: false });
    // The program has accepted the new name, so the old one means another group.
    expect(diff({ __from: "prod2" }, { __group: "prod2" })).toMatchObject({ replaces: ["group"] });
  });

  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

  test("a token that expires within renewBefore is due for renewal, with a warning", () => {
    expect(diff({}, { expiresAt: inHours(31 * 24) })).toMatchObject({ changes: false, warnings: [] });
    const at = inHours(29 * 24);
    expect(diff({}, { expiresAt: at })).toMatchObject({
      changes: true,
      unseen: true,
      replaces: ["expiresAt"],
      deleteBeforeReplace: false,
      warnings: [expect.stringMatching(new RegExp(`'prod'.*'acme'.*${at}.*30d`))],
    });
  });

  test("without renewBefore, a token is due for renewal when it has expired", () => {
    const { renewBefore, ...before } = olds;
    const { renewBefore: _, ...now } = news;
    const context = contextFor("http://127.0.0.1:1");
    const changesAt = (expiresAt: string) =>
      groupTokenLifecycle.diff(context, { ...before, expiresAt }, now).changes;
    expect(changesAt(inHours(1))).toBe(false);
    expect(context.warnings).toEqual([]);
    const past = inHours(-1);
    expect(changesAt(past)).toBe(true);
    expect(context.warnings).toEqual([expect.stringContaining(past)]);
  });

  test("a group that this run has created under the same name gets a new token", () => {
    const context = contextFor("http://127.0.0.1:1");
    const inputs = { group: "prod", organization: "acme" };
    const olds = { ...inputs, jwt: "the.old.one", groupUuid: "u1" };
    context.ownership.hold({ type: "Group", name: "prod", organization: "acme", uuid: "u1" });
    expect(groupTokenLifecycle.diff(context, olds, inputs).changes).toBe(false);
    context.ownership.hold({ type: "Group", name: "prod", organization: "acme", uuid: "u2" });
    expect(groupTokenLifecycle.diff(context, olds, inputs)).toMatchObject({ replaces: ["groupUuid"] });
  });

  test.each([
    { expiration: "90d" },
    { authorization: "read-only" as const },
    { readAttach: ["a"] },
    { expiration: "90d", renewBefore: "30d" },
    { keepers: { a: 1 } },
  ])("removing an input keeps the token: %j", async (more) => {
    const context = contextFor("http://127.0.0.1:1");
    const rest = { group: "prod", organization: "acme" };
    const olds = { ...rest, ...more, jwt: "the.old.one", expiresAt: "2999-01-01T00:00:00Z", groupUuid: "u1" };
    const kept = { changes: true, replaces: [], deleteBeforeReplace: false };
    expect(groupTokenLifecycle.diff(context, olds, rest)).toEqual(kept);
    const { jwt, expiresAt, groupUuid } = olds;
    const news = await groupTokenLifecycle.update?.(context, "id", olds, rest);
    expect(news).toEqual({ ...rest, jwt, expiresAt, groupUuid });
    expect(groupTokenLifecycle.diff(context, { ...rest, jwt, groupUuid }, rest).changes).toBe(false);
  });
});

describe.each([
  { account: "the personal account", organization: undefined, base: "/v1/groups", prefix: "" },
  {
    account: "an organization",
    organization: "acme",
    base: "/v1/organizations/acme/groups",
    prefix: "acme/",
  },
])("in $account", ({ organization, base, prefix }) => {
  const inputs = (more: Partial<GroupTokenInputs> = {}): GroupTokenInputs => ({
    group: "prod",
    ...(organization !== undefined && { organization }),
    ...more,
  });

  /** An emulator with the group `prod`. */
  async function start() {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    const group = account.createGroup({ name: "prod", location: "lhr" });
    return { emulator, account, group, context: contextFor(emulator.url) };
  }

  test("create issues a token and returns the expiry in it", async () => {
    const { emulator, group, context } = await start();
    const all = inputs({
      expiration: "1h",
      authorization: "read-only",
      readAttach: ["orders"],
      keepers: { a: 1 },
    });
    const { id, outputs } = await groupTokenLifecycle.create(context, all);
    const [token] = emulator.store.tokens.values();
    if (token?.expiresAt === undefined) throw new Error("no token was issued");
    expect(token).toMatchObject({ authorization: "read-only", readAttach: ["orders"], group: group.uuid });
    expect(outputs).toStrictEqual({
      ...all,
      groupUuid: group.uuid,
      jwt: token.jwt,
      expiresAt: new Date(token.expiresAt * 1000).toISOString().replace(".000Z", "Z"),
    });
    expect(id).toMatch(new RegExp(`^${prefix}prod/[0-9a-f]{12}$`));
    expect(requestsOf(emulator)).toEqual([
      `GET ${base}`,
      `POST ${base}/prod/auth/tokens?expiration=1h&authorization=read-only`,
    ]);
  });

  test("a token that does not expire has no expiresAt, and inputs that are not set are not sent", async () => {
    const { emulator, context } = await start();
    const { outputs } = await groupTokenLifecycle.create(context, inputs());
    expect(Object.keys(outputs).sort()).toEqual(
      ["group", "groupUuid", "jwt", ...(organization === undefined ? [] : ["organization"])].sort(),
    );
    expect(requestsOf(emulator).at(-1)).toBe(`POST ${base}/prod/auth/tokens`);
  });

  test("ten concurrent creates list the groups once", async () => {
    const { emulator, context } = await start();
    await Promise.all(Array.from({ length: 10 }, () => groupTokenLifecycle.create(context, inputs())));
    expect(emulator.store.tokens.size).toBe(10);
    expect(requestsOf(emulator).filter((request) => request.startsWith("GET"))).toEqual([`GET ${base}`]);
  });

  const title = (group: string) =>
    `Group '${group}'${organization === undefined ? "" : " in organization 'acme'"}`;

  test("create fails if the group does not exist, and names it", async () => {
    const { emulator, context } = await start();
    await expect(groupTokenLifecycle.create(context, inputs({ group: "staging" }))).rejects.toMatchObject({
      code: "TOKEN_NOT_ISSUED",
      text: expect.stringContaining(title("staging")),
    });
    expect(emulator.store.tokens.size).toBe(0);
  });

  test("create fails for an archived group, and names the command that unarchives it", async () => {
    const { context, account } = await start();
    account.archiveGroup("prod");
    await expect(groupTokenLifecycle.create(context, inputs())).rejects.toMatchObject({
      code: "TOKEN_NOT_ISSUED",
      text: expect.stringContaining("`turso group unarchive prod`"),
    });
  });

  test("create that is refused shows the API's reason", async () => {
    const { emulator, context } = await start();
    emulator.fail({ method: "POST", status: 403, body: { error: "no tokens on this plan" } });
    const refused = groupTokenLifecycle.create(context, inputs());
    await expect(refused).rejects.toMatchObject({
      code: "TOKEN_NOT_ISSUED",
      text: expect.stringContaining("403 no tokens on this plan"),
    });
    await expect(refused).rejects.not.toThrow("GroupTokenInvalidation");
  });

  test("create whose response is lost says how to revoke a token that may exist", async () => {
    const { emulator, context } = await start();
    emulator.fail({ method: "POST", drop: "after", times: Number.POSITIVE_INFINITY });
    await expect(groupTokenLifecycle.create(context, inputs())).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      text: expect.stringContaining("GroupTokenInvalidation"),
    });
  });

  test("read of an unchanged group changes nothing and issues nothing", async () => {
    const { emulator, context } = await start();
    const all = inputs({ expiration: "1h", renewBefore: "1m" });
    const { id, outputs } = await groupTokenLifecycle.create(context, all);
    emulator.requests.length = 0;
    const later = contextFor(emulator.url);
    expect(await groupTokenLifecycle.read(later, id, outputs)).toStrictEqual({ id, inputs: all, outputs });
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
  });

  test("read finds a group that was renamed outside Pulumi, and records its name", async () => {
    const { emulator, account, context } = await start();
    const { id, outputs } = await groupTokenLifecycle.create(context, inputs());
    account.renameGroup("prod", "prod2");
    const later = contextFor(emulator.url);
    const found = await groupTokenLifecycle.read(later, id, outputs);
    expect(found).toStrictEqual({ id, inputs: inputs(), outputs: { ...outputs, __group: "prod2" } });
    account.renameGroup("prod2", "prod");
    const back = await groupTokenLifecycle.read(contextFor(emulator.url), id, found?.outputs);
    expect(back?.outputs).toStrictEqual(outputs);
  });

  test("read finds nothing if the group was deleted, or deleted and recreated, outside Pulumi", async () => {
    const { emulator, account, context } = await start();
    const { id, outputs } = await groupTokenLifecycle.create(context, inputs());
    account.deleteGroup("prod");
    expect(await groupTokenLifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await groupTokenLifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
  });

  test("read that fails does not remove the token from state", async () => {
    const { emulator, context } = await start();
    const { id, outputs } = await groupTokenLifecycle.create(context, inputs());
    emulator.fail({ status: 403, body: { error: "forbidden" }, times: Number.POSITIVE_INFINITY });
    await expect(groupTokenLifecycle.read(contextFor(emulator.url), id, outputs)).rejects.toMatchObject({
      code: "READ_FAILED",
      text: expect.stringMatching(new RegExp(`${title("prod")}.*403 forbidden`, "s")),
    });
  });

  test("delete makes no request, and the token stays valid", async () => {
    const { emulator, context } = await start();
    const { outputs } = await groupTokenLifecycle.create(context, inputs());
    emulator.requests.length = 0;
    await groupTokenLifecycle.delete(context, outputs);
    expect(requestsOf(emulator)).toEqual([]);
    expect(emulator.store.tokenIsValid(outputs.jwt)).toBe(true);
  });
});

test("get and import are refused: the API never returns a token again", async () => {
  const context = contextFor("http://127.0.0.1:1");
  for (const olds of [undefined, { group: "prod" } as GroupTokenOutputs]) {
    await expect(groupTokenLifecycle.read(context, "acme/prod/0", olds)).rejects.toMatchObject({
      code: "NOT_IMPORTABLE",
      text: expect.stringContaining("acme/prod/0"),
    });
  }
});

test.each(["opaque", "a.b.c", `a.${Buffer.from('{"exp":1e300}').toString("base64url")}.c`, "a.bnVsbA.c"])(
  "a token without a readable expiry is accepted: %s",
  async (jwt) => {
    // One response for both requests: the list of groups and the new token.
    const { url } = await serve({ body: { groups: [{ name: "prod" }], jwt } });
    const { outputs } = await groupTokenLifecycle.create(contextFor(url), { group: "prod" });
    expect(outputs).toStrictEqual({ group: "prod", jwt });
  },
);
