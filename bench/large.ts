/**
 * Many at once: one program with 1,000 groups in 10 organizations, on each host; then three programs with 100
 * groups each on one organization at the same time, while one answer in ten is a 429. 50 ms of API latency.
 *
 *     npm run build && node bench/large.ts [groups] [organizations]
 *
 * Linux only, for the provider processes' peak memory. Nothing else should run meanwhile.
 */
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { startEmulator } from "turso-emulator";
import { getPulumi } from "../tools/pulumi.ts";
import { type Measured, measure, phases } from "./measure.ts";

const [groups = 1000, organizations = 10] = process.argv.slice(2).map(Number);
const emulator = await startEmulator({ latency: 50 });
const command = await getPulumi();
const hosts = { dynamic, native };

function print(title: string, columns: Record<string, Measured>): void {
  const entries = Object.entries(columns);
  const row = (cells: string[]) => console.log(`| ${cells.join(" | ")} |`);
  console.log(`\n${title}\n`);
  row(["", ...entries.map(([name]) => name)]);
  row(["---", ...entries.map(() => "---")]);
  for (const phase of phases)
    row([
      phase,
      ...entries.map(
        ([, { results }]) => `${results[phase].seconds.toFixed(1)} s, ${results[phase].requests}`,
      ),
    ]);
  row(["peak memory", ...entries.map(([, { memory }]) => `${memory.toFixed(0)} MB`)]);
}

const alone: Record<string, Measured> = {};
for (const [host, turso] of Object.entries(hosts)) {
  emulator.reset();
  const program = async () => {
    for (let i = 0; i < groups; i++) {
      const organization = `org-${i % organizations}`;
      new turso.Group(`group-${i}`, { name: `group-${i}`, location: "lhr", organization });
    }
  };
  alone[host] = await measure(command, emulator, { program, native: host === "native" });
}
print(`${groups} groups in ${organizations} organizations (seconds, requests)`, alone);

emulator.reset();
emulator.fail({
  status: 429,
  headers: { "retry-after": "1" },
  probability: 0.1,
  times: Number.POSITIVE_INFINITY,
});
const names = ["dynamic 1", "dynamic 2", "native"];
const together = await Promise.all(
  names.map((name) => {
    const isNative = name === "native";
    const program = async () => {
      for (let i = 0; i < 100; i++) {
        const group = `${name.replace(" ", "-")}-${i}`;
        new hosts[isNative ? "native" : "dynamic"].Group(group, { name: group, location: "lhr" });
      }
    };
    return measure(command, emulator, { program, native: isNative, env: { TURSO_ORGANIZATION: "acme" } });
  }),
);
const columns = Object.fromEntries(names.map((name, i) => [name, together[i] as Measured]));
print("Three programs at once (seconds, requests of all three)", columns);
console.log(`\nLeft at the end: ${emulator.store.account("acme").groups.size} groups`);
await emulator.close();
