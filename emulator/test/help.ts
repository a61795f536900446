import { onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../src/index.ts";

export type Answer = { status: number; body: unknown; text: string; type: string | null };

export type Started = Emulator & {
  /** Sends a request with some token. A string is sent as it is, anything else as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
};

/** An emulator of the test's own, closed when the test is over. */
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

/** The path of a form: the user's, or that of the organization `some_org`. */
export const FORMS = [
  { form: "user", root: "/v1", organization: undefined },
  { form: "organization", root: "/v1/organizations/some_org", organization: "some_org" },
] as const;
