import { TOKEN } from "../../test/support/emulator.ts";
import { createClient } from "../src/api/index.js";
import { Directory } from "../src/directory.js";
import type { Context } from "../src/lifecycle.js";

/** A context like a host's, of a process of its own; what the lifecycle warns of is in `warnings`. */
export function contextFor(
  url: string,
  organization?: string,
  more: Partial<Context> = {},
): Context & { warnings: string[]; url: string } {
  const warnings: string[] = [];
  const api = createClient({ token: TOKEN, baseUrl: url });
  const warn = (message: string) => warnings.push(message);
  return { api, directory: new Directory(api), organization, warn, warnings, url, ...more };
}
