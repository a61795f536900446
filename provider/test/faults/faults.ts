/** The faults of the matrix, as docs/reliability.md names them. */
import { BODIES, type Emulator, type Fault } from "turso-emulator";
import type { ClientOptions } from "../../src/api/index.js";

export interface MatrixFault {
  name: string;
  /** What happens to a request. */
  fault?: () => Parameters<Emulator["fail"]>[0];
  /** What the API shows late, until the fault is over. */
  lag?: (emulator: Emulator, milliseconds: number) => void;
  /** Whether the group of a read is deleted before. */
  deletesBeforeRead?: true;
  /** Options of the client that keep the test short; `once`: whether the fault happens once, or always. */
  options?: (once: boolean) => Partial<ClientOptions>;
}

const response = (
  name: string,
  fault: Fault | (() => Fault),
  options?: MatrixFault["options"],
): MatrixFault => ({
  name,
  fault: typeof fault === "function" ? fault : () => ({ ...fault }),
  ...(options && { options }),
});

/** A client that does not wait long for a response. */
const hasty = () => ({ timeout: 0.3 });

/** A 429 is retried for as long as the budget lasts, and no pause is longer than half of it. */
const withBudget = (once: boolean) => ({ budget: once ? 4 : 1 });

const inASecond = () => new Date(Date.now() + 1_000).toUTCString();

export const FAULTS: MatrixFault[] = [
  response("400", { status: 400, body: { error: "bad request" } }),
  response("401", { status: 401, body: { error: "not authenticated: invalid token" } }),
  response("402", { status: 402, body: { error: "upgrade your plan" } }),
  response("403", { status: 403, body: { error: "forbidden" } }),
  response("404 from another server (HTML)", { status: 404, body: BODIES.html }),
  response("408", { status: 408 }),
  response("408, request applied", { status: 408, applied: true }),
  response("429", { status: 429, body: { error: "too many requests" } }, withBudget),
  response("429, Retry-After in seconds", { status: 429, headers: { "retry-after": "0.05" } }, withBudget),
  response(
    "429, Retry-After as a date",
    () => ({ status: 429, headers: { "retry-after": inASecond() } }),
    withBudget,
  ),
  response("429, Retry-After of a year", { status: 429, headers: { "retry-after": "31536000" } }, withBudget),
  response("500", { status: 500, body: { error: "internal error" } }),
  response("502 (HTML)", { status: 502, body: BODIES.html }),
  response("502, request applied", { status: 502, body: BODIES.html, applied: true }),
  response("503", { status: 503, body: "" }),
  response("504, request applied", { status: 504, body: { error: "timeout" }, applied: true }),
  response("200 from another server (HTML)", { status: 200, body: BODIES.html }),
  response("200 with HTML, request applied", { status: 200, body: BODIES.html, applied: true }),
  response("200 with an empty body, request applied", { status: 200, body: BODIES.empty, applied: true }),
  response("200 with truncated JSON, request applied", {
    status: 200,
    body: BODIES.truncated,
    applied: true,
  }),
  response("200 with unexpected JSON, request applied", {
    status: 200,
    body: BODIES.wrongShape,
    applied: true,
  }),
  response("200 with 10 MB, request applied", () => ({
    status: 200,
    body: BODIES.tenMegabytes(),
    applied: true,
  })),
  response("connection refused", { refuse: 5 }),
  response("connection reset, request not applied", { drop: "before" }),
  response("connection reset during the response", { drop: "during" }),
  response("connection reset, request applied", { drop: "after" }),
  response("no response, request not applied", { hang: "before" }, hasty),
  response("no response, request applied", { hang: "after" }, hasty),
  response("very slow response", { drip: 30 }, hasty),
  {
    name: "stale lists",
    lag: (emulator) => {
      emulator.store.listLag = 60_000;
    },
  },
  {
    name: "new groups visible late",
    lag: (emulator, milliseconds) => {
      emulator.store.createLag = milliseconds;
    },
  },
  {
    name: "deleted groups still visible",
    deletesBeforeRead: true,
    lag: (emulator, milliseconds) => {
      emulator.store.deleteLag = milliseconds;
      emulator.store.lag = milliseconds;
    },
  },
];
