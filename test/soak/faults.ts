/** Faults of the API during an operation. */
import { BODIES, type Emulator, type Fault, type RecordedRequest } from "turso-emulator";
import type { Random } from "./random.ts";

/** The request timeout of the provider, in seconds. */
export const TIMEOUT = 1.2;

const LAGS = ["lag", "createLag", "deleteLag", "listLag"] as const;

/** The kinds of faults. A 200 for a write that was not applied is none: no client can detect it. */
const kinds: Record<string, (random: Random, isWrite: boolean) => Fault> = {
  unavailable: (random) => ({ status: pick(random, [500, 502, 503, 504]), body: body(random) }),
  failedAfter: (random) => ({ status: pick(random, [500, 502, 504]), body: body(random), applied: true }),
  tooMany: (random) => ({
    status: 429,
    headers: { "retry-after": pick(random, ["0", "1"]) },
    body: { error: "slow down" },
  }),
  refused: (random) => ({ status: pick(random, [400, 401, 403]), body: { error: "not now" } }),
  conflict: () => ({
    method: "POST",
    path: /\/groups$/,
    status: 409,
    body: { error: "group already exists" },
  }),
  garbage: (random, isWrite) => ({
    status: 200,
    body: pick(random, [BODIES.html, BODIES.empty, BODIES.truncated, BODIES.wrongShape]),
    applied: isWrite,
  }),
  dropBefore: () => ({ drop: "before" }),
  dropDuring: () => ({ drop: "during" }),
  dropAfter: () => ({ drop: "after" }),
  hangBefore: () => ({ hang: "before" }),
  hangAfter: () => ({ hang: "after" }),
  drip: (random) => ({ drip: random.int(1, 6) }),
  refuse: (random) => ({ refuse: random.int(100, 800) }),
};

/** The requests that a fault hits. */
const targets = [
  { method: "POST", path: /\/groups$/ },
  { method: "POST", path: /\/groups$/ },
  { method: "POST", path: /\/locations\// },
  { method: "POST", path: /\/tokens/ },
  { method: "DELETE" },
  { method: "DELETE" },
  { method: "PATCH" },
  { method: "GET", path: /\/groups$/ },
  { method: "GET", path: /\/groups\// },
  { method: "GET", path: /\/databases/ },
  { method: "GET" },
  { path: /\/groups\// },
  {},
];

/** Kinds that make the client wait each time. */
const SLOW = ["hangBefore", "hangAfter", "conflict", "tooMany", "refuse"];

/** Kinds that the recorded requests do not show. */
const SILENT = ["garbage", "drip", "lag", "Lag"];

/** Whether an armed fault may have hit without a trace in the requests. */
export function maySilentlyHit(armed: readonly string[]): boolean {
  return armed.some((line) => SILENT.some((kind) => line.split(" ")[0]?.endsWith(kind)));
}

/** Arms a few random faults, and returns their descriptions. */
export function arm(emulator: Emulator, random: Random): string[] {
  const done: string[] = [];
  for (let i = random.int(1, 3); i > 0; i--) {
    if (random.chance(0.15)) {
      const lag = pick(random, LAGS);
      emulator.store[lag] = random.int(100, lag === "lag" ? 1500 : 700);
      done.push(`${lag} ${emulator.store[lag]}`);
      continue;
    }
    const kind = pick(random, Object.keys(kinds));
    const target = pick(random, targets);
    const often = random.chance(0.3) && !SLOW.includes(kind);
    const fault = {
      ...target,
      times: often ? random.int(4, 20) : random.int(1, SLOW.includes(kind) ? 2 : 3),
      ...(random.chance(0.4) && { probability: 0.2 + 0.6 * random.next() }),
      ...kinds[kind]?.(random, target.method !== "GET"),
    } as Fault;
    emulator.fail(fault);
    done.push(`${kind} ${text(fault)}`);
  }
  return done;
}

/** Removes all faults; resolves when no lag is left. */
export async function heal(emulator: Emulator): Promise<void> {
  emulator.heal();
  const { store } = emulator;
  const late = Math.max(...LAGS.map((lag) => store[lag]));
  for (const lag of LAGS) store[lag] = 0;
  if (late > 0) await new Promise((resolve) => setTimeout(resolve, late));
}

/** The faults that requests hit, by result. */
export function kindsHit(requests: readonly RecordedRequest[]): string[] {
  return requests.flatMap(({ status, applied }) => {
    if (status === 0) return applied ? "no response, applied" : "no response, not applied";
    if (status >= 500) return applied ? "5xx, applied" : "5xx";
    // An error of the emulator itself counts as applied.
    if (status === 429 || (status >= 400 && !applied)) return String(status);
    return [];
  });
}

function body(random: Random): unknown {
  return pick(random, [BODIES.html, BODIES.empty, BODIES.truncated, { error: "oops" }]);
}

function pick<T>(random: Random, items: readonly T[]): T {
  return random.pick(items) as T;
}

function text(fault: object): string {
  return JSON.stringify(fault, (_key, value: unknown) =>
    value instanceof RegExp ? String(value) : typeof value === "string" ? value.slice(0, 20) : value,
  );
}
