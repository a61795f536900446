import { createEmulator } from "turso-emulator";
import { expect, test } from "vitest";

const headers = { authorization: "Bearer any" };
const url = "http://localhost/v1/organizations/acme/groups";

test("an emulator without a port handles requests", async () => {
  const emulator = createEmulator();
  const body = JSON.stringify({ name: "prod", location: "lhr" });
  expect((await emulator.fetch(url, { method: "POST", body, headers })).status).toBe(200);
  expect([...emulator.store.account("acme").groups.keys()]).toEqual(["prod"]);
  expect(await (await emulator.fetch(`${url}/prod`, { headers })).json()).toMatchObject({
    group: { name: "prod" },
  });
  expect(emulator.requests).toEqual([
    expect.objectContaining({ method: "POST", path: "/v1/organizations/acme/groups", status: 200 }),
    expect.objectContaining({ method: "GET", path: "/v1/organizations/acme/groups/prod", status: 200 }),
  ]);
  expect((await emulator.fetch("http://example.com/v1/groups", { headers })).status).toBe(403);
  expect((await emulator.fetch(`${url}/a/../prod`, { headers })).status).toBe(404);
});

test.each([
  [{ drop: "before" }, "ECONNRESET", 0],
  [{ drop: "after" }, "ECONNRESET", 1],
  [{ drop: "during" }, "ECONNRESET", 1],
  [{ hang: "before" }, "ETIMEDOUT", 0],
  [{ hang: "after" }, "ETIMEDOUT", 1],
] as const)("a fault %j is a connection error %s", async (fault, code, created) => {
  const emulator = createEmulator();
  emulator.fail(fault);
  const body = JSON.stringify({ name: "prod", location: "lhr" });
  await expect(emulator.fetch(url, { method: "POST", body, headers })).rejects.toMatchObject({ code });
  expect(emulator.store.account("acme").groups.size).toBe(created);
});

test("an emulator without a port refuses connections until it is healed", async () => {
  const emulator = createEmulator();
  emulator.fail({ refuse: 60_000 });
  await expect(emulator.fetch(url, { headers })).rejects.toMatchObject({ code: "ECONNRESET" });
  await expect(emulator.fetch(url, { headers })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  emulator.heal();
  expect((await emulator.fetch(url, { headers })).status).toBe(200);
  emulator.reset();
  expect(emulator.requests).toEqual([]);
});
