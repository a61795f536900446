/** The faults of the matrix, as docs/reliability.md names them. */
import { BODIES, type Emulator, type Fault } from "turso-emulator";

export interface MatrixFault {
  name: string;
  /** What happens to a request. */
  fault?: () => Parameters<Emulator["fail"]>[0];
  /** What happens to what is shown, until it is taken back. */
  lag?: (emulator: Emulator, milliseconds: number) => void;
}

const answer = (name: string, fault: Fault | (() => Fault)): MatrixFault => ({
  name,
  fault: typeof fault === "function" ? fault : () => ({ ...fault }),
});

export const SHOWN_ON = "deleted groups that are shown on";

const inASecond = () => new Date(Date.now() + 1_000).toUTCString();

export const FAULTS: MatrixFault[] = [
  answer("400", { status: 400, body: { error: "bad request" } }),
  answer("401", { status: 401, body: { error: "not authenticated: invalid token" } }),
  answer("402", { status: 402, body: { error: "upgrade your plan" } }),
  answer("403", { status: 403, body: { error: "forbidden" } }),
  answer("404 of another server (HTML)", { status: 404, body: BODIES.html }),
  answer("408", { status: 408 }),
  answer("408 after it was applied", { status: 408, applied: true }),
  answer("429", { status: 429, body: { error: "too many requests" } }),
  answer("429, Retry-After in seconds", { status: 429, headers: { "retry-after": "0.05" } }),
  answer("429, Retry-After as a date", () => ({ status: 429, headers: { "retry-after": inASecond() } })),
  answer("429, Retry-After absurd", { status: 429, headers: { "retry-after": "31536000" } }),
  answer("500", { status: 500, body: { error: "internal error" } }),
  answer("502 (HTML)", { status: 502, body: BODIES.html }),
  answer("502 after it was applied", { status: 502, body: BODIES.html, applied: true }),
  answer("503", { status: 503, body: "" }),
  answer("504 after it was applied", { status: 504, body: { error: "timeout" }, applied: true }),
  answer("200 of another server (HTML)", { status: 200, body: BODIES.html }),
  answer("200 that is HTML, applied", { status: 200, body: BODIES.html, applied: true }),
  answer("200 that is empty, applied", { status: 200, body: BODIES.empty, applied: true }),
  answer("200 with half of the JSON, applied", { status: 200, body: BODIES.truncated, applied: true }),
  answer("200 of the wrong shape, applied", { status: 200, body: BODIES.wrongShape, applied: true }),
  answer("200 of 10 MB, applied", () => ({ status: 200, body: BODIES.tenMegabytes(), applied: true })),
  answer("connection refused", { refuse: 5 }),
  answer("reset before it was applied", { drop: "before" }),
  answer("reset during the answer", { drop: "during" }),
  answer("reset after it was applied", { drop: "after" }),
  answer("no answer, not applied", { hang: "before" }),
  answer("no answer, applied", { hang: "after" }),
  answer("an answer that drips", { drip: 30 }),
  {
    name: "lists that are old",
    lag: (emulator) => {
      emulator.store.listLag = 60_000;
    },
  },
  {
    name: "new groups that are shown late",
    lag: (emulator, milliseconds) => {
      emulator.store.createLag = milliseconds;
    },
  },
  {
    name: SHOWN_ON,
    lag: (emulator, milliseconds) => {
      emulator.store.deleteLag = milliseconds;
      emulator.store.lag = milliseconds;
    },
  },
];
