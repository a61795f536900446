/** Works around two faults of the Pulumi SDK with many engines in one process, when imported. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * When an inline program loses its connection to the engine, the SDK reports a successful end. The engine
 * then sees a program without resources and deletes all of them. Here it is an error, as in any other
 * program.
 */
const errors = require("@pulumi/pulumi/errors") as { isGrpcError(error: unknown): boolean };
errors.isGrpcError = () => false;

/**
 * It loses the connection because the SDK never closes connections: gRPC keeps trying the ports of engines
 * that have ended, and a new engine on one of these ports counts as unreachable. So connections are not
 * shared.
 */
const settings = require("@pulumi/pulumi/runtime/settings") as { grpcClientOptions: Record<string, unknown> };
settings.grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

/** Whether the program has lost its connection to the engine. */
export function isLost(text: string): boolean {
  return /\b(1 CANCELLED|14 UNAVAILABLE)\b/.test(text);
}
