import { describe, expect, test } from "vitest";
import type { CheckRequest } from "../../../src/lifecycle/lifecycle.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { Properties } from "../../../src/lifecycle/values.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

const resource = placeOf("analytics");

/** Check in a context that cannot reach anything. */
function check(news: Properties, more: Partial<CheckRequest> & { organization?: string } = {}) {
  const { organization, ...request } = more;
  const context = contextFor("http://127.0.0.1:1", organization);
  return groupLifecycle.check(context, { olds: undefined, news, resource, ...request });
}

const inputsOf = async (...args: Parameters<typeof check>) => (await check(...args)).inputs;
const reasons = async (...args: Parameters<typeof check>) =>
  (await check(...args)).failures.map(({ property, reason }) => `${property}: ${reason}`);

describe("check", () => {
  test("lets through a group's inputs, and nothing else", async () => {
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
    expect(await reasons({ location: "lhr", lokation: "ams" })).toEqual([
      "lokation: a Group has no such input; did you mean 'location'?",
    ]);
  });

  test("takes the default organization, unless one is given", async () => {
    expect(await inputsOf({ name: "a", location: "lhr" }, { organization: "acme" })).toHaveProperty(
      "organization",
      "acme",
    );
    expect(
      await inputsOf({ name: "a", location: "lhr", organization: "beta" }, { organization: "acme" }),
    ).toHaveProperty("organization", "beta");
    expect(await inputsOf({ name: "a", location: "lhr" })).not.toHaveProperty("organization");
  });

  test.each([
    [{}, "location: it is required (e.g. aws-us-east-1 or lhr)"],
    [{ location: "" }, "location: it is empty (e.g. aws-us-east-1 or lhr)"],
    [{ location: 5 }, "location: it must be a string (e.g. aws-us-east-1 or lhr), but is a number"],
    [{ location: "lhr", name: ".." }, 'name: it cannot be ".." (e.g. prod)'],
    [{ location: "lhr", name: "a/b" }, "name: it must not contain slashes (e.g. prod)"],
    [{ location: "lhr", name: "a b" }, "name: it must not contain spaces (e.g. prod)"],
    [{ location: "lhr", name: ["a"] }, "name: it must be a string (e.g. prod), but is a list"],
    [{ location: "lhr", organization: "" }, "organization: it is empty (the slug, e.g. acme)"],
    [{ location: "lhr", replicas: "ams" }, 'replicas: it must be a list (e.g. ["ams"]), but is a string'],
    [
      { location: "lhr", replicas: ["ams", 5] },
      'replicas: it must be a string (e.g. ["ams"]), but is a number',
    ],
    [{ location: "lhr", replicas: ["ams", "ams"] }, "replicas: 'ams' is there twice"],
    [
      { location: "lhr", replicas: ["lhr"] },
      "replicas: 'lhr' is the group's primary location; replicas are further ones",
    ],
    [
      { location: "aws-us-east-1", replicas: ["lhr"] },
      "replicas: Turso offers no replicas on AWS, where 'aws-us-east-1' is: leave replicas out, or declare []",
    ],
    [
      { location: "lhr", replicas: ["us-east-1"] },
      "replicas: Turso offers no replicas on AWS, where 'us-east-1' is: leave replicas out, or declare []",
    ],
    [
      { location: "lhr", extensions: "vector" },
      'extensions: it must be a list ("all", or e.g. ["vector"]), but is a string',
    ],
    [
      { location: "lhr", deleteProtection: "yes" },
      "deleteProtection: it must be true or false, but is a string",
    ],
    [{ location: "lhr", forceDestroy: 1 }, "forceDestroy: it must be true or false, but is a number"],
    [{ location: "lhr", adopt: [] }, "adopt: it must be true or false, but is a list"],
  ])("refuses %j", async (news, reason) => {
    expect(await reasons(news)).toEqual([reason]);
  });

  test("leaves unknown values alone", async () => {
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

    test("the same every time, from all that places the group", async () => {
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
      "of allowed characters, from %j",
      async (name) => {
        expect(await nameOf({ location: "lhr" }, { resource: { ...resource, name } })).toMatch(
          /^(?=.{1,32}$)[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{7}$/,
        );
      },
    );

    test("that is unknown while its place is", async () => {
      expect(await nameOf({ location: UNKNOWN })).toBe(UNKNOWN);
      expect(await nameOf({ location: "lhr", organization: UNKNOWN })).toBe(UNKNOWN);
    });

    test("that stays in another stack or under another resource name, as after `state move`", async () => {
      const olds = { name: "analytics-0000000", location: "aws-us-east-1" };
      expect(await nameOf({ location: "us-east-1" }, { olds })).toBe("analytics-0000000");
    });

    test("that changes with the location, so that a replacement can exist beside the old group", async () => {
      const olds = { name: "analytics-0000000", location: "lhr" };
      expect(await nameOf({ location: "ams" }, { olds })).toBe(await nameOf({ location: "ams" }));
    });

    test("that stays when the group is at the new location already", async () => {
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
    const userForm = { name: "a", location: "lhr" };

    test("a default that resolves differently is an error with both ways out", async () => {
      const [reason] = await reasons({ location: "lhr" }, { olds, organization: "beta" });
      expect(reason).toContain(
        ": State has this resource in organization 'acme', but the default organization is 'beta' now",
      );
      expect(reason).toContain("pulumi config set turso:organization acme");
      expect(reason).toContain('set `organization: "beta"`');
    });

    test("one that is given and changes is a matter of diff", async () => {
      expect(
        await reasons(
          { location: "lhr", organization: "beta" },
          { olds, organization: "acme", preview: true },
        ),
      ).toEqual([]);
      expect(
        await reasons({ location: "lhr", organization: "acme" }, { olds, organization: "beta" }),
      ).toEqual([]);
    });

    test("between an organization and the user form lies an error with the way over", async () => {
      const [gone] = await reasons({ location: "lhr" }, { olds });
      expect(gone).toContain("run `pulumi config set turso:organization acme`");
      expect(gone).toContain("pulumi state delete");
      const [come] = await reasons({ location: "lhr", organization: "acme" }, { olds: userForm });
      expect(come).toContain(
        "State has this resource in your personal account, but its organization is 'acme' now",
      );
      expect(come).toContain("unset `turso:organization` and TURSO_ORGANIZATION");
      expect(await reasons({ location: "lhr" }, { olds: userForm })).toEqual([]);
    });
  });
});
