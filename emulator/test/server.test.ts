import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { start } from "./help.ts";

/** Sends a request as it is written, which fetch would tidy up, and returns the answer's status. */
function sendRaw(port: number, line: string, host: string | null = "localhost"): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      const hostHeader = host === null ? "" : `Host: ${host}\r\n`;
      socket.write(`${line} HTTP/1.1\r\n${hostHeader}Authorization: Bearer x\r\nConnection: close\r\n\r\n`);
    });
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.on("close", () => resolve(Number(answer.split(" ")[1])));
    socket.on("error", reject);
  });
}

test.each(["{", "", "nope", '"text"', "null", "[]", "7"])("the body %j answers 400", async (body) => {
  const { store, call } = await start();
  store.account().createGroup({ name: "prod", location: "lhr" });
  for (const [method, path] of [
    ["POST", "/v1/groups"],
    ["POST", "/v1/databases"],
    ["PATCH", "/v1/groups/prod/configuration"],
    ["POST", "/v1/groups/prod/transfer"],
  ] as const) {
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining("body") } });
  }
});

test("a body with a __proto__ key changes nothing but itself", async () => {
  const { call } = await start();
  const body = '{"__proto__":{"name":"evil"},"name":"prod","location":"lhr"}';
  expect(await call("POST", "/v1/groups", body)).toMatchObject({ body: { group: { name: "prod" } } });
});

test.each([
  ["GET", "/"],
  ["GET", "/v1"],
  ["GET", "/v2/groups"],
  ["GET", "/v1/groups/"],
  ["PUT", "/v1/groups/prod"],
  ["OPTIONS", "/v1/groups"],
  ["GET", "/v1/groups/prod/other"],
  ["POST", "/v1/locations"],
  ["GET", "/v1/organizations/acme"],
])("%s %s answers 404 in JSON", async (method, path) => {
  const { call } = await start();
  const answer = await call(method, path);
  expect(answer).toMatchObject({ status: 404, body: { error: "not found" }, type: "application/json" });
});

test("HEAD answers like GET, without a body", async () => {
  const { store, call } = await start();
  store.account().createGroup({ name: "prod", location: "lhr" });
  expect(await call("HEAD", "/v1/groups/prod")).toMatchObject({ status: 200, text: "" });
  expect(await call("HEAD", "/v1/groups/none")).toMatchObject({ status: 404, text: "" });
});

describe("a path in disguise never reaches another group", () => {
  test.each([
    "/v1/groups/other/../prod",
    "/v1/groups/other/%2e%2e/prod",
    "/v1/groups/other%2F..%2Fprod",
    "/v1/groups/..%2Fprod",
    "/v1/groups/%2e/prod",
    "/v1/groups/./prod",
    "/v1/groups/x\\..\\prod",
    "/v1/groups/prod%00",
    "/v1/groups/prod%2F",
    "/v1/groups/prod%20",
    "/v1/groups/%70rod%2e",
    "/v1/groups/PROD",
    "/v1/groups//prod",
    "//v1/groups/prod",
    "/v1/organizations/acme/../../groups/prod",
    "/v1/organizations/acme%2F..%2F..%2Fgroups/prod",
    "/v1/organizations/..%2F../groups/prod",
    "http://localhost/v1/groups/prod",
  ])("DELETE %s", async (path) => {
    const { port, store } = await start();
    store.account().createGroup({ name: "prod", location: "lhr" });
    expect([400, 404]).toContain(await sendRaw(port, `DELETE ${path}`));
    expect(store.account().groups.has("prod")).toBe(true);
  });

  test("an escaped letter is that letter", async () => {
    const { port, store } = await start();
    store.account().createGroup({ name: "prod", location: "lhr" });
    expect(await sendRaw(port, "GET /v1/groups/%70rod")).toBe(200);
  });
});

test("a path with a broken escape is not found", async () => {
  const { call } = await start();
  expect((await call("GET", "/v1/groups/%zz")).status).toBe(404);
  expect((await call("GET", "/v1/groups/%E0%A4")).status).toBe(404);
});

test.each([
  ["localhost", 200],
  ["LOCALHOST:80", 200],
  ["127.0.0.1:1234", 200],
  ["127.0.0.1", 200],
  ["localhost:PORT", 200],
  ["127.0.0.1:PORT", 200],
  ["[::1]:PORT", 200],
  ["evil.example", 403],
  ["localhost.evil.example", 403],
  ["127.0.0.1.evil.example", 403],
  ["evil.example:80", 403],
  ["evil.example:PORT", 403],
  ["127.0.0.1.nip.io:PORT", 403],
  ["localhost.:PORT", 403],
  ["0.0.0.0:PORT", 403],
  ["[::]:PORT", 403],
  ["localhost@evil.example", 400],
  ["localhost, evil.example", 400],
  ["", 400],
  [null, 400],
])("the host %j answers %d", async (host, status) => {
  const { port, store } = await start();
  store.account().createGroup({ name: "prod", location: "lhr" });
  expect(await sendRaw(port, "DELETE /v1/groups/prod", host?.replace("PORT", String(port)) ?? null)).toBe(
    status,
  );
  expect(store.account().groups.has("prod")).toBe(status !== 200);
});

test("it listens on 127.0.0.1 and on no other address of the machine", async () => {
  const { port } = await start();
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  for (const { address, scopeid } of addresses) {
    if (address === "127.0.0.1" || scopeid) continue;
    const outcome = new Promise((resolve) => {
      connect(port, address)
        .on("connect", () => resolve("connected"))
        .on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(await outcome, address).toBe("ECONNREFUSED");
  }
});
