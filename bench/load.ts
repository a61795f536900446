/**
 * What `pulumi-turso` adds to the start of a user's program: the time to load it beside `@pulumi/pulumi`,
 * which every program loads anyway. Alternating runs, medians in milliseconds.
 *
 *     node bench/load.ts [runs]
 */
import { execFileSync } from "node:child_process";

const runs = Number(process.argv[2] ?? 15);

function load(...packages: string[]): number {
  const requires = packages.map((name) => `require(${JSON.stringify(name)});`).join("");
  const code = `const t = performance.now(); ${requires} process.stdout.write(String(performance.now() - t))`;
  return Number(execFileSync(process.execPath, ["-e", code], { encoding: "utf8" }));
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const alone: number[] = [];
const both: number[] = [];
for (let run = 0; run < runs; run++) {
  alone.push(load("@pulumi/pulumi"));
  both.push(load("@pulumi/pulumi", "pulumi-turso"));
}
const [before, after] = [median(alone), median(both)];
console.log(`@pulumi/pulumi             ${before.toFixed(0)} ms`);
console.log(
  `with pulumi-turso          ${after.toFixed(0)} ms (+${(after - before).toFixed(0)} ms, × ${(after / before).toFixed(2)})`,
);
