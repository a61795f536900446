/** Messages to the user, shown by the engine at the resource that they are about. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";

export class EngineLog {
  #engine: EngineClient | undefined;
  #address: string | undefined;
  readonly #told = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();

  /** `address` is the engine's. The process starts with it, and a handshake or an attached engine sends it again. */
  connect(address: string): void {
    if (address === this.#address || address === "") return;
    this.#engine?.close();
    this.#engine = new EngineClient(address, grpc.credentials.createInsecure());
    this.#address = address;
  }

  /** Tells the same message once per process. */
  warn(urn: string, message: string): void {
    const engine = this.#engine;
    if (engine === undefined || this.#told.has(message)) return;
    this.#told.add(message);
    const text = message.toWellFormed();
    const request = new LogRequest().setSeverity(LogSeverity.WARNING).setMessage(text).setUrn(urn);
    const sent = new Promise<void>((resolve) => engine.log(request, () => resolve()));
    this.#underWay.add(sent);
    sent.then(() => this.#underWay.delete(sent));
  }

  /** When every message has reached the engine: an answer that overtakes them may end the process. */
  async flush(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
