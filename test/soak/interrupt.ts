/** Interrupts an operation: by Ctrl-C, or by killing a process. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Emulator } from "turso-emulator";
import type { Random } from "./random.ts";

export const INTERRUPTIONS = ["Ctrl-C", "kill of the provider", "kill of the engine"] as const;
export type Interruption = (typeof INTERRUPTIONS)[number];

/** Only with /proc can processes be found by their environment. */
const canKill = existsSync("/proc/self/environ");

/** How long a provider process may outlive its engine, in milliseconds. */
const ORPHAN = 10_000;

export interface Interrupter {
  readonly what: Interruption;
  readonly signal: AbortSignal;
  /**
   * To be called after the operation. Returns whether it was interrupted, and how many processes continued
   * without the engine.
   */
  over(): Promise<{ interrupted: boolean; orphans: number }>;
}

/**
 * Interrupts the operation that starts now, after one of its first requests. `home` is the folder of the
 * engine.
 */
export function interrupter(emulator: Emulator, random: Random, home: string): Interrupter {
  const what = canKill ? (random.pick(INTERRUPTIONS) ?? "Ctrl-C") : "Ctrl-C";
  const requests = emulator.requests.length + random.int(1, 6);
  const delay = random.chance(0.5) ? random.int(0, 20) : random.int(0, 400);
  const ctrlC = new AbortController();
  const done = new AbortController();
  let interrupted = false;
  const work = async () => {
    while (emulator.requests.length < requests) await sleep(2, undefined, { signal: done.signal });
    await sleep(delay, undefined, { signal: done.signal });
    interrupted = true;
    if (what === "Ctrl-C") ctrlC.abort();
    else kill(processesOf(home).filter(({ engine }) => engine === (what === "kill of the engine")));
  };
  const working = work().catch(() => {});
  return {
    what,
    signal: ctrlC.signal,
    async over() {
      done.abort();
      await working;
      if (!interrupted) return { interrupted, orphans: 0 };
      // The Automation API kills an engine that does not end within five seconds of Ctrl-C.
      const made = emulator.requests.length;
      const end = Date.now() + ORPHAN;
      while (processesOf(home).length > 0 && Date.now() < end) await sleep(50);
      const left = killAll(home);
      // A dynamic provider process that was killed before its first call runs only code of Pulumi: it does
      // nothing, and does not end.
      const orphans = emulator.requests.length > made ? left : 0;
      // As `pulumi cancel` does.
      rmSync(join(home, ".pulumi", "locks"), { recursive: true, force: true });
      return { interrupted, orphans };
    },
  };
}

/** Kills the remaining processes of the engine of that folder, and returns their number. */
export function killAll(home: string): number {
  const left = processesOf(home);
  kill(left);
  return left.length;
}

interface Process {
  pid: number;
  engine: boolean;
}

function kill(processes: readonly Process[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has already ended.
    }
  }
}

/** The engine of that folder, its providers, and what these started. */
function processesOf(home: string): Process[] {
  if (!canKill) return [];
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (!environment.includes(`PULUMI_HOME=${join(home, "home")}`)) return [];
      const [command = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return [{ pid: Number(pid), engine: /(^|\/)pulumi$/.test(command) }];
    } catch {
      return [];
    }
  });
}
