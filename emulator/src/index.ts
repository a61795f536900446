import { createServer } from "node:http";
import { getRequestListener, type Http2Bindings, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import { CONTROL, createControl } from "./control/control.js";
import { openStateFile, pathOf, type StateFile } from "./control/stateFile.js";
import { type Fault, Faults } from "./faults/faults.js";
import { openPort } from "./faults/port.js";
import type { Env, RecordedRequest } from "./http.js";
import { createApp } from "./server.js";
import type { StoreOptions } from "./store/base.js";
import type { Clock } from "./store/clock.js";
import type { EmulatorState } from "./store/state.js";
import { Store } from "./store/store.js";
import { version } from "./version.js";

export { loadText, StateTextError } from "./control/readState.js";
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
export {
  API_TOKEN_SCOPES,
  type ApiToken,
  type ApiTokenLimits,
  type ApiTokenScope,
  type ApiTokenState,
} from "./resources/apiToken.js";
export { API_TOKEN_PERMISSIONS } from "./resources/apiTokenPermissions.js";
export type { Database, DatabaseState } from "./resources/database.js";
export type { Extensions, Group, GroupState, NewGroup } from "./resources/group.js";
export type { Authorization, GroupToken, GroupTokenState, MintOptions } from "./resources/groupToken.js";
export type { Invite } from "./resources/invite.js";
export { DEFAULT_LOCATIONS } from "./resources/location.js";
export type { Member, Role } from "./resources/member.js";
export type { NewUser, User } from "./resources/user.js";
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
  /**
   * File that keeps the state: if it exists, it is loaded instead of `state`. It is written before the response
   * to every request that changes the state, and by `close()`. It holds tokens, so only its owner can read it.
   * @default none; the state is lost when the emulator stops
   */
  stateFile?: string;
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
   * Returns to the option `state`, or to an empty state. Removes recorded requests and faults, sets the clock
   * to real time, and accepts connections again. API tokens, lags and `pagination` stay.
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
 * invalid; {@link StateTextError} if `stateFile` is.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const store = new Store(options);
  if (options.state) store.load(options.state);
  const faults = new Faults(options.seed);
  const requests: RecordedRequest[] = [];
  const server = createServer();
  const port = await openPort(server, options.port ?? 0);
  const url = `http://127.0.0.1:${port.number}`;
  const heal = () => {
    faults.clear();
    port.accept();
  };
  const reset = () => {
    if (options.state) store.load(options.state);
    else store.reset();
    store.clock.reset();
    heal();
    requests.length = 0;
  };
  const { refuse } = port;
  const health = { version, ...(options.stateFile && { stateFile: pathOf(options.stateFile) }) };
  const file = keepState(options, store, url);
  const respond = responder({
    app: createApp({ store, faults, requests, refuse, latency: options.latency ?? 0 }),
    control: createControl({ store, faults, requests, health, refuse, heal, reset }),
    file,
  });
  // Leaves the global Request and Response of the caller's process unchanged.
  server.on("request", getRequestListener(respond, { overrideGlobalObjects: false }));
  await file.catch(async (error: unknown) => {
    await port.close();
    throw error;
  });
  return {
    url,
    port: port.number,
    store,
    clock: store.clock,
    requests,
    fail: (fault) => faults.add(fault),
    refuse,
    heal,
    reset,
    async close() {
      await port.close();
      (await file)?.close();
    },
  };
}

async function keepState(
  { stateFile, state }: EmulatorOptions,
  store: Store,
  url: string,
): Promise<StateFile | undefined> {
  return stateFile === undefined ? undefined : openStateFile(stateFile, { store, url, initial: state });
}

type Parts = { app: Hono<Env>; control: Hono<Env>; file: Promise<StateFile | undefined> };

/** Responds to a request once the state is loaded, and once it is kept. */
function responder({ app, control, file }: Parts) {
  return async (request: Request, env: HttpBindings | Http2Bindings): Promise<Response> => {
    const keeper = await file;
    const isControl = new RegExp(`^${CONTROL}(?![^/?])`).test(env.incoming.url ?? "");
    const response = await (isControl ? control : app).fetch(request, env);
    try {
      if (request.method !== "GET") keeper?.save();
    } catch (error) {
      return Response.json({ error: `failed to keep the state: ${error}` }, { status: 500 });
    }
    return response;
  };
}
