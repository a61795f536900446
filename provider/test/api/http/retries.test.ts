/** Retries, as the server counts them. */

import { setTimeout as sleep } from "node:timers/promises";
import { BODIES, type Fault } from "turso-emulator";
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../../test/support/emulator.ts";
import { pauseBefore } from "../../../src/api/http/retry.js";
import {
  type ClientOptions,
  createClient,
  TursoApiError,
  TursoConnectionError,
} from "../../../src/api/index.js";

/** An emulator with the group prod, and a client with short pauses. */
async function start(options: Partial<ClientOptions> = {}) {
  const emulator = await emulate();
  emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
  const waits: string[] = [];
  const client = createClient({
    token: TOKEN,
    baseUrl: emulator.url,
    pause: 1,
    onWait: (reason) => waits.push(reason),
    ...options,
  });
  return { emulator, client, waits };
}

describe("a read", () => {
  test.each<[string, Fault]>([
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["500", { status: 500 }],
    ["502", { status: 502, body: BODIES.html }],
    ["503", { status: 503 }],
    ["504", { status: 504 }],
    ["a closed connection", { drop: "before" }],
    ["a connection closed during the response", { drop: "during" }],
  ])("is retried five times after %s, and the error has the number of attempts", async (_, fault) => {
    const { emulator, client } = await start({ budget: 5 });
    emulator.fail({ ...fault, times: 5 });
    expect(await client.groups.retrieve("acme", "prod")).toMatchObject({ name: "prod" });
    expect(emulator.requests).toHaveLength(6);
    if ("status" in fault && fault.status === 429) return;
    emulator.fail({ ...fault, times: 6 });
    await expect(client.groups.retrieve("acme", "prod")).rejects.toMatchObject({
      attempts: 6,
    });
    expect(emulator.requests).toHaveLength(12);
  });

  test.each([400, 401, 402, 403, 404, 405, 409, 410, 422, 501])("is not retried after %i", async (status) => {
    const { emulator, client } = await start();
    emulator.fail({ status });
    await expect(client.groups.retrieve("acme", "prod")).rejects.toMatchObject({ status, attempts: 1 });
    expect(emulator.requests).toHaveLength(1);
  });

  test("is not retried if maxRetries is 0", async () => {
    const { emulator, client } = await start({ maxRetries: 0 });
    for (const fault of [{ status: 429 }, { status: 503 }, { drop: "before" }] as const) {
      emulator.fail(fault);
      await expect(client.groups.list("acme")).rejects.toMatchObject({ attempts: 1 });
    }
    expect(emulator.requests).toHaveLength(3);
  });

  test("with retryNotFound is retried once after a 404", async () => {
    const { emulator, client } = await start();
    emulator.fail({ status: 404, body: { error: "group not found" } });
    expect(await client.groups.retrieve("acme", "prod", { retryNotFound: true })).toMatchObject({
      name: "prod",
    });
    await expect(client.groups.retrieve("acme", "gone", { retryNotFound: true })).rejects.toMatchObject({
      isNotFound: true,
      attempts: 2,
    });
    await expect(client.groups.retrieve("acme", "gone")).rejects.toMatchObject({ attempts: 1 });
  });
});

describe("a write", () => {
  test("that can be repeated is retried as the same request, with its body", async () => {
    const { emulator, client } = await start();
    emulator.fail({ method: "PATCH", drop: "after", times: 2 });
    expect(await client.groups.setDeleteProtection("acme", "prod", true)).toBe(true);
    const { body, path } = emulator.requests[0] ?? {};
    expect(body).toEqual({ delete_protection: true });
    expect(emulator.requests).toEqual(
      Array(3).fill(expect.objectContaining({ method: "PATCH", body, path })),
    );
  });

  test("that cannot be repeated is retried only if it was not carried out", async () => {
    const { emulator, client } = await start({ budget: 5 });
    const create = () => client.groups.create("acme", { name: "shop", location: "lhr" });
    for (const fault of [{ status: 503 }, { status: 408 }, { drop: "before" }] as const) {
      emulator.fail({ method: "POST", ...fault });
      await expect(create()).rejects.toMatchObject({ attempts: 1, mayHaveBeenApplied: true });
    }
    emulator.fail({ method: "POST", status: 429 });
    emulator.fail({ method: "POST", status: 429 });
    expect(await create()).toMatchObject({ name: "shop" });
    emulator.fail({ method: "DELETE", status: 500 });
    await expect(client.groups.delete("acme", "shop")).rejects.toMatchObject({ attempts: 1 });
  });

  test("reports that an earlier attempt may have been carried out", async () => {
    const { emulator, client } = await start();
    emulator.fail({ path: /auth\/tokens/, drop: "after" });
    emulator.fail({ path: /auth\/tokens/, status: 403, body: { error: "no" } });
    const error = await client.groups.mintToken("acme", "prod", {}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: 403, mayHaveBeenApplied: true });
  });
});

