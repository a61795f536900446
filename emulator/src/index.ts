import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Fault, Faults } from "./faults/faults.js";
import { openPort } from "./faults/port.js";
import type { RecordedRequest } from "./http.js";
import { createApp } from "./server.js";
import type { StoreOptions } from "./store/base.js";
import type { Clock } from "./store/clock.js";
import type { EmulatorState } from "./store/state.js";
import { Store } from "./store/store.js";

export {
  BODIES,
  type Fault,
  type FaultAnswer,
  type FaultDrip,
  type FaultDrop,
  type FaultHang,
  type FaultMatch,
  type FaultRefuse,
} from "./faults/faults.js";
export type { RecordedRequest } from "./http.js";
export { createEmulator, type InProcessEmulator } from "./inProcess.js";
export { type Reason, Refusal } from "./refusal.js";
export type { Database, DatabaseState } from "./resources/database.js";
export type { Extensions, Group, GroupState, NewGroup } from "./resources/group.js";
export type { Authorization, GroupToken, GroupTokenState, MintOptions } from "./resources/groupToken.js";
export { DEFAULT_LOCATIONS } from "./resources/location.js";
export { type Pagination, PERSONAL, type StoreOptions } from "./store/base.js";
export type { Clock, Duration, Time } from "./store/clock.js";
export type { Lags } from "./store/collection.js";
export { PLANS, type Plan } from "./store/plan.js";
export {
  type AccountState,
  type EmulatorState,
  pathText,
  StateError,
  type StateProblem,
  stateSchema,
} from "./store/state.js";
export { type Account, Store } from "./store/store.js";

export type EmulatorOptions = StoreOptions & {
  /**
   * Port on 127.0.0.1. 0 picks a free port.
   * @default 0
   */
  port?: number;
  /**
   * Delay of every response in milliseconds.
   * @default 0
   */
  latency?: number;
  /**
   * Seed of the random numbers for faults with a `probability`.
   * @default 0
   */
  seed?: number;
  /**
   * Organizations, groups, databases and so on that exist from the start.
   * @default none
   */
  state?: EmulatorState;
};

/** A running emulator. */
export type Emulator = {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** State of the emulated Turso. It can be read and changed at any time. */
  readonly store: Store;
  /** The clock that expiry and lags follow. Real time, until it is set. */
  readonly clock: Clock;
  /** Every request since the start or the last `reset()`, in order of arrival. */
  readonly requests: RecordedRequest[];
  /** Makes later requests fail. Faults apply in the order in which they are added. */
  fail(fault: Fault): void;
  /** Closes every connection and refuses new ones for this many milliseconds. */
  refuse(ms: number): void;
  /**
   * Removes all faults and accepts connections again. A response that already hangs or drips continues to.
   */
  heal(): void;
  /**
   * Removes all state, recorded requests and faults, sets the clock to real time, and accepts connections
   * again. API tokens, lags and `pagination` stay.
   */
  reset(): void;
  /** Stops at once and closes open connections. */
  close(): Promise<void>;
};

/**
 * Starts an emulator on 127.0.0.1.
 *
 * ```ts
 * const emulator = await startEmulator({ organizations: ["acme"] });
 * ```
 * @throws A Node.js error with the code `EADDRINUSE` if the port is in use; {@link StateError} if `state` is
 * invalid.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = new Store(options);
  if (options.state) store.load(options.state);
  const faults = new Faults(options.seed);
  const requests: RecordedRequest[] = [];
  const server = createServer();
  const port = await openPort(server, options.port ?? 0);
  const app = createApp({ store, faults, requests, refuse: port.refuse, latency: options.latency ?? 0 });
  // Leaves the global Request and Response of the caller's process unchanged.
  server.on("request", getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const heal = () => {
    faults.clear();
    port.accept();
  };
  return {
    url: `http://127.0.0.1:${port.number}`,
    port: port.number,
    store,
    clock: store.clock,
    requests,
    fail: (fault) => faults.add(fault),
    refuse: port.refuse,
    heal,
    reset() {
      store.reset();
      store.clock.reset();
      heal();
      requests.length = 0;
    },
    close: port.close,
  };
}
