/**
 * One seed: a stack with its own emulator, random programs against random faults, and a check after every
 * step.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "turso-emulator";
import { startStack } from "../support/stack.ts";
import { TIMEOUT } from "./faults.ts";
import { finish } from "./finish.ts";
import { killAll } from "./interrupt.ts";
import { Run, Violation } from "./operations.ts";
import { Random } from "./random.ts";
import type { SeedOptions, SeedReport } from "./report.ts";
import { World } from "./world.ts";

const TOKEN = "eyJ-the-soak-token-0123456789";

export async function runSeed({
  seed,
  host,
  steps,
  plain = false,
  apiTokens = !plain,
  people = apiTokens,
  calm = false,
  log = () => {},
}: SeedOptions): Promise<SeedReport> {
  const random = new Random(seed);
  const folders: string[] = [];
  const folder = (parent = tmpdir()) => {
    mkdirSync(parent, { recursive: true });
    folders.push(mkdtempSync(join(parent, "pulumi-turso-soak-")));
    return folders.at(-1) as string;
  };
  const emulator = await startEmulator({ token: TOKEN, seed });
  const home = folder();
  const organization = random.chance(0.5) ? "acme" : undefined;
  const world = new World(emulator, random.fork(), organization, TOKEN);
  const run = new Run({ seed, host, handovers: !plain, apiTokens, people, home, emulator, world, log });
  try {
    run.engine = await startStack(folder, {
      dir: home,
      native: true,
      env: {
        TURSO_API_BASEURL: emulator.url,
        TURSO_API_TOKEN: TOKEN,
        TURSO_REQUEST_TIMEOUT: String(TIMEOUT),
        TURSO_MAX_RETRIES: "2",
      },
    });
    log(`seed ${seed} on the ${host} host, ${organization ?? "the personal account"}`);
    await run.look();
    // Drawn in any case, so that a run with fewer steps has the same first steps.
    const drawn = random.int(6, 10);
    for (let left = steps ?? drawn; left > 0; left--) await run.step(random.fork(), calm);
    run.begin("end");
    await finish(run, random.fork());
  } catch (error) {
    const text =
      error instanceof Violation ? error.message : `the soak test itself failed: ${(error as Error).stack}`;
    run.report.violations.push(text);
    log(text);
  } finally {
    killAll(home);
    await emulator.close();
    for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  }
  run.report.seconds = run.seconds();
  return run.report;
}
