import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { emulate, requestsOf } from "../../../test/support/emulator.ts";
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
  return { emulator, ...contextFor(emulator.url) };
}

test("those who ask at once share one request, and a list younger than two seconds", async () => {
  const { emulator, directory } = await start();
  await Promise.all([directory.groups("acme"), directory.groups("acme"), directory.databases("acme")]);
  later(2_000);
  await directory.groups("acme");
  expect(requestsOf(emulator)).toHaveLength(2);
  later(1);
  await directory.groups("acme");
  expect(requestsOf(emulator)).toHaveLength(3);
});

test("a clock that is set back does not make an old list young", async () => {
  const { emulator, directory } = await start();
  vi.useFakeTimers({ toFake: ["Date"] });
  await directory.databases("acme");
  later(2_001);
  vi.setSystemTime(Date.now() - 3_600_000);
  await directory.databases("acme");
  expect(requestsOf(emulator)).toHaveLength(2);
});

test("a check takes a list of any age", async () => {
  const { emulator, directory } = await start();
  await directory.groups("acme");
  later(3_600_000);
  await directory.groups("acme", Number.POSITIVE_INFINITY);
  expect(requestsOf(emulator)).toHaveLength(1);
});

test("reads that follow each other share one look, half a minute at most; a pause ends it", async () => {
  const { emulator, directory } = await start();
  for (let second = 0; second < 30; second++) {
    await directory.groupsToRead("acme");
    later(1_000);
  }
  expect(requestsOf(emulator)).toHaveLength(1);
  later(1_000);
  await directory.groupsToRead("acme");
  expect(requestsOf(emulator)).toHaveLength(2);
  later(2_001);
  await directory.groupsToRead("acme");
  expect(requestsOf(emulator)).toHaveLength(3);
});

test("what this process writes is in the list, also in one that is under way", async () => {
  const { directory } = await start();
  const underWay = directory.groups("acme");
  directory.enter("acme", { name: "new" });
  directory.strike("acme", { name: "prod", uuid: "u" });
  await underWay;
  expect([...(await directory.groups("acme")).keys()]).toEqual(["new"]);
  expect(directory.hasDeleted("acme", { name: "prod" })).toBe(true);
  expect(directory.hasDeleted("acme", { name: "prod", uuid: "another" })).toBe(false);
});

test("organizations do not share lists", async () => {
  const { emulator, directory } = await start();
  expect((await directory.groups("acme")).size).toBe(1);
  expect((await directory.groups("beta")).size).toBe(0);
  expect((await directory.groups(undefined)).size).toBe(0);
  expect(requestsOf(emulator)).toHaveLength(3);
});
