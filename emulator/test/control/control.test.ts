import { describe, expect, test } from "vitest";
import { type Started, sendRaw, start } from "../help.ts";

const PROD = { name: "prod", location: "lhr" };
const GROUPS = "/v1/organizations/acme/groups";

/** Sends a request to the control API, without a token. */
function control(emulator: Started, method: string, path: string, body?: unknown) {
  return emulator.call(method, `/_emulator${path}`, body, { authorization: "" });
}

describe("state", () => {
  const STATE = { organizations: { acme: { groups: [{ ...PROD, uuid: "0a1b" }] } } };

  test("GET returns it whole, and POST replaces it", async () => {
    const emulator = await start();
    emulator.store.account("other").createGroup(PROD);
    const posted = await control(emulator, "POST", "/state", STATE);
    expect(posted).toMatchObject({ status: 200, body: STATE });
    expect(await control(emulator, "GET", "/state")).toMatchObject({ status: 200, body: posted.body });
    expect(emulator.store.save()).toEqual(posted.body);
    expect(emulator.store.organizations()).toEqual(["personal", "acme"]);
  });

  test("POST accepts YAML", async () => {
    const emulator = await start();
    const yaml = "organizations:\n  acme:\n    groups:\n      - { name: prod, location: lhr }\n";
    expect(await control(emulator, "POST", "/state", yaml)).toMatchObject({ status: 200 });
    expect(emulator.store.account("acme").groups.has("prod")).toBe(true);
  });

  test("POST refuses what is not valid, with the line, and changes nothing", async () => {
    const emulator = await start({ state: STATE });
    const yaml = "organizations:\n  acme:\n    groups:\n      - { name: prod, location: moon }\n";
    expect(await control(emulator, "POST", "/state", yaml)).toMatchObject({
      status: 400,
      body: { error: "body:4: organizations.acme.groups[0]: invalid location: moon" },
    });
    expect(emulator.store.account("acme").group("prod").uuid).toBe("0a1b");
  });

  test("reset returns to the state of the start", async () => {
    const emulator = await start({ state: STATE });
    emulator.store.account("acme").deleteGroup("prod");
    emulator.fail({ status: 503 });
    emulator.clock.advance("1d");
    expect(await control(emulator, "POST", "/reset")).toMatchObject({ status: 204 });
    expect(await emulator.call("GET", `${GROUPS}/prod`)).toMatchObject({ status: 200 });
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.clock.offset).toBe(0);
  });
});

describe("requests", () => {
  async function startAndCall() {
    const emulator = await start();
    await emulator.call("POST", GROUPS, PROD);
    await emulator.call("GET", GROUPS);
    await emulator.call("GET", "/v1/locations");
    return emulator;
  }

  test("GET returns them without those to the control API", async () => {
    const emulator = await startAndCall();
    await control(emulator, "GET", "/health");
    expect((await control(emulator, "GET", "/requests")).body).toEqual({
      total: 3,
      requests: emulator.requests.map((request, index) => ({ index, ...request })),
    });
    expect(emulator.requests[0]).toMatchObject({ method: "POST", path: GROUPS, body: PROD, status: 200 });
  });

  test.each([
    ["?method=get", [1, 2]],
    [`?path=${GROUPS}`, [0, 1]],
    ["?after=0", [1, 2]],
    ["?after=2", []],
    ["?limit=1", [2]],
    ["?limit=0", []],
    [`?limit=1&path=${GROUPS}`, [1]],
  ])("%s selects %j", async (query, indexes) => {
    const { body } = await control(await startAndCall(), "GET", `/requests${query}`);
    expect(Object(body).requests.map(({ index }: { index: number }) => index)).toEqual(indexes);
  });

  test.each(["limit=-1", "limit=all", "after=1.5", "after="])("?%s is refused", async (query) => {
    expect(await control(await start(), "GET", `/requests?${query}`)).toMatchObject({ status: 400 });
  });

  test("DELETE removes them", async () => {
    const emulator = await startAndCall();
    expect(await control(emulator, "DELETE", "/requests")).toMatchObject({ status: 204 });
    expect(emulator.requests).toEqual([]);
  });
});

