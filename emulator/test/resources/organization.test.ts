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

test("the newer list is wrapped, and has an ID for each", async () => {
  const { call } = await start({ organizations: ["acme"] });
  expect((await call("GET", "/v2/organizations")).body).toMatchObject({
    organizations: [{ slug: "personal" }, { slug: "acme", id: "org_acme" }],
  });
});

test("an organization is retrieved and changed; one that does not exist is not found", async () => {
  const { store, call } = await start({ organizations: ["acme"] });
  store.account("acme").plan = "scaler";
  expect((await call("PATCH", "/v1/organizations/acme", { require_mfa: true })).body).toMatchObject({
    organization: { slug: "acme", plan_id: "scaler", require_mfa: true, overages: false },
  });
  expect((await call("GET", "/v1/organizations/acme")).body).toMatchObject({
    organization: { require_mfa: true },
  });
  expect(await call("GET", "/v1/organizations/none")).toMatchObject({
    status: 404,
    body: { error: "organization not found" },
  });
});
