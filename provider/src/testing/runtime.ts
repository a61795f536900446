/** Runs a program against a monitor of our own, in a store of its own of Pulumi's SDK. */
import * as pulumi from "@pulumi/pulumi";
import { LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import * as state from "@pulumi/pulumi/runtime/state.js";
import { messageOf } from "../lifecycle/errors.js";

// As they are before a test replaces them by fake timers.
const { setImmediate, setTimeout, clearTimeout } = globalThis;

/** Pulumi's organization, as in backends that have none. */
const ORGANIZATION = "organization";

/** What the SDK asks of the engine: the methods of its monitor that differ from those of `setMocks`. */
export interface Monitor {
  registerResource: unknown;
  readResource: unknown;
  registerResourceOutputs: unknown;
  registerStackTransform: unknown;
  registerStackInvokeTransform: unknown;
  registerResourceHook: unknown;
  registerErrorHook: unknown;
  invoke: unknown;
}

export interface RuntimeOptions {
  project: string;
  stack: string;
  preview: boolean;
  /** The stack's configuration with full keys, and which of them are secret. */
  config: Record<string, string>;
  secretKeys: string[];
  /** Milliseconds without progress after which the program counts as stuck. */
  timeout: number;
  monitor: Monitor;
  /** Called with the monitor before the program runs. */
  onStart(monitor: object): void;
  warn(message: string): void;
}

/** The parts of the SDK's store that are used here, none of which is in its types. */
interface Store {
  settings: { engine?: unknown };
  pendingResourceRegistrations?: Map<object, { name?: string }>;
  leakCandidates: Set<Promise<unknown>>;
}

/**
 * Runs a program to its end, and everything that it starts in `apply`. Fails with the program's error. The
 * store is this run's alone, so that other programs and mocks of the process neither see nor change it.
 */
export async function runProgram<T>(program: () => T | Promise<T>, options: RuntimeOptions): Promise<T> {
  const { stackResource } = globalThis;
  try {
    return await withStore(async (store) => {
      const errors = new Set<unknown>();
      const release = catchRejections((error) => errors.add(error));
      try {
        const progress = await start(store, options, errors);
        const ended = run(program, { store, errors, onEnd: () => progress.begin() });
        return await Promise.race([ended, progress.stalled(store)]);
      } finally {
        release();
      }
    });
  } finally {
    globalThis.stackResource = stackResource;
  }
}

function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const withLocalStorage: unknown = Reflect.get(state, "withLocalStorage");
  if (typeof withLocalStorage !== "function")
    throw new Error("This version of @pulumi/pulumi is not supported.");
  return withLocalStorage(() => work(globalThis.asyncLocalStorage.getStore() as object as Store));
}

async function start(store: Store, options: RuntimeOptions, errors: Set<unknown>): Promise<Progress> {
  const { project, stack, preview, config, secretKeys, monitor, onStart, warn, timeout } = options;
  const unused = () => {
    throw new Error("The monitor of the run handles it.");
  };
  await pulumi.runtime.setMocks({ newResource: unused, call: unused }, project, stack, preview, ORGANIZATION);
  pulumi.runtime.setAllConfig(config, secretKeys);
  const mocked = pulumi.runtime.getMonitor();
  if (mocked === undefined) throw new Error("This version of @pulumi/pulumi is not supported.");
  const progress = new Progress(timeout);
  Object.assign(mocked, progress.watched(monitor));
  store.settings.engine = {
    setRootResource: (_: unknown, callback: (error: null) => void) => callback(null),
    log(request: { getSeverity(): number; getMessage(): string }, callback: () => void) {
      if (request.getSeverity() === LogSeverity.WARNING) warn(request.getMessage());
      if (request.getSeverity() === LogSeverity.ERROR) errors.add(new Error(request.getMessage()));
      callback();
    },
  };
  onStart(mocked);
  return progress;
}

async function run<T>(
  program: () => T | Promise<T>,
  { store, errors, onEnd }: { store: Store; errors: Set<unknown>; onEnd: () => void },
): Promise<T> {
  const results: T[] = [];
  const main = async () => {
    const result = await program();
    onEnd();
    results.push(result);
    // One level down, because the SDK warns of each undefined value at the top, e.g. of a resource's properties.
    return result === undefined ? {} : { result };
  };
  await pulumi.runtime.runInPulumiStack(main).catch((error: unknown) => errors.add(error));
  // Also after an error: resources that are being created must not outlive the run.
  do {
    await pulumi.runtime.disconnect();
    await Promise.allSettled(store.leakCandidates);
    // Node reports unhandled rejections after all microtasks.
    await new Promise(setImmediate);
  } while (store.leakCandidates.size > 0);
  const [error] = errors;
  if (errors.size > 0) throw error;
  return results[0] as T;
}

/** Notices when a program waits for what never comes. */
class Progress {
  readonly #timeout: number;
  #timer: NodeJS.Timeout | undefined;
  #stall: (() => void) | undefined;
  #isEnded = false;

  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** The same methods; each call is progress. */
  watched(monitor: Monitor): Monitor {
    const watched = Object.entries(monitor).map(([name, method]) => [
      name,
      (request: unknown, callback: (...response: unknown[]) => void) => {
        this.#note();
        method(request, (...response: unknown[]) => {
          this.#note();
          callback(...response);
        });
      },
    ]);
    return Object.fromEntries(watched);
  }

  /** The program's own code has ended. Before, only the test framework limits it: imports may take long. */
  begin(): void {
    this.#isEnded = true;
    this.#note();
  }

  /** Rejects after so many milliseconds without progress. */
  stalled({ pendingResourceRegistrations }: Store): Promise<never> {
    return new Promise((_, reject) => {
      this.#stall = () => {
        const names = [...(pendingResourceRegistrations?.values() ?? [])].flatMap(({ name }) => name ?? []);
        const who = names.length === 0 ? "It" : `${names.map((name) => `'${name}'`).join(", ")}`;
        reject(
          new Error(
            `The program has ended, but nothing happened for ${this.#timeout / 1000} s. ${who} may wait for an output or promise that never resolves.\n` +
              "If it only takes long, set the option `timeout` of `mockTurso` (in milliseconds).",
          ),
        );
      };
    });
  }

  #note(): void {
    clearTimeout(this.#timer);
    if (!this.#isEnded || this.#stall === undefined) return;
    this.#timer = setTimeout(this.#stall, this.#timeout);
    this.#timer.unref();
  }
}

/** What to call with an unhandled rejection: each program that is running. */
const handlers = new Set<(error: unknown) => void>();
let others: NodeJS.UnhandledRejectionListener[] = [];

/**
 * Catches the errors of `apply` callbacks and of outputs that nobody waits for, which are errors of the program.
 * Without this, the test framework would report them, and the run would succeed.
 */
function catchRejections(handler: (error: unknown) => void): () => void {
  if (handlers.size === 0) {
    others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", handleRejection);
  }
  handlers.add(handler);
  return () => {
    handlers.delete(handler);
    if (handlers.size > 0) return;
    process.off("unhandledRejection", handleRejection);
    for (const listener of others) process.on("unhandledRejection", listener);
  };
}

function handleRejection(error: unknown): void {
  for (const handler of handlers) handler(error instanceof Error ? error : new Error(messageOf(error)));
}
