/**
 * `pulumi-resource-turso`: the engine starts it with its own address, and reads the port from the first line
 * of stdout.
 */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { engineAddress } from "../../lifecycle/ownership.js";
import { EngineLog } from "./log.js";
import { pluginService } from "./server.js";

/** The text of schema.json, which the bundler inserts. */
declare const SCHEMA: string;

const log = new EngineLog();
const engine = engineAddress();
if (engine !== undefined) log.connect(engine);

// The process stops on a signal, and when the engine ends: stdin is open as long as the engine runs.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
process.stdin
  .on("error", () => {})
  .on("close", () => process.exit(0))
  .resume();

// The engine shows what a plugin writes as it ends. Node would add the source line, which is the whole bundle
// here.
process.on("uncaughtException", (error) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exit(1);
});

const bytes = 400 * 1024 * 1024;
const server = new grpc.Server({
  "grpc.max_receive_message_length": bytes,
  "grpc.max_send_message_length": bytes,
});
server.addService(ResourceProviderService, pluginService(log, SCHEMA));
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(`pulumi-resource-turso: ${error.message}`);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
