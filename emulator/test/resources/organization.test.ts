import { expect, test } from "vitest";
import { start } from "../help.ts";

test("organizations are a bare array that begins with the personal account", async () => {
  const { call } = await start({ organizations: ["acme", "beta"] });
  const { status, body } = await call("GET", "/v1/organizations");
  expect(status).toBe(200);
  expect(body).toMatchObject([
    { slug: "personal", type: "personal" },
    { slug: "acme", name: "acme", type: "team" },
    { slug: "beta", type: "team" },
  ]);
});

test("without the option `organizations`, an organization is listed after its first use", async () => {
  const { store, call } = await start();
  expect((await call("GET", "/v1/organizations")).body).toHaveLength(1);
  store.account("acme");
  expect((await call("GET", "/v1/organizations")).body).toMatchObject([{}, { slug: "acme" }]);
});
