import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import type { CheckRequest } from "../../../src/lifecycle/lifecycle.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { Properties, State } from "../../../src/lifecycle/values.js";
import {
  type GroupTokenInvalidationInputs,
  groupTokenInvalidationLifecycle as lifecycle,
} from "../../../src/resources/group/groupTokenInvalidation.js";
import { contextFor, placeOf } from "../../context.ts";

const resource = placeOf("leak", "GroupTokenInvalidation");
const { update } = lifecycle;
if (update === undefined) throw new Error("an invalidation is updated in place");

/** Runs check with an API that cannot be reached. */
function check(news: Properties, more: Partial<CheckRequest> = {}) {
  const context = contextFor("http://127.0.0.1:1");
  return lifecycle.check(context, { olds: undefined, news, resource, ...more });
}

describe("check", () => {
  test("returns the inputs of an invalidation, and refuses others", async () => {
    const all = { group: "prod", organization: "acme", triggers: { a: [1] }, onCreate: true };
    expect(await check(all)).toEqual({ inputs: all, failures: [] });
    expect((await check({ group: "acme/prod", triggers: ["a"] })).inputs).toEqual({
      group: "prod",
      organization: "acme",
      triggers: ["a"],
    });
    expect((await check({ group: "prod", trigger: 1 })).failures).toEqual([
      { property: "trigger", code: "UNKNOWN_INPUT", reason: expect.stringContaining("'triggers'") },
    ]);
  });

  test.each<[news: Properties, property: string, named: string]>([
    [{}, "group", "required"],
    [{ group: "a/b", organization: "c" }, "organization", "'a'"],
    [{ group: "a", triggers: "x" }, "triggers", "a string"],
  ])("refuses %j: %s, %s", async (news, property, named) => {
    const reason = expect.stringContaining(named);
    expect((await check(news)).failures).toEqual([{ property, code: "INVALID_INPUT", reason }]);
  });
});

describe("a preview", () => {
  const olds = { group: "prod", organization: "acme", triggers: { a: 1 } };

  test.each<[what: string, Properties, Properties | undefined, ("up will" | "up may")[]]>([
    ["warns of changed triggers", { ...olds, triggers: { a: 2 } }, olds, ["up will"]],
    ["warns of removed triggers", { group: "acme/prod" }, olds, ["up will"]],
    ["warns of triggers with an unknown value", { ...olds, triggers: { a: UNKNOWN } }, olds, ["up may"]],
    ["warns of unknown triggers", { ...olds, triggers: UNKNOWN }, olds, ["up may"]],
    ["warns of onCreate in a new resource", { ...olds, onCreate: true }, undefined, ["up will"]],
    ["warns of an unknown onCreate in a new resource", { ...olds, onCreate: UNKNOWN }, undefined, ["up may"]],
    ["does not warn of a new resource without onCreate", { ...olds, onCreate: false }, undefined, []],
    ["does not warn of an unchanged resource", olds, olds, []],
    ["does not warn of a changed onCreate", { ...olds, onCreate: true }, olds, []],
    ["does not warn of another group", { ...olds, group: "prod2" }, olds, []],
  ])("%s", async (_what, news, before, expected) => {
    const shown: string[] = [];
    const warn = (message: string) => shown.push(message);
    const inputs = async (values: Properties, olds?: Properties) =>
      (await check(values, { olds })).inputs as State & GroupTokenInvalidationInputs;
    lifecycle.warnInPreview?.({ warn }, before && (await inputs(before)), await inputs(news, before));
    expect(shown.map((message) => (message.includes("may invalidate") ? "up may" : "up will"))).toEqual(
      expected,
    );
    for (const message of shown) expect(message).toMatch(/'prod'.*'acme'/);
  });
});

test("diff: another group replaces, other changes are in place, and order is no change", () => {
  const context = contextFor("http://127.0.0.1:1");
  const olds = {
    group: "prod",
    triggers: { a: 1, b: 2 },
    groupUuid: "u",
    invalidatedAt: "2026-11-20T00:00:00.000Z",
  };
  const diff = (news: Partial<GroupTokenInvalidationInputs>) =>
    lifecycle.diff(context, olds, { group: "prod", triggers: { b: 2, a: 1 }, ...news });
  expect(diff({})).toEqual({ changes: false, replaces: [], deleteBeforeReplace: false });
  expect(diff({ triggers: { a: 1 } })).toMatchObject({ changes: true, replaces: [] });
  expect(diff({ onCreate: true })).toMatchObject({ changes: true, replaces: [] });
  expect(diff({ group: "prod2" })).toMatchObject({ changes: true, replaces: ["group"] });
  expect(diff({ organization: "acme" })).toMatchObject({ changes: true, replaces: ["organization"] });
});

