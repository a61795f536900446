import { connect } from "node:net";
import { expect, test } from "vitest";
import { startEmulator } from "../src/index.ts";
import { start } from "./help.ts";

test("reset() removes state, recorded requests and faults", async () => {
  const { store, requests, fail, reset, call } = await start();
  store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const { jwt } = store.account("acme").mintToken("prod");
  await call("GET", "/v1/groups");
  fail({ status: 500 });
  reset();
  expect(requests).toEqual([]);
  expect(store.tokens.size).toBe(0);
  expect(store.tokenIsValid(jwt)).toBe(false);
  expect(await call("GET", "/v1/organizations/acme/groups")).toMatchObject({
    status: 200,
    body: { groups: [] },
  });
  expect(requests).toHaveLength(1);
});

test("latency delays every response", async () => {
  const { call } = await start({ latency: 60 });
  const before = performance.now();
  await call("GET", "/v1/nowhere");
  expect(performance.now() - before).toBeGreaterThan(55);
});

test("close() ends idle connections", async () => {
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

test("a port in use is an error", async () => {
  const { port } = await start();
  await expect(startEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("two emulators do not share state", async () => {
  const [one, two] = [await start(), await start()];
  await one.call("POST", "/v1/groups", { name: "prod", location: "lhr" });
  expect((await two.call("GET", "/v1/groups")).body).toEqual({ groups: [] });
});
