/** A process that runs the seeds which it is sent, one after the other. */
import { runSeed, type SeedOptions } from "./run.ts";

process.on("message", async (options: SeedOptions) => {
  process.send?.(await runSeed(options));
});
