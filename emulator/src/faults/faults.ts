import { createHash } from "node:crypto";

/** Which requests fail. */
export type FaultMatch = {
  /**
   * HTTP method, in any case.
   * @default any method
   */
  method?: string;
  /**
   * How the path (with its query) begins, or a regular expression that it matches.
   * @default any path
   */
  path?: string | RegExp;
  /**
   * How many matching requests fail. `Infinity`: all of them.
   * @default 1
   */
  times?: number;
  /**
   * Probability, from 0 to 1, that a matching request fails. It is decided by the emulator's `seed`, the
   * position of the fault among all faults, and the number of earlier requests with the same method and path.
   * Other requests do not change it, so a run can be repeated.
   * @default 1
   */
  probability?: number;
};

/** A response that replaces the real one. */
export type FaultAnswer = {
  /** HTTP status. */
  status: number;
  /**
   * A string is sent as it is, any other value as JSON.
   * @default an empty body
   */
  body?: unknown;
  headers?: Record<string, string>;
  /**
   * Whether the request is applied before this response is sent.
   * @default false
   */
  applied?: boolean;
};

/**
 * The connection breaks: `before` the request is applied, `after` it (only the response is lost), or `during`
 * the response, after its head and half of its body. A response without a body is lost entirely.
 */
export type FaultDrop = { drop: "before" | "during" | "after" };

/**
 * No response until the client disconnects or the emulator closes. The request is not applied (`before`) or
 * it is (`after`).
 */
export type FaultHang = { hang: "before" | "after" };

/** The real response, with its head at once and then one byte of its body every `drip` milliseconds. */
export type FaultDrip = { drip: number };

/** Closes every connection before the request is applied, and refuses new ones for `refuse` milliseconds. */
export type FaultRefuse = { refuse: number };

/** How requests fail, and which. */
export type Fault = FaultMatch & (FaultAnswer | FaultDrop | FaultHang | FaultDrip | FaultRefuse);

/** Response bodies that a client must be able to handle. */
export const BODIES = {
  /** The error page of a proxy. */
  html: "<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
  empty: "",
  /** JSON that ends in the middle. */
  truncated: '{"group":{"name":"prod","uuid":"0a1b2c3d-0000-4',
  /** JSON with the right keys and the wrong types. */
  wrongShape: { group: [], groups: {}, databases: "none", locations: 7, jwt: null },
  /** Valid JSON of slightly more than ten million bytes. */
  tenMegabytes: (): string => JSON.stringify({ padding: "x".repeat(10_000_000) }),
};

/** The faults of an emulator, in the order in which they were added. */
export class Faults {
  readonly #seed: number;
  #faults: { fault: Fault; left: number }[] = [];
  /** Method and path → number of such requests so far. */
  readonly #requests = new Map<string, number>();

  constructor(seed = 0) {
    this.#seed = seed;
  }

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** The faults in the order in which they were added, with the number of requests that are left to fail. */
  list(): readonly { readonly fault: Fault; readonly left: number }[] {
    return this.#faults;
  }

  /** The first fault that applies to this request. Counts towards its `times`. */
  take(method: string, path: string): Fault | undefined {
    const request = `${method} ${path}`;
    const earlier = this.#requests.get(request) ?? 0;
    this.#requests.set(request, earlier + 1);
    const hit = this.#faults.find(
      ({ fault, left }, index) =>
        left > 0 &&
        matches(fault, method, path) &&
        isDrawn(fault.probability ?? 1, [this.#seed, index, request, earlier]),
    );
    if (hit) hit.left -= 1;
    return hit?.fault;
  }

  /** Removes all faults and starts counting requests from 0 again. */
  clear(): void {
    this.#faults = [];
    this.#requests.clear();
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  if (fault.path === undefined) return true;
  // `test` would continue where the last match of a global expression ended. `search` starts at the
  // beginning.
  return typeof fault.path === "string" ? path.startsWith(fault.path) : path.search(fault.path) >= 0;
}

/** A random decision that is always the same for the same `key`. */
function isDrawn(probability: number, key: readonly unknown[]): boolean {
  if (probability >= 1) return true;
  return createHash("sha256").update(JSON.stringify(key)).digest().readUIntBE(0, 6) / 2 ** 48 < probability;
}
