/**
 * How fast the native plugin starts: from the start of the process to its port, beside the whole run of an
 * empty Node script, which is what Node itself costs here. Alternating runs, medians in milliseconds.
 *
 *     node bench/plugin-start.ts [runs] [plugin]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const runs = Number(process.argv[2] ?? 15);
const plugin = process.argv[3] ?? join(import.meta.dirname, "../provider/dist/plugin/pulumi-resource-turso");

async function emptyScript(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - start;
}

async function port(): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, [plugin, "127.0.0.1:1"], { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const time = performance.now() - start;
  // Its stdin ends as if the engine had.
  child.stdin.end();
  await once(child, "exit");
  return time;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const empty: number[] = [];
const started: number[] = [];
for (let run = 0; run < runs; run++) {
  empty.push(await emptyScript());
  started.push(await port());
}
const [node, toPort] = [median(empty), median(started)];
console.log(`node -e 0                  ${node.toFixed(0)} ms`);
console.log(`port of the plugin         ${toPort.toFixed(0)} ms (× ${(toPort / node).toFixed(2)})`);
