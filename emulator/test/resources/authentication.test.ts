import { expect, test } from "vitest";
import { start } from "../help.ts";

test("every call needs a bearer token, and any will do", async () => {
  const { url, call } = await start();
  for (const path of ["/v1/groups", "/v1/locations", "/v1/organizations/acme/groups", "/v1/nowhere"]) {
    const response = await fetch(url + path);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: "not authenticated: invalid token" });
  }
  expect((await call("GET", "/v1/groups", undefined, { authorization: "Basic eDp5" })).status).toBe(401);
  expect((await call("GET", "/v1/groups", undefined, { authorization: "Bearer " })).status).toBe(401);
  expect((await call("GET", "/v1/groups", undefined, { authorization: "bearer x" })).status).toBe(200);
});

test("with a token given, only that one is let in", async () => {
  const { call } = await start({ token: "secret" });
  const status = async (token: string) =>
    (await call("GET", "/v1/groups", undefined, { authorization: `Bearer ${token}` })).status;
  expect(await status("secret")).toBe(200);
  expect(await status("secret2")).toBe(401);
  expect(await status("Secret")).toBe(401);
});

test("a call without a token changes nothing", async () => {
  const { url, store } = await start();
  const body = JSON.stringify({ name: "prod", location: "lhr" });
  await fetch(`${url}/v1/groups`, { method: "POST", body });
  expect(store.account().groups.size).toBe(0);
});

test("with organizations given, others answer 403", async () => {
  const { store, call } = await start({ organizations: ["acme"] });
  expect((await call("GET", "/v1/organizations/acme/groups")).status).toBe(200);
  expect((await call("GET", "/v1/organizations/other/groups")).status).toBe(403);
  expect((await call("GET", "/v1/organizations/Acme/databases")).status).toBe(403);
  expect((await call("GET", "/v1/groups")).status).toBe(200);
  expect(() => store.account("other")).toThrow("you are not a member of organization other");
});

test("organizations are a bare array, the personal one first", async () => {
  const { call } = await start({ organizations: ["acme", "beta"] });
  const { status, body } = await call("GET", "/v1/organizations");
  expect(status).toBe(200);
  expect(body).toMatchObject([
    { slug: "personal", type: "personal" },
    { slug: "acme", name: "acme", type: "team" },
    { slug: "beta", type: "team" },
  ]);
});

test("without a list, organizations are there once they are used", async () => {
  const { store, call } = await start();
  expect((await call("GET", "/v1/organizations")).body).toHaveLength(1);
  store.account("acme");
  expect((await call("GET", "/v1/organizations")).body).toMatchObject([{}, { slug: "acme" }]);
});

test("a token is said to expire in the future, which the official CLI asks for", async () => {
  const { call } = await start();
  const { status, body } = await call("GET", "/v1/auth/validate");
  expect(status).toBe(200);
  expect(Number(Object(body).exp)).toBeGreaterThan(Date.now() / 1000);
});

test("an organization may have a token of its own, and then takes no other", async () => {
  const { store, call } = await start({ token: "mine" });
  store.apiTokens.set("acme", "theirs");
  const status = async (path: string, token: string) =>
    (await call("GET", path, undefined, { authorization: `Bearer ${token}` })).status;
  for (const [path, mine, theirs] of [
    ["/v1/organizations/acme/groups", 401, 200],
    ["/v1/organizations/beta/groups", 200, 401],
    ["/v1/groups", 200, 401],
    ["/v1/locations", 200, 200],
  ] as const) {
    expect([await status(path, "mine"), await status(path, "theirs")]).toEqual([mine, theirs]);
  }
});
