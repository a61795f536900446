import { createHash } from "node:crypto";

/** Which requests fail. */
export type FaultMatch = {
  /** Default: any method. */
  method?: string;
  /** What the path with its query begins with, or an expression that it matches. Default: any path. */
  path?: string | RegExp;
  /** How many requests fail. Default 1; `Infinity` for all. */
  times?: number;
  /**
   * How likely a request that matches fails, from 0 to 1. Default 1. The draw depends on the emulator's seed, on the
   * fault's place among all, and on how often this method and path came before; not on other requests meanwhile.
   */
  probability?: number;
};

/** An answer given instead of the real one. */
export type FaultAnswer = {
  status: number;
  /** A string is sent as it is, anything else as JSON. Default: an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Whether the request is applied nevertheless. Default: it is not. */
  applied?: boolean;
};

/**
 * A connection that breaks: before the request was applied; after, when only the answer is lost; or during the answer,
 * with its head and half of its body sent (of an answer without a body: nothing).
 */
export type FaultDrop = { drop: "before" | "during" | "after" };

/** No answer at all, until the client goes away or the emulator closes: before the request was applied, or after. */
export type FaultHang = { hang: "before" | "after" };

/** The real answer, its head at once and then one byte every so many milliseconds. */
export type FaultDrip = { drip: number };

/** Every connection breaks before the request was applied, and for so many milliseconds new ones are refused. */
export type FaultRefuse = { refuse: number };

export type Fault = FaultMatch & (FaultAnswer | FaultDrop | FaultHang | FaultDrip | FaultRefuse);

/** Bodies that a client must not stumble over. */
export const BODIES = {
  html: "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
  empty: "",
  truncated: '{"group":{"name":"prod","uuid":"0a1b2c3d-0000-4',
  wrongShape: { group: [], groups: {}, databases: "none", locations: 7, jwt: null },
  /** Sound JSON, slightly longer than ten million bytes. */
  tenMegabytes: (): string => JSON.stringify({ padding: "x".repeat(10_000_000) }),
};

/** Failures on demand, in the order they were asked for. */
export class Faults {
  readonly #seed: number;
  #faults: { fault: Fault; left: number }[] = [];
  /** Method and path → how many such requests came so far. */
  readonly #seen = new Map<string, number>();

  constructor(seed = 0) {
    this.#seed = seed;
  }

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** The fault that this request runs into, if any; it counts as used. */
  take(method: string, path: string): Fault | undefined {
    const request = `${method} ${path}`;
    const earlier = this.#seen.get(request) ?? 0;
    this.#seen.set(request, earlier + 1);
    const hit = this.#faults.find(
      ({ fault, left }, index) =>
        left > 0 &&
        matches(fault, method, path) &&
        isDrawn(fault.probability ?? 1, [this.#seed, index, request, earlier]),
    );
    if (hit) hit.left -= 1;
    return hit?.fault;
  }

  /** Forgets the faults, and how often requests came. */
  clear(): void {
    this.#faults = [];
    this.#seen.clear();
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  if (fault.path === undefined) return true;
  // `search`, unlike `test`, does not depend on where a global expression stopped last.
  return typeof fault.path === "string" ? path.startsWith(fault.path) : path.search(fault.path) >= 0;
}

/** A draw that comes out the same for the same `lot`. */
function isDrawn(probability: number, lot: readonly unknown[]): boolean {
  if (probability >= 1) return true;
  return createHash("sha256").update(JSON.stringify(lot)).digest().readUIntBE(0, 6) / 2 ** 48 < probability;
}
