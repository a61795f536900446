import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Fault, Faults } from "./faults/faults.js";
import type { RecordedRequest } from "./http.js";
import { createApp } from "./server.js";
import type { StoreOptions } from "./store/base.js";
import { Store } from "./store/store.js";

/** An emulator without a port, for tests that send it requests in their own process. */
export type InProcessEmulator = {
  /** State of the emulated Turso. It can be read and changed at any time. */
  readonly store: Store;
  /** Every request since the creation or the last `reset()`, in order of arrival. */
  readonly requests: RecordedRequest[];
  /**
   * Handles a request to a loopback URL, such as `http://localhost/v1/groups`.
   * @throws An error with the `code` of the connection error that a fault causes: `ECONNRESET`,
   * `ECONNREFUSED`, or `ETIMEDOUT` at once if there would never be a response.
   */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Makes later requests fail. Faults apply in the order in which they are added. */
  fail(fault: Fault): void;
  /** Removes all faults. */
  heal(): void;
  /** Removes all state, recorded requests and faults. API tokens, lags and `pagination` stay. */
  reset(): void;
};

/** Creates an emulator that opens no port. */
export function createEmulator(options: StoreOptions = {}): InProcessEmulator {
  const store = new Store(options);
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  let refusedUntil = 0;
  const refuse = (ms: number) => {
    refusedUntil = Date.now() + ms;
  };
  const app = createApp({ store, faults, requests, refuse, latency: 0 });
  const heal = () => {
    faults.clear();
    refusedUntil = 0;
  };
  return {
    store,
    requests,
    async fetch(url, init) {
      if (Date.now() < refusedUntil) throw connectionError("ECONNREFUSED", "connect ECONNREFUSED");
      const { host, origin } = new URL(url);
      const connection = bindings(url.slice(origin.length));
      const request = new Request(url, init);
      request.headers.set("host", host);
      const response = await app.fetch(request, connection);
      if (connection.incoming.socket.destroyed || Date.now() < refusedUntil)
        throw connectionError("ECONNRESET", "socket hang up");
      if (response === RESPONSE_ALREADY_SENT) throw connectionError("ETIMEDOUT", "no response");
      return response;
    },
    fail: (fault) => faults.add(fault),
    heal,
    reset() {
      store.reset();
      heal();
      requests.length = 0;
    },
  };
}

/** What the app uses of a Node.js connection. Whatever is written to it is lost. */
function bindings(url: string) {
  const socket = {
    destroyed: false,
    destroy() {
      socket.destroyed = true;
    },
  };
  const outgoing = {
    destroyed: false,
    writeHead() {},
    write: (_: unknown, written: () => void) => written(),
  };
  return { incoming: { url, socket }, outgoing };
}

function connectionError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
