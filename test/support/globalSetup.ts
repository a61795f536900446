import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { getPulumi } from "../../tools/pulumi.ts";
import { type Shared, sharedOf } from "./isolation.ts";
import { orSkip } from "./needs.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether a Pulumi CLI was found, which the engine tests need. */
    engine: boolean;
    /**
     * The parent of every worker's own folders, what workers share, and the machine's folders that they do
     * not use.
     */
    workers: { folder: string; shared: Shared; machine: string[] };
  }
}

/**
 * Gets the Pulumi CLI once for all tests. Without one the engine tests are skipped, with a loud message; in
 * CI that is a failure. The folders of the workers are removed at the end.
 */
export default async function setup({ provide, vitest }: TestProject): Promise<() => void> {
  const shared = sharedOf();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-turso-")));
  provide("workers", { folder, shared, machine: [homedir(), tmpdir(), ...Object.values(shared.links)] });
  // gRPC would send requests to the engine on this machine through the user's proxy.
  process.env.NO_PROXY = process.env.no_proxy = "127.0.0.1,localhost";
  // Without it, a worker and each process of dynamic providers spend a fifth of their time on compiling the
  // SDK.
  process.env.NODE_COMPILE_CACHE ??= resolve("node_modules/.cache/compile");
  const needsEngine = vitest.projects.some(({ name }) => name !== "unit");
  const pulumi = needsEngine ? await orSkip("EVERY ENGINE TEST", () => getPulumi()) : undefined;
  provide("engine", pulumi !== undefined);
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
