import { describe, expect, test } from "vitest";
import type { CheckRequest } from "../../../src/lifecycle/lifecycle.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { Properties } from "../../../src/lifecycle/values.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

const resource = placeOf("analytics");

/** Runs check with an API that cannot be reached. */
function check(news: Properties, more: Partial<CheckRequest> & { organization?: string } = {}) {
  const { organization, ...request } = more;
  const context = contextFor("http://127.0.0.1:1", organization);
  return groupLifecycle.check(context, { olds: undefined, news, resource, ...request });
}

const inputsOf = async (...args: Parameters<typeof check>) => (await check(...args)).inputs;
const failuresOf = async (...args: Parameters<typeof check>) => (await check(...args)).failures;

describe("check", () => {
  test("returns the inputs of a group", async () => {
    const all = {
      name: "prod",
      location: "lhr",
      organization: "acme",
      replicas: ["ams"],
      extensions: ["vector"],
      deleteProtection: true,
      forceDestroy: false,
      adopt: true,
    };
    expect(await inputsOf(all)).toEqual(all);
    expect(await inputsOf({ name: "prod", location: "lhr" })).toEqual({ name: "prod", location: "lhr" });
  });

  test("refuses an input that a Group does not have, and suggests one", async () => {
    expect(await failuresOf({ location: "lhr", lokation: "ams" })).toEqual([
      { property: "lokation", code: "UNKNOWN_INPUT", reason: expect.stringContaining("'location'") },
    ]);
  });

  test.each(["toString", "constructor", "__proto_"])(
    "refuses %s, which a Group does not have",
    async (property) => {
      const { failures } = await check({ location: "lhr", [property]: "x" });
      expect(failures).toMatchObject([{ property, code: "UNKNOWN_INPUT" }]);
    },
  );

  test("uses the default organization where the program sets none", async () => {
    expect(await inputsOf({ name: "a", location: "lhr" }, { organization: "acme" })).toHaveProperty(
      "organization",
      "acme",
    );
    expect(
      await inputsOf({ name: "a", location: "lhr", organization: "beta" }, { organization: "acme" }),
    ).toHaveProperty("organization", "beta");
    expect(await inputsOf({ name: "a", location: "lhr" })).not.toHaveProperty("organization");
  });

  test.each<[news: Properties, property: string, named: string[]]>([
    [{}, "location", ["required"]],
    [{ location: "" }, "location", ["empty"]],
    [{ location: 5 }, "location", ["a number"]],
    [{ location: "lhr", name: ".." }, "name", ['".."']],
    [{ location: "lhr", name: "a/b" }, "name", ["slashes"]],
    [{ location: "lhr", name: "a b" }, "name", ["spaces"]],
    [{ location: "lhr", organization: "" }, "organization", ["empty"]],
    [{ location: "lhr", replicas: "ams" }, "replicas", ["a string"]],
    [{ location: "lhr", replicas: ["ams", 5] }, "replicas", ["item 2", "a number"]],
    [{ location: "lhr", replicas: ["ams", "ams"] }, "replicas", ["'ams'", "twice"]],
    [{ location: "lhr", replicas: ["lhr"] }, "replicas", ["'lhr'", "primary"]],
    [{ location: "aws-us-east-1", replicas: ["lhr"] }, "replicas", ["'aws-us-east-1'", "AWS"]],
    [{ location: "lhr", replicas: ["us-east-1"] }, "replicas", ["'us-east-1'", "AWS"]],
    [{ location: "lhr", deleteProtection: "yes" }, "deleteProtection", ["a string"]],
  ])("refuses %j: %s, %j", async (news, property, named) => {
    const failures = await failuresOf(news);
    expect(failures).toMatchObject([{ property, code: "INVALID_INPUT" }]);
    for (const part of named) expect(failures[0]?.reason).toContain(part);
  });

  test("accepts unknown values and returns them as they are", async () => {
    const unknown = {
      name: UNKNOWN,
      location: UNKNOWN,
      organization: UNKNOWN,
      replicas: UNKNOWN,
      extensions: [UNKNOWN],
      deleteProtection: UNKNOWN,
      forceDestroy: UNKNOWN,
      adopt: UNKNOWN,
    };
    const olds = { name: "a", location: "lhr", organization: "acme" };
    expect(await check(unknown, { olds })).toEqual({ inputs: unknown, failures: [] });
    expect(await check(unknown)).toEqual({ inputs: unknown, failures: [] });
  });

  describe("generates a name", () => {
    const nameOf = async (news: Properties, more?: Parameters<typeof check>[1]) =>
      (await inputsOf(news, more)).name;

    test("that is the same every time, and depends on everything that places the group", async () => {
      const name = await nameOf({ location: "lhr" });
      expect(name).toMatch(/^analytics-[0-9a-f]{7}$/);
      expect(await nameOf({ location: "lhr" }, { preview: true })).toBe(name);
      const others = await Promise.all([
        nameOf({ location: "ams" }),
        nameOf({ location: "lhr" }, { organization: "acme" }),
        nameOf({ location: "lhr" }, { resource: { ...resource, project: "other" } }),
        nameOf({ location: "lhr" }, { resource: { ...resource, stack: "prod" } }),
        nameOf({ location: "lhr" }, { resource: { ...resource, name: "analytics2" } }),
      ]);
      expect(new Set([name, ...others]).size).toBe(6);
      expect(await nameOf({ location: "us-east-1" })).toBe(await nameOf({ location: "aws-us-east-1" }));
    });

    test.each(["My Group/Ümlaut", "x".repeat(100), "---", "a_b.c", "日本"])(
      "of allowed characters from %j",
      async (name) => {
        expect(await nameOf({ location: "lhr" }, { resource: { ...resource, name } })).toMatch(
          /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{7}$/,
        );
      },
    );

    test("that is unknown while the location or the organization is", async () => {
      expect(await nameOf({ location: UNKNOWN })).toBe(UNKNOWN);
      expect(await nameOf({ location: "lhr", organization: UNKNOWN })).toBe(UNKNOWN);
    });

    test("that stays although another one would be generated now, as after `pulumi state move`", async () => {
      const olds = { name: "analytics-0000000", location: "aws-us-east-1" };
      expect(await nameOf({ location: "us-east-1" }, { olds })).toBe("analytics-0000000");
    });

    test("that changes with the location, so that the new group can exist beside the old one", async () => {
      const olds = { name: "analytics-0000000", location: "lhr" };
      expect(await nameOf({ location: "ams" }, { olds })).toBe(await nameOf({ location: "ams" }));
    });

    test("that stays when the group was already moved to the new location", async () => {
      const olds = { name: "analytics-0000000", location: "lhr", __primary: "ams" };
      expect(await inputsOf({ location: "ams" }, { olds })).toEqual({
        name: "analytics-0000000",
        location: "ams",
      });
      expect(await inputsOf({ location: "lhr" }, { olds })).toEqual(olds);
    });
  });

  describe("compares the organization with the one in state", () => {
    const olds = { name: "a", location: "lhr", organization: "acme" };
    const personal = { name: "a", location: "lhr" };

    test("refuses a default that resolves differently, with both ways out", async () => {
      const failures = await failuresOf({ location: "lhr" }, { olds, organization: "beta" });
      expect(failures).toMatchObject([{ property: "", code: "ORGANIZATION_CHANGED" }]);
      const [reason] = failures.map((failure) => failure.reason);
      expect(reason).toContain("pulumi config set turso:organization acme");
      expect(reason).toContain('set `organization: "beta"`');
    });

    test("accepts an organization that the program sets: diff compares it", async () => {
      const before = { olds, organization: "acme", preview: true };
      expect(await failuresOf({ location: "lhr", organization: "beta" }, before)).toEqual([]);
      const defaultChanged = { olds, organization: "beta" };
      expect(await failuresOf({ location: "lhr", organization: "acme" }, defaultChanged)).toEqual([]);
    });

    test("refuses a change from an organization to the personal account, with both ways out", async () => {
      const failures = await failuresOf({ location: "lhr" }, { olds });
      expect(failures).toMatchObject([{ property: "", code: "ORGANIZATION_CHANGED" }]);
      const [reason] = failures.map((failure) => failure.reason);
      expect(reason).toContain("pulumi config set turso:organization acme");
      expect(reason).toContain(`pulumi state delete '${resource.urn}'`);
    });

    test("refuses a change from the personal account to an organization, with both ways out", async () => {
      const failures = await failuresOf({ location: "lhr", organization: "acme" }, { olds: personal });
      expect(failures).toMatchObject([{ property: "organization", code: "ORGANIZATION_CHANGED" }]);
      const [reason] = failures.map((failure) => failure.reason);
      expect(reason).toContain("`turso:organization` and TURSO_ORGANIZATION");
      expect(reason).toContain(`pulumi state delete '${resource.urn}'`);
      expect(await failuresOf({ location: "lhr" }, { olds: personal })).toEqual([]);
    });
  });
});
