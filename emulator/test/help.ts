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

/** An account of each kind, with the path below which its groups and databases are. */
export const ACCOUNTS = [
  { account: "personal account", root: "/v1", organization: undefined },
  { account: "organization", root: "/v1/organizations/some_org", organization: "some_org" },
] as const;
