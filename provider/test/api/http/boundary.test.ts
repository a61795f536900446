/** Redirects are not followed, and responses are limited to 10 MB. */
import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { listIn, open, TOKEN } from "../../../../test/support/https.ts";
import { type Answer, serve } from "../../../../test/support/server.ts";
import { createClient, type GroupsApi, TursoApiError, TursoConnectionError } from "../../../src/api/index.js";

/** The groups of a server, without retries. */
const groupsOf = (baseUrl: string) => createClient({ token: TOKEN, baseUrl, maxRetries: 0 }).groups;

/** A server that counts its connections. */
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
    ["with a refresh", (other) => ({ refresh: `0; url=http://${other}/` })],
    ["to nowhere", () => ({})],
  ];
  const statuses = [300, 301, 302, 303, 307, 308];
  const table = statuses.flatMap((status) => places.map(([where, headers]) => ({ status, where, headers })));

  test.each(table)("with status $status $where is not followed", async ({ status, headers }) => {
    for (const body of ["", { error: "moved" }]) {
      for (const [method, call] of calls) {
        const other = await startOther();
        const { url, seen } = await serve({ status, headers: headers(other.host), body });
        const error: unknown = await call(groupsOf(url)).catch((reason: unknown) => reason);
        expect(error, method).toBeInstanceOf(TursoApiError);
        expect(error).toMatchObject({ status, mayHaveBeenApplied: false, isTransient: false });
        expect(seen).toHaveLength(1);
        expect(other.connections, method).toBe(0);
      }
    }
  });
});

/** A valid list of groups of twice the allowed size. */
const large = `{"groups":[{"name":"${"x".repeat(20_000_000)}"}]}`;
const compressed: [string, (text: string) => Buffer][] = [
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })],
];

describe("a response of more than 10 MB", () => {
  const responses: [string, Answer][] = [
    ["in one piece", { headers: { "content-length": String(large.length) }, body: large }],
    ["in pieces", { headers: { "transfer-encoding": "chunked" }, body: large }],
    ["with an error status", { status: 500, body: large }],
    ["to a redirect", { status: 302, headers: { location: "/" }, body: large }],
  ];
  test.each(responses)("%s is rejected", async (_how, response) => {
    const { url } = await serve(response);
    const error: unknown = await groupsOf(url)
      .list("acme")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect((error as Error).message).toMatch(/10000000|10 MB/);
    expect((error as Error).message.length).toBeLessThan(1_000);
  });

  test.each(compressed)(
    "that is small because it is compressed with %s is rejected",
    async (encoding, compress) => {
      const bytes = compress(large);
      expect(bytes.length).toBeLessThan(100_000);
      const server = createServer((_request, response) => {
        response.writeHead(200, { "content-encoding": encoding });
        response.end(bytes);
      });
      const url = `http://127.0.0.1:${await open(server)}`;
      await expect(groupsOf(url).list("acme")).rejects.toThrow(/10000000|10 MB/);
    },
  );

  test("takes limited memory, however large it is", async () => {
    // A gzip file can have many members: these are 2 GB of zeros in 2 MB.
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

test.each(compressed)(
  "a smaller response is read if it is compressed with %s",
  async (encoding, compress) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { "content-encoding": encoding });
      response.end(compress(`{"groups":[{"name":"${"x".repeat(9_000_000)}"}]}`));
    });
    const groups = await groupsOf(`http://127.0.0.1:${await open(server)}`).list("acme");
    expect(groups[0]?.name).toHaveLength(9_000_000);
  },
);

test("headers without an end are rejected", async () => {
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
