/**
 * Gets a Pulumi CLI for the engine tests, the demo and the benchmark.
 *
 *   node tools/pulumi.ts             print where the CLI is and its version, installing it if need be
 *   node tools/pulumi.ts up --yes    run it, with what a dynamic provider needs on PATH
 *
 * A CLI built from source (the last resort, where Pulumi's download cannot be reached) lacks the language
 * hosts. Inline programs of the Automation API need none. `pulumi up` on a project with `runtime: nodejs`
 * needs `pulumi-language-nodejs`, and without it ends in the CLI's own error.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, constants as osConstants } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";

const SOURCE = join(import.meta.dirname, "pulumi-cli");
const MODULE = "github.com/pulumi/pulumi/pkg/v3";

/** The version that is installed or built when there is no usable CLI yet. Pinned in pulumi-cli/go.mod. */
export const PULUMI_VERSION = pinnedVersion();

/** Starts the dynamic providers. The package `@pulumi/pulumi` has it, and Pulumi's download has it beside the CLI. */
const LAUNCHER = `pulumi-resource-pulumi-nodejs${process.platform === "win32" ? ".cmd" : ""}`;

/** `get` of a dynamic resource needs it. */
const MINIMUM_VERSION = "3.248.0";

export interface GetPulumiOptions {
  /** Gets a line for each thing that takes time or does not work. Default: standard error. */
  log?: (line: string) => void;
  /** Take only a CLI that is there already: download and build nothing. Default: false. */
  offline?: boolean;
  /** Replaces the official installer. Default: `PulumiCommand.install`, which needs the internet. */
  install?: typeof PulumiCommand.install;
}

/** There was nothing to try: worth a word only if everything else fails too. */
class NotFound extends Error {}

/**
 * Finds a CLI on PATH or among the installed versions, otherwise installs it, otherwise builds it with Go.
 * Throws one error that lists everything that was tried, and why it did not work.
 */
export async function getPulumi(options: GetPulumiOptions = {}): Promise<PulumiCommand> {
  const { log = console.error, offline = false, install = PulumiCommand.install } = options;
  const version = new SemVer(PULUMI_VERSION);
  const root = resolve(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "versions", PULUMI_VERSION);

  const ways: Record<string, () => Promise<PulumiCommand>> = {
    "pulumi on PATH": async () => {
      if (!findOnPath("pulumi")) throw new NotFound("not found");
      return PulumiCommand.get({ version: new SemVer(MINIMUM_VERSION) });
    },
    [`installed in ${root}`]: async () => {
      if (!existsSync(join(root, "bin", executable("pulumi")))) throw new NotFound("not found");
      return withLauncher(await PulumiCommand.get({ root, version }));
    },
    "official install": async () => {
      if (offline) throw new NotFound("not tried, offline");
      log(`installing the Pulumi CLI ${PULUMI_VERSION} in ${root}`);
      return withLauncher(await install({ root, version }));
    },
    "build from source with Go": async () => {
      if (offline) throw new NotFound("not tried, offline");
      await build(root, log);
      return withLauncher(await PulumiCommand.get({ root, version }));
    },
  };

  const tried: string[] = [];
  for (const [name, get] of Object.entries(ways)) {
    try {
      return await get();
    } catch (error) {
      const line = `${name}: ${reason(error)}`;
      tried.push(line);
      if (!(error instanceof NotFound)) log(line);
    }
  }
  throw new Error(
    `There is no Pulumi CLI to run. Tried:\n${tried.map((line) => `  - ${line}`).join("\n")}\n` +
      `Install Pulumi ${MINIMUM_VERSION} or later (https://www.pulumi.com/docs/install/) or Go (https://go.dev/dl/) and try again.`,
  );
}

/** The CLI's absolute path. */
export function pulumiPath(pulumi: PulumiCommand): string {
  return isAbsolute(pulumi.command) ? executable(pulumi.command) : (findOnPath("pulumi") ?? pulumi.command);
}

export interface PulumiEnvOptions {
  pulumi: PulumiCommand;
  /** Where stacks are kept, and in `home` plugins and logs. Made if it does not exist. */
  dir: string;
  /** A folder that can import `@pulumi/pulumi`. Default: this one. */
  project?: string;
  /** Encrypts the stacks' secrets. Default: "passphrase". */
  passphrase?: string;
}

