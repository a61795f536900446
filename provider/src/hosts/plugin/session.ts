/** What a plugin process knows between calls: the engine, the provider's settings, and what is shared. */
import type * as grpc from "@grpc/grpc-js";
import { createClient, type TursoClient } from "../../api/index.js";
import { collectionsOf, previewOptions } from "../../lifecycle/collection.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { engineAddress, Ownership } from "../../lifecycle/ownership.js";
import { explained, readSettings } from "../../lifecycle/settings.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import type { State } from "../../lifecycle/values.js";
import { userAgent } from "../../version.js";
import { failureOf } from "./failure.js";
import type { EngineLog } from "./log.js";

/** How long a request may still take after Ctrl-C, in milliseconds. */
const GRACE = 600;

type Shared = Pick<Context, "collection" | "organization" | "deleteProtection"> & {
  clientOf(signal: () => AbortSignal): TursoClient;
};

/** What of gRPC's `ServerWritableStream` a method uses. */
export interface Stream<Q, R> {
  request: Q;
  write(response: R): unknown;
  emit(event: "error", error: unknown): unknown;
  end(): unknown;
}

export class Session {
  readonly log: EngineLog;
  #config: State = {};
  /** Name of the explicit provider that this process serves; undefined for the default provider. */
  #provider: string | undefined;
  /** What all calls share; undefined until the first one needs it. */
  #shared: Shared | undefined;
  #engine = engineAddress();
  #ownership = new Ownership(this.#engine);
  #abort = new AbortController();
  /**
   * The inputs whose change replaces a resource, by URN. The engine then does not update it, but
   * `pulumi do --stateless … patch` does.
   */
  readonly replaces = new Map<string, readonly string[]>();

  constructor(log: EngineLog) {
    this.log = log;
  }

  get ownership(): Ownership {
    return this.#ownership;
  }

  /** Connects to an engine. A plugin that is started by hand (`attach`) serves several, one after another. */
  connect(address: string): void {
    this.log.connect(address);
    if (address === this.#engine) return;
    this.#engine = address;
    this.#ownership = new Ownership(address);
  }

  configure(config: State, provider: string | undefined): void {
    this.#config = config;
    this.#provider = provider;
    this.#shared = undefined;
  }

  /** What a lifecycle gets for one call. */
  context(urn: string): Context {
    this.#shared ??= this.#connectToTurso();
    const { clientOf, ...rest } = this.#shared;
    // After a stop, calls in progress make no further requests, but later calls do.
    const { signal } = this.#abort;
    const warn = (message: string) => this.log.warn(urn, message);
    return { ...rest, api: clientOf(() => signal), ownership: this.#ownership, signal, warn };
  }

  #connectToTurso(): Shared {
    // Explicit providers have their own settings. Environment variables fill in what they leave out.
    const settings = readSettings(this.#setting, process.env, this.#provider);
    const { baseUrl, token, requests, organization, deleteProtection } = settings;
    const onWait = (reason: string) => this.log.warn("", reason);
    const options = { baseUrl, token, userAgent, onWait, ...requests };
    const clientOf = (signal: () => AbortSignal) => createClient({ ...options, signal });
    // All calls share the lists, so a list has no signal of one call.
    const signal = () => this.#abort.signal;
    const collection = collectionsOf(clientOf(signal), createClient({ ...previewOptions(options), signal }));
    return { clientOf, collection, organization, deleteProtection };
  }

  /**
   * Stops calls in progress, not later ones. A request gets a moment to finish, because the outcome of an
   * interrupted request is unknown.
   */
  cancel(): void {
    const inProgress = this.#abort;
    this.#abort = new AbortController();
    setTimeout(() => inProgress.abort(), GRACE).unref();
  }

  /** The error with the settings that explain it. */
  explained(error: unknown): unknown {
    return explained(error, this.#setting, this.#provider);
  }

  /**
   * One method. Its response is sent after all messages; an error is sent as a readable message. `secrets`:
   * the outputs of a partial failure that are secrets.
   */
  unary<Q, R>(
    work: (request: Q) => Promise<R> | R,
    secrets?: (request: Q) => readonly string[],
  ): grpc.handleUnaryCall<Q, R> {
    return async (call, callback) => {
      try {
        const response = await work(call.request);
        await this.log.flush();
        callback(null, response);
      } catch (error) {
        await this.log.flush();
        callback(failureOf(this.explained(error), secrets?.(call.request)));
      }
    };
  }

  /** One method that responds with several messages. */
  streaming<Q, R>(work: (request: Q) => Promise<readonly R[]>): (call: Stream<Q, R>) => Promise<void> {
    return async (call) => {
      try {
        const responses = await work(call.request);
        await this.log.flush();
        for (const response of responses) call.write(response);
        call.end();
      } catch (error) {
        await this.log.flush();
        call.emit("error", failureOf(this.explained(error)));
      }
    };
  }

  #setting = (key: string) => text(this.#config[key.replace(/^turso:/, "")]);
}

/** A setting as text, as stack configuration has it: explicit providers may send a boolean or a map. */
export function text(value: unknown): string | undefined {
  // If a provider's settings come from another resource, a preview may not know them yet.
  if (value === undefined || value === null || value === UNKNOWN) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
