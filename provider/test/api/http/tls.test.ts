/** The token is sent only to a server with a valid certificate, or to this machine. */
import { lookup } from "node:dns/promises";
import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listIn, serveHttps, TOKEN, TRUST } from "../../../../test/support/https.ts";
import { serve } from "../../../../test/support/server.ts";
import { createClient } from "../../../src/api/index.js";
import { readSettings } from "../../../src/lifecycle/settings.js";

describe("a server with a self-signed certificate", () => {
  test("does not get the token", async () => {
    const { port, tokens } = await serveHttps();
    const { error } = await listIn({}, `https://127.0.0.1:${port}`);
    expect(error).toMatchObject({ name: "TursoConnectionError", mayHaveBeenApplied: false });
    expect(error?.message).toContain("NODE_EXTRA_CA_CERTS");
    expect(tokens).toEqual([]);
  });

  test("is trusted if NODE_EXTRA_CA_CERTS contains the certificate", async () => {
    const { port, tokens } = await serveHttps();
    expect(await listIn(TRUST, `https://127.0.0.1:${port}`)).toMatchObject({ groups: [], stderr: "" });
    expect(tokens).toEqual([`Bearer ${TOKEN}`]);
  });

  test("is trusted on a reused connection", async () => {
    const { port, tokens, connections } = await serveHttps();
    expect(await listIn(TRUST, `https://127.0.0.1:${port}`, { calls: 4 })).toMatchObject({ groups: [] });
    expect(tokens).toHaveLength(4);
    expect(connections()).toBe(1);
  });

  test("is trusted only with the names in the certificate", async () => {
    const { port, tokens } = await serveHttps();
    // The same address by a name that the certificate does not contain.
    const { error } = await listIn(TRUST, `https://[::ffff:127.0.0.1]:${port}`);
    expect(error).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID", mayHaveBeenApplied: false });
    expect(error?.message).toContain("NODE_EXTRA_CA_CERTS");
    expect(tokens).toEqual([]);
  });

  test("is trusted with NODE_TLS_REJECT_UNAUTHORIZED=0, and Node warns", async () => {
    const { port, tokens } = await serveHttps();
    const { groups, stderr } = await listIn(
      { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      `https://127.0.0.1:${port}`,
    );
    expect(groups).toEqual([]);
    expect(tokens).toHaveLength(1);
    expect(stderr).toContain("Warning");
    expect(stderr).toContain("insecure");
  });
});

test("a server that does not speak TLS does not get the token", async () => {
  const { url, seen } = await serve({ body: { groups: [] } });
  const { error } = await listIn({}, url.replace("http:", "https:"));
  expect(error).toMatchObject({ name: "TursoConnectionError", code: "EPROTO" });
  expect(seen).toEqual([]);
});

describe("plain http", () => {
  const baseUrlOf = (url: string) =>
    readSettings((key) => (key === "turso:baseUrl" ? url : undefined), {}).baseUrl;
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");

  test.each([
    ["http://127.0.0.1", "http://127.0.0.1"],
    ["http://127.255.255.254:80", "http://127.255.255.254"],
    ["http://localhost", "http://localhost"],
    ["http://LocalHost", "http://localhost"],
    ["http://[::1]", "http://[::1]"],
    ["http://[0:0::0:1]", "http://[::1]"],
    ["http://127.1", "http://127.0.0.1"],
    ["http://127.0.0.1.", "http://127.0.0.1"],
    ["http://0x7f.1", "http://127.0.0.1"],
    ["http://0177.0.0.1", "http://127.0.0.1"],
    ["http://2130706433", "http://127.0.0.1"],
    ["http://①②⑦.0.0.1", "http://127.0.0.1"],
    ["http:127.0.0.1", "http://127.0.0.1"],
    ["http:\\\\127.0.0.1", "http://127.0.0.1"],
    ["http://127.0.0.1\\@evil.example", "http://127.0.0.1/@evil.example"],
  ])("%s is this machine: %s", async (given, expected) => {
    const baseUrl = baseUrlOf(given);
    expect(baseUrl).toBe(expected);
    const { address, family } = await lookup(new URL(baseUrl).hostname.replace(/[[\]]/g, ""));
    expect(loopback.check(address, family === 6 ? "ipv6" : "ipv4"), address).toBe(true);
  });

  test.each([
    ["http://127.0.0.1.evil.example", "unencrypted"],
    ["http://localhost.evil.example", "unencrypted"],
    ["http://localhost.", "unencrypted"],
    ["http://evil.example#@127.0.0.1", "unencrypted"],
    ["http://evil.example\\@127.0.0.1", "unencrypted"],
    ["http://127.0.0.1%2eevil.example", "unencrypted"],
    ["http://127.0.0.1:80@evil.example", "unencrypted"],
    ["http://0.0.0.0", "unencrypted"],
    ["http://[::]", "unencrypted"],
    ["http://[::ffff:127.0.0.1]", "unencrypted"],
    ["http://[::127.0.0.1]", "unencrypted"],
    ["http://128.0.0.1", "unencrypted"],
    ["http://1270.0.0.1", "not a URL"],
    ["http://", "not a URL"],
    ["http://user@127.0.0.1", "user name or password"],
    ["http://:password@localhost", "user name or password"],
    ["ftp://127.0.0.1", "must use https"],
    ["ws://127.0.0.1", "must use https"],
    ["file:///etc/passwd", "must use https"],
    ["data:text/plain,{}", "must use https"],
    ["unix:///var/run/docker.sock", "must use https"],
  ])("%s is refused: %s", (given, why) => {
    expect(() => baseUrlOf(given)).toThrow(why);
  });

  test("is refused for every other host", () => {
    const host = fc.oneof(
      fc.domain(),
      fc.domain().map((domain) => `127.0.0.1.${domain}`),
      fc.ipV4Extended(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.stringMatching(/^[\w.@:%[\]\\/-]{1,20}$/),
    );
    fc.assert(
      fc.property(host, (name) => {
        let baseUrl: string;
        try {
          baseUrl = baseUrlOf(`http://${name}`);
        } catch {
          return;
        }
        const { hostname } = new URL(baseUrl);
        expect(
          hostname === "localhost" || hostname === "[::1]" || loopback.check(hostname, "ipv4"),
          hostname,
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("reaches this machine in every notation", async () => {
    const { url, seen } = await serve({ body: { groups: [] } });
    const baseUrl = baseUrlOf(url.replace("127.0.0.1", "0x7f.1"));
    await createClient({ token: TOKEN, baseUrl }).groups.list("acme");
    expect(seen[0]?.headers.host).toBe(new URL(url).host);
  });
});
