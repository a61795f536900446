/**
 * Every message of the client, provoked over HTTP. `messages.txt` holds the sentences, other tests assert
 * properties. `npx vitest run provider/test/api/messages.test.ts -u` updates it.
 */
import { createServer } from "node:http";
import { expect, test, vi } from "vitest";
import { listIn, open, serveHttps, TRUST } from "../../../test/support/https.ts";
import { type Answer, serve } from "../../../test/support/server.ts";
import { waitingFor } from "../../src/api/http/retry.js";
import { type ClientOptions, createClient, type TursoClient, TursoError } from "../../src/api/index.js";

const TOKEN = "the-token";

type Call = (client: TursoClient) => Promise<unknown>;
const retrieve: Call = ({ groups }) => groups.retrieve("acme", "prod");
const listGroups: Call = ({ groups }) => groups.list("acme");
const listDatabases: Call = ({ databases }) => databases.list("acme");
const listLocations: Call = ({ locations }) => locations.list("acme");

async function errorOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  expect.unreachable("the call should have failed with an error");
}

/** The error of a call to a server that gives every request the same response. */
async function refused(
  response: Answer,
  call: Call = retrieve,
  options: Partial<ClientOptions> = {},
): Promise<TursoError> {
  const { url: baseUrl } = await serve(response);
  const client = createClient({ token: TOKEN, baseUrl, maxRetries: 0, ...options });
  const error = await errorOf(() => call(client));
  if (!(error instanceof TursoError)) expect.unreachable(`${error} should be a TursoError`);
  return error;
}

/** The reason that users are told for a wait. The call ends with it. */
async function waitingReason(response: Answer): Promise<string> {
  const stop = new AbortController();
  const reasons: string[] = [];
  const onWait = (reason: string) => {
    reasons.push(reason);
    stop.abort();
  };
  await refused(response, listGroups, { maxRetries: 5, pause: 30_000, onWait, signal: stop.signal });
  return reasons.join("\n");
}

/** The message of a request with these variables. Proxies and certificates need a process of their own. */
async function messageIn(env: Record<string, string>, baseUrl: string): Promise<string> {
  const { error } = await listIn(env, baseUrl);
  return error?.message ?? "";
}

async function proxyRefusing(): Promise<string> {
  const proxy = createServer();
  proxy.on("connect", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
  return `http://127.0.0.1:${await open(proxy)}`;
}

/** Without what depends on the run or on the version of Node. */
const withoutVariables = (message: string) =>
  message
    .replace(/(127\.0\.0\.1:)\d{4,}/g, "$1PORT")
    .replace(/\(self-signed certificate[^)]*\)/, "(self-signed certificate)");

test("every message is in messages.txt", async () => {
  const messages: [string, string][] = [];
  const add = (title: string, message: string) => messages.push([title, withoutVariables(message)]);

  for (const status of [302, 400, 401, 402, 403, 404, 409, 429, 500])
    add(`status ${status}`, (await refused({ status, body: { error: "the API's text" } })).message);
  add("status with an HTML page", (await refused({ status: 502, body: "<html>" })).message);
  add("status without a body", (await refused({ status: 418, body: "" })).message);
  add("status with other text", (await refused({ status: 404, body: "not found" })).message);
  const retries = { maxRetries: 1, pause: 1 };
  add(
    "several attempts",
    (await refused({ status: 503, body: { error: "down" } }, retrieve, retries)).message,
  );

  add("200 with an HTML page", (await refused({ body: "<html>" })).message);
  add("200 with other text", (await refused({ body: "ok" })).message);
  add("200 without a body", (await refused({ body: "" })).message);
  const bodies: [string, Call, unknown][] = [
    ["no object", listGroups, []],
    ["no list", listGroups, { groups: "prod" }],
    ["no string", retrieve, { group: { name: 7 } }],
    ["no boolean", retrieve, { group: { name: "prod", archived: null, delete_protection: "yes" } }],
    ["null", retrieve, { group: null }],
    ["a missing field", listDatabases, { databases: [{ name: "a" }, {}] }],
    ["an empty field", retrieve, { group: { name: "" } }],
    ["control characters", retrieve, { group: { name: "a\u001b[2J" } }],
    ["half a character", listLocations, { locations: { "lhr\ud83d": "" } }],
    ["a cursor that repeats", listDatabases, { databases: [], pagination: { next: "a" } }],
  ];
  for (const [title, call, body] of bodies) add(`200 with ${title}`, (await refused({ body }, call)).message);

  const unreachable = createClient({ token: TOKEN, baseUrl: "http://127.0.0.1:1", maxRetries: 0 });
  add("no server on this machine", (await errorOf(() => listGroups(unreachable))).message);
  add("a connection that is closed", (await refused({})).message);
  add("a response that is too large", (await refused({ body: "x".repeat(10_000_001) })).message);
  const hanging = `http://127.0.0.1:${await open(createServer(() => stop.abort()))}`;
  const stop = new AbortController();
  const slow = createClient({
    token: TOKEN,
    baseUrl: `http://127.0.0.1:${await open(createServer())}`,
    timeout: 0.1,
    maxRetries: 0,
  });
  add("a timeout", (await errorOf(() => listGroups(slow))).message);
  const stopped = createClient({ token: TOKEN, baseUrl: hanging, signal: stop.signal });
  add("canceled", (await errorOf(() => listGroups(stopped))).message);
  add("canceled before it is sent", (await errorOf(() => listGroups(stopped))).message);

  const server = await serveHttps();
  const api = "https://api.turso.test";
  add("a certificate", await messageIn({}, `https://127.0.0.1:${server.port}`));
  add("a proxy that refuses", await messageIn({ ...TRUST, HTTPS_PROXY: await proxyRefusing() }, api));
  add("a proxy that is not reached", await messageIn({ HTTPS_PROXY: "http://127.0.0.1:1" }, api));
  add("a proxy without a scheme", await messageIn({ HTTPS_PROXY: "127.0.0.1:1" }, api));
  add("a SOCKS proxy", await messageIn({ ALL_PROXY: "socks5://127.0.0.1:1" }, api));

  // The longest pause.
  vi.spyOn(Math, "random").mockReturnValue(1);
  add("waiting after 429", await waitingReason({ status: 429, body: "" }));
  add("waiting after 503", await waitingReason({ status: 503, body: "" }));
  add("waiting after no response", await waitingReason({}));
  add("waiting after an invalid response", waitingFor(await refused({ body: "<html>" })));

  const without: unknown[] = [{}];
  add("no token", (await errorOf(() => Reflect.apply(createClient, undefined, without))).message);
  for (const baseUrl of [
    "api.turso.tech",
    "localhost:8080",
    "no url",
    "ftp://api.turso.tech",
    "http://api.turso.tech",
    "https://me:secret@api.turso.tech",
    "https://api.turso.tech?x=1",
    "https://api.turso.tech/v1",
  ])
    add(`base URL ${baseUrl}`, (await errorOf(() => createClient({ token: TOKEN, baseUrl }))).message);
  for (const name of ["", "..", "a b", "a/b", "a\0"]) {
    const error = await errorOf(() => unreachable.groups.retrieve("acme", name));
    add(`name ${JSON.stringify(name)}`, error.message);
  }

  const text = messages.map(([title, message]) => `${title}\n${message.replace(/^/gm, "  ")}\n`).join("\n");
  await expect(text).toMatchFileSnapshot("messages.txt");
});
