/**
 * Random programs against random faults, on the real engine.
 *
 *     npm run soak -- --minutes 30                  seeds 1, 2, … for that long, two at a time, on both hosts
 *     npm run soak -- --seed 17                     only seed 17, with a log of every step
 *     npm run soak -- --seed 17 --seeds 20 --workers 3 --host native
 *
 * `--calm` omits faults and interruptions.
 *
 * A seed determines edits, drift, faults and interruptions, but not how the requests of one operation
 * interleave. So a run is not exactly repeatable.
 */
import { parseArgs } from "node:util";
import { getPulumi } from "../../tools/pulumi.ts";
import { HOSTS, type SeedOptions, type SeedReport } from "./report.ts";
import { runSeed } from "./run.ts";
import { runInProcess } from "./worker.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    minutes: { type: "string" },
    host: { type: "string", default: "both" },
    calm: { type: "boolean", default: false },
    workers: { type: "string", default: "2" },
  },
});

const first = number("seed") ?? 1;
const minutes = number("minutes") ?? Number.POSITIVE_INFINITY;
const count = number("seeds") ?? (values.minutes === undefined ? 1 : Number.POSITIVE_INFINITY);
const { host } = values;
const hosts = host === "both" ? HOSTS : HOSTS.filter((name) => name === host);
if (hosts.length === 0) throw new Error(`--host must be both, ${HOSTS.join(" or ")}, got ${host}`);

// gRPC would send requests to the engine on this machine through the user's proxy.
process.env.NO_PROXY = process.env.no_proxy = "127.0.0.1,localhost";
await getPulumi();
const start = Date.now();
const reports: SeedReport[] = [];
let begun = 0;
if (count === 1) reports.push(await runSeed({ ...seedAt(0), log: (line) => console.log(line) }));
else await Promise.all(Array.from({ length: number("workers") ?? 2 }, work));
summarize();
process.exit(reports.some(({ violations }) => violations.length > 0) ? 1 : 0);

function number(option: "seed" | "seeds" | "minutes" | "workers"): number | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value >= 0)) throw new Error(`--${option} must be a number, got ${text}`);
  return value;
}

function seedAt(index: number): SeedOptions {
  const seed = first + index;
  return { seed, host: hosts[seed % hosts.length] ?? "dynamic", calm: values.calm };
}

/** Runs seeds one after another. */
async function work(): Promise<void> {
  while (begun < count && Date.now() - start < minutes * 60_000) record(await runInProcess(seedAt(begun++)));
}

/** Keeps and prints the report of a seed. */
function record(report: SeedReport): void {
  reports.push(report);
  const { seed, ups, violations, seconds } = report;
  const result = violations.length === 0 ? "ok" : "VIOLATION";
  const counts = `${ups.ok} ups, ${ups.failed} failed, ${ups.interrupted} interrupted`;
  console.log(`seed ${seed} ${report.host}: ${result} (${counts}; ${seconds.toFixed(0)} s)`);
  for (const violation of violations) console.log(violation);
}

function summarize(): void {
  const sum = (of: (report: SeedReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const kinds = [...new Set(reports.flatMap(({ faults }) => Object.keys(faults)))].sort();
  const rows: [string, number | string][] = [
    ["seeds", reports.length],
    ...HOSTS.map((name): [string, number] => [`  ${name}`, sum((report) => Number(report.host === name))]),
    ["ups that succeeded", sum(({ ups }) => ups.ok)],
    ["ups that failed", sum(({ ups }) => ups.failed)],
    ["ups interrupted", sum(({ ups }) => ups.interrupted)],
    ["refreshes", sum(({ refreshes }) => refreshes)],
    ["faults hit", ""],
    ...kinds.map((kind): [string, number] => [`  ${kind}`, sum(({ faults }) => faults[kind] ?? 0)]),
    ["violations", sum(({ violations }) => violations.length)],
    ["minutes", ((Date.now() - start) / 60_000).toFixed(1)],
  ];
  console.log();
  for (const [title, value] of rows) console.log(`${title.padEnd(34)}${String(value).padStart(6)}`);
}