describe("faults", () => {
  test("POST adds one, GET lists them with what is left, DELETE removes them", async () => {
    const emulator = await start();
    const fault = { method: "POST", path: GROUPS, status: 503, body: { error: "busy" }, times: 2 };
    const added = await control(emulator, "POST", "/faults", fault);
    expect(added).toMatchObject({ status: 200, body: { faults: [{ ...fault, left: 2 }] } });
    expect(await emulator.call("POST", GROUPS, PROD)).toMatchObject({ status: 503, body: { error: "busy" } });
    expect((await control(emulator, "GET", "/faults")).body).toEqual({ faults: [{ ...fault, left: 1 }] });
    expect(await control(emulator, "DELETE", "/faults")).toMatchObject({ status: 204 });
    expect(await emulator.call("POST", GROUPS, PROD)).toMatchObject({ status: 200 });
  });

  test("a path can be a regular expression, and a fault can last", async () => {
    const emulator = await start();
    const fault = { path: { regex: "GROUPS$", flags: "i" }, times: "always", status: 503 };
    expect(await control(emulator, "POST", "/faults", fault)).toMatchObject({
      body: { faults: [{ ...fault, left: "always" }] },
    });
    for (const status of [503, 503]) expect((await emulator.call("GET", GROUPS)).status).toBe(status);
    expect((await emulator.call("GET", `${GROUPS}/prod`)).status).toBe(404);
  });

  test.each([
    [{ drop: "before" }, 0],
    [{ drop: "after" }, 1],
    [{ status: 503, applied: true }, 1],
    [{ drip: 0 }, 1],
  ])("%j has the effect that it has in the library", async (fault, groups) => {
    const emulator = await start();
    expect(await control(emulator, "POST", "/faults", fault)).toMatchObject({ status: 200 });
    await emulator.call("POST", GROUPS, PROD).catch(() => {});
    expect(emulator.store.account("acme").groups.size).toBe(groups);
    expect((await control(emulator, "GET", "/faults")).body).toMatchObject({ faults: [{ left: 0 }] });
  });

  test.each([
    ["nothing", {}, "exactly one of status, drop, hang, drip, refuse"],
    ["two effects", { status: 503, drop: "after" }, "exactly one of"],
    ["a key of another effect", { drop: "after", applied: true }, "(applied)"],
    ["an unknown key", { status: 503, paht: "/" }, "(paht)"],
    ["a bad status", { status: 99 }, "status must be >= 200"],
    ["a bad time", { drop: "later" }, "drop must be equal to one of"],
    ["a bad expression", { status: 503, path: { regex: "(" } }, "path.regex: Invalid regular expression"],
    ["a bad flag", { status: 503, path: { regex: "a", flags: "x" } }, "path.regex: Invalid flags"],
    ["no times", { status: 503, times: 0 }, "times must be >= 1"],
    ["a list", [], "must be a JSON object"],
    ["no JSON", "503", "must be a JSON object"],
  ])("%s is refused", async (_, fault, error) => {
    const emulator = await start();
    expect(await control(emulator, "POST", "/faults", fault)).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining(error) },
    });
    expect((await control(emulator, "GET", "/faults")).body).toEqual({ faults: [] });
  });

  test("refuse closes the port after its response", async () => {
    const emulator = await start();
    expect(await control(emulator, "POST", "/refuse", { ms: 60_000 })).toMatchObject({ status: 204 });
    await expect.poll(() => emulator.call("GET", GROUPS).catch(() => "refused")).toBe("refused");
    emulator.heal();
    await expect
      .poll(() => emulator.call("GET", GROUPS).catch(() => "refused"))
      .toMatchObject({ status: 200 });
    expect(await control(emulator, "POST", "/refuse", { ms: "1s" })).toMatchObject({ status: 400 });
  });

  test("neither faults nor latency affect the control API", async () => {
    const emulator = await start({ latency: 2 ** 31 - 1 });
    emulator.fail({ status: 503, times: Number.POSITIVE_INFINITY });
    expect(await control(emulator, "GET", "/health")).toMatchObject({ status: 200 });
    expect(await control(emulator, "POST", "/state", {})).toMatchObject({ status: 200 });
  });
});

describe("clock", () => {
  test("POST sets or advances it, DELETE returns to real time", async () => {
    const emulator = await start();
    expect((await control(emulator, "GET", "/clock")).body).toMatchObject({ offset: 0 });
    expect((await control(emulator, "POST", "/clock", { now: "2030-01-01T00:00:00Z" })).body).toMatchObject({
      now: expect.stringMatching(/^2030-01-01T00:00:/),
    });
    await control(emulator, "POST", "/clock", { advance: "30d" });
    expect(new Date(emulator.clock.now()).toISOString()).toMatch(/^2030-01-31/);
    expect((await control(emulator, "DELETE", "/clock")).body).toMatchObject({ offset: 0 });
  });

  test.each([
    [{}, 'either "now" or "advance"'],
    [{ now: 0, advance: "1d" }, 'either "now" or "advance"'],
    [{ now: "soon" }, "invalid time"],
    [{ advance: "1 week" }, "invalid duration"],
    [{ advance: ["1d"] }, "advance must be a string or a number"],
  ])("%j is refused", async (body, error) => {
    const emulator = await start();
    expect(await control(emulator, "POST", "/clock", body)).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining(error) },
    });
    expect(emulator.clock.offset).toBe(0);
  });
});

