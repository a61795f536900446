import * as testing from "pulumi-turso/testing";
import { beforeEach, expect, test, vi } from "vitest";

// A module runs only once. Each test needs a new one.
beforeEach(() => vi.resetModules());
const program = () => import("./index.js");

test("production is protected, and its token is a secret", async () => {
  const mock = await testing.mockTurso({ organization: "acme", stack: "prod" });
  const { outputs } = await mock.run(program);
  expect(mock.groups).toMatchObject([{ primary: "aws-us-east-1", deleteProtection: true }]);
  expect(await testing.valueOf(outputs.groupName)).toMatch(/^shop-prod-/);
  expect(await testing.isSecret(outputs.jwt)).toBe(true);
});

test("a location that does not exist is refused", async () => {
  const mock = await testing.mockTurso({ organization: "acme", config: { location: "lhrr" } });
  await expect(mock.run(program)).rejects.toThrow("UNKNOWN_LOCATION");
});

test("a second run changes nothing, and another location would lose data", async () => {
  const mock = await testing.mockTurso({ organization: "acme", stack: "dev" });
  await mock.run(program);
  vi.resetModules();
  expect(await mock.run(program)).toMatchObject({ created: [], updated: [], replaced: [], deleted: [] });

  const [group] = mock.groups;
  mock.account.createDatabase({ name: "orders", group: group?.name ?? "" });
  vi.resetModules();
  const { refused } = await mock.run(program, { config: { location: "lhr" }, expectRefusals: true });
  expect(refused).toMatchObject([{ name: "shop-dev", property: "location", code: "HOLDS_DATA" }]);
});
