import { TOKEN } from "../../test/support/emulator.ts";
import { type ClientOptions, createClient } from "../src/api/index.js";
import { collectionsOf } from "../src/lifecycle/collection.js";
import type { Context } from "../src/lifecycle/lifecycle.js";
import { Ownership } from "../src/lifecycle/ownership.js";
import type { ResourcePlace } from "../src/lifecycle/urn.js";

/**
 * A context like a host's, of a process of its own, which makes no request twice unless `options` say so;
 * what the lifecycle warns of is in `warnings`.
 */
export function contextFor(
  url: string,
  organization?: string,
  more: Partial<Context> = {},
  options: Partial<ClientOptions> = {},
): Context & { warnings: string[]; url: string } {
  const warnings: string[] = [];
  const api = createClient({ token: TOKEN, baseUrl: url, maxRetries: 0, pause: 1, ...options });
  const warn = (message: string) => warnings.push(message);
  const [collection, ownership] = [collectionsOf(api), new Ownership()];
  return { api, collection, ownership, organization, warn, warnings, url, ...more };
}

/** The same process in a run in which nothing is held. */
export function nextRun<C extends Context>(context: C): C {
  return { ...context, ownership: new Ownership() };
}

/** A resource of the project shop at the top level of a program. */
export function placeOf(name: string, type = "Group"): ResourcePlace {
  const urn = `urn:pulumi:dev::shop::turso:index:${type}::${name}`;
  return { urn, project: "shop", stack: "dev", name };
}
