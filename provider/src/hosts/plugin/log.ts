/** Messages to the user. The engine shows each with its resource. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";

export class EngineLog {
  #engine: EngineClient | undefined;
  #address: string | undefined;
  readonly #warned = new Set<string>();
  readonly #pending = new Set<Promise<void>>();

  /**
   * `address`: the engine's. The process starts with it, and the engine sends it again in a handshake or when
   * it attaches.
   */
  connect(address: string): void {
    if (address === this.#address || address === "") return;
    this.#engine?.close();
    this.#engine = new EngineClient(address, grpc.credentials.createInsecure());
    this.#address = address;
  }

  /** Sends a warning, each message once per process. */
  warn(urn: string, message: string): void {
    const engine = this.#engine;
    if (engine === undefined || this.#warned.has(message)) return;
    this.#warned.add(message);
    const text = message.toWellFormed();
    const request = new LogRequest().setSeverity(LogSeverity.WARNING).setMessage(text).setUrn(urn);
    const sent = new Promise<void>((resolve) => engine.log(request, () => resolve()));
    this.#pending.add(sent);
    sent.then(() => this.#pending.delete(sent));
  }

  /** Resolves when every message has reached the engine: a response before that may end the process. */
  async flush(): Promise<void> {
    await Promise.all(this.#pending);
  }
}
