import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { getPulumi } from "../../tools/pulumi.ts";
import { type Shared, sharedOf } from "./isolation.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether there is a Pulumi CLI, so that the engine tests can run. */
    engine: boolean;
    /** Where each worker gets folders of its own, what they share, and the machine's folders that they stay out of. */
    workers: { folder: string; shared: Shared; machine: string[] };
  }
}

/**
 * Gets the Pulumi CLI once for all tests. Without one the engine tests are skipped, loudly; in CI that is a failure. What workers
 * leave in their folders is removed in the end.
 */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const shared = sharedOf();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pulumi-turso-")));
  provide("workers", { folder, shared, machine: [homedir(), tmpdir(), ...Object.values(shared.links)] });
  // Of a proxy of the user's, gRPC would ask for the engine on this machine.
  process.env.NO_PROXY = process.env.no_proxy = "127.0.0.1,localhost";
  try {
    await getPulumi();
    provide("engine", true);
  } catch (error) {
    if (process.env.CI) throw error;
    console.error(
      `\n${"!".repeat(80)}\nTHE ENGINE TESTS ARE SKIPPED.\n${String(error)}\n${"!".repeat(80)}\n`,
    );
    provide("engine", false);
  }
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
