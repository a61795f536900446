import { expect, test } from "vitest";
import { Store } from "../../src/index.ts";

test("account() returns the same account until a reset", () => {
  const store = new Store();
  const acme = store.account("acme");
  expect(store.account("acme")).toBe(acme);
  store.reset();
  expect(store.account("acme")).not.toBe(acme);
});

test("a Refusal has a reason", () => {
  const acme = new Store().account("acme");
  expect(() => acme.group("none")).toThrow(
    expect.objectContaining({ name: "Refusal", reason: "missing", message: "group not found" }),
  );
});
