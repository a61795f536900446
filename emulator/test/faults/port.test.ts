import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { startEmulator } from "../../src/index.ts";
import { start } from "../help.ts";

const PROD = { name: "prod", location: "lhr" };
const HEADERS = { authorization: "Bearer TOKEN" };

/**
 * The status of a list request on a new connection. Rejects with an error that has a code such as
 * ECONNREFUSED.
 */
function list({ url }: { url: string }): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/v1/groups`, { headers: HEADERS, agent: false })
      .on("response", (response) => resolve(response.resume().statusCode ?? 0))
      .on("error", reject)
      .end();
  });
}

const broken = { code: "ECONNRESET" };
const refused = { code: "ECONNREFUSED" };

test("a `refuse` fault closes the connection before the request is applied, and refuses the next one", async () => {
  const emulator = await start();
  emulator.fail({ path: "/v1/groups", refuse: 60_000 });
  await expect(list(emulator)).rejects.toMatchObject(broken);
  await expect(list(emulator)).rejects.toMatchObject(refused);
  expect(emulator.requests).toMatchObject([{ status: 0, applied: false }]);
});

test("the port accepts connections again after the time of a refusal, with its state", async () => {
  const emulator = await start();
  emulator.store.account().createGroup(PROD);
  emulator.refuse(50);
  await vi.waitFor(async () => expect(await list(emulator)).toBe(200), { interval: 5 });
  expect((await emulator.call("GET", "/v1/groups/prod")).status).toBe(200);
});

test("refuse() closes idle connections and those of hanging requests", async () => {
  const emulator = await start();
  const socket = connect(emulator.port, "127.0.0.1");
  const ended = new Promise((resolve) => socket.on("close", resolve));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.on("connect", resolve));
  emulator.fail({ hang: "after" });
  const hanging = expect(list(emulator)).rejects.toMatchObject(broken);
  await vi.waitFor(() => expect(emulator.requests).toHaveLength(1), { interval: 5 });
  emulator.refuse(60_000);
  await Promise.all([ended, hanging]);
  await expect(list(emulator)).rejects.toMatchObject(refused);
});

test.each(["heal", "reset"] as const)("%s() ends a refusal", async (end) => {
  const emulator = await start();
  emulator.refuse(60_000);
  await expect(list(emulator)).rejects.toMatchObject(refused);
  for (let i = 0; i < 2; i += 1) {
    emulator[end]();
    expect(await list(emulator)).toBe(200);
  }
});

test("the longer of two refusals counts", async () => {
  const emulator = await start();
  emulator.refuse(Number.POSITIVE_INFINITY);
  emulator.refuse(10);
  await sleep(40);
  await expect(list(emulator)).rejects.toMatchObject(refused);
  emulator.heal();
  emulator.refuse(10);
  emulator.refuse(60_000);
  await sleep(40);
  await expect(list(emulator)).rejects.toMatchObject(refused);
});

test("an emulator that is closed during a refusal stays closed", async () => {
  const emulator = await start();
  emulator.refuse(20);
  await emulator.close();
  emulator.refuse(1);
  emulator.heal();
  await sleep(40);
  await expect(list(emulator)).rejects.toMatchObject(refused);
  await emulator.close();
});

test("a refusal continues while another server has the port", async () => {
  const emulator = await start();
  emulator.refuse(60_000);
  const other = await startEmulator({ port: emulator.port });
  emulator.heal();
  expect(await list(emulator)).toBe(200);
  expect([emulator.requests.length, other.requests.length]).toEqual([0, 1]);
  await other.close();
  await vi.waitFor(() => list(emulator), { interval: 5 });
  expect(emulator.requests).toHaveLength(1);
});
