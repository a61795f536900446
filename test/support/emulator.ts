import { type Emulator, type EmulatorOptions, startEmulator } from "turso-emulator";
import { onTestFinished } from "vitest";

/** The token that the emulator of a test accepts. */
export const TOKEN = "eyJ-the-api-token-0123456789";

/** Starts an emulator for one test; it closes after the test. */
export async function emulate(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator({ token: TOKEN, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

/** The requests so far, e.g. `["POST /v1/groups"]`. */
export function requestsOf(emulator: Emulator): string[] {
  return emulator.requests.map(({ method, path }) => `${method} ${path}`);
}
