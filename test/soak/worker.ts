/**
 * Runs a seed in a separate process, because the Pulumi SDK keeps its connections for a whole process. This
 * file is also that process.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { emptyReport, type SeedOptions, type SeedReport } from "./report.ts";

export async function runInProcess(options: SeedOptions): Promise<SeedReport> {
  const child = fork(import.meta.filename, { execArgv: [] });
  let report: SeedReport = {
    ...emptyReport(options),
    violations: [`VIOLATION: seed ${options.seed} broke its process`],
  };
  child.on("message", (message) => {
    report = message as SeedReport;
  });
  child.send(options);
  await once(child, "exit");
  return report;
}

if (process.argv[1] === import.meta.filename) {
  const { runSeed } = await import("./run.ts");
  process.once("message", (options: SeedOptions) => {
    void runSeed(options).then((report) => process.send?.(report, () => process.exit()));
  });
}
