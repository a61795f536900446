/** No error holds the token, in whatever form; and what looks for it finds it. */
import { createServer } from "node:net";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { listIn, open, serveHttps, TOKEN } from "../../../../test/support/https.ts";
import { findSecret, formsOf, shownOf } from "../../../../test/support/secrets.ts";
import { type Answer, serve } from "../../../../test/support/server.ts";
import { createClient, TursoError } from "../../../src/api/index.js";

const JWT = "eyJ-a-token-of-a-group-0123456789";

describe("a secret is found", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  test.each([
    ["as it is", `Bearer ${TOKEN}.`],
    ["in a URL", `https://server.example/?token=${encodeURIComponent(TOKEN)}&x=1`],
    [
      "in a URL with small letters",
      encodeURIComponent(TOKEN).replaceAll("%2B", "%2b").replaceAll("%3D", "%3d"),
    ],
    ["in a form", new URLSearchParams({ token: TOKEN }).toString()],
    ["in a URL within a URL", encodeURIComponent(`https://server.example/?t=${encodeURIComponent(TOKEN)}`)],
    ["in a URL that encodes more than it must", TOKEN.replace("tok", "%74%6F%6b")],
    ["in JSON", JSON.stringify({ token: TOKEN })],
    ["in base64", base64(TOKEN)],
    ["in base64 after one byte", base64(`:${TOKEN}`)],
    ["in base64 after two bytes", base64(`::${TOKEN}`)],
    ["in the middle of base64", base64(`me:${TOKEN}, and so on`)],
    ["in base64 for URLs", Buffer.from(`Bearer ${TOKEN}`).toString("base64url")],
    ["in base64 in a URL", encodeURIComponent(base64(`${TOKEN}?`))],
    ["in hexadecimal", Buffer.from(`Bearer ${TOKEN}`).toString("hex")],
    ["in capital hexadecimal", Buffer.from(TOKEN).toString("hex").toUpperCase()],
  ])("%s", (_where, text) => {
    expect(findSecret(text, TOKEN)).toBeDefined();
  });

  test.each([
    ["another", `Bearer ${JWT} ${base64(JWT)}`],
    ["half of it", TOKEN.slice(0, 20)],
    ["nothing", ""],
  ])("but not in %s", (_what, text) => {
    expect(findSecret(text, TOKEN)).toBeUndefined();
  });

  test("whatever it is made of", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      for (const after of ["", "x", "xy"]) {
        for (const encoding of ["base64", "base64url", "hex", "utf8"] as const) {
          expect(findSecret(Buffer.from(before + TOKEN + after).toString(encoding), TOKEN)).toBeDefined();
        }
      }
    }
    expect(new Set(formsOf(TOKEN)).size).toBeGreaterThanOrEqual(9);
    expect(() => findSecret("anything", "short")).toThrow("so short a secret");
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
      "a hidden one",
      (error) => Object.defineProperty(error, "hidden", { value: [TOKEN], enumerable: false }),
    ],
    ["a symbol's", (error) => Object.assign(error, { [Symbol("x")]: { token: TOKEN } })],
    ["a getter's", (error) => Object.defineProperty(error, "token", { get: () => TOKEN })],
    ["the name of a property", (error) => Object.assign(error, { [TOKEN]: 1 })],
    ["bytes", (error) => Object.assign(error, { rawPacket: Buffer.from(`${"x".repeat(100)}${TOKEN}`) })],
    ["a map", (error) => Object.assign(error, { map: new Map([["token", { TOKEN }]]) })],
    ["a very long text", (error) => Object.assign(error, { text: "x".repeat(50_000) + TOKEN })],
    ["its JSON", (error) => Object.assign(error, { toJSON: () => TOKEN })],
    ["what is printed of it", (error) => Object.assign(error, { [inspect.custom]: () => TOKEN })],
    ["an error among others", () => new AggregateError([new Error(TOKEN)])],
  ])("in an error: in %s", (_where, put) => {
    expect(findSecret(shownOf(put(new Error("x"))), TOKEN)).toBeDefined();
    expect(findSecret(shownOf(new Error("x")), TOKEN)).toBeUndefined();
  });
});

/** A server that sends each connection the same bytes, or what it was sent, whatever HTTP says. */
async function serveRaw(answer?: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => socket.end(answer ?? bytes));
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

