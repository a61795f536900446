/** What a group's check asks the API, so that a preview refuses what `pulumi up` would fail on. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import type { CheckFailure } from "../../../src/lifecycle/errors.js";
import type { Context } from "../../../src/lifecycle/lifecycle.js";
import type { Properties } from "../../../src/lifecycle/values.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

async function check(
  context: Context,
  news: Properties,
  { olds, name = "analytics", preview = true }: { olds?: Properties; name?: string; preview?: boolean } = {},
): Promise<CheckFailure[]> {
  const request = { olds, news, resource: placeOf(name), preview };
  return (await groupLifecycle.check(context, request)).failures;
}

describe.each([
  { account: "the personal account", organization: undefined },
  { account: "an organization", organization: "acme" },
])("in $account", ({ organization }) => {
  async function start() {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    return { emulator, account, context: contextFor(emulator.url, organization) };
  }
  const state = (more: Properties = {}) => ({
    name: "prod",
    location: "lhr",
    ...(organization !== undefined && { organization }),
    ...more,
  });

  test("a hundred new groups list the locations and the groups once", async () => {
    const { emulator, context } = await start();
    for (let i = 0; i < 100; i++)
      expect(await check(context, { location: "lhr" }, { name: `g${i}` })).toEqual([]);
    expect(requestsOf(emulator)).toHaveLength(2);
  });

  test("an unchanged group makes no request", async () => {
    const { emulator, account, context } = await start();
    account.createGroup({ name: "prod", location: "lhr" });
    const olds = state({ replicas: ["ams"] });
    expect(await check(context, state({ replicas: ["ams"] }), { olds })).toEqual([]);
    expect(requestsOf(emulator)).toEqual([]);
  });

  test.each([
    ["lhrr", ["'lhr'"]],
    ["LHR", ["'lhr'", "London, United Kingdom"]],
    ["london", ["'lhr'", "London, United Kingdom"]],
    ["aws-us-est-1", ["'aws-us-east-1'"]],
    ["atlantis-below-the-sea", ["ams, "]],
  ])("the unknown location %s is refused, naming %j", async (location, named) => {
    const { context } = await start();
    const failures = await check(context, { location });
    expect(failures).toMatchObject([{ property: "location", code: "UNKNOWN_LOCATION" }]);
    for (const part of [`'${location}'`, ...named]) expect(failures[0]?.reason).toContain(part);
  });

  test("an unknown location among the replicas is refused", async () => {
    const { context } = await start();
    expect(await check(context, { location: "lhr", replicas: ["ams", "frb"] })).toEqual([
      { property: "replicas", code: "UNKNOWN_LOCATION", reason: expect.stringContaining("'frb'") },
    ]);
  });

  test("an unknown extension is a warning, and is refused where the old group would be deleted first", async () => {
    const { context } = await start();
    expect(await check(context, { location: "lhr", extensions: ["vectr"] })).toEqual([]);
    expect(context.warnings).toEqual([expect.stringMatching(/'vectr'.*'vector'/)]);
    expect(await check(context, state({ extensions: ["vectr"] }), { olds: state() })).toEqual([
      {
        property: "extensions",
        code: "UNKNOWN_EXTENSION",
        reason: expect.stringMatching(/'vectr'.*'vector'/),
      },
    ]);
    expect(await check(context, state({ extensions: ["vector"] }), { olds: state() })).toEqual([]);
  });

  test("a location that the group already has is accepted, even if the API no longer lists it", async () => {
    const emulator = await emulate({ locations: { ams: "Amsterdam" } });
    const context = contextFor(emulator.url, organization);
    const olds = state({ location: "lhr", replicas: ["fra"] });
    expect(await check(context, state({ location: "lhr", replicas: ["fra", "ams"] }), { olds })).toEqual([]);
    const moved = state({ location: "lhr", __primary: "ams" });
    expect(await check(context, state({ location: "ams" }), { olds: moved })).toEqual([]);
  });

  test("the name of an existing group is refused, and the message says how to adopt the group", async () => {
    const { account, context } = await start();
    account.createGroup({ name: "prod", location: "aws-us-east-1" });
    const taken = await check(context, { name: "prod", location: "us-east-1" });
    expect(taken).toMatchObject([{ property: "name", code: "NAME_TAKEN" }]);
    expect(taken[0]?.reason).toContain("in aws-us-east-1");
    expect(taken[0]?.reason).toContain("`adopt: true`");
    expect(taken[0]?.reason).not.toContain("location:");
    const elsewhere = await check(context, { name: "prod", location: "lhr" });
    expect(elsewhere).toMatchObject([{ property: "name", code: "NAME_TAKEN" }]);
    expect(elsewhere[0]?.reason).toContain('`adopt: true` and `location: "aws-us-east-1"`');
  });

  test("an existing group is adopted in its own location only", async () => {
    const { account, context } = await start();
    account.createGroup({ name: "prod", location: "aws-us-east-1" });
    expect(await check(context, { name: "prod", location: "us-east-1", adopt: true })).toEqual([]);
    expect(await check(context, { name: "prod", location: "lhr", adopt: true })).toEqual([
      {
        property: "name",
        code: "ADOPTION_FAILED",
        reason: expect.stringContaining('`location: "aws-us-east-1"`'),
      },
    ]);
  });

  test("the name of the group that is being replaced is not taken", async () => {
    const { account, context } = await start();
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await check(context, state({ location: "ams" }), { olds: state() })).toEqual([]);
    // The engine checks a replacement again, without state.
    expect(await check(context, state({ location: "ams" }))).toEqual([]);
    expect(await check(contextFor(context.url, organization), state({ location: "ams" }))).toMatchObject([
      { property: "name", code: "NAME_TAKEN" },
    ]);
  });

  describe("two resources cannot manage the same group", () => {
    const duplicate = (name: string) => [
      { property: "name", code: "DUPLICATE_RESOURCE", reason: expect.stringContaining(`'${name}'`) },
    ];

    test("by its name", async () => {
      const { context } = await start();
      expect(await check(context, state(), { name: "one" })).toEqual([]);
      expect(await check(context, state(), { name: "one" })).toEqual([]);
      expect(await check(context, state(), { name: "two" })).toEqual(duplicate("one"));
    });

    test("by the name that it was given outside Pulumi", async () => {
      const { context } = await start();
      const renamed = state({ __name: "renamed" });
      expect(await check(context, state(), { olds: renamed, name: "one" })).toEqual([]);
      const adopted = state({ name: "renamed" });
      expect(await check(context, adopted, { olds: adopted, name: "two" })).toEqual(duplicate("one"));
    });
  });

  describe("a replacement", () => {
    test("of a group that holds databases is refused, unless forceDestroy is in state", async () => {
      const { account, context } = await start();
      account.createGroup({ name: "prod", location: "lhr" });
      account.createDatabase({ name: "orders", group: "prod" });
      const moved = await check(context, state({ location: "ams" }), { olds: state() });
      expect(moved).toMatchObject([{ property: "location", code: "HOLDS_DATA" }]);
      for (const part of ["Group 'prod'", "1 database (orders)", "`forceDestroy: true`"])
        expect(moved[0]?.reason).toContain(part);

      const inSameUpdate = state({ location: "ams", forceDestroy: true });
      const early = await check(context, inSameUpdate, { olds: state() });
      expect(early).toMatchObject([{ property: "location", code: "HOLDS_DATA" }]);
      // The reason says that `forceDestroy` takes effect after an `up`.
      expect(early).not.toEqual(moved);

      expect(await check(context, state({ extensions: "all" }), { olds: state() })).toMatchObject([
        { property: "extensions", code: "HOLDS_DATA" },
      ]);
      const forced = state({ forceDestroy: true });
      expect(await check(context, state({ location: "ams" }), { olds: forced })).toEqual([]);
    });

    const ways: [change: Properties, command: string][] = [
      [{ name: "next" }, "`turso group rename prod next`"],
      [{ location: "ams" }, "`turso db create --from-dump`"],
      [{ location: "aws-us-east-1" }, "`turso group aws-migration`"],
      [{ extensions: ["vector"] }, "`turso db create --from-dump`"],
    ];
    if (organization !== undefined) ways.push([{ organization: "beta" }, "`turso group transfer prod beta`"]);
    test.each(ways)(
      "that sets %j is refused, naming the command that keeps the data: %s",
      async (change, command) => {
        const { account, context } = await start();
        account.createGroup({ name: "prod", location: "lhr" });
        account.createDatabase({ name: "orders", group: "prod" });
        expect(await check(context, state(change), { olds: state() })).toEqual([
          { property: Object.keys(change)[0], code: "HOLDS_DATA", reason: expect.stringContaining(command) },
        ]);
      },
    );

    test("of a group that was renamed outside Pulumi checks the databases of its new name", async () => {
      const { account, context } = await start();
      account.createGroup({ name: "prod2", location: "lhr" });
      account.createDatabase({ name: "orders", group: "prod2" });
      const olds = state({ __name: "prod2" });
      expect(await check(context, state({ location: "ams" }), { olds })).toEqual([
        { property: "location", code: "HOLDS_DATA", reason: expect.stringContaining("Group 'prod2'") },
      ]);
    });

    test("of a protected group is refused, and the message says how to disable the protection", async () => {
      const { account, context } = await start();
      account.createGroup({ name: "prod", location: "lhr", deleteProtection: true });
      const news = state({ location: "ams", deleteProtection: false });
      expect(await check(context, news, { olds: state() })).toEqual([
        {
          property: "location",
          code: "PROTECTED",
          reason: expect.stringContaining("`deleteProtection: false`, run `pulumi up`"),
        },
      ]);
    });

    test("of a group whose databases cannot be listed is refused in `up`, and a warning in a preview", async () => {
      const { emulator, account } = await start();
      account.createGroup({ name: "prod", location: "lhr" });
      const news = state({ location: "ams" });
      emulator.fail({ path: /databases/, status: 503, body: "", times: 2 });
      const preview = contextFor(emulator.url, organization);
      expect(await check(preview, news, { olds: state() })).toEqual([]);
      expect(preview.warnings).toEqual([expect.stringContaining("503")]);
      const up = contextFor(emulator.url, organization);
      expect(await check(up, news, { olds: state(), preview: false })).toMatchObject([
        { property: "location", code: "MAY_HOLD_DATA" },
      ]);
      emulator.fail({ path: /databases/, status: 403, body: { error: "no" } });
      const forbidden = check(contextFor(emulator.url, organization), news, { olds: state() });
      await expect(forbidden).rejects.toMatchObject({ status: 403 });
    });
  });

  test.each([401, 403])("a %i is an error in a preview, too", async (status) => {
    const { emulator, context } = await start();
    emulator.fail({ status, body: { error: "no" } });
    await expect(check(context, { location: "lhr" })).rejects.toMatchObject({ status });
  });

  test("an API that cannot be reached is one warning in a preview, and none in `up`", async () => {
    const unreachable = "http://127.0.0.1:1";
    const context = contextFor(unreachable, organization);
    expect(await check(context, { location: "lhr" })).toEqual([]);
    expect([...new Set(context.warnings)]).toEqual([expect.stringContaining(unreachable)]);
    const up = contextFor(unreachable, organization);
    expect(await check(up, { location: "lhr" }, { preview: false })).toEqual([]);
    expect(up.warnings).toEqual([]);
  });

  test("the stack's default for deleteProtection applies where the program sets none", async () => {
    const { emulator } = await start();
    const context = contextFor(emulator.url, organization, { deleteProtection: true });
    const protectionOf = async (news: Properties) => {
      const request = { olds: undefined, news, resource: placeOf("analytics") };
      return (await groupLifecycle.check(context, request)).inputs.deleteProtection;
    };
    expect(await protectionOf({ location: "lhr" })).toBe(true);
    expect(await protectionOf({ location: "lhr", deleteProtection: false })).toBe(false);
  });
});
