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

/** Check in a context that cannot reach anything. */
function check(news: Properties, more: Partial<CheckRequest> & { organization?: string } = {}) {
  const { organization, ...request } = more;
  const context = contextFor("http://127.0.0.1:1", organization);
  return groupTokenLifecycle.check(context, { olds: undefined, news, resource, ...request });
}

const inputsOf = async (...args: Parameters<typeof check>) => (await check(...args)).inputs;
const reasons = async (...args: Parameters<typeof check>) =>
  (await check(...args)).failures.map(({ property, reason }) => `${property}: ${reason}`);

describe("check", () => {
  test("lets its inputs through, and no others", async () => {
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
    expect(await reasons({ group: "prod", jwt: "mine" })).toEqual([
      "jwt: a GroupToken has no such input; it has group, organization, expiration, authorization, readAttach, renewBefore and keepers",
    ]);
  });

  test("makes a name and an organization of an id", async () => {
    expect(await inputsOf({ group: "acme/prod" }, { organization: "beta" })).toEqual({
      group: "prod",
      organization: "acme",
    });
    expect(await inputsOf({ group: "acme/prod", organization: "acme" })).toEqual({
      group: "prod",
      organization: "acme",
    });
    expect(await reasons({ group: "acme/prod", organization: "beta" })).toEqual([
      "organization: it contradicts group 'acme/prod', which is in organization 'acme': leave it out",
    ]);
  });

  test("takes the organization that is given, else the default one, else none", async () => {
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

  test("leaves unknown values alone, and does not guess the organization of an unknown group", async () => {
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
    expect(await reasons({ group: "prod", readAttach: UNKNOWN, keepers: UNKNOWN })).toEqual([]);
  });

  test("an organization that changes by default is an error, one that is given is a matter of diff", async () => {
    const olds = { group: "prod", organization: "acme" };
    expect(await reasons({ group: "prod" }, { olds, organization: "beta" })).toEqual([
      expect.stringContaining("the default organization is 'beta' now"),
    ]);
    expect(await reasons({ group: "beta/prod" }, { olds, organization: "acme" })).toEqual([]);
    expect(await reasons({ group: "prod" }, { olds })).toEqual([
      expect.stringContaining("no default organization is set now"),
    ]);
    expect(await reasons({ group: "acme/prod" }, { olds: { group: "prod" } })).toEqual([
      expect.stringContaining("its organization is 'acme' now"),
    ]);
  });

  test.each<[string, Properties, Properties | undefined, boolean]>([
    ["a new token with readAttach", { readAttach: ["a"] }, undefined, true],
    ["readAttach of another database", { readAttach: ["b"] }, { readAttach: ["a"] }, true],
    ["readAttach that is not known yet", { readAttach: UNKNOWN }, { readAttach: ["a"] }, true],
    ["an unchanged token", { readAttach: ["a", "b"] }, { readAttach: ["b", "a"] }, false],
    ["a new token without readAttach", { readAttach: [] }, undefined, false],
    ["readAttach that is removed", {}, { readAttach: ["a"] }, false],
  ])("of %s, a preview warns only where it loses rights", (_what, news, olds, warns) => {
    const shown: string[] = [];
    const warn = (message: string) => shown.push(message);
    const inputs = (more: Properties): GroupTokenInputs => ({ group: "prod", organization: "acme", ...more });
    groupTokenLifecycle.warnInPreview?.({ warn }, olds && inputs(olds), inputs(news));
    expect(shown).toEqual(
      warns
        ? [
            "A token of group 'prod' in organization 'acme' has `readAttach`. Turso refuses that for groups on AWS; elsewhere such a token loses its other rights.",
          ]
        : [],
    );
  });

  test("a group that this run has made under the same name gets a new token", () => {
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
  ])("an input that is no longer set leaves the token as it is: %j", async (more) => {
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

  const duration = "a duration such as 90d or 2w1d30m (units w, d, h, m, s)";
  test.each<[Properties, string]>([
    [
      {},
      "group: it is required (a group's name, or its id as in group.id). If it is an output of a Group that `--target` leaves out, target that Group, too",
    ],
    [{ group: "" }, "group: it is empty (a group's name, or its id as in group.id)"],
    [{ group: 5 }, "group: it must be a string (a group's name, or its id as in group.id), but is a number"],
    [{ group: "a/b/c" }, "group: it must be a group's name, or its id organization/name"],
    [{ group: "acme/.." }, 'group: it cannot be ".." (a group\'s name, or its id as in group.id)'],
    [{ group: "a b/c" }, "group: it must not contain spaces (a group's name, or its id as in group.id)"],
    [{ group: "a", organization: "" }, "organization: it is empty (the slug, e.g. acme)"],
    [{ group: "a", expiration: "1 year" }, `expiration: it must be "never" or ${duration}, but is "1 year"`],
    [{ group: "a", expiration: "" }, `expiration: it must be "never" or ${duration}, but is ""`],
    [{ group: "a", expiration: "0d" }, `expiration: it must be "never" or ${duration}, but is "0d"`],
    [
      { group: "a", expiration: "300000w" },
      `expiration: it must be "never" or ${duration}, but is "300000w"`,
    ],
    [{ group: "a", expiration: 3600 }, `expiration: it must be "never" or ${duration}, but is a number`],
    [
      { group: "a", authorization: "admin" },
      'authorization: it must be "full-access" or "read-only", but is "admin"',
    ],
    [
      { group: "a", readAttach: "orders" },
      "readAttach: it must be a list of names of databases, but is a string",
    ],
    [
      { group: "a", readAttach: ["orders", ""] },
      "readAttach: of its item 2: it is empty (the name of a database, e.g. orders)",
    ],
    [
      { group: "a", expiration: "1d", renewBefore: "never" },
      `renewBefore: it must be ${duration}, but is "never"`,
    ],
    [{ group: "a", renewBefore: "1h" }, 'renewBefore: it needs an expiration other than "never"'],
    [
      { group: "a", renewBefore: "1h", expiration: "never" },
      'renewBefore: it needs an expiration other than "never"',
    ],
    [
      { group: "a", renewBefore: "24h", expiration: "1d" },
      "renewBefore: it must be shorter than the expiration 1d: the token would be due at once, with every `up`",
    ],
    [{ group: "a", keepers: ["x"] }, "keepers: it must be a map of values to keep an eye on, but is a list"],
  ])("refuses %j", async (news, reason) => {
    expect(await reasons(news)).toEqual([reason]);
  });

  test.each(["never", "1s", "90d", "2w1d30m", "1.5h", "1h30m", "1d1d"])(
    "takes the expiration %s, as the API does",
    async (expiration) => {
      expect(await reasons({ group: "prod", expiration })).toEqual([]);
      const emulator = await emulate();
      emulator.store.account().createGroup({ name: "prod", location: "lhr" });
      await groupTokenLifecycle.create(contextFor(emulator.url), { group: "prod", expiration });
      expect(emulator.store.tokens.size).toBe(1);
    },
  );
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

  test("is none when nothing changed, whatever the order", () => {
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
  ])("%j is another token", (now) => {
    expect(diff(now)).toMatchObject({
      changes: true,
      replaces: Object.keys(now),
      deleteBeforeReplace: false,
      warnings: [],
    });
  });

  test("the name under which refresh found the group is no change", () => {
    expect(diff({ group: "prod2" }, { __group: "prod2" })).toMatchObject({ changes: false });
    expect(diff({}, { __group: "prod2" })).toMatchObject({ changes: false });
    expect(diff({ group: "prod2", __from: "prod" }, { __group: "prod2" })).toMatchObject({ changes: false });
    // The program had taken up the new name: the old one is that of another group.
    expect(diff({ __from: "prod2" }, { __group: "prod2" })).toMatchObject({ replaces: ["group"] });
  });

  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

  test("a token that expires within renewBefore is due, and says so", () => {
    expect(diff({}, { expiresAt: inHours(31 * 24) })).toMatchObject({ changes: false, warnings: [] });
    const at = inHours(29 * 24);
    expect(diff({}, { expiresAt: at })).toMatchObject({
      changes: true,
      unseen: true,
      replaces: ["expiresAt"],
      deleteBeforeReplace: false,
      warnings: [
        `The token of group 'prod' in organization 'acme' expires at ${at}, and renewBefore is 30d; the next \`up\` mints a new one.`,
      ],
    });
  });

  test("without renewBefore a token is due when it has expired", () => {
    const { renewBefore, ...before } = olds;
    const { renewBefore: _, ...now } = news;
    const context = contextFor("http://127.0.0.1:1");
    const at = (expiresAt: string) =>
      groupTokenLifecycle.diff(context, { ...before, expiresAt }, now).changes;
    expect(at(inHours(1))).toBe(false);
    expect(context.warnings).toEqual([]);
    expect(at(inHours(-1))).toBe(true);
    expect(context.warnings).toEqual([expect.stringContaining("expired at")]);
  });
});

describe.each([
  { form: "user", organization: undefined, base: "/v1/groups", prefix: "" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups", prefix: "acme/" },
])("in the $form form", ({ organization, base, prefix }) => {
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

  test("create mints, and tells what the token says of itself", async () => {
    const { emulator, group, context } = await start();
    const all = inputs({
      expiration: "1h",
      authorization: "read-only",
      readAttach: ["orders"],
      keepers: { a: 1 },
    });
    const { id, outputs } = await groupTokenLifecycle.create(context, all);
    const [token] = emulator.store.tokens.values();
    if (token?.expiresAt === undefined) throw new Error("no token was minted");
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

  test("a token that never expires has no expiresAt; what was not given is not sent", async () => {
    const { emulator, context } = await start();
    const { outputs } = await groupTokenLifecycle.create(context, inputs());
    expect(Object.keys(outputs).sort()).toEqual(
      ["group", "groupUuid", "jwt", ...(organization === undefined ? [] : ["organization"])].sort(),
    );
    expect(requestsOf(emulator).at(-1)).toBe(`POST ${base}/prod/auth/tokens`);
  });

  test("ten creates at once ask for the group once", async () => {
    const { emulator, context } = await start();
    await Promise.all(Array.from({ length: 10 }, () => groupTokenLifecycle.create(context, inputs())));
    expect(emulator.store.tokens.size).toBe(10);
    expect(requestsOf(emulator).filter((request) => request.startsWith("GET"))).toEqual([`GET ${base}`]);
  });

  test("create for a group that is not there names it", async () => {
    const { context } = await start();
    const title = `Group 'staging'${organization === undefined ? "" : " in organization 'acme'"}`;
    await expect(groupTokenLifecycle.create(context, inputs({ group: "staging" }))).rejects.toThrow(
      `${title} does not exist. Correct the name, or pass the id of the Group that creates it.\nIf the group was renamed outside Pulumi, run \`pulumi refresh\`.`,
    );
  });

  test("create for an archived group tells how to wake it", async () => {
    const { context, account } = await start();
    account.archiveGroup("prod");
    await expect(groupTokenLifecycle.create(context, inputs())).rejects.toThrow(
      /could not be minted.*400 group prod is archived.*`turso group unarchive prod` wakes it up/s,
    );
  });

  test("create that is refused says why; one whose answer was lost, what may be left", async () => {
    const { emulator, context } = await start();
    emulator.fail({ method: "POST", status: 403, body: { error: "no tokens on this plan" } });
    const refused = await groupTokenLifecycle.create(context, inputs()).catch(String);
    expect(refused).toContain("403 no tokens on this plan");
    expect(refused).not.toContain("all the same");
    emulator.fail({ method: "POST", drop: "after", times: Number.POSITIVE_INFINITY });
    const lost = await groupTokenLifecycle.create(context, inputs()).catch(String);
    expect(lost).toContain("One may have been minted all the same");
    expect(lost).toContain("GroupTokenInvalidation");
  });

  test("read finds the group there: nothing changes and nothing is minted", async () => {
    const { emulator, context } = await start();
    const all = inputs({ expiration: "1h", renewBefore: "1m" });
    const { id, outputs } = await groupTokenLifecycle.create(context, all);
    emulator.requests.length = 0;
    const later = contextFor(emulator.url);
    expect(await groupTokenLifecycle.read(later, id, outputs)).toStrictEqual({ id, inputs: all, outputs });
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
  });

  test("read of a token whose group was renamed finds it, and remembers the name", async () => {
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

  test("read of a token whose group is gone, or made again, is gone", async () => {
    const { emulator, account, context } = await start();
    const { id, outputs } = await groupTokenLifecycle.create(context, inputs());
    account.deleteGroup("prod");
    expect(await groupTokenLifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await groupTokenLifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
  });

  test("read that fails is an error, not an absence", async () => {
    const { emulator, context } = await start();
    const { id, outputs } = await groupTokenLifecycle.create(context, inputs());
    emulator.fail({ status: 403, body: { error: "forbidden" }, times: Number.POSITIVE_INFINITY });
    await expect(groupTokenLifecycle.read(contextFor(emulator.url), id, outputs)).rejects.toThrow(
      /^Group 'prod'.* could not be read\.\nGET .* 403 forbidden/,
    );
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

test("get and import are refused: a token cannot be read back", async () => {
  const context = contextFor("http://127.0.0.1:1");
  for (const olds of [undefined, { group: "prod" } as GroupTokenOutputs]) {
    await expect(groupTokenLifecycle.read(context, "acme/prod/0", olds)).rejects.toThrow(
      "A token cannot be read back from the Turso API",
    );
  }
});

test.each(["opaque", "a.b.c", `a.${Buffer.from('{"exp":1e300}').toString("base64url")}.c`, "a.bnVsbA.c"])(
  "a token that tells no time, %s, is taken as it is",
  async (jwt) => {
    // The same answer to the list of groups and to minting.
    const { url } = await serve({ body: { groups: [{ name: "prod" }], jwt } });
    const { outputs } = await groupTokenLifecycle.create(contextFor(url), { group: "prod" });
    expect(outputs).toStrictEqual({ group: "prod", jwt });
  },
);
