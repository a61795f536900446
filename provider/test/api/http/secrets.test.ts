/** No error contains the token in any form, and the search for it finds every form. */
import { createServer } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { listIn, open, serveHttps, TOKEN } from "../../../../test/support/https.ts";
import { findSecret, formsOf, shownOf } from "../../../../test/support/secrets.ts";
import { type Answer, serve } from "../../../../test/support/server.ts";
import { createClient, TursoError } from "../../../src/api/index.js";

const JWT = "eyJ-a-token-of-a-group-0123456789";

describe("the search finds a secret", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  test.each([
    ["in plain text", `Bearer ${TOKEN}.`],
    ["in a URL", `https://server.example/?token=${encodeURIComponent(TOKEN)}&x=1`],
    [
      "in a URL with lower-case escapes",
      encodeURIComponent(TOKEN).replaceAll("%2B", "%2b").replaceAll("%3D", "%3d"),
    ],
    ["in a form", new URLSearchParams({ token: TOKEN }).toString()],
    ["in a URL within a URL", encodeURIComponent(`https://server.example/?t=${encodeURIComponent(TOKEN)}`)],
    ["in a URL that escapes more than necessary", TOKEN.replace("tok", "%74%6F%6b")],
    ["in JSON", JSON.stringify({ token: TOKEN })],
    ["in base64", base64(TOKEN)],
    ["in base64 after one byte", base64(`:${TOKEN}`)],
    ["in base64 after two bytes", base64(`::${TOKEN}`)],
    ["within base64", base64(`me:${TOKEN}, and so on`)],
    ["in base64 for URLs", Buffer.from(`Bearer ${TOKEN}`).toString("base64url")],
    ["in base64 in a URL", encodeURIComponent(base64(`${TOKEN}?`))],
    ["in hexadecimal", Buffer.from(`Bearer ${TOKEN}`).toString("hex")],
    ["in upper-case hexadecimal", Buffer.from(TOKEN).toString("hex").toUpperCase()],
  ])("%s", (_where, text) => {
    expect(findSecret(text, TOKEN)).toBeDefined();
  });

  test.each([
    ["another secret", `Bearer ${JWT} ${base64(JWT)}`],
    ["half of the secret", TOKEN.slice(0, 20)],
    ["nothing", ""],
  ])("but not in %s", (_what, text) => {
    expect(findSecret(text, TOKEN)).toBeUndefined();
  });

  test("in every position and encoding", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      for (const after of ["", "x", "xy"]) {
        for (const encoding of ["base64", "base64url", "hex", "utf8"] as const) {
          expect(findSecret(Buffer.from(before + TOKEN + after).toString(encoding), TOKEN)).toBeDefined();
        }
      }
    }
    expect(new Set(formsOf(TOKEN)).size).toBeGreaterThanOrEqual(9);
    expect(() => findSecret("anything", "short")).toThrow("this short");
  });

  test.each<[string, (error: Error) => unknown]>([
    ["its message", (error) => Object.assign(error, { message: TOKEN })],
    ["its stack", (error) => Object.assign(error, { stack: TOKEN })],
    [
      "a cause of its cause",
      (error) => Object.assign(error, { cause: new Error("x", { cause: new Error(TOKEN) }) }),
    ],
    [
      "a property",
      (error) => Object.assign(error, { config: { headers: { Authorization: `Bearer ${TOKEN}` } } }),
    ],
    [
      "a non-enumerable property",
      (error) => Object.defineProperty(error, "hidden", { value: [TOKEN], enumerable: false }),
    ],
    ["a symbol property", (error) => Object.assign(error, { [Symbol("x")]: { token: TOKEN } })],
    ["a getter", (error) => Object.defineProperty(error, "token", { get: () => TOKEN })],
    ["the name of a property", (error) => Object.assign(error, { [TOKEN]: 1 })],
    ["bytes", (error) => Object.assign(error, { rawPacket: Buffer.from(`${"x".repeat(100)}${TOKEN}`) })],
    ["a map", (error) => Object.assign(error, { map: new Map([["token", { TOKEN }]]) })],
    ["a very long text", (error) => Object.assign(error, { text: "x".repeat(50_000) + TOKEN })],
    ["its JSON", (error) => Object.assign(error, { toJSON: () => TOKEN })],
    ["its output of util.inspect", (error) => Object.assign(error, { [inspect.custom]: () => TOKEN })],
    ["an error of an AggregateError", () => new AggregateError([new Error(TOKEN)])],
  ])("in an error: in %s", (_where, put) => {
    expect(findSecret(shownOf(put(new Error("x"))), TOKEN)).toBeDefined();
    expect(findSecret(shownOf(new Error("x")), TOKEN)).toBeUndefined();
  });
});

/** A server that sends these bytes, or an echo of the request, whether or not they are HTTP. */
async function serveRaw(response?: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => socket.end(response ?? bytes));
  });
  return `http://127.0.0.1:${await open(server)}`;
}

