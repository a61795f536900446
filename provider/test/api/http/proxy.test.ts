/** Proxies from environment variables: they do not see the token, and cannot respond in the API's place. */
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { listIn, open, serveHttps, TOKEN, TRUST } from "../../../../test/support/https.ts";
import { findSecret } from "../../../../test/support/secrets.ts";
import { serve } from "../../../../test/support/server.ts";

const PASSWORD = "proxy-password-0123456789";

/** A host that does not exist: only the proxy of a test connects to it. */
const API = "https://api.turso.test";

/**
 * A proxy that opens every tunnel to a port of this machine, or responds with a text. `seen` is everything it
 * can read.
 */
async function startProxy(to: number | string) {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`, ...request.rawHeaders);
    response.end('{"groups":[]}');
  });
  proxy.on("connect", (request, socket) => {
    seen.push(`${request.method} ${request.url}`, ...request.rawHeaders);
    socket.on("error", () => {});
    if (typeof to === "string") {
      socket.end(to);
      return;
    }
    const server = connect(to, "127.0.0.1");
    server.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    socket.on("data", (bytes: Buffer) => seen.push(bytes.toString("latin1")));
    socket.pipe(server).pipe(socket);
  });
  const port = await open(proxy);
  return { seen, port, url: `http://me:${PASSWORD}@127.0.0.1:${port}` };
}

describe("an https request", () => {
  test.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
    "goes through the proxy of %s, which does not see the token",
    async (variable) => {
      const server = await serveHttps();
      const proxy = await startProxy(server.port);
      expect(await listIn({ ...TRUST, [variable]: proxy.url }, API)).toMatchObject({ groups: [] });
      expect(proxy.seen[0]).toBe("CONNECT api.turso.test:443");
      expect(findSecret(proxy.seen.join("\n"), TOKEN)).toBeUndefined();
      expect(proxy.seen.join("\n")).not.toContain("/v1/");
      expect(server.tokens).toEqual([`Bearer ${TOKEN}`]);
    },
  );

  test("goes through the proxy if Node itself uses proxies from the environment", async () => {
    const server = await serveHttps();
    const proxy = await startProxy(server.port);
    const env = { ...TRUST, NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: proxy.url };
    expect(await listIn(env, API)).toMatchObject({ groups: [] });
    expect(proxy.seen[0]).toBe("CONNECT api.turso.test:443");
    expect(findSecret(proxy.seen.join("\n"), TOKEN)).toBeUndefined();
  });

  test("sends the proxy's password only to the proxy", async () => {
    const server = await serveHttps();
    const proxy = await startProxy(server.port);
    await listIn({ ...TRUST, HTTPS_PROXY: proxy.url }, API);
    const basic = Buffer.from(`me:${PASSWORD}`).toString("base64");
    expect(proxy.seen[proxy.seen.indexOf("Proxy-Authorization") + 1]).toBe(`Basic ${basic}`);
    expect(server.headers).not.toContain("proxy-authorization");
  });

  test("verifies the server's certificate", async () => {
    const server = await serveHttps();
    const proxy = await startProxy(server.port);
    const { error, shown } = await listIn({ HTTPS_PROXY: proxy.url }, API);
    expect(error?.message).toContain("NODE_EXTRA_CA_CERTS");
    expect(findSecret(shown ?? "", PASSWORD)).toBeUndefined();
    expect(server.tokens).toEqual([]);
  });

  test.each([
    ["NO_PROXY", "localhost"],
    ["no_proxy", "example.org, localhost"],
    ["NO_PROXY", ".localhost,*"],
    ["NO_PROXY", "*"],
    ["NO_PROXY", "localhost:PORT"],
  ])("does not use the proxy if %s is %s", async (variable, value) => {
    const server = await serveHttps();
    const proxy = await startProxy(server.port);
    const env = { ...TRUST, HTTPS_PROXY: proxy.url, [variable]: value.replace("PORT", String(server.port)) };
    expect(await listIn(env, `https://localhost:${server.port}`)).toMatchObject({ groups: [] });
    expect(proxy.seen).toEqual([]);
    expect(server.tokens).toHaveLength(1);
  });

  test.each(["example.org", "localhost:1", "local", "turso.test.example"])(
    "uses the proxy if NO_PROXY is %s",
    async (value) => {
      const server = await serveHttps();
      const proxy = await startProxy(server.port);
      await listIn({ ...TRUST, HTTPS_PROXY: proxy.url, NO_PROXY: value }, API);
      expect(proxy.seen[0]).toBe("CONNECT api.turso.test:443");
    },
  );

  test("does not use a proxy for http requests", async () => {
    const server = await serveHttps();
    const proxy = await startProxy(server.port);
    await listIn(
      { ...TRUST, HTTP_PROXY: proxy.url, http_proxy: proxy.url },
      `https://localhost:${server.port}`,
    );
    expect(proxy.seen).toEqual([]);
    expect(server.tokens).toHaveLength(1);
  });
});