describe("pauses", () => {
  const longest = (retry: number, { retryAfter = 0, isRateLimit = false } = {}) =>
    Math.max(
      ...Array.from(
        { length: 2_000 },
        () => pauseBefore(retry, { retryAfter, isRateLimit }, { pause: 100, budget: 2 }).own,
      ),
    );

  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 800],
    [5, 1_000],
    [20, 1_000],
  ])("before retry %i are at most %i ms, and at most half of the budget", (retry, limit) => {
    expect(longest(retry)).toBeLessThanOrEqual(limit);
    expect(longest(retry)).toBeGreaterThan(limit * 0.9);
  });

  test("are as long as the server asks, plus a random time for each call", () => {
    const limit = { retryAfter: 500, isRateLimit: true };
    expect(pauseBefore(1, limit, { pause: 100 })).toMatchObject({ shared: 500 });
    expect(pauseBefore(1, limit, { pause: 100 }).own).toBeGreaterThan(500);
    expect(longest(1, limit)).toBeLessThanOrEqual(600);
    expect(longest(1, { retryAfter: 86_400_000 })).toBe(1_000);
    expect(pauseBefore(1, { retryAfter: 86_400_000, isRateLimit: true }, { budget: 2 }).shared).toBe(1_000);
    expect(pauseBefore(1, { retryAfter: 0, isRateLimit: true }, { pause: 100 }).shared).toBe(100);
    expect(pauseBefore(1, { retryAfter: 500, isRateLimit: false }, {}).shared).toBe(0);
  });

  test.each([
    ["seconds", () => "1", 1_000],
    ["a date", () => new Date(Date.now() + 2_000).toUTCString(), 1_000],
  ])("are as long as Retry-After asks in %s", async (_, header, atLeast) => {
    const { emulator, client } = await start();
    emulator.fail({ status: 429, headers: { "retry-after": header() } });
    const begun = Date.now();
    await client.groups.list("acme");
    expect(Date.now() - begun).toBeGreaterThanOrEqual(atLeast - 5);
  });

  test.each(["soon", "-5", "", "Thu, 01 Jan 1970 00:00:00 GMT"])(
    "are the default if Retry-After is %j",
    async (header) => {
      const { emulator, client } = await start();
      emulator.fail({ status: 429, headers: { "retry-after": header } });
      await client.groups.list("acme");
      expect(emulator.requests).toHaveLength(2);
    },
  );

  test("after a 429 apply to every request of the process to that server", async () => {
    const { emulator, client } = await start();
    const other = createClient({ token: TOKEN, baseUrl: emulator.url });
    emulator.fail({ status: 429, headers: { "retry-after": "1" } });
    const begun = Date.now();
    const first = client.groups.list("acme");
    // By then the response has arrived.
    await sleep(300);
    await other.groups.retrieve("acme", "prod");
    expect(Date.now() - begun).toBeGreaterThanOrEqual(995);
    await first;
  });

  test("end when the signal is aborted", async () => {
    const stop = new AbortController();
    const { emulator, client } = await start({ signal: stop.signal });
    emulator.fail({ status: 503, headers: { "retry-after": "30" } });
    const list = client.groups.list("acme");
    await sleep(300);
    stop.abort();
    await expect(list).rejects.toMatchObject({ code: "ERR_NOT_SENT", attempts: 1 });
    await expect(client.groups.list("acme")).rejects.toMatchObject({ code: "ERR_NOT_SENT", attempts: 0 });
    expect(emulator.requests).toHaveLength(1);
  });

  test("of more than three seconds are reported once, with the reason", async () => {
    const { emulator, client, waits } = await start({ budget: 6.2 });
    emulator.fail({ status: 429, headers: { "retry-after": "60" } });
    expect(await client.groups.list("acme")).toHaveLength(1);
    expect(waits).toEqual([expect.stringContaining("429")]);
    emulator.fail({ status: 503 });
    expect(await client.groups.list("acme")).toHaveLength(1);
    expect(waits).toHaveLength(1);
  });
});

