/** What the component registers, and how a program uses what it has. */
import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import * as turso from "../../../src/index.js";
import * as native from "../../../src/native.js";

interface Registered {
  name: string;
  type: string;
  inputs: Record<string, unknown>;
  provider: string | undefined;
}

let registered: Registered[] = [];

beforeEach(async () => {
  registered = [];
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs, provider }) => {
      registered.push({ name, type, inputs, provider });
      return { id: `id of ${name}`, state: { ...inputs, jwt: "ey" } };
    },
    call: () => ({}),
  });
});

const resolved = <T>(output: pulumi.Output<T> | undefined) =>
  new Promise<T>((resolve) => output?.apply((value) => resolve(value)));

const ACME = {
  organization: "acme",
  groups: { prod: { location: "lhr" }, "g-{n}": { for: { n: [1, 2] }, location: "lhr" } },
  tokens: { api: { group: "prod" }, other: { group: "acme/legacy" } },
};

describe.each([
  { host: "pulumi-turso", module: turso, prefix: "pulumi-nodejs:dynamic/turso:" },
  { host: "pulumi-turso/native", module: native, prefix: "turso:index:" },
])("Organization of $host", ({ module, prefix }) => {
  test("registers resources of that module, in an organization, under names that show the entry", async () => {
    const acme = new module.Organization("acme", ACME);
    await resolved(acme.tokens.api?.id);
    await resolved(acme.groups["g-2"]?.id);
    expect(registered.map(({ name, type }) => `${type} ${name}`).sort()).toEqual(
      [
        "turso:index:Organization acme",
        `${prefix}Group acme/groups/prod`,
        `${prefix}Group acme/groups/g-1`,
        `${prefix}Group acme/groups/g-2`,
        `${prefix}GroupToken acme/tokens/api`,
        `${prefix}GroupToken acme/tokens/other`,
      ].sort(),
    );
    const inputsOf = (name: string) => registered.find((one) => one.name === name)?.inputs;
    expect(inputsOf("acme")).toEqual({});
    expect(inputsOf("acme/groups/g-2")).toMatchObject({ name: "g-2", organization: "acme", location: "lhr" });
    expect(inputsOf("acme/tokens/api")).toMatchObject({
      group: "id of acme/groups/prod",
      organization: "acme",
    });
    expect(inputsOf("acme/tokens/other")).toMatchObject({ group: "acme/legacy" });
    expect([acme, acme.groups.prod, acme.tokens.api].map((one) => pulumi.Resource.isInstance(one))).toEqual([
      true,
      true,
      true,
    ]);
    for (const { Organization } of [turso, native]) expect(Organization.isInstance(acme)).toBe(true);
    expect(turso.Organization.isInstance(acme.groups.prod)).toBe(false);
  });

  test("registers nothing if anything is wrong", () => {
    const invalid = JSON.parse('{ "groups": { "good": { "location": "lhr" }, "bad": {} } }');
    expect(() => new module.Organization("acme", invalid)).toThrow(pulumi.RunError);
    expect(registered).toEqual([]);
  });
});

test("a provider of the component is that of its resources", async () => {
  const provider = new native.Provider("eu");
  const acme = new native.Organization("acme", ACME, { provider });
  await resolved(acme.tokens.api?.id);
  const { provider: used } = registered.find(({ name }) => name === "acme/tokens/api") ?? {};
  expect(used).toMatch(/pulumi:providers:turso::eu::/);
});

describe("the resources by key", () => {
  test("are found, listed and exported", async () => {
    const { groups } = new turso.Organization("acme", ACME);
    expect(Object.keys(groups)).toEqual(["prod", "g-1", "g-2"]);
    expect("prod" in groups && !("other" in groups)).toBe(true);
    expect(await Promise.resolve(groups)).toBe(groups);
    const names = pulumi.output(Object.values(groups).map(({ name }) => name));
    expect(await resolved(names)).toEqual(["prod", "g-1", "g-2"]);
    const exported = await resolved(pulumi.output({ groups }));
    expect(Object.keys(exported.groups)).toEqual(["prod", "g-1", "g-2"]);
    expect(String(groups)).toBe("[object Object]");
  });

  test("are an error for a key that does not exist", () => {
    const { groups, tokens } = new turso.Organization("acme", ACME);
    expect(() => groups.prdo).toThrow(/'prdo'.*'prod'.*\[NOT_FOUND\]/);
    expect(() => tokens.prod).toThrow(/'prod'.*api, other.*\[NOT_FOUND\]/);
    expect(() => new turso.Organization("none", {}).groups.prod).toThrow(/\[NOT_FOUND\]/);
  });
});
