import { TOKEN } from "../../test/support/emulator.ts";
import { type ClientOptions, createClient } from "../src/api/index.js";
import { Directory } from "../src/directory.js";
import type { Context } from "../src/lifecycle.js";

/** A context like a host's, of a process of its own, which makes no request twice unless `options` say so; what the lifecycle warns of is in `warnings`. */
export function contextFor(
  url: string,
  organization?: string,
  more: Partial<Context> = {},
  options: Partial<ClientOptions> = {},
): Context & { warnings: string[]; url: string } {
  const warnings: string[] = [];
  const api = createClient({ token: TOKEN, baseUrl: url, maxRetries: 0, pause: 1, ...options });
  const warn = (message: string) => warnings.push(message);
  return { api, directory: new Directory(api), organization, warn, warnings, url, ...more };
}
