/** `pulumi-resource-turso`: started by the engine with its address; tells the port on the first line of stdout. */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { engineAddress } from "../../lifecycle/ownership.js";
import { EngineLog } from "./log.js";
import { pluginService } from "./server.js";

/** The text of schema.json; the bundler puts it here. */
declare const SCHEMA: string;

const log = new EngineLog();
const engine = engineAddress();
if (engine !== undefined) log.connect(engine);

// The engine asks to stop by a signal, and by its end: stdin is open for as long as it lives.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
process.stdin
  .on("error", () => {})
  .on("close", () => process.exit(0))
  .resume();

// What a plugin writes as it dies the engine shows. Node would add the line of the source, which here is the whole bundle.
process.on("uncaughtException", (error) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exit(1);
});

const bytes = 400 * 1024 * 1024;
const server = new grpc.Server({
  "grpc.max_receive_message_length": bytes,
  "grpc.max_send_message_length": bytes,
});
server.addService(
  ResourceProviderService,
  pluginService(log, SCHEMA) as unknown as grpc.UntypedServiceImplementation,
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(`pulumi-resource-turso: ${error.message}`);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
