/**
 * How long `mockTurso` takes for a program with 20 resources, once the packages are loaded: the first run of a
 * process, and medians of later ones with a new mock and of a second run of the same mock. In milliseconds of
 * CPU time, because a run waits for nothing.
 *
 *     npm run build && node bench/mock.ts [runs]                   default: 11
 */
import * as turso from "pulumi-turso";
import { mockTurso } from "pulumi-turso/testing";
import { createEmulator } from "turso-emulator";

const runs = Number(process.argv[2] ?? 11);

// The package loads the emulator when it is first used.
createEmulator();

function program(): void {
  for (let i = 0; i < 10; i++) {
    const group = new turso.Group(`group-${i}`, { location: "lhr" });
    new turso.GroupToken(`token-${i}`, { group: group.id });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const created: number[] = [];
const unchanged: number[] = [];
for (let run = 0; run < runs; run++) {
  const mock = await mockTurso({ organization: "acme" });
  created.push(await timed(() => mock.run(program)));
  unchanged.push(await timed(() => mock.run(program)));
}
const [first = Number.NaN, ...later] = created;
const figures = { "first run": first, "new mock": median(later), "second run": median(unchanged) };
for (const [name, time] of Object.entries(figures)) console.log(`${name}: ${time.toFixed(0)} ms`);
