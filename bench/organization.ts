/**
 * What a team waits for: `pulumi-turso discover` of an organization of 60 groups and 1,200 databases, and a
 * no-op `up` of 100 groups in an `Organization`, beside the same groups in a program. Alternating runs, each
 * in a process of its own; medians.
 *
 *     npm run build && node bench/organization.ts [runs]      default: 5 runs
 *
 * Nothing else should run meanwhile.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as turso from "pulumi-turso";
import { type Emulator, startEmulator } from "turso-emulator";
import { getPulumi } from "../tools/pulumi.ts";
import { openStack, root } from "./measure.ts";

const GROUPS = 100;
const LOCATION = "lhr";
const run = promisify(execFile);
const names = Array.from({ length: GROUPS }, (_, i) => `group-${i}`);

const programs = {
  program: () => {
    for (const name of names) new turso.Group(name, { name, location: LOCATION });
  },
  file: () => {
    const groups = Object.fromEntries(names.map((name) => [name, { location: LOCATION }]));
    new turso.Organization("acme", { organization: "acme", groups });
  },
};
type Kind = keyof typeof programs;

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Seconds of one `up`, whose program runs in this process. */
async function up(dir: string, url: string, kind: Kind): Promise<number> {
  const program = async () => programs[kind]();
  const { time, stack } = await openStack(await getPulumi(), dir, {
    url,
    program,
    env: { TURSO_ORGANIZATION: "acme" },
  });
  return time(() => stack.up());
}

async function compareUps(runs: number): Promise<void> {
  const seconds: Record<Kind, number[]> = { program: [], file: [] };
  const dir = mkdtempSync(join(tmpdir(), "pulumi-turso-bench-"));
  const emulators: Record<Kind, Emulator> = { program: await startEmulator(), file: await startEmulator() };
  for (let i = 0; i <= runs; i++) {
    for (const kind of Object.keys(programs) as Kind[]) {
      const folder = join(dir, kind);
      mkdirSync(folder, { recursive: true });
      const args = [import.meta.filename, "up", folder, emulators[kind].url, kind];
      const { stdout } = await run(process.execPath, args);
      // The first one creates the groups.
      if (i > 0) seconds[kind].push(Number(stdout));
    }
  }
  const [program, file] = [median(seconds.program), median(seconds.file)];
  console.log(`| no-op \`up\` of ${GROUPS} groups in a program | ${program.toFixed(2)} s |`);
  console.log(
    `| the same as one \`Organization\` | ${file.toFixed(2)} s (× ${(file / program).toFixed(2)}) |`,
  );
  rmSync(dir, { recursive: true, force: true });
  for (const emulator of Object.values(emulators)) await emulator.close();
}

async function discover(runs: number): Promise<void> {
  const emulator = await startEmulator();
  const acme = emulator.store.account("acme");
  for (let i = 0; i < 60; i++) {
    const [location, replicas] = i % 2 === 0 ? [LOCATION, ["fra", "ams"]] : ["aws-us-east-1", []];
    acme.createGroup({ name: `group-${i}`, location, replicas, deleteProtection: i % 5 === 0 });
  }
  for (let i = 0; i < 1200; i++) acme.createDatabase({ name: `db-${i}`, group: `group-${i % 60}` });
  for (let i = 0; i < 10; i++) acme.createApiToken(`token-${i}`);
  for (let i = 0; i < 5; i++) acme.addMember(`member-${i}`);
  const env = { ...process.env, TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: "t" };
  const command = join(root, "provider/bin/pulumi-turso.js");
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    const out = mkdtempSync(join(tmpdir(), "pulumi-turso-bench-"));
    emulator.requests.length = 0;
    const start = performance.now();
    await run(process.execPath, [command, "discover", "--organization", "acme", "--out", out], { env });
    seconds.push((performance.now() - start) / 1000);
    rmSync(out, { recursive: true, force: true });
  }
  const requests = emulator.requests.length;
  console.log(
    `| \`discover\` of 60 groups, 1,200 databases, 10 API tokens, 6 members | ${median(seconds).toFixed(2)} s, ${requests} requests |`,
  );
  await emulator.close();
}

const args = process.argv.slice(2);
if (args[0] === "up") {
  const [, dir = "", url = "", kind = ""] = args;
  console.log(await up(dir, url, kind as Kind));
} else {
  const [runs = 5] = args.map(Number);
  console.log("| | |\n|---|---|");
  await discover(runs);
  await compareUps(runs);
}