describe.each([
  { account: "the personal account", organization: undefined, base: "/v1/groups", id: "prod" },
  {
    account: "an organization",
    organization: "acme",
    base: "/v1/organizations/acme/groups",
    id: "acme/prod",
  },
])("in $account", ({ organization, base, id }) => {
  const inputs = (more: Partial<GroupTokenInvalidationInputs> = {}): GroupTokenInvalidationInputs => ({
    group: "prod",
    ...(organization !== undefined && { organization }),
    ...more,
  });
  const rotate = `POST ${base}/prod/auth/rotate`;

  /** Starts an emulator with the group `prod` and a token of it, and creates the resource. */
  async function created(more: Partial<GroupTokenInvalidationInputs> = {}) {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    const group = account.createGroup({ name: "prod", location: "lhr" });
    const { jwt } = account.mintToken("prod");
    const result = await lifecycle.create(contextFor(emulator.url), inputs(more));
    const requests = requestsOf(emulator);
    emulator.requests.length = 0;
    const isValid = () => emulator.store.tokenIsValid(jwt);
    return { emulator, account, group, isValid, requests, context: contextFor(emulator.url), ...result };
  }

  test("create invalidates the tokens only with onCreate", async () => {
    const plain = await created({ triggers: { a: 1 } });
    expect(plain.id).toBe(id);
    expect(plain.outputs).toStrictEqual({ ...inputs({ triggers: { a: 1 } }), groupUuid: plain.group.uuid });
    expect(plain.requests).toEqual([`GET ${base}`]);
    expect(plain.isValid()).toBe(true);

    const { outputs, requests, isValid } = await created({ onCreate: true });
    expect(Math.abs(Date.now() - Date.parse(outputs.invalidatedAt ?? ""))).toBeLessThan(5_000);
    expect(requests).toEqual([`GET ${base}`, rotate]);
    expect(isValid()).toBe(false);
  });

  test("update invalidates the tokens only when triggers change", async () => {
    const { emulator, context, outputs, isValid } = await created({ triggers: ["a"] });
    const same = await update(context, id, outputs, inputs({ triggers: ["a"], onCreate: true }));
    expect(same).toStrictEqual({ ...outputs, onCreate: true });
    expect(requestsOf(emulator)).toEqual([]);
    expect(isValid()).toBe(true);

    const changed = await update(context, id, same, inputs({ triggers: ["b"] }));
    expect(changed).toStrictEqual({
      ...outputs,
      triggers: ["b"],
      invalidatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(requestsOf(emulator)).toEqual([`GET ${base}`, rotate]);
    expect(isValid()).toBe(false);
  });

  test("update finds a group that was renamed outside Pulumi, and spares another group with its name", async () => {
    const { emulator, account, context, outputs, isValid } = await created();
    account.renameGroup("prod", "prod2");
    const found = await lifecycle.read(context, id, outputs);
    expect(found?.outputs).toStrictEqual({ ...outputs, __group: "prod2" });
    await update(context, id, outputs, inputs({ triggers: ["a"] }));
    expect(isValid()).toBe(false);

    account.deleteGroup("prod2");
    account.createGroup({ name: "prod", location: "lhr" });
    const { jwt } = account.mintToken("prod");
    const later = update(contextFor(emulator.url), id, outputs, inputs({ triggers: ["b"] }));
    await expect(later).rejects.toMatchObject({
      code: "INVALIDATION_FAILED",
      text: expect.stringMatching(/'prod'.*`pulumi refresh`/s),
    });
    expect(emulator.store.tokenIsValid(jwt)).toBe(true);
  });

  test("read finds the resource as long as the group exists", async () => {
    const { emulator, account, context, outputs } = await created({ onCreate: true });
    expect(await lifecycle.read(context, id, outputs)).toStrictEqual({
      id,
      inputs: inputs({ onCreate: true }),
      outputs,
    });
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
    account.deleteGroup("prod");
    expect(await lifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await lifecycle.read(contextFor(emulator.url), id, outputs)).toBeUndefined();
  });

  test("errors name the group, and what to do", async () => {
    const { emulator, account, context, outputs } = await created();
    await expect(lifecycle.create(context, inputs({ group: "staging" }))).rejects.toMatchObject({
      code: "INVALIDATION_FAILED",
      text: expect.stringContaining("Group 'staging'"),
    });
    account.archiveGroup("prod");
    await expect(update(context, id, outputs, inputs({ triggers: ["a"] }))).rejects.toMatchObject({
      code: "INVALIDATION_FAILED",
      text: expect.stringContaining("`turso group unarchive prod`"),
    });
    account.unarchiveGroup("prod");
    emulator.fail({ method: "POST", drop: "after", times: Number.POSITIVE_INFINITY });
    await expect(update(context, id, outputs, inputs({ triggers: ["a"] }))).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      text: expect.stringContaining("`pulumi up`"),
    });
  });

  test("delete makes no request", async () => {
    const { emulator, context, outputs } = await created();
    await lifecycle.delete(context, outputs);
    expect(requestsOf(emulator)).toEqual([]);
  });
});

test("get and import are refused: the API does not report invalidations", async () => {
  const context = contextFor("http://127.0.0.1:1");
  await expect(lifecycle.read(context, "acme/prod", undefined)).rejects.toMatchObject({
    code: "NOT_IMPORTABLE",
    text: expect.stringContaining("acme/prod"),
  });
});
