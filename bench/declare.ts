/**
 * What a declaration costs the user's program: a no-op `up` of many Groups, beside one of as many bare
 * `CustomResource`s with three properties, which the same provider serves in the same state: their name,
 * their location and what its host needs. So the difference is what the class does in the program.
 * Alternating runs, each in a process of its own, as a program has; medians. No API latency.
 *
 * `pulumi up` maps the stacks of a program to its sources; an inline program of the Automation API has stacks
 * as they are.
 *
 *     npm run build && node bench/declare.ts [runs] [groups]      default: 5 runs of 300 groups
 *
 * Nothing else should run meanwhile.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { startEmulator } from "turso-emulator";
import { getPulumi } from "../tools/pulumi.ts";
import { openStack } from "./measure.ts";

class Bare extends pulumi.CustomResource {}

const TYPE = "pulumi-nodejs:dynamic/turso:Group";

type Declare = (name: string) => pulumi.CustomResource;

const programs: Record<"dynamic" | "native", Record<"bare" | "Group", Declare>> = {
  dynamic: {
    bare: (name) => {
      const __provider = 'exports.handler = () => require("pulumi-turso/provider").groupProvider';
      const urn = `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${TYPE}::${name}`;
      const __context = { urn, preview: pulumi.runtime.isDryRun() };
      // Without `name`, the group keeps the name that it has in state.
      return new Bare(TYPE, name, { location: "lhr", __provider, __context });
    },
    Group: (name) => new dynamic.Group(name, { name, location: "lhr" }),
  },
  native: {
    bare: (name) => {
      const properties = { name, location: "lhr", __dryRun: pulumi.runtime.isDryRun() };
      return new Bare("turso:index:Group", name, properties, { version });
    },
    Group: (name) => new native.Group(name, { name, location: "lhr" }),
  },
};
const require = createRequire(import.meta.url);
const { version } = require("pulumi-turso/package.json") as { version: string };

interface Cost {
  /** The whole operation, in seconds. */
  wall: number;
  /** The CPU time of the program's process, in seconds: it depends less on what else runs. */
  cpu: number;
}

/** One `up` whose program runs in this process. */
async function up([
  dir = "",
  url = "",
  host = "",
  kind = "",
  count = "",
  maps = "",
]: string[]): Promise<Cost> {
  if (maps === "true") createRequire(require.resolve("@pulumi/pulumi"))("source-map-support/register");
  const declare = programs[host as "dynamic" | "native"][kind as "bare" | "Group"];
  const program = async () => {
    for (let i = 0; i < Number(count); i++) declare(`group-${i}`);
  };
  const options = { url, program, native: host === "native" };
  const { time, stack } = await openStack(await getPulumi(), dir, options);
  const before = process.cpuUsage();
  const wall = await time(() => stack.up());
  const { user, system } = process.cpuUsage(before);
  return { wall, cpu: (user + system) / 1_000_000 };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(runs: number, count: number): Promise<void> {
  console.log(`No-op up of ${count} resources, medians of ${runs} (seconds, CPU seconds of the program)\n`);
  console.log("| | bare | Group | Group ÷ bare |\n|---|---|---|---|");
  for (const host of Object.keys(programs)) {
    const emulator = await startEmulator();
    const dir = mkdtempSync(join(tmpdir(), "pulumi-turso-bench-"));
    const run = async (kind: string, maps: boolean): Promise<Cost> => {
      const args = ["up", dir, emulator.url, host, kind, count, maps].map(String);
      const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, ...args]);
      return JSON.parse(stdout);
    };
    await run("Group", true);
    for (const maps of [true, false]) {
      const costs = { bare: [] as Cost[], Group: [] as Cost[] };
      for (let i = 0; i < runs; i++) {
        costs.bare.push(await run("bare", maps));
        costs.Group.push(await run("Group", maps));
      }
      const of = (kind: "bare" | "Group", key: keyof Cost) => median(costs[kind].map((cost) => cost[key]));
      const cells = (["bare", "Group"] as const).map(
        (kind) => `${of(kind, "wall").toFixed(2)} s, ${of(kind, "cpu").toFixed(2)} s`,
      );
      const ratios = (["wall", "cpu"] as const).map((key) => (of("Group", key) / of("bare", key)).toFixed(2));
      const title = maps ? host : `${host}, inline program`;
      console.log(`| ${title} | ${cells.join(" | ")} | ${ratios.join(", ")} |`);
    }
    rmSync(dir, { recursive: true, force: true });
    await emulator.close();
  }
}

const args = process.argv.slice(2);
if (args[0] === "up") {
  console.log(JSON.stringify(await up(args.slice(1))));
} else {
  const [runs = 5, count = 300] = args.map(Number);
  await compare(runs, count);
}
