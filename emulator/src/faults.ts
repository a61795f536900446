/** Which requests fail. */
export type FaultMatch = {
  /** Default: any method. */
  method?: string;
  /** What the path with its query begins with, or an expression that it matches. Default: any path. */
  path?: string | RegExp;
  /** How many requests fail. Default 1; `Infinity` for all. */
  times?: number;
};

/** An answer given instead of the real one; the request is not applied. */
export type FaultAnswer = {
  status: number;
  /** A string is sent as it is, anything else as JSON. Default: an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
};

/** A connection that breaks before the request was applied, or after, when only the answer is lost. */
export type FaultDrop = { drop: "before" | "after" };

export type Fault = FaultMatch & (FaultAnswer | FaultDrop);

/** Failures on demand, in the order they were asked for. */
export class Faults {
  #faults: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** The fault that this request runs into, if any; it counts as used. */
  take(method: string, path: string): Fault | undefined {
    const hit = this.#faults.find(({ fault, left }) => left > 0 && matches(fault, method, path));
    if (hit) hit.left -= 1;
    return hit?.fault;
  }

  clear(): void {
    this.#faults = [];
  }
}

function matches(fault: Fault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  if (fault.path === undefined) return true;
  // `search`, unlike `test`, does not depend on where a global expression stopped last.
  return typeof fault.path === "string" ? path.startsWith(fault.path) : path.search(fault.path) >= 0;
}

export function faultResponse({ status, body, headers }: FaultAnswer): Response {
  if (body === undefined) return new Response(null, { status, headers: headers ?? {} });
  return typeof body === "string"
    ? new Response(body, { status, headers: headers ?? {} })
    : Response.json(body, { status, headers: headers ?? {} });
}
