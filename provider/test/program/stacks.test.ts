import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";
import { beforeAll, expect, test } from "vitest";

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ inputs }) => ({ id: "id", state: inputs }),
    call: () => ({}),
  }),
);

test("a constructor that throws names the user's line, and leaves stacks as they were", () => {
  const before = [Error.prepareStackTrace, Error.stackTraceLimit];
  const options: pulumi.ResourceOptions = JSON.parse('{ "parent": "app" }');
  let stack: string | undefined;
  try {
    new turso.GroupToken("token", { group: "prod" }, options);
  } catch (error) {
    stack = error instanceof Error ? error.stack : undefined;
  }
  expect(stack).toContain("stacks.test.ts:");
  expect([Error.prepareStackTrace, Error.stackTraceLimit]).toEqual(before);
});
