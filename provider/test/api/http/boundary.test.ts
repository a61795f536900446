/** Which server is asked, and how much it may answer. */
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { listIn, open, TOKEN } from "../../../../test/support/https.ts";
import { type Answer, serve } from "../../../../test/support/server.ts";
import { createClient, type GroupsApi, TursoApiError, TursoConnectionError } from "../../../src/api/index.js";

/** The groups of a server, asked once. */
const groupsOf = (baseUrl: string) => createClient({ token: TOKEN, baseUrl, maxRetries: 0 }).groups;

/** A server of which only connections count; `connections` is how many there were. */
async function startOther() {
  const other = { host: "", connections: 0 };
  const server = createNetServer((socket) => {
    other.connections += 1;
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  });
  other.host = `127.0.0.1:${await open(server)}`;
  return other;
}

describe("a redirect", () => {
  const calls: [string, (groups: GroupsApi) => Promise<unknown>][] = [
    ["GET", (groups) => groups.retrieve("acme", "prod")],
    ["POST with a body", (groups) => groups.create("acme", { name: "prod", location: "lhr" })],
    ["POST without one", (groups) => groups.invalidateTokens("acme", "prod")],
    ["PATCH", (groups) => groups.setDeleteProtection("acme", "prod", false)],
    ["DELETE", (groups) => groups.delete("acme", "prod")],
  ];
  const places: [string, (other: string) => Record<string, string>][] = [
    ["to another host", (other) => ({ location: `http://${other}/v1/groups` })],
    ["to another host's https", (other) => ({ location: `https://${other}/v1/groups` })],
    ["to another host of the same protocol", (other) => ({ location: `//${other}/v1/groups` })],
    ["to another path", () => ({ location: "/v1/groups" })],
    ["by a refresh", (other) => ({ refresh: `0; url=http://${other}/` })],
    ["to nowhere", () => ({})],
  ];
  const statuses = [300, 301, 302, 303, 307, 308];
  const table = statuses.flatMap((status) => places.map(([where, headers]) => ({ status, where, headers })));

  test.each(table)("of status $status $where is not followed", async ({ status, headers }) => {
    for (const body of ["", { error: "moved" }]) {
      for (const [method, call] of calls) {
        const other = await startOther();
        const { url, seen } = await serve({ status, headers: headers(other.host), body });
        const error: unknown = await call(groupsOf(url)).catch((reason: unknown) => reason);
        expect(error, method).toBeInstanceOf(TursoApiError);
        expect(error).toMatchObject({ status, mayHaveBeenApplied: false });
        expect((error as Error).message).toContain("Redirects are not followed");
        expect(seen).toHaveLength(1);
        expect(other.connections, method).toBe(0);
      }
    }
  });
});

/** Twice what an answer may have, of a list of groups that would be one. */
const large = `{"groups":[{"name":"${"x".repeat(20_000_000)}"}]}`;
const compressed: [string, (text: string) => Buffer][] = [
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })],
];

describe("an answer of more than 10 MB", () => {
  const answers: [string, Answer][] = [
    ["in one piece", { headers: { "content-length": String(large.length) }, body: large }],
    ["in pieces", { headers: { "transfer-encoding": "chunked" }, body: large }],
    ["that is an error", { status: 500, body: large }],
    ["to a redirect", { status: 302, headers: { location: "/" }, body: large }],
  ];
  test.each(answers)("%s is cut off", async (_how, answer) => {
    const { url } = await serve(answer);
    const error: unknown = await groupsOf(url)
      .list("acme")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect((error as Error).message).toMatch(/10000000|10 MB/);
    expect((error as Error).message.length).toBeLessThan(1_000);
  });

  test.each(compressed)("that is small only as long as it is %s is cut off", async (encoding, compress) => {
    const bytes = compress(large);
    expect(bytes.length).toBeLessThan(100_000);
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-encoding": encoding });
      response.end(bytes);
    });
    const url = `http://127.0.0.1:${await open(server)}`;
    await expect(groupsOf(url).list("acme")).rejects.toThrow(/10000000|10 MB/);
  });

  test("takes no more memory the larger it is", async () => {
    // A gzip file may have many members: 2 GB of zeros, in 2 MB.
    const member = gzipSync(Buffer.alloc(10_000_000));
    const server = createServer(async (_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      for (let i = 0; i < 200 && !response.destroyed; i++) response.write(member);
      response.end();
    });
    const { error, memory } = await listIn({}, `http://127.0.0.1:${await open(server)}`);
    expect(error?.message).toMatch(/10000000|10 MB/);
    expect(memory).toBeLessThan(400);
  });
});

test.each(compressed)("an answer of less is read, also when it is %s", async (encoding, compress) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-encoding": encoding });
    response.end(compress(`{"groups":[{"name":"${"x".repeat(9_000_000)}"}]}`));
  });
  const groups = await groupsOf(`http://127.0.0.1:${await open(server)}`).list("acme");
  expect(groups[0]?.name).toHaveLength(9_000_000);
});

test("headers that do not end are cut off", async () => {
  const server = createNetServer((socket) => {
    socket.on("error", () => {});
    socket.write(`HTTP/1.1 200 OK\r\n${`x-filler: ${"x".repeat(1_000)}\r\n`.repeat(1_000)}`);
  });
  const error: unknown = await groupsOf(`http://127.0.0.1:${await open(server)}`)
    .list("acme")
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TursoConnectionError);
  expect(error).toMatchObject({ code: "HPE_HEADER_OVERFLOW" });
});
