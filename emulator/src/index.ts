import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createApp, type RecordedRequest } from "./app.js";
import { type Fault, Faults } from "./faults.js";
import { Store, type StoreOptions } from "./store.js";

export type { Account, NewGroup } from "./account.js";
export type { RecordedRequest } from "./app.js";
export type { Fault, FaultAnswer, FaultDrop, FaultMatch } from "./faults.js";
export { DEFAULT_LOCATIONS } from "./locations.js";
export { type Reason, Refusal } from "./refusal.js";
export type { Database, Extensions, Group } from "./resources.js";
export { PERSONAL, Store, type StoreOptions } from "./store.js";
export type { Authorization, GroupToken, MintOptions } from "./tokens.js";

export type EmulatorOptions = StoreOptions & {
  /** Default 0: one that is free. */
  port?: number;
  /** Milliseconds by which every answer is delayed. Default 0. */
  latency?: number;
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
  /** Forgets state, requests and failures. */
  reset(): void;
  /** Stops at once, ending connections that are open. */
  close(): Promise<void>;
};

/** Starts an emulator on 127.0.0.1. Rejects if the port is in use. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = new Store(options);
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const app = createApp({ store, faults, requests, latency: options.latency ?? 0 });
  // The caller's own Request and Response stay what they are.
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the emulator has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    store,
    requests,
    fail: (fault) => faults.add(fault),
    reset() {
      store.reset();
      faults.clear();
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