test("a group can be archived and moved, which no request of Turso's API does", async () => {
  const emulator = await start();
  emulator.store.account("acme").createGroup(PROD);
  const group = "/organizations/acme/groups/prod";
  expect(await control(emulator, "POST", `${group}/archive`)).toMatchObject({
    body: { group: { archived: true } },
  });
  await control(emulator, "POST", `${group}/move`, { location: "aws-us-east-1" });
  expect(emulator.store.account("acme").group("prod")).toMatchObject({
    archived: true,
    primary: "aws-us-east-1",
  });
  expect(await control(emulator, "POST", "/organizations/personal/groups/none/archive")).toMatchObject({
    status: 404,
  });
});

test("health has the version", async () => {
  expect(await control(await start(), "GET", "/health")).toMatchObject({
    status: 200,
    body: { status: "ok", version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
  });
});

describe("web pages cannot use it", () => {
  const WRITES = [
    "POST /state",
    "POST /reset",
    "DELETE /requests",
    "POST /faults",
    "POST /clock",
    "POST /refuse",
  ];

  test.each(
    WRITES.flatMap((request) =>
      ["https://evil.example", "null", "http://127.0.0.1:1", ""].map((origin) => [request, origin] as const),
    ),
  )("%s with the origin %j is refused", async (request, origin) => {
    const emulator = await start();
    emulator.store.account("acme").createGroup(PROD);
    const [method = "", path] = request.split(" ");
    // What a form or a script of a web page can send without asking first.
    const headers = { origin, "content-type": "text/plain" };
    const body = method === "POST" ? "{}" : undefined;
    const before = emulator.store.save();
    const { status } = await emulator.call(method, `/_emulator${path}`, body, headers);
    expect(status).toBe(403);
    expect(emulator.store.save()).toEqual(before);
  });

  test.each([
    "",
    "/",
    "/state",
    "/requests",
    "/faults",
    "/clock",
    "/health",
    "/reset",
    "/refuse",
    "/page.js",
  ])("GET %s changes nothing", async (path) => {
    const emulator = await start();
    emulator.fail({ status: 503 });
    await emulator.call("POST", GROUPS, PROD);
    await emulator.call("POST", GROUPS, PROD);
    const before = JSON.stringify([emulator.store.save(), emulator.requests, emulator.clock.offset]);
    for (const method of ["GET", "HEAD"]) await control(emulator, method, path);
    expect(JSON.stringify([emulator.store.save(), emulator.requests, emulator.clock.offset])).toBe(before);
  });

  test("a response is not for scripts of other origins", async () => {
    const { url } = await start();
    const { headers } = await fetch(`${url}/_emulator/state`);
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});

test.each([
  "/_emulator/../v1/organizations/acme/groups/prod",
  "/_emulator%2Fstate",
  "/_emulatorx",
  "/v1/../_emulator/state",
])("%s does not exist", async (path) => {
  const emulator = await start();
  emulator.store.account("acme").createGroup(PROD);
  expect(await sendRaw(emulator.port, `DELETE ${path}`)).toBe(404);
  expect(await sendRaw(emulator.port, `GET ${path}`)).toBe(404);
  expect(emulator.store.account("acme").groups.has("prod")).toBe(true);
});

test("a huge body is refused before it is read", async () => {
  const emulator = await start();
  const headers = { "content-length": String(2 ** 40) };
  expect(await sendRaw(emulator.port, "POST /_emulator/state", undefined, headers)).toBe(413);
  expect(
    await sendRaw(emulator.port, "POST /_emulator/state", undefined, { "transfer-encoding": "chunked" }),
  ).toBe(411);
});

test.each(["evil.example", "127.0.0.1.nip.io", "localhost.evil.example"])(
  "the host %s is refused",
  async (host) => {
    const emulator = await start();
    expect(await sendRaw(emulator.port, "GET /_emulator/state", host)).toBe(403);
    expect(await sendRaw(emulator.port, "POST /_emulator/reset", host)).toBe(403);
  },
);
