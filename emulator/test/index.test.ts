import { connect } from "node:net";
import { expect, test } from "vitest";
import { startEmulator } from "../src/index.ts";
import { start } from "./help.ts";

test("a failure is answered instead of the real answer, as often as asked for", async () => {
  const { fail, store, call } = await start();
  fail({ method: "post", path: "/v1/groups", times: 2, status: 503, body: { error: "later" } });
  const create = () => call("POST", "/v1/groups", { name: "prod", location: "lhr" });
  expect((await call("GET", "/v1/groups")).status).toBe(200);
  for (let i = 0; i < 2; i += 1)
    expect(await create()).toMatchObject({ status: 503, body: { error: "later" } });
  expect(store.account().groups.size).toBe(0);
  expect((await create()).status).toBe(200);
});

test("failures come in the order they were asked for", async () => {
  const { fail, call } = await start();
  fail({ status: 500 });
  fail({ status: 502 });
  const statuses = [];
  for (let i = 0; i < 3; i += 1) statuses.push((await call("GET", "/v1/groups")).status);
  expect(statuses).toEqual([500, 502, 200]);
});

test("a failure may have headers, HTML or no body, and choose paths by expression", async () => {
  const { url, fail, call } = await start();
  const headers = { "content-type": "text/html", "retry-after": "7" };
  fail({ path: /\/groups\/.*\?/g, status: 429, body: "<h1>slow down</h1>", headers });
  expect((await call("GET", "/v1/groups/a")).status).toBe(404);
  const response = await fetch(`${url}/v1/groups/a?b`, { headers: { authorization: "Bearer x" } });
  expect(response.headers.get("retry-after")).toBe("7");
  expect(response.headers.get("content-type")).toBe("text/html");
  expect(await response.text()).toBe("<h1>slow down</h1>");
  fail({ status: 500 });
  expect(await call("GET", "/v1/groups")).toMatchObject({ status: 500, text: "" });
});

test("a connection dropped before: the request was not applied", async () => {
  const { fail, store, requests, call } = await start();
  fail({ drop: "before" });
  await expect(call("POST", "/v1/groups", { name: "prod", location: "lhr" })).rejects.toThrow("fetch failed");
  expect(store.account().groups.size).toBe(0);
  expect(requests).toMatchObject([{ method: "POST", status: 0 }]);
});

test("a connection dropped after: the request was applied, and only its answer is lost", async () => {
  const { fail, store, call } = await start();
  fail({ drop: "after" });
  await expect(call("POST", "/v1/groups", { name: "prod", location: "lhr" })).rejects.toThrow("fetch failed");
  expect(store.account().groups.has("prod")).toBe(true);
  expect((await call("GET", "/v1/groups/prod")).status).toBe(200);
});

test("requests are recorded without their token", async () => {
  const { requests, call } = await start({ token: "s3cret" });
  const headers = { authorization: "Bearer s3cret", "user-agent": "pulumi-turso/0" };
  const body = { name: "prod", location: "lhr" };
  await call("POST", "/v1/organizations/acme/groups?x=1", body, headers);
  await call("GET", "/v1/groups", undefined, { authorization: "Bearer wrong-s3cret" });
  const path = "/v1/organizations/acme/groups?x=1";
  expect(requests).toMatchObject([
    { method: "POST", path, body, status: 200, userAgent: "pulumi-turso/0" },
    { method: "GET", path: "/v1/groups", status: 401 },
  ]);
  expect(JSON.stringify(requests)).not.toContain("s3cret");
});

test("a reset forgets state, requests and failures", async () => {
  const { store, requests, fail, reset, call } = await start();
  store.account("acme").createGroup({ name: "prod", location: "lhr" });
  await call("GET", "/v1/groups");
  fail({ status: 500 });
  reset();
  expect(requests).toEqual([]);
  expect(await call("GET", "/v1/organizations/acme/groups")).toMatchObject({
    status: 200,
    body: { groups: [] },
  });
  expect(requests).toHaveLength(1);
});

test("latency delays every answer", async () => {
  const { call } = await start({ latency: 60 });
  const before = performance.now();
  await call("GET", "/v1/nowhere");
  expect(performance.now() - before).toBeGreaterThan(55);
});

test("closing ends connections that are kept alive, at once", async () => {
  const emulator = await startEmulator();
  const socket = connect(emulator.port, "127.0.0.1");
  const ended = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.on("connect", resolve));
  await fetch(`${emulator.url}/v1/groups`).then((response) => response.text());
  await emulator.close();
  await ended;
  await expect(fetch(emulator.url)).rejects.toThrow();
});

test("a port that is in use is an error", async () => {
  const { port } = await start();
  await expect(startEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("two emulators run side by side, each with its own state", async () => {
  const [one, two] = [await start(), await start()];
  await one.call("POST", "/v1/groups", { name: "prod", location: "lhr" });
  expect((await two.call("GET", "/v1/groups")).body).toEqual({ groups: [] });
});
