/** Turso's official TypeScript client against the emulator: each call must have its effect there. */
import { createClient } from "@tursodatabase/api";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";

/** An emulator with one group, and the official client of its organization. */
async function start() {
  const emulator = await emulate({ organizations: ["acme"] });
  const account = emulator.store.account("acme");
  account.createGroup({ name: "prod", location: "lhr" });
  // Its base URL must end with a slash.
  const turso = createClient({ org: "acme", token: TOKEN, baseUrl: `${emulator.url}/v1/` });
  return { emulator, store: emulator.store, account, turso };
}

test("the official client creates, lists, gets and deletes groups", async () => {
  const { emulator, account, turso } = await start();
  const created = await turso.groups.create("dev", "aws-us-east-1", { extensions: ["vector", "uuid"] });
  expect(created).toMatchObject({ name: "dev", locations: ["aws-us-east-1"] });
  expect(account.group("dev")).toMatchObject({ primary: "aws-us-east-1", extensions: ["vector", "uuid"] });
  expect((await turso.groups.list()).map(({ name }) => name)).toEqual(["prod", "dev"]);
  expect(await turso.groups.get("dev")).toEqual(created);
  expect(await turso.groups.delete("dev")).toEqual(created);
  expect([...account.groups.keys()]).toEqual(["prod"]);
  expect(requestsOf(emulator)).toEqual([
    "POST /v1/organizations/acme/groups",
    "GET /v1/organizations/acme/groups",
    "GET /v1/organizations/acme/groups/dev",
    "DELETE /v1/organizations/acme/groups/dev",
  ]);
  expect(emulator.requests[0]?.userAgent).toBe("@tursodatabase/api");
});

test("the official client understands the errors of the emulator", async () => {
  const { emulator, turso } = await start();
  await expect(turso.groups.create("prod", "lhr")).rejects.toMatchObject({
    name: "TursoClientError",
    message: "group already exists",
    status: 409,
  });
  await expect(turso.groups.get("gone")).rejects.toMatchObject({ message: "group not found", status: 404 });
  const stranger = createClient({ org: "acme", token: "another", baseUrl: `${emulator.url}/v1/` });
  await expect(stranger.groups.list()).rejects.toMatchObject({ status: 401 });
  const outsider = createClient({ org: "umbrella", token: TOKEN, baseUrl: `${emulator.url}/v1/` });
  await expect(outsider.groups.list()).rejects.toMatchObject({ status: 403 });
});

test("the official client adds and removes locations", async () => {
  const { account, turso } = await start();
  expect(await turso.groups.addLocation("prod", "ams")).toMatchObject({ locations: ["lhr", "ams"] });
  expect(account.group("prod").locations).toEqual(["lhr", "ams"]);
  expect(await turso.groups.removeLocation("prod", "ams")).toMatchObject({ locations: ["lhr"] });
  expect(account.group("prod").locations).toEqual(["lhr"]);
});

test("the official client mints tokens, with its defaults and with every option", async () => {
  const { store, turso } = await start();
  const { jwt } = await turso.groups.createToken("prod");
  expect(store.tokens.get(jwt)).toMatchObject({ authorization: "full-access", readAttach: [] });
  expect(store.tokens.get(jwt)).not.toHaveProperty("expiresAt");
  const limited = await turso.groups.createToken("prod", {
    expiration: "1w",
    authorization: "read-only",
    // Sent as text/plain.
    permissions: { read_attach: { databases: ["orders"] } },
  });
  const token = store.tokens.get(limited.jwt);
  expect(token).toMatchObject({ authorization: "read-only", readAttach: ["orders"] });
  expect(Math.abs((token?.expiresAt ?? 0) - Date.now() / 1000 - 604_800)).toBeLessThan(30);
});

test("the official client invalidates tokens, although it fails to parse the empty response", async () => {
  const { store, turso } = await start();
  const { jwt } = await turso.groups.createToken("prod");
  // Version 2.0.5 parses every response as JSON, and the response to this call is empty.
  await expect(turso.groups.rotateTokens("prod")).rejects.toThrow(SyntaxError);
  expect(store.tokenIsValid(jwt)).toBe(false);
});

test("the official client lists locations and databases", async () => {
  const { store, account, turso } = await start();
  const locations = await turso.locations.list();
  expect(Object.fromEntries(locations.map(({ code, description }) => [code, description]))).toEqual(
    store.locations,
  );
  const orders = account.createDatabase({ name: "orders", group: "prod" });
  expect(await turso.databases.list({ group: "prod" })).toMatchObject([
    { name: "orders", id: orders.uuid, hostname: orders.hostname, group: "prod" },
  ]);
});
