import { connect } from "node:net";
import { onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../src/index.ts";

export type Received = { status: number; body: unknown; text: string; type: string | null };

export type Started = Emulator & {
  /** Sends a request with a token. A body that is a string is sent as it is, any other body as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Received>;
};

/** Starts an emulator that is closed at the end of the test. */
export async function start(options: EmulatorOptions = {}): Promise<Started> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return {
    ...emulator,
    async call(method, path, body, headers = {}) {
      const response = await fetch(emulator.url + path, {
        method,
        headers: { authorization: "Bearer TOKEN", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const type = response.headers.get("content-type");
      return { status: response.status, body: text === "" ? undefined : parse(text), text, type };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Sends a request line exactly as given, which `fetch` would normalize, and returns the status of the
 * response.
 */
export function sendRaw(
  port: number,
  line: string,
  host: string | null = "localhost",
  headers: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    let response = "";
    const socket = connect(port, "127.0.0.1", () => {
      const hostHeader = host === null ? "" : `Host: ${host}\r\n`;
      const others = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `${line} HTTP/1.1\r\n${hostHeader}Authorization: Bearer x\r\n${others.join("")}Connection: close\r\n\r\n`,
      );
    });
    socket.on("data", (data) => {
      response += data.toString();
    });
    socket.on("close", () => resolve(Number(response.split(" ")[1])));
    socket.on("error", reject);
  });
}

/** An account of each kind, with the path below which its groups and databases are. */
export const ACCOUNTS = [
  { account: "personal account", root: "/v1", organization: undefined },
  { account: "organization", root: "/v1/organizations/some_org", organization: "some_org" },
] as const;
