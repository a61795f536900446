import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { sendRaw, start } from "./help.ts";

test("every request needs a bearer token, and any token is accepted", async () => {
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

test("a request without a token changes nothing", async () => {
  const { url, store } = await start();
  const body = JSON.stringify({ name: "prod", location: "lhr" });
  await fetch(`${url}/v1/groups`, { method: "POST", body });
  expect(store.account().groups.size).toBe(0);
});

test("with the option `token`, only that token is accepted", async () => {
  const { call } = await start({ token: "secret" });
  const status = async (token: string) =>
    (await call("GET", "/v1/groups", undefined, { authorization: `Bearer ${token}` })).status;
  expect(await status("secret")).toBe(200);
  expect(await status("secret2")).toBe(401);
  expect(await status("Secret")).toBe(401);
});

test("an organization with its own token accepts no other", async () => {
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

test("with the option `organizations`, others return 403", async () => {
  const { store, call } = await start({ organizations: ["acme"] });
  expect((await call("GET", "/v1/organizations/acme/groups")).status).toBe(200);
  expect((await call("GET", "/v1/organizations/other/groups")).status).toBe(403);
  expect((await call("GET", "/v1/organizations/Acme/databases")).status).toBe(403);
  expect((await call("GET", "/v1/groups")).status).toBe(200);
  expect(() => store.account("other")).toThrow("you are not a member of organization other");
});

test("the personal account and two organizations do not see each other's groups", async () => {
  const { call } = await start();
  await call("POST", "/v1/groups", { name: "mine", location: "lhr" });
  await call("POST", "/v1/organizations/acme/groups", { name: "acme", location: "lhr" });
  await call("POST", "/v1/organizations/beta/groups", { name: "beta", location: "lhr" });
  const listed = async (path: string) => (await call("GET", path)).body;
  expect(await listed("/v1/groups")).toMatchObject({ groups: [{ name: "mine" }] });
  expect(await listed("/v1/organizations/acme/groups")).toMatchObject({ groups: [{ name: "acme" }] });
  expect(await listed("/v1/organizations/personal/groups")).toMatchObject({ groups: [{ name: "mine" }] });
});

test("requests are recorded without their token", async () => {
  const { requests, call } = await start({ token: "s3cret" });
  const headers = { authorization: "Bearer s3cret", "user-agent": "pulumi-turso/0" };
  const body = { name: "prod", location: "lhr" };
  await call("POST", "/v1/organizations/acme/groups?x=1", body, headers);
  await call("GET", "/v1/groups", undefined, { authorization: "Bearer wrong-s3cret" });
  const path = "/v1/organizations/acme/groups?x=1";
  expect(requests).toMatchObject([
    { method: "POST", path, body, status: 200, applied: true, userAgent: "pulumi-turso/0" },
    { method: "GET", path: "/v1/groups", status: 401, applied: false },
  ]);
  expect(JSON.stringify(requests)).not.toContain("s3cret");
});

test.each(["{", "", "nope", '"text"', "null", "[]", "7"])("the body %j returns 400", async (body) => {
  const { store, call } = await start();
  store.account().createGroup({ name: "prod", location: "lhr" });
  for (const [method, path] of [
    ["POST", "/v1/groups"],
    ["POST", "/v1/databases"],
    ["PATCH", "/v1/groups/prod/configuration"],
    ["POST", "/v1/groups/prod/transfer"],
  ] as const) {
    const response = await call(method, path, body);
    expect(response).toMatchObject({ status: 400, body: { error: expect.stringContaining("body") } });
  }
});

test("a __proto__ key in a body is ignored", async () => {
  const { call } = await start();
  const body = '{"__proto__":{"name":"evil"},"name":"prod","location":"lhr"}';
  expect(await call("POST", "/v1/groups", body)).toMatchObject({ body: { group: { name: "prod" } } });
});

test.each([
  ["GET", "/"],
  ["GET", "/v1"],
  ["GET", "/v2/groups"],
  ["GET", "/v1/groups/"],
  ["PUT", "/v1/groups/prod"],
  ["OPTIONS", "/v1/groups"],
  ["GET", "/v1/groups/prod/other"],
  ["POST", "/v1/locations"],
  ["GET", "/v1/organizations/acme/none"],
])("%s %s returns 404 as JSON", async (method, path) => {
  const { call } = await start();
  const response = await call(method, path);
  expect(response).toMatchObject({ status: 404, body: { error: "not found" }, type: "application/json" });
});

test("HEAD returns the status of GET, without a body", async () => {
  const { store, call } = await start();
  store.account().createGroup({ name: "prod", location: "lhr" });
  expect(await call("HEAD", "/v1/groups/prod")).toMatchObject({ status: 200, text: "" });
  expect(await call("HEAD", "/v1/groups/none")).toMatchObject({ status: 404, text: "" });
});

describe("a path that is not the literal path of a group does not reach the group", () => {
  test.each([
    "/v1/groups/other/../prod",
    "/v1/groups/other/%2e%2e/prod",
    "/v1/groups/other%2F..%2Fprod",
    "/v1/groups/..%2Fprod",
    "/v1/groups/%2e/prod",
    "/v1/groups/./prod",
    "/v1/groups/x\\..\\prod",
    "/v1/groups/prod%00",
    "/v1/groups/prod%2F",
    "/v1/groups/prod%20",
    "/v1/groups/%70rod%2e",
    "/v1/groups/PROD",
    "/v1/groups//prod",
    "//v1/groups/prod",
    "/v1/organizations/acme/../../groups/prod",
    "/v1/organizations/acme%2F..%2F..%2Fgroups/prod",
    "/v1/organizations/..%2F../groups/prod",
    "http://localhost/v1/groups/prod",
  ])("DELETE %s", async (path) => {
    const { port, store } = await start();
    store.account().createGroup({ name: "prod", location: "lhr" });
    expect([400, 404]).toContain(await sendRaw(port, `DELETE ${path}`));
    expect(store.account().groups.has("prod")).toBe(true);
  });

  test("an escaped letter stands for the letter", async () => {
    const { port, store } = await start();
    store.account().createGroup({ name: "prod", location: "lhr" });
    expect(await sendRaw(port, "GET /v1/groups/%70rod")).toBe(200);
  });
});

test("a path with an invalid escape returns 404", async () => {
  const { call } = await start();
  expect((await call("GET", "/v1/groups/%zz")).status).toBe(404);
  expect((await call("GET", "/v1/groups/%E0%A4")).status).toBe(404);
});

test.each([
  ["localhost", 200],
  ["LOCALHOST:80", 200],
  ["127.0.0.1:1234", 200],
  ["127.0.0.1", 200],
  ["localhost:PORT", 200],
  ["127.0.0.1:PORT", 200],
  ["[::1]:PORT", 200],
  ["evil.example", 403],
  ["localhost.evil.example", 403],
  ["127.0.0.1.evil.example", 403],
  ["evil.example:80", 403],
  ["evil.example:PORT", 403],
  ["127.0.0.1.nip.io:PORT", 403],
  ["localhost.:PORT", 403],
  ["0.0.0.0:PORT", 403],
  ["[::]:PORT", 403],
  ["localhost@evil.example", 400],
  ["localhost, evil.example", 400],
  ["", 400],
  [null, 400],
])("the host %j returns %d", async (host, status) => {
  const { port, store } = await start();
  store.account().createGroup({ name: "prod", location: "lhr" });
  expect(await sendRaw(port, "DELETE /v1/groups/prod", host?.replace("PORT", String(port)) ?? null)).toBe(
    status,
  );
  expect(store.account().groups.has("prod")).toBe(status !== 200);
});

test("only 127.0.0.1 accepts connections, no other address of the machine", async () => {
  const { port } = await start();
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (const { address, scopeid } of addresses) {
    if (address === "127.0.0.1" || scopeid) continue;
    const outcome = new Promise((resolve) => {
      connect(port, address)
        .on("connect", () => resolve("connected"))
        .on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(await outcome, address).toBe("ECONNREFUSED");
  }
});
