import { execFile } from "node:child_process";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { Faults } from "../../src/faults/faults.ts";
import { BODIES, type Fault } from "../../src/index.ts";
import { type Started, start } from "../help.ts";

const PROD = { name: "prod", location: "lhr" };
const HEADERS = { authorization: "Bearer TOKEN" };
const ALWAYS = Number.POSITIVE_INFINITY;

/** Sends a request on a new connection and resolves with the head of the response. */
function head(port: number, method: string, path: string, body = ""): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, method, path, headers: HEADERS, agent: false })
      .on("response", resolve)
      .on("error", reject)
      .end(body);
  });
}

/** The part of a body that arrives, and whether it is the whole body. */
async function received(response: IncomingMessage): Promise<{ text: string; isWhole: boolean }> {
  let text = "";
  try {
    for await (const chunk of response) text += chunk;
  } catch {}
  return { text, isWhole: response.complete };
}

/** Waits until the emulator has received this many requests. */
async function arrived({ requests }: Started, count = 1): Promise<void> {
  await vi.waitFor(() => expect(requests.length).toBeGreaterThanOrEqual(count), { interval: 5 });
}

function create(emulator: Started): Promise<IncomingMessage> {
  return head(emulator.port, "POST", "/v1/groups", JSON.stringify(PROD));
}

function list(emulator: { port: number }): Promise<IncomingMessage> {
  return head(emulator.port, "GET", "/v1/groups");
}

describe("a response that replaces the real one", () => {
  test("fails as many matching requests as `times` says", async () => {
    const { fail, store, call } = await start();
    fail({ method: "post", path: "/v1/groups", times: 2, status: 503, body: { error: "later" } });
    const create = () => call("POST", "/v1/groups", { name: "prod", location: "lhr" });
    expect((await call("GET", "/v1/groups")).status).toBe(200);
    for (let i = 0; i < 2; i += 1)
      expect(await create()).toMatchObject({ status: 503, body: { error: "later" } });
    expect(store.account().groups.size).toBe(0);
    expect((await create()).status).toBe(200);
  });

  test("applies in the order in which faults were added", async () => {
    const { fail, call } = await start();
    fail({ status: 500 });
    fail({ status: 502 });
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await call("GET", "/v1/groups")).status);
    expect(statuses).toEqual([500, 502, 200]);
  });

  test("can have headers and an HTML or empty body, and match paths by a regular expression", async () => {
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

  test("with applied: true, the request is applied first", async () => {
    const { fail, store, requests, call } = await start();
    fail({ status: 502, body: BODIES.html, headers: { "content-type": "text/html" }, applied: true });
    const response = await call("POST", "/v1/groups", PROD);
    expect(response).toEqual({ status: 502, body: BODIES.html, text: BODIES.html, type: "text/html" });
    expect(store.account().groups.has("prod")).toBe(true);
    expect(requests).toMatchObject([{ status: 502, applied: true }]);
  });

  test.each([undefined, false])("with applied: %j, the request is not applied", async (applied) => {
    const { fail, store, requests, call } = await start();
    fail({ status: 502, ...(applied === undefined ? {} : { applied }) });
    expect(await call("POST", "/v1/groups", PROD)).toMatchObject({ status: 502, text: "" });
    expect(store.account().groups.size).toBe(0);
    expect(requests).toMatchObject([{ status: 502, applied: false }]);
  });

  test("nothing of the real response is sent, even if that is an error", async () => {
    const { fail, call } = await start();
    fail({ status: 200, applied: true, body: { group: { name: "none" } } });
    const response = await call("DELETE", "/v1/groups/none");
    expect(response).toMatchObject({
      status: 200,
      body: { group: { name: "none" } },
      type: "application/json",
    });
    fail({ status: 204, applied: true });
    expect(await call("GET", "/v1/groups")).toEqual({ status: 204, body: undefined, text: "", type: null });
  });

  test.each(Object.entries(BODIES))(
    "the body %s is sent as it is, and the request is applied",
    async (_, body) => {
      const { fail, store, call } = await start();
      const sent = typeof body === "function" ? body() : body;
      fail({ status: 200, body: sent, applied: true });
      const { status, text } = await call("POST", "/v1/groups", PROD);
      expect(status).toBe(200);
      expect(text === (typeof sent === "string" ? sent : JSON.stringify(sent))).toBe(true);
      expect(store.account().groups.has("prod")).toBe(true);
    },
  );

  test("BODIES.html and BODIES.truncated are not JSON, BODIES.tenMegabytes is", () => {
    expect(() => JSON.parse(BODIES.html)).toThrow();
    expect(() => JSON.parse(BODIES.truncated)).toThrow("Unterminated");
    const excess = Buffer.byteLength(BODIES.tenMegabytes()) - 10_000_000;
    expect(excess > 0 && excess < 1000).toBe(true);
    expect(() => JSON.parse(BODIES.tenMegabytes())).not.toThrow();
  });

  test.each([
    ["7"],
    ["0"],
    ["Thu, 31 Dec 2099 23:59:59 GMT"],
    ["Fri, 31 Dec 1999 23:59:59 GMT"],
    ["99999999999999999999"],
    ["-5"],
    ["1.5"],
    ["soon"],
    [""],
    [undefined],
  ])("429 is sent with Retry-After %j", async (retryAfter) => {
    const { fail, store, url } = await start();
    const headers = retryAfter === undefined ? {} : { headers: { "retry-after": retryAfter } };
    fail({ status: 429, body: { error: "slow down" }, ...headers });
    const body = JSON.stringify(PROD);
    const response = await fetch(`${url}/v1/groups`, { method: "POST", headers: HEADERS, body });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe(retryAfter ?? null);
    expect(store.account().groups.size).toBe(0);
  });
});

