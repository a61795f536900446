/** What the Pulumi SDK does wrong with many engines in one process; importing this mends it. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Of an inline program that loses the engine the SDK says that it has ended: to the engine it then declares nothing any more, and
 * all is deleted. Here, as in any other program, it is an error.
 */
const errors = require("@pulumi/pulumi/errors") as { isGrpcError(error: unknown): boolean };
errors.isGrpcError = () => false;

/**
 * And it does lose the engine: it never closes its connections, gRPC goes on trying the ports of engines that are gone, and an
 * engine that gets one of these ports counts as not to be reached. So connections are not shared.
 */
const settings = require("@pulumi/pulumi/runtime/settings") as { grpcClientOptions: Record<string, unknown> };
settings.grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

/** Whether the program has lost the engine nevertheless. */
export function isLost(text: string): boolean {
  return /\b(1 CANCELLED|14 UNAVAILABLE)\b/.test(text);
}
