import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { emulate, requestsOf } from "../../../test/support/emulator.ts";
import { DATABASES } from "../../src/resources/database/kind.js";
import { GROUPS } from "../../src/resources/group/kind.js";
import { contextFor } from "../context.ts";

let elapsed: number;
beforeEach(() => {
  elapsed = 0;
  vi.spyOn(performance, "now").mockImplementation(() => elapsed);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const later = (milliseconds: number) => {
  elapsed += milliseconds;
};

async function start() {
  const emulator = await emulate();
  emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const { collection } = contextFor(emulator.url);
  return { emulator, groups: collection(GROUPS), databases: collection(DATABASES) };
}

test("callers share a request that is under way, and a list that is at most two seconds old", async () => {
  const { emulator, groups, databases } = await start();
  await Promise.all([groups.list("acme"), groups.list("acme"), databases.list("acme")]);
  later(2_000);
  await groups.list("acme");
  expect(requestsOf(emulator)).toHaveLength(2);
  later(1);
  await groups.list("acme");
  expect(requestsOf(emulator)).toHaveLength(3);
});

test("an old list stays old when the clock is set back", async () => {
  const { emulator, databases } = await start();
  vi.useFakeTimers({ toFake: ["Date"] });
  await databases.list("acme");
  later(2_001);
  vi.setSystemTime(Date.now() - 3_600_000);
  await databases.list("acme");
  expect(requestsOf(emulator)).toHaveLength(2);
});

test("a check uses a list of any age", async () => {
  const { emulator, groups } = await start();
  await groups.list("acme");
  later(3_600_000);
  await groups.listForCheck("acme");
  expect(requestsOf(emulator)).toHaveLength(1);
});

test("successive reads share one list, for half a minute at most; after a pause, the next read requests another", async () => {
  const { emulator, groups } = await start();
  for (let second = 0; second < 30; second++) {
    await groups.listForRead("acme");
    later(1_000);
  }
  expect(requestsOf(emulator)).toHaveLength(1);
  later(1_000);
  await groups.listForRead("acme");
  expect(requestsOf(emulator)).toHaveLength(2);
  later(2_001);
  await groups.listForRead("acme");
  expect(requestsOf(emulator)).toHaveLength(3);
});

test("what this process writes is in the list, also in one that was requested before", async () => {
  const { groups } = await start();
  const underWay = groups.list("acme");
  groups.recordWrite("acme", { name: "new" });
  groups.recordDelete("acme", { name: "prod", uuid: "u" });
  await underWay;
  expect([...(await groups.list("acme")).keys()]).toEqual(["new"]);
  expect(groups.hasDeleted("acme", { name: "prod" })).toBe(true);
  expect(groups.hasDeleted("acme", { name: "prod", uuid: "another" })).toBe(false);
});

test("a guard can require a list that was requested after a moment", async () => {
  const { emulator, databases } = await start();
  await databases.list("acme", { since: 0 });
  later(1);
  await databases.list("acme", { since: 0 });
  expect(requestsOf(emulator)).toHaveLength(1);
  await databases.list("acme", { since: performance.now() });
  expect(requestsOf(emulator)).toHaveLength(2);
});

test("what this process has deleted is in no list of its organization", async () => {
  const { emulator, databases } = await start();
  const filter = { group: "prod" };
  const acme = emulator.store.account("acme");
  const { uuid } = acme.createDatabase({ name: "orders", group: "prod" });
  acme.createDatabase({ name: "users", group: "prod" });
  await Promise.all([databases.list("acme"), databases.list("acme", { filter })]);
  databases.recordDelete("acme", { name: "orders", uuid });
  const [all, own] = await Promise.all([databases.list("acme"), databases.list("acme", { filter })]);
  for (const list of [all, own]) expect([...list.keys()]).toEqual(["users"]);
  later(2_001);
  expect([...(await databases.list("acme")).keys()]).toEqual(["users"]);
  expect(acme.databases.has("orders")).toBe(true);
});

test("organizations do not share lists", async () => {
  const { emulator, groups } = await start();
  expect((await groups.list("acme")).size).toBe(1);
  expect((await groups.list("beta")).size).toBe(0);
  expect((await groups.list(undefined)).size).toBe(0);
  expect(requestsOf(emulator)).toHaveLength(3);
});