describe("a dropped connection", () => {
  test.each([
    ["before", false],
    ["after", true],
  ] as const)("breaks %s the request is applied", async (drop, applied) => {
    const emulator = await start();
    emulator.fail({ drop });
    await expect(create(emulator)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(emulator.store.account().groups.has("prod")).toBe(applied);
    expect(emulator.requests).toMatchObject([{ status: 0, applied }]);
  });

  test("breaks during the response, after the head and half of the body", async () => {
    const emulator = await start();
    emulator.fail({ drop: "during" });
    const response = await create(emulator);
    const { text, isWhole } = await received(response);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe("application/json");
    expect(isWhole).toBe(false);
    expect(text).toMatch(/^\{"group":\{"name":"prod"/);
    expect(text).toHaveLength(Math.floor(Number(response.headers["content-length"]) / 2));
    expect(emulator.store.account().groups.has("prod")).toBe(true);
    expect(emulator.requests).toMatchObject([{ status: 0, applied: true }]);
  });

  test("breaks during the response, and fetch cannot read the body", async () => {
    const { fail, url } = await start();
    fail({ drop: "during" });
    const response = await fetch(`${url}/v1/groups`, { headers: HEADERS });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  test("breaks during a response without a body, of which nothing arrives", async () => {
    const { port, store, fail } = await start();
    store.account().createGroup(PROD);
    const { jwt } = store.account().mintToken("prod");
    fail({ drop: "during" });
    await expect(head(port, "POST", "/v1/groups/prod/auth/rotate")).rejects.toThrow();
    expect(store.tokenIsValid(jwt)).toBe(false);
  });
});

describe("a hanging request", () => {
  test.each([
    ["before", false],
    ["after", true],
  ] as const)("hangs %s it is applied", async (hang, applied) => {
    const emulator = await start();
    emulator.fail({ hang });
    const client = new AbortController();
    const [method, body] = ["POST", JSON.stringify(PROD)];
    const url = `${emulator.url}/v1/groups`;
    const hanging = fetch(url, { method, headers: HEADERS, body, signal: client.signal });
    await vi.waitFor(() => expect(emulator.requests).toMatchObject([{ status: 0, applied }]), {
      interval: 5,
    });
    expect(await Promise.race([hanging, sleep(50, "hangs")])).toBe("hangs");
    expect(emulator.store.account().groups.has("prod")).toBe(applied);
    client.abort();
    await expect(hanging).rejects.toThrow("aborted");
    expect((await emulator.call("GET", "/v1/groups")).status).toBe(200);
    expect(emulator.requests).toMatchObject([{ status: 0, applied }, { status: 200 }]);
  });
});

describe("a dripping response", () => {
  test("begins with the head, continues byte by byte, and is complete", async () => {
    const emulator = await start();
    emulator.fail({ drip: 5 });
    const response = await list(emulator);
    const before = performance.now();
    expect(response.headers).toMatchObject({ "content-length": "13", "content-type": "application/json" });
    expect(await received(response)).toEqual({ text: '{"groups":[]}', isWhole: true });
    expect(performance.now() - before).toBeGreaterThan(12 * 4);
    expect(emulator.requests).toMatchObject([{ status: 200, applied: true }]);
  });

  test("is the real response to a request that is applied", async () => {
    const { fail, store, call } = await start();
    fail({ drip: 0, times: 2 });
    expect((await call("POST", "/v1/groups", PROD)).body).toMatchObject({ group: { name: "prod" } });
    expect(await call("POST", "/v1/groups", PROD)).toMatchObject({ status: 409 });
    expect(store.account().groups.has("prod")).toBe(true);
    fail({ drip: 60_000 });
    expect(await call("POST", "/v1/groups/prod/auth/rotate")).toMatchObject({ status: 200, text: "" });
  });
});

test.each<Fault>([{ hang: "before" }, { hang: "after" }])(
  "%j ends when the emulator closes",
  async (fault) => {
    const emulator = await start();
    emulator.fail(fault);
    const ended = expect(list(emulator)).rejects.toMatchObject({ code: "ECONNRESET" });
    await arrived(emulator);
    await emulator.close();
    await ended;
  },
);

test.each<Fault>([{ drip: 60_000 }, { drip: 1 }])("%j ends when the emulator closes", async (fault) => {
  const emulator = await start();
  for (let i = 0; i < 300; i += 1) emulator.store.account().createGroup({ ...PROD, name: `g${i}` });
  emulator.fail(fault);
  const body = received(await list(emulator));
  await emulator.close();
  expect(await body).toMatchObject({ isWhole: false });
});

test("after close(), no hanging, dripping or refused request keeps the process running", async () => {
  const script = `
    const { startEmulator } = require(${JSON.stringify(join(__dirname, "../../dist/index.js"))});
    startEmulator().then(async (emulator) => {
      const send = (signal) =>
        fetch(emulator.url + "/v1/locations", { headers: { authorization: "Bearer x" }, signal })
          .then((response) => response.text()).catch(() => {});
      emulator.fail({ hang: "after", times: 2 });
      emulator.fail({ drip: 600000, times: 2 });
      const abort = new AbortController();
      const pending = [1, 2, 3, 4].map((i) => send(i % 2 ? abort.signal : undefined));
      while (emulator.requests.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      abort.abort();
      emulator.refuse(600000);
      await emulator.close();
      await Promise.all(pending);
      console.log("closed");
    });`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", script], { timeout: 60_000 });
  expect({ stdout, stderr }).toEqual({ stdout: "closed\n", stderr: "" });
});

describe("a fault with a probability", () => {
  const SOME: Fault = { probability: 0.3, times: ALWAYS, status: 500 };
  const paths = Array.from({ length: 200 }, (_, i) => `/v1/groups/g${i}`);

  /** Sends three requests for each path and returns those that fail. */
  function hits(fault: Fault, seed?: number, order = paths): string[] {
    const faults = new Faults(seed);
    faults.add(fault);
    const requests = order.flatMap((path) => [0, 1, 2].map((time) => ({ path, time })));
    return requests
      .filter(({ path }) => faults.take("GET", path))
      .map(({ path, time }) => `${path} ${time}`)
      .sort();
  }

  test("hits the same requests in two emulators, in any order of requests", async () => {
    const outcomes = async (seed: number, order: readonly string[]) => {
      const { fail, call } = await start({ seed });
      fail(SOME);
      const statuses = order.map(async (path) => {
        const [first, second] = [await call("GET", path), await call("GET", path)];
        return [path, [first.status, second.status]] as const;
      });
      return Object.fromEntries(await Promise.all(statuses));
    };
    const [few, expected] = [paths.slice(0, 15), await outcomes(7, paths.slice(0, 15))];
    expect(new Set(Object.values(expected).flat())).toEqual(new Set([404, 500]));
    expect(await outcomes(7, few.toReversed())).toEqual(expected);
    expect(await outcomes(8, few)).not.toEqual(expected);
  });

  test("hits its share of all requests, and other requests with another seed", () => {
    const hit = hits(SOME);
    expect(hit.length).toBeGreaterThan(150);
    expect(hit.length).toBeLessThan(210);
    expect(hits(SOME, 0, paths.toReversed())).toEqual(hit);
    expect(hits(SOME, 1)).not.toEqual(hit);
    const times = [0, 1, 2].map((time) => hit.filter((request) => request.endsWith(` ${time}`)).length);
    expect(Math.min(...times)).toBeGreaterThan(40);
  });

  test("hits no request at 0 and every request at 1", () => {
    expect(hits({ ...SOME, probability: 0 })).toEqual([]);
    expect(hits({ ...SOME, probability: 1 })).toHaveLength(600);
  });

  test("is independent of other faults", () => {
    const faults = new Faults();
    for (const status of [500, 502]) faults.add({ ...SOME, probability: 0.5, status });
    const statuses = paths.map((path) => Object(faults.take("GET", path)).status ?? 200);
    const share = (status: number) => statuses.filter((other) => other === status).length / paths.length;
    expect(share(500)).toBeCloseTo(0.5, 0);
    expect(share(502)).toBeGreaterThan(0.15);
    expect(share(200)).toBeGreaterThan(0.15);
  });

  test("counts only failed requests towards `times`", () => {
    expect(hits({ ...SOME, times: 3 })).toHaveLength(3);
  });

  test("hits the same requests again after clear()", () => {
    const faults = new Faults();
    const draw = () => {
      faults.clear();
      faults.add(SOME);
      return Array.from({ length: 50 }, () => faults.take("GET", "/v1/groups") !== undefined);
    };
    const first = draw();
    expect(new Set(first).size).toBe(2);
    expect(draw()).toEqual(first);
  });
});

test("heal() removes faults, and keeps state, recorded requests and lags", async () => {
  const { fail, heal, store, requests, call } = await start({ createLag: 60_000 });
  fail({ status: 500, times: ALWAYS });
  expect((await call("POST", "/v1/groups", PROD)).status).toBe(500);
  heal();
  expect((await call("POST", "/v1/groups", PROD)).status).toBe(200);
  expect((await call("GET", "/v1/groups/prod")).status).toBe(404);
  expect(store.account().groups.has("prod")).toBe(true);
  expect(requests).toHaveLength(3);
});
