import type { TestProject } from "vitest/node";
import { getPulumi } from "../../tools/pulumi.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether there is a Pulumi CLI, so that the engine tests can run. */
    engine: boolean;
  }
}

/** Gets the Pulumi CLI once for all tests. Without one the engine tests are skipped, loudly; in CI that is a failure. */
export default async function setup({ provide }: TestProject): Promise<void> {
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
}
