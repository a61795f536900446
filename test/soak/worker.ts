/** A process that runs the seed which it is sent. */
import { runSeed, type SeedOptions } from "./run.ts";

process.once("message", (options: SeedOptions) => {
  void runSeed(options).then((report) => process.send?.(report, () => process.exit()));
});
