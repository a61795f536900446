/** The functions of `pulumi-turso` run in the program, so they refuse the options that select a provider. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import * as turso from "../../src/index.js";
import { Provider } from "../../src/native.js";

beforeAll(() =>
  pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) }),
);

/** Options that TypeScript refuses and JavaScript does not. */
const anyhow = (options: pulumi.InvokeOutputOptions) => options as { provider?: never };

/** Names the function, the option and what to use instead. */
const refusal = (name: string) =>
  new RegExp(`^${name}\\b(?=.*\`provider\`)(?=.*"pulumi-turso/native")(?=.*\`organization\`)`, "s");

describe("a provider", () => {
  test("is refused in both forms of every function", async () => {
    const options = anyhow({ provider: new Provider("acme", { organization: "acme" }) });
    expect(() => turso.getGroupOutput({ name: "prod" }, options)).toThrow(refusal("getGroupOutput"));
    expect(() => turso.getGroupsOutput({}, options)).toThrow(refusal("getGroupsOutput"));
    expect(() => turso.getLocationsOutput({}, options)).toThrow(refusal("getLocationsOutput"));
    await expect(turso.getGroup({ name: "prod" }, options)).rejects.toThrow(refusal("getGroup"));
    await expect(turso.getGroups({}, options)).rejects.toThrow(refusal("getGroups"));
    await expect(turso.getLocations({}, options)).rejects.toThrow(refusal("getLocations"));
  });

  test("is refused when a parent passes it on", () => {
    const provider = new Provider("inherited", { organization: "acme" });
    const parent = new pulumi.ComponentResource("my:A", "a", {}, { providers: [provider] });
    expect(() => turso.getGroupsOutput({}, anyhow({ parent }))).toThrow(refusal("getGroupsOutput"));
  });

  test("of another package is accepted", () => {
    const provider = new (class extends pulumi.ProviderResource {})("random", "other", {});
    const parent = new pulumi.ComponentResource("my:A", "b", {}, { providers: [provider] });
    expect(() => turso.getGroupsOutput(pulumi.unknown, anyhow({ parent }))).not.toThrow();
  });
});
