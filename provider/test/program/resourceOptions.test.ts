/** `pulumi-turso` refuses the options that need the native plugin, and says what to use instead. */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, test } from "vitest";
import * as turso from "../../src/index.js";
import * as native from "../../src/native.js";

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: () => ({}),
  }),
);

describe("a resource of pulumi-turso", () => {
  /** Names the resource and these parts. */
  const refusal = (resource: string, ...named: string[]) =>
    expect.toSatisfy(
      (error) =>
        error instanceof pulumi.RunError &&
        error.message.startsWith(resource) &&
        named.every((part) => error.message.includes(part)),
      `${resource} with ${named.join(", ")}`,
    );

  test("refuses the option import, and says what to use instead", () => {
    expect(() => new turso.Group("legacy", { location: "lhr" }, { import: "acme/legacy" })).toThrow(
      refusal(
        "Group 'legacy'",
        "`import`",
        "`npx pulumi-turso plugin install`",
        '"pulumi-turso/native"',
        "`adopt: true`",
      ),
    );
    expect(() => new turso.GroupToken("api", { group: "prod" }, { import: "x" })).toThrow(
      refusal("GroupToken 'api'", "`import`"),
    );
  });

  test("refuses a provider of pulumi-turso/native", () => {
    const provider = new native.Provider("acme");
    expect(() => new turso.Group("prod", { location: "lhr" }, { provider })).toThrow(
      refusal("Group 'prod'", "provider", '"pulumi-turso/native"'),
    );
  });
});

test("a resource of pulumi-turso/native accepts both options", () => {
  const provider = new native.Provider("acme");
  new native.Group("prod", { location: "lhr" }, { provider, import: "acme/legacy" });
});