/** The variables with which an engine keeps to `dir` and leaves the user's own stacks, login and plugins alone. */
export function pulumiEnv({
  pulumi,
  dir,
  project = import.meta.dirname,
  passphrase = "passphrase",
}: PulumiEnvOptions): Record<string, string> {
  mkdirSync(dir, { recursive: true });
  return {
    // On Windows the engine wants file://C:/dir, and takes file:///C:/dir for a path on the current drive.
    PULUMI_BACKEND_URL: pathToFileURL(dir).href.replace(/^file:\/\/\/(?=[A-Za-z]:\/)/, "file://"),
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_HOME: resolve(dir, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PATH: enginePath(pulumi, project),
  };
}

/** The engine takes the launcher beside the CLI, else the one on PATH, and warns of that each time. The launcher takes `node` from PATH. */
function enginePath(pulumi: PulumiCommand, project: string): string {
  const cli = pulumiPath(pulumi);
  const first = [dirname(process.execPath), dirname(cli), process.env.PATH ?? ""];
  if (!existsSync(join(dirname(realpathSync(cli)), LAUNCHER))) first.splice(1, 0, sdkFolder(project));
  return first.join(delimiter);
}

/** Puts the launcher beside a CLI that has none, because it was built here. */
async function withLauncher(pulumi: PulumiCommand): Promise<PulumiCommand> {
  const target = join(dirname(pulumiPath(pulumi)), LAUNCHER);
  if (existsSync(target)) return pulumi;
  // Moved to its place when it is whole: an engine may be looking for it right now.
  const copy = `${target}.${process.pid}`;
  try {
    await copyFile(join(sdkFolder(import.meta.dirname), LAUNCHER), copy);
    await chmod(copy, 0o755);
    await rename(copy, target);
  } catch {
    // The folder belongs to somebody else: then enginePath finds the launcher in the SDK.
    await rm(copy, { force: true }).catch(() => {});
  }
  return pulumi;
}

function sdkFolder(project: string): string {
  return dirname(createRequire(join(resolve(project), "x")).resolve("@pulumi/pulumi/package.json"));
}

/** Builds in a folder of its own and moves the finished CLI to its place, so that a broken-off build is never taken for a CLI. */
async function build(root: string, log: (line: string) => void): Promise<void> {
  const go = findOnPath("go");
  if (!go) throw new NotFound("there is no go on PATH");
  await mkdir(dirname(root), { recursive: true });
  const folder = await mkdtemp(`${root}.build-`);
  const output = join(folder, executable("pulumi"));
  const target = join(root, "bin", executable("pulumi"));
  const ldflags = `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`;
  const flags = ["-v", "-trimpath", "-tags", "osusergo,grpcnotrace", "-ldflags", ldflags, "-o", output];

  const child = spawn(go, ["build", ...flags, `${MODULE}/cmd/pulumi`], {
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
  const building = `building the Pulumi CLI ${PULUMI_VERSION} from source`;
  log(`${building} with Go, this once (about 5 minutes on 2 cores, less if Go has built some of it before)`);
  const report = () => log(`${building}: ${elapsed(start)}, ${packages} of up to 1,700 packages compiled`);
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
    log(`built the Pulumi CLI ${PULUMI_VERSION} in ${elapsed(start)}`);
  } finally {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, stop);
    process.off("exit", cleanUp);
    cleanUp();
    // The signal was held back for tidying up. Whoever else listens for it has had it already.
    if (stopped && process.listenerCount(stopped) === 0) process.kill(process.pid, stopped);
  }
}

function pinnedVersion(): string {
  const file = join(SOURCE, "go.mod");
  const version = new RegExp(`^\\s*(?:require )?${MODULE} v(\\S+)`, "m").exec(
    readFileSync(file, "utf8"),
  )?.[1];
  if (!version) throw new Error(`${file} does not require ${MODULE}.`);
  return version;
}

function executable(name: string): string {
  return process.platform === "win32" && !name.endsWith(".exe") ? `${name}.exe` : name;
}

function findOnPath(name: string): string | undefined {
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

/** An error's message; of the Automation API's multi-part ones only what the command wrote to standard error. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = /^ stderr: (.*?)^ err\?:/ms.exec(message)?.[1] ?? message;
  return text.trim().replaceAll("\n", "\n    ");
}

function elapsed(start: number): string {
  const seconds = Math.round((Date.now() - start) / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

async function main(args: string[]): Promise<number> {
  const pulumi = await getPulumi();
  if (args.length === 0) {
    console.log(`${pulumiPath(pulumi)} ${pulumi.version}`);
    return 0;
  }
  const env = { ...process.env, PATH: enginePath(pulumi, import.meta.dirname) };
  const child = spawn(pulumiPath(pulumi), args, { stdio: "inherit", env });
  // Ctrl-C reaches the CLI by itself. A second signal would make it give up what is in flight.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, "close");
  return typeof code === "number" ? code : 128 + (osConstants.signals[signal as NodeJS.Signals] ?? 0);
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
}
