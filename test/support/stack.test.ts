import { credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { ResourceMonitorClient, ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import * as sdk from "@pulumi/pulumi/runtime/settings.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { expect, onTestFinished, test } from "vitest";
import { separateConnections } from "./stack.ts";

/** An engine's monitor that implements nothing. */
async function startMonitor(port = 0): Promise<{ port: number; stop(): void }> {
  const server = new Server();
  server.addService(ResourceMonitorService, {});
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, found) =>
      error ? reject(error) : resolve(found),
    ),
  );
  return { port: bound, stop: () => server.forceShutdown() };
}

/** The status of a call of a new client, as the SDK creates them. */
function startClient(port: number): () => Promise<string> {
  const options: unknown = Reflect.get(sdk, "grpcClientOptions");
  const client = new ResourceMonitorClient(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
    options as object,
  );
  onTestFinished(() => client.close());
  return () =>
    new Promise((resolve) =>
      client.getDeploymentInfo(new empty.Empty(), (error) => resolve(status[error?.code ?? 0] ?? "")),
    );
}

test("a program reaches its engine, even if that has the port of an earlier one", async () => {
  separateConnections();
  const earlier = await startMonitor();
  const call = startClient(earlier.port);
  expect(await call()).toBe("UNIMPLEMENTED");
  earlier.stop();
  // A program that is refused may still register resources: then its client tries to connect again.
  await expect.poll(call).toBe("UNAVAILABLE");
  const later = await startMonitor(earlier.port);
  onTestFinished(() => later.stop());
  expect(await startClient(later.port)()).toBe("UNIMPLEMENTED");
});
