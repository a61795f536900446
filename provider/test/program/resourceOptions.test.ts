/** Options that only the native plugin has are refused in the program, with the way to go. */
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
  test("cannot be imported by option, and says how to get there", () => {
    expect(() => new turso.Group("legacy", { location: "lhr" }, { import: "acme/legacy" })).toThrow(
      "Group 'legacy': the option `import` needs the native plugin: run `npx pulumi-turso plugin install` and import the package from \"pulumi-turso/native\". " +
        "To manage an existing group without it, remove `import` and set `adopt: true`.",
    );
    expect(() => new turso.GroupToken("api", { group: "prod" }, { import: "x" })).toThrow(
      "GroupToken 'api' cannot be imported. Remove the option `import` to create a new one.",
    );
  });

  test("does not go with a provider of pulumi-turso/native", () => {
    const provider = new native.Provider("acme");
    expect(() => new turso.Group("prod", { location: "lhr" }, { provider })).toThrow(
      `Group 'prod' comes from "pulumi-turso", and its provider from "pulumi-turso/native". Import both from "pulumi-turso/native".`,
    );
  });
});

test("a resource of pulumi-turso/native has both options", () => {
  const provider = new native.Provider("acme");
  new native.Group("prod", { location: "lhr" }, { provider, import: "acme/legacy" });
});
