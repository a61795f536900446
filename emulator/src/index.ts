import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Fault, Faults } from "./faults/faults.js";
import { openPort } from "./faults/port.js";
import { createApp, type RecordedRequest } from "./server.js";
import { Store, type StoreOptions } from "./store/store.js";

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
export { type Reason, Refusal } from "./refusal.js";
export type { Account, NewGroup } from "./resources/group.js";
export type { Authorization, GroupToken, MintOptions } from "./resources/groupToken.js";
export { DEFAULT_LOCATIONS } from "./resources/location.js";
export type { Database, Extensions, Group } from "./resources/name.js";
export type { RecordedRequest } from "./server.js";
export type { Lags } from "./store/collection.js";
export { type Pagination, PERSONAL, Store, type StoreOptions } from "./store/store.js";

export type EmulatorOptions = StoreOptions & {
  /** Default 0: one that is free. */
  port?: number;
  /** Milliseconds by which every answer is delayed. Default 0. */
  latency?: number;
  /** What the draws of faults with a probability depend on. Default 0. */
  seed?: number;
};

export type Emulator = {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** What the emulated Turso holds, to look at and to change. */
  readonly store: Store;
  /** Every request so far, in order of arrival. */
  readonly requests: RecordedRequest[];
  /** Lets coming requests fail. */
  fail(fault: Fault): void;
  /** Ends every connection and refuses new ones, for so many milliseconds. */
  refuse(ms: number): void;
  /** Forgets failures and ends a refusal. A request that hangs or drips goes on. */
  heal(): void;
  /** Forgets state, requests and failures, and ends a refusal. The store's lags stay as they are. */
  reset(): void;
  /** Stops at once, ending connections that are open. */
  close(): Promise<void>;
};

/** Starts an emulator on 127.0.0.1. Rejects if the port is in use. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = new Store(options);
  const faults = new Faults(options.seed);
  const requests: RecordedRequest[] = [];
  const server = createServer();
  const port = await openPort(server, options.port ?? 0);
  const app = createApp({ store, faults, requests, refuse: port.refuse, latency: options.latency ?? 0 });
  // The caller's own Request and Response stay what they are.
  server.on("request", getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const heal = () => {
    faults.clear();
    port.accept();
  };
  return {
    url: `http://127.0.0.1:${port.number}`,
    port: port.number,
    store,
    requests,
    fail: (fault) => faults.add(fault),
    refuse: port.refuse,
    heal,
    reset() {
      store.reset();
      heal();
      requests.length = 0;
    },
    close: port.close,
  };
}
