/**
 * What tests of https need: a server whose certificate is not trusted by default, and a process that can
 * trust it.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Server as NetServer } from "node:net";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The certificate for 127.0.0.1, localhost and api.turso.test. */
export const CERTIFICATE = fileURLToPath(
  new URL("../../provider/test/fixtures/certificate.pem", import.meta.url),
);
const KEY = fileURLToPath(new URL("../../provider/test/fixtures/key.pem", import.meta.url));

/** A token that looks different in every encoding. */
export const TOKEN = 'tok+en/with=%chars~?>"that-change\\when&encoded';

/** The variables that make a process trust the server of `serveHttps`. */
export const TRUST = { NODE_EXTRA_CA_CERTS: CERTIFICATE };

/**
 * Starts an https server without groups, until the test is over. `tokens` are the tokens that it received.
 */
export async function serveHttps(): Promise<{
  port: number;
  tokens: string[];
  headers: string[];
  connections: () => number;
}> {
  const tokens: string[] = [];
  const headers: string[] = [];
  const server: Server = createServer(
    { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) },
    (request, response) => {
      tokens.push(request.headers.authorization ?? "");
      headers.push(...Object.keys(request.headers));
      response.end('{"groups":[]}');
    },
  );
  server.on("tlsClientError", () => {});
  let connections = 0;
  server.on("secureConnection", () => {
    connections += 1;
  });
  return { port: await open(server), tokens, headers, connections: () => connections };
}

/** Opens a server on a free port, until the test is over, and returns the port. */
export async function open(server: NetServer): Promise<number> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface Outcome {
  groups?: unknown[];
  /** Everything visible of the error. */
  shown?: string;
  error?: { name: string; message: string; code?: string; status?: number; mayHaveBeenApplied: boolean };
  /** The peak memory of the process, in MB. */
  memory: number;
  stderr: string;
}

/** Lists the groups of acme `calls` times in a separate process, which has only these variables. */
export async function listIn(
  env: Record<string, string>,
  baseUrl: string,
  { timeout = 20, calls = 1 }: { timeout?: number; calls?: number } = {},
): Promise<Outcome> {
  const script = `
    import { createRequire } from "node:module";
    import { shownOf } from ${JSON.stringify(new URL("secrets.ts", import.meta.url))};
    const { createClient } = createRequire(${JSON.stringify(import.meta.url)})("../../provider/dist/api/index.js");
    const options = { token: process.env.TEST_TOKEN, baseUrl: process.env.TEST_URL, timeout: ${timeout}, maxRetries: 0 };
    const { groups } = createClient(options);
    const list = async () => {
      for (let call = 1; call < ${calls}; call++) await groups.list("acme");
      return groups.list("acme");
    };
    const outcome = await list().then(
      (groups) => ({ groups }),
      (error) => {
        const { name, message, code, status, mayHaveBeenApplied } = error;
        return { shown: shownOf(error), error: { name, message, code, status, mayHaveBeenApplied } };
      },
    );
    console.log(JSON.stringify({ ...outcome, memory: process.resourceUsage().maxRSS / 1024 }));
  `;
  const variables = { PATH: process.env.PATH, TEST_TOKEN: TOKEN, TEST_URL: baseUrl, ...env };
  return new Promise((resolve, reject) => {
    const args = ["--input-type=module", "--eval", script];
    execFile(process.execPath, args, { env: variables }, (error, stdout, stderr) => {
      if (stdout === "") reject(new Error(`The process printed nothing. ${stderr}`, { cause: error }));
      else resolve({ ...(JSON.parse(stdout) as Outcome), stderr });
    });
  });
}