test("429s do not count against maxRetries", async () => {
  const { emulator, client } = await start({ budget: 20 });
  emulator.fail({ status: 429, times: 8 });
  emulator.fail({ status: 503, times: 5 });
  expect(await client.groups.list("acme")).toHaveLength(1);
  expect(emulator.requests).toHaveLength(14);
});

test("maxRequestsPerSecond also applies after a pause", async () => {
  const { emulator, client } = await start({ maxRequestsPerSecond: 20 });
  emulator.fail({ status: 429, headers: { "retry-after": "0.5" } });
  await Promise.all(Array.from({ length: 6 }, () => client.groups.list("acme")));
  const begun = Date.now();
  await Promise.all(Array.from({ length: 11 }, () => client.groups.list("acme")));
  expect(Date.now() - begun).toBeGreaterThanOrEqual(495);
});

test("maxRequestsPerSecond applies to all calls of a client together", async () => {
  const { emulator, client } = await start({ maxRequestsPerSecond: 20 });
  const begun = Date.now();
  await Promise.all(Array.from({ length: 11 }, () => client.groups.list("acme")));
  expect(Date.now() - begun).toBeGreaterThanOrEqual(495);
  expect(requestsOf(emulator)).toHaveLength(11);
});

test("an urgent request does not queue for maxRequestsPerSecond, but waits for a pause", async () => {
  const { emulator, client } = await start({ maxRequestsPerSecond: 20 });
  const others = Array.from({ length: 20 }, () => client.groups.list("acme"));
  await client.databases.list("acme", {}, { urgent: true });
  await Promise.all(others);
  const requests = requestsOf(emulator);
  expect(requests.findIndex((one) => one.includes("/databases"))).toBeLessThan(requests.length - 1);
  emulator.fail({ status: 429, headers: { "retry-after": "0.5" } });
  const begun = Date.now();
  await client.databases.list("acme", {}, { urgent: true });
  expect(Date.now() - begun).toBeGreaterThanOrEqual(495);
});

describe("a request that takes too long", () => {
  test("is retried, even if its response arrives slowly", async () => {
    const { emulator, client } = await start({ timeout: 0.3 });
    emulator.fail({ hang: "before" });
    emulator.fail({ drip: 50 });
    expect(await client.groups.list("acme")).toHaveLength(1);
    expect(emulator.requests).toHaveLength(3);
  });

  test("fails with ETIMEDOUT", async () => {
    const { emulator, client } = await start({ timeout: 0.1, maxRetries: 0 });
    emulator.fail({ hang: "before" });
    const error = await client.groups.list("acme").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect(error).toMatchObject({ code: "ETIMEDOUT", mayHaveBeenApplied: true });
  });
});

describe("a request with an unknown outcome", () => {
  const lost = () =>
    Promise.reject(
      new TursoApiError({ method: "POST", path: "/", attempts: 1, lost: false }, 502, undefined, ""),
    );

  test("has the result that is found, and is not retried", async () => {
    const { client } = await start();
    const results = [undefined, undefined, "found"];
    expect(await client.resolveUnknownOutcome<string>(lost, async () => results.shift())).toBe("found");
    expect(results).toEqual([]);
  });

  test("is retried up to maxRetries times if nothing is found three times", async () => {
    const { client } = await start({ maxRetries: 2 });
    let calls = 0;
    let polls = 0;
    const call = () => {
      calls += 1;
      return lost();
    };
    const findResult = async () => {
      polls += 1;
      return undefined;
    };
    await expect(client.resolveUnknownOutcome(call, findResult)).rejects.toThrow(TursoApiError);
    expect([calls, polls]).toEqual([3, 9]);
  });

  test("fails with its own error if the result cannot be read, or with the error of findResult", async () => {
    const { client } = await start();
    const unknown = () => client.groups.retrieve("acme", "gone").then(() => "never");
    await expect(client.resolveUnknownOutcome(lost, unknown)).rejects.toMatchObject({ status: 502 });
    const taken = () => Promise.reject(new Error("it is taken"));
    await expect(client.resolveUnknownOutcome(lost, taken)).rejects.toThrow("it is taken");
  });

  test("that was refused is not polled for", async () => {
    const { client } = await start();
    const refused = () => client.groups.retrieve("acme", "gone");
    const findResult = () => expect.unreachable("the outcome is known");
    await expect(client.resolveUnknownOutcome(refused, findResult)).rejects.toMatchObject({
      isNotFound: true,
    });
  });
});
