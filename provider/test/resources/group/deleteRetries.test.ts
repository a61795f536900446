/**
 * What is checked again before a DELETE is retried: by then, the group may be another one, or hold databases.
 */
import type { Account, Fault } from "turso-emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { DATABASES } from "../../../src/resources/database/kind.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor } from "../../context.ts";

const INPUTS = { name: "prod", location: "lhr" };
const always = { times: Number.POSITIVE_INFINITY };

/** A group, whose first DELETE fails with `fault`; `meanwhile` happens before the second. */
async function deleteWith(fault: Fault, meanwhile: (account: Account) => void, forceDestroy = false) {
  const emulator = await emulate();
  const account = emulator.store.account();
  const inputs = { ...INPUTS, ...(forceDestroy && { forceDestroy }) };
  const { outputs } = await groupLifecycle.create(contextFor(emulator.url), inputs);
  const context = contextFor(emulator.url, undefined, {}, { maxRetries: 3, pause: 5 });
  emulator.requests.length = 0;
  emulator.fail(when({ method: "DELETE", ...fault }, () => meanwhile(account)));
  const error = await groupLifecycle.delete(context, outputs).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { account, error, deletes: deletesOf(requestsOf(emulator)) };
}

/** The fault, and something that happens when it hits. */
function when(fault: Fault, happens: () => void): Fault {
  const key = "status" in fault ? "status" : "drop";
  const value: unknown = Reflect.get(fault, key);
  let left = 1;
  return Object.defineProperty({ ...fault }, key, {
    get() {
      if (left-- > 0) happens();
      return value;
    },
  });
}

const deletesOf = (requests: string[]) => requests.filter((one) => one.startsWith("DELETE")).length;

const FAULTS: [string, Fault][] = [
  ["429", { status: 429, headers: { "retry-after": "0.05" } }],
  ["408", { status: 408 }],
  ["503", { status: 503 }],
  ["a lost connection", { drop: "before" }],
];

describe.each(FAULTS)("a DELETE that failed with %s", (_, fault) => {
  test("is not retried if the group holds a database by then", async () => {
    const fill = (account: Account) => account.createDatabase({ name: "orders", group: "prod" });
    const { account, error, deletes } = await deleteWith(fault, fill);
    expect(error).toMatchObject({ code: "HOLDS_DATA", message: expect.stringContaining("(orders)") });
    expect(account.groups.has("prod")).toBe(true);
    expect(deletes).toBe(1);
  });

  test("is retried with forceDestroy", async () => {
    const { account, error, deletes } = await deleteWith(
      fault,
      (there) => there.createDatabase({ name: "orders", group: "prod" }),
      true,
    );
    expect(error).toBeUndefined();
    expect(account.groups.size).toBe(0);
    expect(deletes).toBe(2);
  });

  test.each([false, true])(
    "does not delete another group of its name, with forceDestroy: %s",
    async (force) => {
      const { account, error, deletes } = await deleteWith(
        fault,
        (there) => {
          there.deleteGroup("prod");
          there.createGroup(INPUTS);
        },
        force,
      );
      expect(error).toBeUndefined();
      expect(account.groups.has("prod")).toBe(true);
      expect(deletes).toBe(1);
    },
  );
});

test.each(FAULTS)(
  "a group that was renamed after a DELETE failed with %s is not deleted",
  async (_, fault) => {
    const { account, error, deletes } = await deleteWith(fault, (there) => there.renameGroup("prod", "live"));
    expect(error).toMatchObject({ code: "DELETE_FAILED", message: expect.stringContaining("'live'") });
    expect(account.groups.has("live")).toBe(true);
    expect(deletes).toBe(1);
  },
);

test("a group that one wrong 404 hides after a 429 stays in state", async () => {
  const emulator = await emulate();
  const { outputs } = await groupLifecycle.create(contextFor(emulator.url), INPUTS);
  emulator.fail({ method: "DELETE", status: 429 });
  emulator.fail({ method: "GET", path: /groups\/prod$/, status: 404, body: { error: "group not found" } });
  const context = contextFor(emulator.url, undefined, {}, { maxRetries: 3 });
  await expect(groupLifecycle.delete(context, outputs)).rejects.toMatchObject({ code: "DELETE_FAILED" });
  expect(emulator.store.account().groups.has("prod")).toBe(true);
});

test("a list that is prefetched and fails ends no process", async () => {
  const emulator = await emulate();
  const { outputs } = await groupLifecycle.create(contextFor(emulator.url), INPUTS);
  emulator.fail({ path: /databases/, ...always, status: 503 });
  const context = contextFor(emulator.url);
  await context
    .collection(DATABASES)
    .listForCheck(undefined)
    .catch(() => {});
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  emulator.store.account().deleteGroup("prod");
  await groupLifecycle.delete(context, outputs);
  await new Promise(setImmediate);
  expect(rejections).toEqual([]);
});

test("a retry whose guard cannot list the databases is not sent", async () => {
  const { account, error, deletes } = await deleteWith({ status: 503 }, () => {});
  expect([error, account.groups.size, deletes]).toEqual([undefined, 0, 2]);
  const emulator = await emulate();
  const { outputs } = await groupLifecycle.create(contextFor(emulator.url), INPUTS);
  emulator.fail({ method: "DELETE", status: 429 });
  emulator.fail({
    path: /databases/,
    times: 1,
    status: 200,
    body: { databases: [], pagination: { next: null } },
  });
  emulator.fail({ path: /databases/, ...always, status: 403, body: { error: "no" } });
  const context = contextFor(emulator.url, undefined, {}, { maxRetries: 3 });
  await expect(groupLifecycle.delete(context, outputs)).rejects.toMatchObject({
    code: "MAY_HOLD_DATA",
  });
  expect(emulator.store.account().groups.size).toBe(1);
});

test("without a retry, no list is requested twice", async () => {
  const emulator = await emulate();
  const { outputs } = await groupLifecycle.create(contextFor(emulator.url), INPUTS);
  emulator.requests.length = 0;
  await groupLifecycle.delete(contextFor(emulator.url), outputs);
  // The two lists are requested together, and arrive in any order.
  const requests = requestsOf(emulator);
  expect(requests.slice(0, 2).sort()).toEqual(["GET /v1/databases?limit=1000", "GET /v1/groups"]);
  expect(requests.slice(2)).toEqual(["DELETE /v1/groups/prod"]);
});