describe("a proxy that refuses", () => {
  const json = '{"error":"group not found"}';
  const list = '{"groups":[{"name":"made up"}]}';
  test.each([
    ["with 407", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407"],
    ["with 403", "HTTP/1.1 403 Forbidden\r\n\r\n<html>blocked</html>", "403"],
    ["with 502", "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>no</html>", "502"],
    ["with 401, like a wrong token", 'HTTP/1.1 401 No\r\n\r\n{"error":"invalid token"}', "401"],
    [
      "with a response like the API's",
      `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n\r\n${json}`,
      "404",
    ],
    [
      "with an invented response",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: ${list.length}\r\n\r\n${list}`,
      "200",
    ],
    ["in another protocol", "SSH-2.0-OpenSSH_9.9\r\n\r\n", "Parse Error"],
    ["by closing the connection", "", "timed out"],
  ])("%s is named in the error and cannot pose as the API", async (_how, response, reason) => {
    const server = await serveHttps();
    const proxy = await startProxy(response);
    const { error, shown, groups } = await listIn({ ...TRUST, HTTPS_PROXY: proxy.url }, API, { timeout: 1 });
    expect(groups).toBeUndefined();
    expect(error).toMatchObject({ name: "TursoConnectionError" });
    expect(error?.message).toContain(reason);
    expect(error?.message).toContain("proxy");
    expect(findSecret(shown ?? "", PASSWORD)).toBeUndefined();
    expect(findSecret(shown ?? "", TOKEN)).toBeUndefined();
    expect(findSecret(proxy.seen.join("\n"), TOKEN)).toBeUndefined();
    expect(server.tokens).toEqual([]);
  });

  test("refuses before the API is reached: the request was not carried out", async () => {
    const proxy = await startProxy("HTTP/1.1 503 Service Unavailable\r\n\r\n");
    const { error } = await listIn({ ...TRUST, HTTPS_PROXY: proxy.url }, API);
    expect(error?.mayHaveBeenApplied).toBe(false);
  });

  test.each([
    [
      "cannot be reached",
      "http://me:PASSWORD@127.0.0.1:1",
      "the proxy http://127.0.0.1:1 (HTTPS_PROXY) (connect ECONNREFUSED",
    ],
    [
      "has no scheme",
      "127.0.0.1:1",
      "the proxy https://127.0.0.1:1 (HTTPS_PROXY has no scheme; did you mean http://127.0.0.1:1?)",
    ],
    [
      "is a SOCKS proxy",
      "socks5://me:PASSWORD@127.0.0.1:1",
      "the proxy socks5://127.0.0.1:1 (HTTPS_PROXY is a SOCKS proxy; only http:// and https:// proxies are supported)",
    ],
  ])("or that %s is named with its variable", async (_which, url, who) => {
    const { error } = await listIn({ ...TRUST, HTTPS_PROXY: url.replace("PASSWORD", PASSWORD) }, API);
    expect(error?.message).toContain(` from ${who}`);
    expect(error?.message).not.toContain("https://api.turso.test");
    const straight = await listIn({ ...TRUST, HTTPS_PROXY: url, NO_PROXY: "*" }, API);
    expect(straight.error?.message).toContain(" from https://api.turso.test (getaddrinfo");
  });

  test("or that does not respond is named with the server", async () => {
    const proxy = await startProxy("");
    const { error } = await listIn({ ...TRUST, HTTPS_PROXY: proxy.url }, API, { timeout: 1 });
    expect(error?.message).toContain(
      ` from ${API} through the proxy http://127.0.0.1:${proxy.port} (HTTPS_PROXY) (`,
    );
  });

  test.each([
    ["cannot be reached", `http://me:${PASSWORD}@127.0.0.1:1`],
    ["has an invalid URL", `http://me:${PASSWORD}@:port`],
    ["uses another protocol", `gopher://me:${PASSWORD}@127.0.0.1:1`],
  ])("or that %s is named without its password", async (_which, url) => {
    const { error, shown } = await listIn({ ...TRUST, HTTPS_PROXY: url }, API);
    expect(error?.message).toContain("proxy");
    expect(error?.mayHaveBeenApplied).toBe(false);
    expect(findSecret(shown ?? "", PASSWORD)).toBeUndefined();
    expect(findSecret(shown ?? "", TOKEN)).toBeUndefined();
  });
});

test.each([
  ["HTTP_PROXY", "0"],
  ["http_proxy", "0"],
  ["ALL_PROXY", "0"],
  ["HTTP_PROXY", "1"],
])(
  "an http request to this machine does not use the proxy of %s (NODE_USE_ENV_PROXY=%s)",
  async (variable, NODE_USE_ENV_PROXY) => {
    const { url, seen } = await serve({ body: { groups: [] } });
    const proxy = await startProxy(1);
    expect(await listIn({ NODE_USE_ENV_PROXY, [variable]: proxy.url }, url)).toMatchObject({ groups: [] });
    expect(proxy.seen).toEqual([]);
    expect(seen).toHaveLength(1);
  },
);