describe("the token is in no error", () => {
  test.each<[string, Answer]>([
    [
      "of a refusal that repeats it",
      { status: 401, body: { error: `bad token ${TOKEN}, really: ${TOKEN}` } },
    ],
    ["of one that repeats it encoded", { status: 401, body: { error: `bad ${encodeURIComponent(TOKEN)}` } }],
    ["of one that repeats it as JSON", { status: 401, body: { error: JSON.stringify({ token: TOKEN }) } }],
    ["of one that repeats it in base64", { status: 401, body: { error: `bad token ${base64}` } }],
    ["of one that repeats it as its text", { status: 500, body: TOKEN }],
    ["of one that repeats it elsewhere", { status: 409, body: { error: "taken", token: TOKEN, [TOKEN]: 1 } }],
    [
      "of a redirect with it",
      { status: 302, headers: { location: `/?token=${encodeURIComponent(TOKEN)}` }, body: "" },
    ],
    ["of headers with it", { status: 403, headers: { "x-token": TOKEN, "set-cookie": base64 }, body: TOKEN }],
    ["of an answer that is it", { body: TOKEN }],
    ["of a group that is it", { body: { group: { [TOKEN]: TOKEN, name: { [TOKEN]: TOKEN } } } }],
    ["of a page with it", { body: `<html>${TOKEN}` }],
    ["of an answer that is too long", { body: TOKEN.repeat(300_000) }],
    ["of a connection that breaks", {}],
  ])("%s", async (_what, answer) => {
    const { url, seen } = await serve(answer);
    const error = await errorOf(groupsOf(url).retrieve("acme", "prod"));
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("of an answer whose keys are named in what is wrong with it", async () => {
    const { url } = await serve({ body: { locations: { [TOKEN]: 5 } } });
    const { locations } = createClient({ token: TOKEN, baseUrl: url, maxRetries: 0 });
    expect(findSecret(shownOf(await errorOf(locations.list("acme"))), TOKEN)).toBeUndefined();
  });

  test("nor is a part of it, where a long text is cut off", async () => {
    for (const before of [455, 470, 490]) {
      const { url } = await serve({ status: 401, body: { error: "x".repeat(before) + TOKEN } });
      const error = await errorOf(groupsOf(url).retrieve("acme", "prod"));
      expect(shownOf(error), String(before)).not.toContain(TOKEN.slice(0, 9));
    }
  });

  test.each([
    ["of a server that only repeats what it is told", undefined],
    ["of one that does not speak HTTP", `${"x".repeat(100)}${TOKEN}`],
    ["of one that repeats it in its status", `HTTP/1.1 401 ${TOKEN}\r\nContent-Length: 0\r\n\r\n`],
    ["of one whose headers are none", `HTTP/1.1 200 OK\r\nAuthorization\0: ${TOKEN}\r\n\r\n`],
    ["of one whose chunks are none", `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${TOKEN}\r\n`],
    ["of one that is cut short", `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${TOKEN}`],
    ["of one that is not compressed", `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${TOKEN}`],
  ])("%s", async (_what, answer) => {
    const error = await errorOf(groupsOf(await serveRaw(answer)).list("acme"));
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("of a server that takes too long", async () => {
    const url = `http://127.0.0.1:${await open(createServer())}`;
    const error = await errorOf(groupsOf(url, 0.05).list("acme"));
    expect(error).toMatchObject({ code: "ETIMEDOUT" });
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("of a server that is not there", async () => {
    const error = await errorOf(groupsOf("http://127.0.0.1:1").list("acme"));
    expect(findSecret(shownOf(error), TOKEN)).toBeUndefined();
  });

  test("of a request that is stopped", async () => {
    const stop = new AbortController();
    const baseUrl = `http://127.0.0.1:${await open(createServer(() => stop.abort()))}`;
    const { groups } = createClient({ token: TOKEN, baseUrl, signal: stop.signal });
    expect(findSecret(shownOf(await errorOf(groups.list("acme"))), TOKEN)).toBeUndefined();
  });

  test("of a certificate that is not trusted", async () => {
    const { shown } = await listIn({}, `https://127.0.0.1:${(await serveHttps()).port}`);
    expect(shown).toContain("self-signed");
    expect(findSecret(shown ?? "", TOKEN)).toBeUndefined();
  });
});

test.each<[string, Answer]>([
  ["by another name", { body: { token: JWT } }],
  ["as a list", { body: { jwt: [JWT] } }],
  ["as a text", { body: JWT }],
  ["with another status", { status: 201, body: { jwt: JWT } }],
])("a token of a group that comes %s is in no error", async (_how, answer) => {
  const { url } = await serve(answer);
  const error = await errorOf(groupsOf(url).mintToken("acme", "prod", {}));
  expect(findSecret(shownOf(error), JWT)).toBeUndefined();
});
