/** Lists that are needed together are requested together; one that may not be needed is not requested. */
import { expect, test, vi } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

const group = { name: "prod", location: "lhr" };

test("the check of a new group needs locations and groups", async () => {
  const emulator = await emulate();
  emulator.fail({ hang: "before", times: Number.POSITIVE_INFINITY });
  const request = { olds: undefined, news: group, resource: placeOf("prod") };
  const checked = groupLifecycle.check(contextFor(emulator.url), request);
  await vi.waitUntil(() => emulator.requests.length === 2, { timeout: 60_000 });
  expect(requestsOf(emulator).sort()).toEqual(["GET /v1/groups", "GET /v1/locations"]);
  await emulator.close();
  await checked;
});

test("a deletion needs groups and databases", async () => {
  const emulator = await emulate();
  emulator.fail({ hang: "before", times: Number.POSITIVE_INFINITY });
  const deleted = expect(groupLifecycle.delete(contextFor(emulator.url), group)).rejects.toMatchObject({
    code: "DELETE_FAILED",
  });
  await vi.waitUntil(() => emulator.requests.length === 2, { timeout: 60_000 });
  expect(requestsOf(emulator).sort()).toEqual(["GET /v1/databases?limit=1000", "GET /v1/groups"]);
  await emulator.close();
  await deleted;
});

test.each([
  ["that is forced", { forceDestroy: true }],
  ["of a protected group", { protected: true }],
])("a deletion %s needs groups only", async (_, outputs) => {
  const emulator = await emulate();
  emulator.store.account().createGroup({ ...group, deleteProtection: "protected" in outputs });
  const deletion = groupLifecycle.delete(contextFor(emulator.url), { ...group, ...outputs });
  await deletion.catch(() => {});
  expect(requestsOf(emulator).filter((request) => request.includes("databases"))).toEqual([]);
});
