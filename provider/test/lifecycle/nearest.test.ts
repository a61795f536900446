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
  ])("%s is probably %s", (given, meant) => {
    expect(nearest(given, names)).toBe(meant);
  });

  test.each(["kind", "tok", "", "somethingElse"])("%j is none of them", (given) => {
    expect(nearest(given, names)).toBeUndefined();
  });
});

test("a suggestion is the nearest name, or else all of them", () => {
  expect(suggestion("locaton", names)).toBe("did you mean 'location'?");
  expect(suggestion("zzz", ["a-name", "location", "other"])).toBe("it has a-name, location and other");
});
