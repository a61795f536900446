import { execFile } from "node:child_process";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { Faults } from "../../src/faults/faults.ts";
import { BODIES, type Fault, startEmulator } from "../../src/index.ts";
import { type Started, start } from "../help.ts";

const PROD = { name: "prod", location: "lhr" };
const HEADERS = { authorization: "Bearer TOKEN" };
const ALWAYS = Number.POSITIVE_INFINITY;

/** Sends a request on a connection of its own, and resolves with the answer's head. */
function head(port: number, method: string, path: string, body = ""): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, method, path, headers: HEADERS, agent: false })
      .on("response", resolve)
      .on("error", reject)
      .end(body);
  });
}

/** What of an answer's body arrives, and whether that is all of it. */
async function received(answer: IncomingMessage): Promise<{ text: string; isWhole: boolean }> {
  let text = "";
  try {
    for await (const chunk of answer) text += chunk;
  } catch {}
  return { text, isWhole: answer.complete };
}

/** Waits until so many requests came in. */
async function arrived({ requests }: Started, count = 1): Promise<void> {
  await vi.waitFor(() => expect(requests.length).toBeGreaterThanOrEqual(count), { interval: 5 });
}

function create(emulator: Started): Promise<IncomingMessage> {
  return head(emulator.port, "POST", "/v1/groups", JSON.stringify(PROD));
}

function list(emulator: { port: number }): Promise<IncomingMessage> {
  return head(emulator.port, "GET", "/v1/groups");
}

