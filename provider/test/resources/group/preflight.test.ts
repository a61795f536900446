/** What a group's check finds out by asking the API, in a preview, before anything is done. */

import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import type { Context } from "../../../src/lifecycle/lifecycle.js";
import type { Properties } from "../../../src/lifecycle/values.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

async function reasons(
  context: Context,
  news: Properties,
  olds?: Properties,
  name = "analytics",
  preview = true,
) {
  const request = { olds, news, resource: placeOf(name), preview };
  const { failures } = await groupLifecycle.check(context, request);
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

describe.each([
  { form: "user", organization: undefined },
  { form: "organization", organization: "acme" },
])("in the $form form", ({ organization }) => {
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

  test("a hundred new groups ask for the locations and the groups once", async () => {
    const { emulator, context } = await start();
    for (let i = 0; i < 100; i++)
      expect(await reasons(context, { location: "lhr" }, undefined, `g${i}`)).toEqual([]);
    expect(requestsOf(emulator)).toHaveLength(2);
  });

  test("an unchanged group asks for nothing", async () => {
    const { emulator, account, context } = await start();
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await reasons(context, state({ replicas: ["ams"] }), state({ replicas: ["ams"] }))).toEqual([]);
    expect(requestsOf(emulator)).toEqual([]);
  });

  test.each([
    ["lhrr", "did you mean 'lhr'"],
    ["LHR", "did you mean 'lhr' (London, United Kingdom)?"],
    ["london", "did you mean 'lhr' (London, United Kingdom)?"],
    ["aws-us-est-1", "did you mean 'aws-us-east-1'"],
    ["atlantis-below-the-sea", "there are ams, "],
  ])("the location %s is unknown: %s", async (location, hint) => {
    const { context } = await start();
    const [reason] = await reasons(context, { location });
    expect(reason).toContain(`location: Turso has no location '${location}': ${hint}`);
    expect(
      await reasons(context, { location: "lhr", replicas: [location.replace("aws-", "")] }),
    ).toHaveLength(1);
  });

  test("an unknown extension is a warning, and an error where the old group would be deleted first", async () => {
    const { context } = await start();
    expect(await reasons(context, { location: "lhr", extensions: ["vectr"] })).toEqual([]);
    expect(context.warnings.join()).toContain("Turso has no extension 'vectr': did you mean 'vector'?");
    expect(await reasons(context, state({ extensions: ["vectr"] }), state())).toEqual([
      "extensions: Turso has no extension 'vectr': did you mean 'vector'?",
    ]);
    expect(await reasons(context, state({ extensions: ["vector"] }), state())).toEqual([]);
  });

  test("a location that the group is in already is known, whatever the list says", async () => {
    const emulator = await emulate({ locations: { ams: "Amsterdam" } });
    const context = contextFor(emulator.url, organization);
    const olds = state({ location: "lhr", replicas: ["fra"] });
    expect(await reasons(context, state({ location: "lhr", replicas: ["fra", "ams"] }), olds)).toEqual([]);
    expect(
      await reasons(context, state({ location: "ams" }), state({ location: "lhr", __primary: "ams" })),
    ).toEqual([]);
  });

  test("a taken name explains how to adopt the group, or why that cannot be", async () => {
    const { account, context } = await start();
    account.createGroup({ name: "prod", location: "aws-us-east-1" });
    const [taken] = await reasons(context, { name: "prod", location: "us-east-1" });
    expect(taken).toContain("already exists (in aws-us-east-1) and is not managed by this resource");
    expect(taken).toContain("- If no stack manages it, set `adopt: true`. ");
    const [elsewhere] = await reasons(context, { name: "prod", location: "lhr" });
    expect(elsewhere).toContain('set `adopt: true` and `location: "aws-us-east-1"`. ');
    expect(await reasons(context, { name: "prod", location: "aws-us-east-1", adopt: true })).toEqual([]);
    const [unfit] = await reasons(context, { name: "prod", location: "lhr", adopt: true });
    expect(unfit).toContain("it cannot be adopted as a group in lhr");
  });

  test("the name of the group that is being replaced is not taken", async () => {
    const { account, context } = await start();
    account.createGroup({ name: "prod", location: "lhr" });
    expect(await reasons(context, state({ location: "ams" }), state())).toEqual([]);
    expect(await reasons(context, state({ location: "ams" }))).toEqual([]);
    expect(await reasons(context, state({ location: "ams" }), undefined, "another")).not.toEqual([]);
  });

  test("nor can they by the name that a group was given outside Pulumi", async () => {
    const { context } = await start();
    const renamed = state({ __name: "renamed" });
    expect(await reasons(context, state(), renamed, "one")).toEqual([]);
    const adopted = state({ name: "renamed" });
    expect(await reasons(context, adopted, adopted, "two")).toEqual([
      expect.stringContaining("Resource 'one' of this program manages the same group"),
    ]);
  });

  test("two resources cannot declare the same group", async () => {
    const { context } = await start();
    expect(await reasons(context, state(), undefined, "one")).toEqual([]);
    expect(await reasons(context, state(), undefined, "one")).toEqual([]);
    expect(await reasons(context, state(), undefined, "two")).toEqual([
      "name: Resource 'one' of this program manages the same group. Remove one of the two resources, set another name, or read the group with `Group.get`.",
    ]);
  });

  describe("a replacement", () => {
    test("that would take databases with it is refused, naming them; forceDestroy in state allows it", async () => {
      const { account, context } = await start();
      account.createGroup({ name: "prod", location: "lhr" });
      account.createDatabase({ name: "orders", group: "prod" });
      const [reason] = await reasons(context, state({ location: "ams", forceDestroy: true }), state());
      expect(reason).toContain("location: Changing location replaces Group 'prod'");
      expect(reason).toContain("which holds 1 database (orders)");
      expect(reason).toContain(
        "undo the change, run `pulumi up` with `forceDestroy: true`, then change location: it takes effect after an `up`.",
      );
      const forced = state({ forceDestroy: true });
      expect(await reasons(context, state({ location: "ams" }), forced)).toEqual([]);
      expect(await reasons(context, state({ extensions: "all" }), state())).not.toEqual([]);
    });

    test("of a group that was renamed elsewhere looks at the databases of its new name", async () => {
      const { account, context } = await start();
      account.createGroup({ name: "prod2", location: "lhr" });
      account.createDatabase({ name: "orders", group: "prod2" });
      const olds = state({ __name: "prod2" });
      expect(await reasons(context, state({ location: "ams" }), olds)).toEqual([
        expect.stringContaining("replaces Group 'prod2'"),
      ]);
    });

    test("of a protected group is refused, saying how to lift the protection", async () => {
      const { account, context } = await start();
      account.createGroup({ name: "prod", location: "lhr", deleteProtection: true });
      const [reason] = await reasons(context, state({ location: "ams", deleteProtection: false }), state());
      expect(reason).toContain("which has delete protection enabled");
      expect(reason).toContain("set `deleteProtection: false`, run `pulumi up`, then change location");
    });

    test("whose databases cannot be listed is refused, but for a preview without an answer", async () => {
      const { emulator, account } = await start();
      account.createGroup({ name: "prod", location: "lhr" });
      const change = [state({ location: "ams" }), state(), "analytics"] as const;
      emulator.fail({ path: /databases/, status: 503, body: "", times: 2 });
      const preview = contextFor(emulator.url, organization);
      expect(await reasons(preview, ...change, true)).toEqual([]);
      expect(preview.warnings).toEqual([
        expect.stringContaining("The Turso API responded with 503, so this preview may be incomplete"),
      ]);
      const up = contextFor(emulator.url, organization);
      expect(await reasons(up, ...change, false)).toEqual([
        expect.stringContaining("cannot be found out now"),
      ]);
      emulator.fail({ path: /databases/, status: 403, body: { error: "no" } });
      await expect(reasons(contextFor(emulator.url, organization), ...change, true)).rejects.toThrow(
        "403 no",
      );
    });
  });

  test.each([401, 403])("a %i is an error", async (status) => {
    const { emulator, context } = await start();
    emulator.fail({ status, body: { error: "no" } });
    await expect(reasons(context, { location: "lhr" })).rejects.toThrow(`${status} no`);
  });

  test("what cannot be asked for is warned of in a preview, and not in an up", async () => {
    const nowhere = "http://127.0.0.1:1";
    const context = contextFor(nowhere, organization);
    expect(await reasons(context, { location: "lhr" })).toEqual([]);
    expect(new Set(context.warnings).size).toBe(1);
    const up = contextFor(nowhere, organization);
    expect(await reasons(up, { location: "lhr" }, undefined, "analytics", false)).toEqual([]);
    expect(up.warnings).toEqual([]);
  });

  test("the stack's default for deleteProtection holds where none is declared", async () => {
    const { emulator } = await start();
    const context = contextFor(emulator.url, organization, { deleteProtection: true });
    const check = (news: Properties) =>
      groupLifecycle
        .check(context, { olds: undefined, news, resource: placeOf("analytics") })
        .then(({ inputs }) => inputs.deleteProtection);
    expect(await check({ location: "lhr" })).toBe(true);
    expect(await check({ location: "lhr", deleteProtection: false })).toBe(false);
  });
});
