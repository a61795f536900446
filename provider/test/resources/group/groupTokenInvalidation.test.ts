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

/** Check in a context that cannot reach anything. */
async function check(news: Properties, more: Partial<CheckRequest> = {}) {
  const context = contextFor("http://127.0.0.1:1");
  const result = await lifecycle.check(context, { olds: undefined, news, resource, ...more });
  const reasons = result.failures.map(({ property, reason }) => `${property}: ${reason}`);
  return { ...result, reasons };
}

describe("check", () => {
  test("lets its inputs through, and no others", async () => {
    const all = { group: "prod", organization: "acme", triggers: { a: [1] }, onCreate: true };
    expect(await check(all)).toMatchObject({ inputs: all, failures: [] });
    expect((await check({ group: "acme/prod", triggers: ["a"] })).inputs).toEqual({
      group: "prod",
      organization: "acme",
      triggers: ["a"],
    });
    expect((await check({ group: "prod", trigger: 1 })).reasons).toEqual([
      "trigger: a GroupTokenInvalidation has no such input; did you mean 'triggers'?",
    ]);
  });

  test.each<[Properties, string]>([
    [
      {},
      "group: it is required (a group's name, or its id as in group.id). If it is an output of a Group that `--target` leaves out, target that Group, too",
    ],
    [
      { group: "a/b", organization: "c" },
      "organization: it contradicts group 'a/b', which is in organization 'a': leave it out",
    ],
    [{ group: "a", triggers: "x" }, "triggers: it must be a map or a list of values, but is a string"],
    [{ group: "a", onCreate: "yes" }, "onCreate: it must be true or false, but is a string"],
  ])("refuses %j", async (news, reason) => {
    expect((await check(news)).reasons).toEqual([reason]);
  });

  describe("says in a preview", () => {
    const olds = { group: "prod", organization: "acme", triggers: { a: 1 } };
    const cutOff =
      "every token of group 'prod' in organization 'acme', including tokens issued outside Pulumi. " +
      "Applications that use one lose access. Turso does not say how soon; for database credentials it is within one hour.";

    test.each<[string, Properties, Properties | undefined, string[]]>([
      [
        "that triggers change",
        { ...olds, triggers: { a: 2 } },
        olds,
        [`\`pulumi up\` invalidates ${cutOff}`],
      ],
      ["that triggers go", { group: "acme/prod" }, olds, [`\`pulumi up\` invalidates ${cutOff}`]],
      [
        "that triggers may change",
        { ...olds, triggers: { a: UNKNOWN } },
        olds,
        [`\`pulumi up\` may invalidate ${cutOff}`],
      ],
      [
        "that triggers may change",
        { ...olds, triggers: UNKNOWN },
        olds,
        [`\`pulumi up\` may invalidate ${cutOff}`],
      ],
      [
        "that it begins with it",
        { ...olds, onCreate: true },
        undefined,
        [`\`pulumi up\` invalidates ${cutOff}`],
      ],
      [
        "that it may begin with it",
        { ...olds, onCreate: UNKNOWN },
        undefined,
        [`\`pulumi up\` may invalidate ${cutOff}`],
      ],
      ["nothing of a new one", { ...olds, onCreate: false }, undefined, []],
      ["nothing without changes", olds, olds, []],
      ["nothing of onCreate", { ...olds, onCreate: true }, olds, []],
      ["nothing of another group", { ...olds, group: "prod2" }, olds, []],
    ])("%s", async (_what, news, before, warnings) => {
      const shown: string[] = [];
      const warn = (message: string) => shown.push(message);
      const inputs = async (values: Properties, olds?: Properties) =>
        (await check(values, { olds })).inputs as State & GroupTokenInvalidationInputs;
      lifecycle.warnInPreview?.({ warn }, before && (await inputs(before)), await inputs(news, before));
      expect(shown).toEqual(warnings);
    });
  });
});

test("diff: another group replaces, all else is in place, and order is no difference", () => {
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
  { form: "user", organization: undefined, base: "/v1/groups", id: "prod" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups", id: "acme/prod" },
])("in the $form form", ({ organization, base, id }) => {
  const inputs = (more: Partial<GroupTokenInvalidationInputs> = {}): GroupTokenInvalidationInputs => ({
    group: "prod",
    ...(organization !== undefined && { organization }),
    ...more,
  });
  const rotate = `POST ${base}/prod/auth/rotate`;

  /** An emulator with the group `prod`, a token of it, and the resource created. */
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

  test("create invalidates nothing, unless onCreate", async () => {
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

  test("update invalidates when triggers change, and only then", async () => {
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

  test("update of a group that was renamed finds it; of one made again by somebody else, spares it", async () => {
    const { emulator, account, context, outputs, isValid } = await created();
    account.renameGroup("prod", "prod2");
    const found = await lifecycle.read(context, id, outputs);
    expect(found?.outputs).toStrictEqual({ ...outputs, __group: "prod2" });
    await update(context, id, outputs, inputs({ triggers: ["a"] }));
    expect(isValid()).toBe(false);

    account.deleteGroup("prod2");
    account.createGroup({ name: "prod", location: "lhr" });
    const { jwt } = account.mintToken("prod");
    await expect(update(contextFor(emulator.url), id, outputs, inputs({ triggers: ["b"] }))).rejects.toThrow(
      "is gone, or another group by now: run `pulumi refresh`",
    );
    expect(emulator.store.tokenIsValid(jwt)).toBe(true);
  });

  test("read knows it while the group is there", async () => {
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
    await expect(lifecycle.create(context, inputs({ group: "staging" }))).rejects.toThrow(
      /^The tokens of group 'staging'.* could not be invalidated\.\nGroup 'staging'.* does not exist\./,
    );
    account.archiveGroup("prod");
    await expect(update(context, id, outputs, inputs({ triggers: ["a"] }))).rejects.toThrow(
      "`turso group unarchive prod` wakes it up",
    );
    account.unarchiveGroup("prod");
    emulator.fail({ method: "POST", drop: "after", times: Number.POSITIVE_INFINITY });
    await expect(update(context, id, outputs, inputs({ triggers: ["a"] }))).rejects.toThrow(
      "They may be invalid all the same; the next `up` tries again.",
    );
  });

  test("delete makes no request", async () => {
    const { emulator, context, outputs } = await created();
    await lifecycle.delete(context, outputs);
    expect(requestsOf(emulator)).toEqual([]);
  });
});

test("get and import are refused", async () => {
  const context = contextFor("http://127.0.0.1:1");
  await expect(lifecycle.read(context, "acme/prod", undefined)).rejects.toThrow("cannot be read back");
});