describe("an answer instead of the real one", () => {
  test("the request may be applied first", async () => {
    const { fail, store, requests, call } = await start();
    fail({ status: 502, body: BODIES.html, headers: { "content-type": "text/html" }, applied: true });
    const answer = await call("POST", "/v1/groups", PROD);
    expect(answer).toEqual({ status: 502, body: BODIES.html, text: BODIES.html, type: "text/html" });
    expect(store.account().groups.has("prod")).toBe(true);
    expect(requests).toMatchObject([{ status: 502, applied: true }]);
  });

  test.each([undefined, false])("applied %j: it is not", async (applied) => {
    const { fail, store, requests, call } = await start();
    fail({ status: 502, ...(applied === undefined ? {} : { applied }) });
    expect(await call("POST", "/v1/groups", PROD)).toMatchObject({ status: 502, text: "" });
    expect(store.account().groups.size).toBe(0);
    expect(requests).toMatchObject([{ status: 502, applied: false }]);
  });

  test("of the real answer nothing is left, even if it was a refusal", async () => {
    const { fail, call } = await start();
    fail({ status: 200, applied: true, body: { group: { name: "none" } } });
    const answer = await call("DELETE", "/v1/groups/none");
    expect(answer).toMatchObject({
      status: 200,
      body: { group: { name: "none" } },
      type: "application/json",
    });
    fail({ status: 204, applied: true });
    expect(await call("GET", "/v1/groups")).toEqual({ status: 204, body: undefined, text: "", type: null });
  });

  test.each(Object.entries(BODIES))("the body %s is sent as it is, after a success", async (_, body) => {
    const { fail, store, call } = await start();
    const sent = typeof body === "function" ? body() : body;
    fail({ status: 200, body: sent, applied: true });
    const { status, text } = await call("POST", "/v1/groups", PROD);
    expect(status).toBe(200);
    expect(text === (typeof sent === "string" ? sent : JSON.stringify(sent))).toBe(true);
    expect(store.account().groups.has("prod")).toBe(true);
  });

  test("the bodies are as troublesome as they say", () => {
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
  ])("429 with Retry-After %j", async (retryAfter) => {
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

describe("a connection that breaks", () => {
  test.each([
    ["before", false],
    ["after", true],
  ] as const)("%s the request was applied", async (drop, applied) => {
    const emulator = await start();
    emulator.fail({ drop });
    await expect(create(emulator)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(emulator.store.account().groups.has("prod")).toBe(applied);
    expect(emulator.requests).toMatchObject([{ status: 0, applied }]);
  });

  test("during the answer: the head and half of the body arrive", async () => {
    const emulator = await start();
    emulator.fail({ drop: "during" });
    const answer = await create(emulator);
    const { text, isWhole } = await received(answer);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(isWhole).toBe(false);
    expect(text).toMatch(/^\{"group":\{"name":"prod"/);
    expect(text).toHaveLength(Math.floor(Number(answer.headers["content-length"]) / 2));
    expect(emulator.store.account().groups.has("prod")).toBe(true);
    expect(emulator.requests).toMatchObject([{ status: 0, applied: true }]);
  });

  test("during the answer, as fetch sees it", async () => {
    const { fail, url } = await start();
    fail({ drop: "during" });
    const response = await fetch(`${url}/v1/groups`, { headers: HEADERS });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
  });

  test("during an answer without a body: nothing arrives", async () => {
    const { port, store, fail } = await start();
    store.account().createGroup(PROD);
    const { jwt } = store.account().mintToken("prod");
    fail({ drop: "during" });
    await expect(head(port, "POST", "/v1/groups/prod/auth/rotate")).rejects.toThrow();
    expect(store.tokenIsValid(jwt)).toBe(false);
  });
});

describe("a request that hangs", () => {
  test.each([
    ["before", false],
    ["after", true],
  ] as const)("%s it was applied", async (hang, applied) => {
    const emulator = await start();
    emulator.fail({ hang });
    const client = new AbortController();
    const [method, body] = ["POST", JSON.stringify(PROD)];
    const url = `${emulator.url}/v1/groups`;
    const hanging = fetch(url, { method, headers: HEADERS, body, signal: client.signal });
    await arrived(emulator);
    expect(await Promise.race([hanging, sleep(50, "hangs")])).toBe("hangs");
    expect(emulator.store.account().groups.has("prod")).toBe(applied);
    expect(emulator.requests).toMatchObject([{ status: 0, applied }]);
    client.abort();
    await expect(hanging).rejects.toThrow("aborted");
    expect((await emulator.call("GET", "/v1/groups")).status).toBe(200);
    expect(emulator.requests).toMatchObject([{ status: 0, applied }, { status: 200 }]);
  });
});

describe("an answer that drips", () => {
  test("has its head at once, then a byte at a time, and is whole in the end", async () => {
    const emulator = await start();
    emulator.fail({ drip: 5 });
    const answer = await list(emulator);
    const before = performance.now();
    expect(answer.headers).toMatchObject({ "content-length": "13", "content-type": "application/json" });
    expect(await received(answer)).toEqual({ text: '{"groups":[]}', isWhole: true });
    expect(performance.now() - before).toBeGreaterThan(12 * 4);
    expect(emulator.requests).toMatchObject([{ status: 200, applied: true }]);
  });

  test("is the real one, of a request that was applied", async () => {
    const { fail, store, call } = await start();
    fail({ drip: 0, times: 2 });
    expect((await call("POST", "/v1/groups", PROD)).body).toMatchObject({ group: { name: "prod" } });
    expect(await call("POST", "/v1/groups", PROD)).toMatchObject({ status: 409 });
    expect(store.account().groups.has("prod")).toBe(true);
    fail({ drip: 60_000 });
    expect(await call("POST", "/v1/groups/prod/auth/rotate")).toMatchObject({ status: 200, text: "" });
  });
});

test.each<Fault>([{ hang: "before" }, { hang: "after" }, { drip: 60_000 }, { drip: 1 }])(
  "%j ends at once when the emulator closes",
  async (fault) => {
    const emulator = await start();
    for (let i = 0; i < 300; i += 1) emulator.store.account().createGroup({ ...PROD, name: `g${i}` });
    emulator.fail(fault);
    const outcome = list(emulator).then(received, (error: NodeJS.ErrnoException) => error.code);
    await arrived(emulator);
    // A drip has sent its head by then.
    await sleep(30);
    const before = performance.now();
    await emulator.close();
    const ended = await outcome;
    expect(performance.now() - before).toBeLessThan(2000);
    if ("hang" in fault) expect(ended).toBe("ECONNRESET");
    else expect(ended).toMatchObject({ isWhole: false });
  },
);

test("what hangs, drips or is refused keeps no process alive after the emulator is closed", async () => {
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
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", script], { timeout: 20_000 });
  expect({ stdout, stderr }).toEqual({ stdout: "closed\n", stderr: "" });
});

describe("a port that refuses", () => {
  const refused = { code: "ECONNREFUSED" };

  test("the connection breaks before the request is applied; later the same port listens again", async () => {
    const emulator = await start();
    emulator.store.account().createGroup({ ...PROD, name: "old" });
    emulator.fail({ method: "POST", refuse: 200 });
    expect((await list(emulator)).statusCode).toBe(200);
    await expect(create(emulator)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(create(emulator)).rejects.toMatchObject(refused);
    expect(emulator.requests).toMatchObject([{}, { method: "POST", status: 0, applied: false }]);
    await sleep(220);
    expect(await received(await list(emulator))).toMatchObject({ text: expect.stringContaining('"old"') });
    expect([...emulator.store.account().groups.keys()]).toEqual(["old"]);
    expect((await create(emulator)).statusCode).toBe(200);
  });

  test("refuse() needs no request, and ends connections that are kept alive or wait", async () => {
    const emulator = await start();
    const socket = connect(emulator.port, "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    await new Promise((resolve) => socket.on("connect", resolve));
    emulator.fail({ hang: "after" });
    const hanging = expect(list(emulator)).rejects.toMatchObject({ code: "ECONNRESET" });
    await arrived(emulator);
    emulator.refuse(60_000);
    await Promise.all([ended, hanging]);
    await expect(list(emulator)).rejects.toMatchObject(refused);
  });

  test.each(["heal", "reset"] as const)("%s() ends it", async (end) => {
    const emulator = await start();
    emulator.refuse(60_000);
    await expect(list(emulator)).rejects.toMatchObject(refused);
    emulator[end]();
    expect((await list(emulator)).statusCode).toBe(200);
    emulator[end]();
    expect((await list(emulator)).statusCode).toBe(200);
  });

  test("of two at a time, the longer one counts", async () => {
    const emulator = await start();
    emulator.refuse(ALWAYS);
    emulator.refuse(10);
    await sleep(40);
    await expect(list(emulator)).rejects.toMatchObject(refused);
    emulator.heal();
    emulator.refuse(10);
    emulator.refuse(60_000);
    await sleep(40);
    await expect(list(emulator)).rejects.toMatchObject(refused);
  });

  test("it can be closed meanwhile, and stays closed", async () => {
    const emulator = await start();
    emulator.refuse(20);
    await emulator.close();
    emulator.refuse(1);
    emulator.heal();
    await sleep(40);
    await expect(list(emulator)).rejects.toMatchObject(refused);
    await emulator.close();
  });

  test("if somebody else took the port, it waits until it is free", async () => {
    const emulator = await start();
    emulator.refuse(100);
    const { close } = await startEmulator({ port: emulator.port });
    await sleep(120);
    await close();
    await vi.waitFor(() => create(emulator), { interval: 5 });
    expect(emulator.store.account().groups.has("prod")).toBe(true);
  });
});

describe("a probability", () => {
  const SOME: Fault = { probability: 0.3, times: ALWAYS, status: 500 };
  const paths = Array.from({ length: 200 }, (_, i) => `/v1/groups/g${i}`);

  /** The requests that are hit, of each path sent thrice. */
  function hits(fault: Fault, seed?: number, order = paths): string[] {
    const faults = new Faults(seed);
    faults.add(fault);
    const requests = order.flatMap((path) => [0, 1, 2].map((time) => ({ path, time })));
    return requests
      .filter(({ path }) => faults.take("GET", path))
      .map(({ path, time }) => `${path} ${time}`)
      .sort();
  }

  test("hits the same requests of two emulators, in whatever order they come", async () => {
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

  test("hits its share, by method, path, times and seed", () => {
    const hit = hits(SOME);
    expect(hit.length).toBeGreaterThan(150);
    expect(hit.length).toBeLessThan(210);
    expect(hits(SOME, 0, paths.toReversed())).toEqual(hit);
    expect(hits(SOME, 1)).not.toEqual(hit);
    const times = [0, 1, 2].map((time) => hit.filter((request) => request.endsWith(` ${time}`)).length);
    expect(Math.min(...times)).toBeGreaterThan(40);
  });

  test("of 0 hits none, of 1 all", () => {
    expect(hits({ ...SOME, probability: 0 })).toEqual([]);
    expect(hits({ ...SOME, probability: 1 })).toHaveLength(600);
  });

  test("is drawn for every fault by itself", () => {
    const faults = new Faults();
    for (const status of [500, 502]) faults.add({ ...SOME, probability: 0.5, status });
    const statuses = paths.map((path) => Object(faults.take("GET", path)).status ?? 200);
    const share = (status: number) => statuses.filter((other) => other === status).length / paths.length;
    expect(share(500)).toBeCloseTo(0.5, 0);
    expect(share(502)).toBeGreaterThan(0.15);
    expect(share(200)).toBeGreaterThan(0.15);
  });

  test("times counts hits only", () => {
    expect(hits({ ...SOME, times: 3 })).toHaveLength(3);
  });

  test("once cleared, the draws begin anew", () => {
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

test("heal forgets failures, and neither state, requests nor lags", async () => {
  const { fail, heal, store, requests, call } = await start({ createLag: 60_000 });
  fail({ status: 500, times: ALWAYS });
  expect((await call("POST", "/v1/groups", PROD)).status).toBe(500);
  heal();
  expect((await call("POST", "/v1/groups", PROD)).status).toBe(200);
  expect((await call("GET", "/v1/groups/prod")).status).toBe(404);
  expect(store.account().groups.has("prod")).toBe(true);
  expect(requests).toHaveLength(3);
});
