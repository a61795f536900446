/**
 * Operations on the real engine, measured: wall time, requests that reach the emulator, and the providers'
 * memory.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  LocalWorkspace,
  type PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import type { Emulator } from "turso-emulator";
import { pulumiEnv } from "../tools/pulumi.ts";

export const root = join(import.meta.dirname, "..");
export const phases = ["preview", "up", "no-op up", "refresh", "destroy"] as const;
export type Phase = (typeof phases)[number];

export interface Measured {
  /** Seconds, and requests of all stacks meanwhile. */
  results: Record<Phase, { seconds: number; requests: number }>;
  /** The most memory that a provider process has had, in MB. */
  memory: number;
}

export interface StackOptions {
  /** Where the emulator is. */
  url: string;
  program: PulumiFn;
  native?: boolean;
  env?: Record<string, string>;
}

/** The stack in this folder, which is created if need be, and a stopwatch for its operations. */
export async function openStack(
  pulumi: PulumiCommand,
  dir: string,
  { url, program, native = false, env = {} }: StackOptions,
): Promise<{ stack: Stack; time(operation: () => Promise<unknown>): Promise<number> }> {
  // Only the operation itself counts, not what the Automation API asks for after it.
  let seconds = 0;
  const run = async (args: string[], ...rest: unknown[]) => {
    const start = performance.now();
    const original = Reflect.get(pulumi, "run") as (args: string[], ...rest: unknown[]) => Promise<unknown>;
    const result = await original.call(pulumi, args, ...rest);
    if (["preview", "up", "refresh", "destroy"].includes(args[0] ?? ""))
      seconds = (performance.now() - start) / 1000;
    return result;
  };
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "bench", program },
    {
      workDir: dir,
      pulumiCommand: Object.create(pulumi, { run: { value: run } }),
      envVars: {
        ...pulumiEnv({ pulumi, dir, project: root }),
        TURSO_API_BASEURL: url,
        TURSO_API_TOKEN: "t",
        TURSO_ORGANIZATION: "",
        ...env,
      },
      projectSettings: {
        name: "bench",
        runtime: "nodejs",
        main: root,
        ...(native && {
          plugins: { providers: [{ name: "turso", path: join(root, "provider/dist/plugin") }] },
        }),
      },
    },
  );
  const time = async (operation: () => Promise<unknown>) => {
    await operation();
    return seconds;
  };
  return { stack, time };
}

/** A stack of its own with this program, once through all phases. */
export async function measure(
  pulumi: PulumiCommand,
  emulator: Emulator,
  options: Omit<StackOptions, "url">,
): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), "pulumi-turso-bench-"));
  const { stack, time } = await openStack(pulumi, dir, { ...options, url: emulator.url });
  const operations: Record<Phase, () => Promise<unknown>> = {
    preview: () => stack.preview(),
    up: () => stack.up(),
    "no-op up": () => stack.up(),
    refresh: () => stack.refresh(),
    destroy: () => stack.destroy(),
  };
  const results = {} as Measured["results"];
  const peak = watchMemory();
  try {
    for (const phase of phases) {
      const before = emulator.requests.length;
      const seconds = await time(operations[phase]);
      results[phase] = { seconds, requests: emulator.requests.length - before };
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return { results, memory: peak() };
}

/** The most memory that a provider process has had, in MB. Linux only. */
function watchMemory(): () => number {
  let peak = 0;
  const isProvider = (pid: string) =>
    /pulumi-resource-turso\0|dynamic-provider\/index/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
  const timer = setInterval(() => {
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      try {
        if (!isProvider(pid)) continue;
        const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
        peak = Math.max(peak, Number(kilobytes) / 1024);
      } catch {
        // The process has ended meanwhile.
      }
    }
  }, 25);
  return () => {
    clearInterval(timer);
    return peak;
  };
}
