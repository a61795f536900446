/** Builds a program of tools/pulumi-cli, where the pinned versions stand, with the Go that is on PATH. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, rmSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rename } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** The Go module of everything that is built here. */
export const SOURCE = join(import.meta.dirname, "pulumi-cli");

export interface Program {
  /** What messages call it, e.g. `the Pulumi CLI 3.259.0`. */
  title: string;
  /** The package that Go builds, e.g. `github.com/pulumi/pulumi/pkg/v3/cmd/pulumi`. */
  package: string;
  /** The file to be made. */
  target: string;
  /** A Go variable to set, e.g. `example.com/x.Version=v1`. */
  variable?: string;
  /** How long it takes where Go has built nothing of it before. */
  duration: string;
  /** How many packages it has, about. */
  packages: string;
}

/** There was nothing to try it with: worth a word only if everything else fails too. */
export class NotFound extends Error {}

/**
 * Builds in a folder of its own beside the one of `bin` and moves the finished program to its place, so that
 * a broken-off build is never taken for a program.
 */
export async function buildWithGo(program: Program, log: (line: string) => void): Promise<void> {
  const { title, target } = program;
  const go = findOnPath("go");
  if (!go) throw new NotFound("there is no go on PATH");
  const root = dirname(dirname(target));
  await mkdir(dirname(root), { recursive: true });
  const folder = await mkdtemp(`${root}.build-`);
  const output = join(folder, "program");
  const ldflags = ["-s -w", ...(program.variable ? [`-X ${program.variable}`] : [])].join(" ");
  // The same for every program: what Go has compiled for one it need not compile for another.
  const flags = ["-v", "-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", ldflags, "-o", output];

  const child = spawn(go, ["build", ...flags, program.package], {
    cwd: SOURCE,
    // Go leaves its own temporary files behind when it is interrupted.
    env: { ...process.env, GOWORK: "off", GOTMPDIR: folder },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stopped: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals) => {
    stopped = signal;
    child.kill("SIGINT");
  };
  const cleanUp = () => {
    child.kill("SIGINT");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  process.on("exit", cleanUp);

  let packages = 0;
  const messages: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (/^[\w.~/-]+$/.test(line)) packages++;
    else if (!line.startsWith("go: downloading ")) messages.push(line);
  });
  const start = Date.now();
  const building = `building ${title} from source`;
  log(
    `${building} with Go, this once (about ${program.duration} on 2 cores, less if Go has built some of it before)`,
  );
  const report = () =>
    log(`${building}: ${elapsed(start)}, ${packages} of up to ${program.packages} packages compiled`);
  const timer = setInterval(report, 15_000);
  try {
    const [code] = await once(child, "close");
    if (stopped) throw new Error(`stopped by ${stopped}`);
    if (code !== 0) throw new Error(messages.slice(-5).join("\n") || `go build ended with code ${code}`);
    await mkdir(dirname(target), { recursive: true });
    await rename(output, target).catch((error: unknown) => {
      // Windows does not replace a program that runs: another process has built the same one meanwhile.
      if (!existsSync(target)) throw error;
    });
    log(`built ${title} in ${elapsed(start)}`);
  } finally {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, stop);
    process.off("exit", cleanUp);
    cleanUp();
    // The signal was held back for tidying up. Whoever else listens for it has had it already.
    if (stopped && process.listenerCount(stopped) === 0) process.kill(process.pid, stopped);
  }
}

/** A program's file name on this system. */
export function executable(name: string): string {
  return process.platform === "win32" && !name.endsWith(".exe") ? `${name}.exe` : name;
}

export function findOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders
    .map((folder) => resolve(folder, executable(name)))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

function elapsed(start: number): string {
  const seconds = Math.round((Date.now() - start) / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