const groupsOf = (baseUrl: string, timeout = 20) =>
  createClient({ token: TOKEN, baseUrl, timeout, maxRetries: 0 }).groups;

async function errorOf(call: Promise<unknown>): Promise<TursoError> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TursoError);
  return error as TursoError;
}

const base64 = Buffer.from(TOKEN).toString("base64");

describe("no error contains the token", () => {
  test.each<[string, Answer]>([
    ["if the server repeats it", { status: 401, body: { error: `bad token ${TOKEN}, really: ${TOKEN}` } }],
    [
      "if the server repeats it URL-encoded",
      { status: 401, body: { error: `bad ${encodeURIComponent(TOKEN)}` } },
    ],
    ["if the server repeats it as JSON", { status: 401, body: { error: JSON.stringify({ token: TOKEN }) } }],
    ["if the server repeats it in base64", { status: 401, body: { error: `bad token ${base64}` } }],
    ["if the server repeats it as text", { status: 500, body: TOKEN }],
    [
      "if the server repeats it in another field",
      { status: 409, body: { error: "taken", token: TOKEN, [TOKEN]: 1 } },
    ],
    [
      "if a redirect contains it",
      { status: 302, headers: { location: `/?token=${encodeURIComponent(TOKEN)}` }, body: "" },
    ],
    [
      "if headers contain it",
      { status: 403, headers: { "x-token": TOKEN, "set-cookie": base64 }, body: TOKEN },
    ],
    ["if a 200 consists of it", { body: TOKEN }],
    ["if a group contains it", { body: { group: { [TOKEN]: TOKEN, name: { [TOKEN]: TOKEN } } } }],
    ["if an HTML page contains it", { body: `<html>${TOKEN}` }],
    ["if the response is too large", { body: TOKEN.repeat(300_000) }],
    ["if the connection is closed", {}],
  ])("%s", async (_what, response) => {
    const { url, seen } = await serve(response);
    const error = await errorOf(groupsOf(url).retrieve("acme", "prod"));
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("if the error names a key of the response", async () => {
    const { url } = await serve({ body: { locations: { [TOKEN]: 5 } } });
    const { locations } = createClient({ token: TOKEN, baseUrl: url, maxRetries: 0 });
    expect(findSecret(shownOf(await errorOf(locations.list("acme"))), TOKEN)).toBeUndefined();
  });

  test("or a part of it, if a long text is truncated", async () => {
    for (const before of [455, 470, 490]) {
      const { url } = await serve({ status: 401, body: { error: "x".repeat(before) + TOKEN } });
      const error = await errorOf(groupsOf(url).retrieve("acme", "prod"));
      expect(shownOf(error), String(before)).not.toContain(TOKEN.slice(0, 9));
    }
  });

  test.each([
    ["if the server echoes the request", undefined],
    ["if the server does not send HTTP", `${"x".repeat(100)}${TOKEN}`],
    ["if the status line contains it", `HTTP/1.1 401 ${TOKEN}\r\nContent-Length: 0\r\n\r\n`],
    ["if the headers are invalid", `HTTP/1.1 200 OK\r\nAuthorization\0: ${TOKEN}\r\n\r\n`],
    ["if the chunks are invalid", `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${TOKEN}\r\n`],
    ["if the response is incomplete", `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${TOKEN}`],
    ["if the compression is invalid", `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${TOKEN}`],
  ])("%s", async (_what, response) => {
    const error = await errorOf(groupsOf(await serveRaw(response)).list("acme"));
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("if the request times out", async () => {
    const url = `http://127.0.0.1:${await open(createServer())}`;
    const error = await errorOf(groupsOf(url, 0.05).list("acme"));
    expect(error).toMatchObject({ code: "ETIMEDOUT" });
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("if the server cannot be reached", async () => {
    const error = await errorOf(groupsOf("http://127.0.0.1:1").list("acme"));
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("if the request is canceled", async () => {
    const stop = new AbortController();
    const baseUrl = `http://127.0.0.1:${await open(createServer(() => stop.abort()))}`;
    const { groups } = createClient({ token: TOKEN, baseUrl, signal: stop.signal });
    expect(findSecret(shownOf(await errorOf(groups.list("acme"))), TOKEN)).toBeUndefined();
  });

  test("if the certificate is not trusted", async () => {
    const { shown } = await listIn({}, `https://127.0.0.1:${(await serveHttps()).port}`);
    expect(shown).toContain("certificate");
    expect(findSecret(shown ?? "", TOKEN)).toBeUndefined();
  });
});

test.each<[string, Answer]>([
  ["in another field", { body: { token: JWT } }],
  ["as a list", { body: { jwt: [JWT] } }],
  ["as a text", { body: JWT }],
  ["with another status", { status: 201, body: { jwt: JWT } }],
])("no error contains a new token of a group: %s", async (_how, response) => {
  const { url } = await serve(response);
  const error = await errorOf(groupsOf(url).mintToken("acme", "prod", {}));
  expect(findSecret(shownOf(error), JWT)).toBeUndefined();
});
