import { describe, expect, test } from "vitest";
import { nearest, suggestion } from "../../src/lifecycle/nearest.js";

const names = ["name", "location", "forceDestroy", "deleteProtection", "apiToken", "apiTokens"];

describe("nearest", () => {
  test.each([
    ["locaton", "location"],
    ["forceDestory", "forceDestroy"],
    ["Name", "name"],
    ["apitoken", "apiToken"],
    ["token", "apiToken"],
    ["protection", "deleteProtection"],
  ])("%s probably means %s", (given, meant) => {
    expect(nearest(given, names)).toBe(meant);
  });

  test.each(["kind", "tok", "", "somethingElse"])("%j means none of the names", (given) => {
    expect(nearest(given, names)).toBeUndefined();
  });
});

test("a suggestion is the nearest name, or else every name, with the prefix", () => {
  const near = suggestion("locaton", names, "turso:");
  expect(near).toContain("'turso:location'");
  expect(near).not.toContain("turso:name");
  const all = suggestion("zzz", ["name", "location"], "turso:");
  expect(all).toContain("turso:name");
  expect(all).toContain("turso:location");
});
