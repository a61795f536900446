/**
 * Gets a Pulumi CLI for the engine tests, the demo and the benchmark.
 *
 * node tools/pulumi.ts             print where the CLI is and its version, installing it if need be node
 * tools/pulumi.ts up --yes    run it, with what a dynamic provider needs on PATH
 *
 * A CLI built from source (the last resort, where Pulumi's download cannot be reached) lacks the language
 * hosts. Inline programs of the Automation API need none, and the one of YAML projects is built in its turn.
 * `pulumi up` on a project with `runtime: nodejs` needs `pulumi-language-nodejs`, and without it ends in the
 * CLI's own error.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { chmod, copyFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, constants as osConstants } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { SemVer } from "semver";
import { buildWithGo, executable, findOnPath, NotFound, SOURCE } from "./go.ts";

const MODULE = "github.com/pulumi/pulumi/pkg/v3";
const YAML_MODULE = "github.com/pulumi/pulumi-yaml";

/** The version that is installed or built when there is no usable CLI yet. Pinned in pulumi-cli/go.mod. */
export const PULUMI_VERSION = pinnedVersion(MODULE);

/**
 * Starts the dynamic providers. The package `@pulumi/pulumi` has it, and Pulumi's download has it beside the
 * CLI.
 */
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

/**
 * Finds a CLI on PATH or among the installed versions, otherwise installs it, otherwise builds it with Go.
 * Throws one error that lists everything that was tried, and why it did not work.
 */
export async function getPulumi(options: GetPulumiOptions = {}): Promise<PulumiCommand> {
  const { log = console.error, offline = false, install = PulumiCommand.install } = options;
  const version = new SemVer(PULUMI_VERSION);
  const root = installRoot();

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
      await buildWithGo(
        {
          title: `the Pulumi CLI ${PULUMI_VERSION}`,
          package: `${MODULE}/cmd/pulumi`,
          target: join(root, "bin", executable("pulumi")),
          variable: `github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${PULUMI_VERSION}`,
          duration: "5 minutes",
          packages: "1,700",
        },
        log,
      );
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

/**
 * The host of YAML programs, which Pulumi's download has beside the CLI: found there or on PATH, otherwise
 * built with Go and kept with the installed versions. Its folder belongs on the engine's PATH.
 */
export async function getYamlHost(
  pulumi: PulumiCommand,
  { log = console.error, offline = false }: Pick<GetPulumiOptions, "log" | "offline"> = {},
): Promise<string> {
  const name = executable("pulumi-language-yaml");
  const target = join(installRoot(), "bin", name);
  const beside = join(dirname(realpathSync(pulumiPath(pulumi))), name);
  const found = [beside, target].find((file) => existsSync(file)) ?? findOnPath("pulumi-language-yaml");
  if (found !== undefined) return found;
  const missing = "There is no pulumi-language-yaml beside the CLI or on PATH";
  if (offline) throw new Error(`${missing}.`);
  if (!findOnPath("go")) throw new Error(`${missing}, and no Go to build it with (https://go.dev/dl/).`);
  const version = pinnedVersion(YAML_MODULE);
  await buildWithGo(
    {
      title: `the host of YAML programs ${version}`,
      package: `${YAML_MODULE}/cmd/pulumi-language-yaml`,
      target,
      variable: `${YAML_MODULE}/pkg/version.Version=v${version}`,
      duration: "2 minutes",
      packages: "1,000",
    },
    log,
  );
  return target;
}

/**
 * The program `gen-sdk SCHEMA LANGUAGE FOLDER`, which does without the language hosts that `pulumi package
 * gen-sdk` needs. Built with Go where it is not there yet.
 */
export function getSdkGenerator(options: Pick<GetPulumiOptions, "log"> = {}): Promise<string> {
  return getGenerator("gen-sdk", "the generator of SDKs", options);
}

/** The program `gen-examples SCHEMA FOLDER…`, which translates YAML programs, as `pulumi convert` does. */
export function getExampleGenerator(options: Pick<GetPulumiOptions, "log"> = {}): Promise<string> {
  return getGenerator("gen-examples", "the generator of examples", options);
}

async function getGenerator(
  folder: string,
  title: string,
  { log = console.error }: Pick<GetPulumiOptions, "log">,
): Promise<string> {
  // Another text makes another program.
  const text = readFileSync(join(SOURCE, folder, "main.go"));
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const target = join(installRoot(), "bin", executable(`pulumi-turso-${folder}-${hash}`));
  if (existsSync(target)) return target;
  if (!findOnPath("go"))
    throw new Error(`There is no Go to build tools/pulumi-cli/${folder} with (https://go.dev/dl/).`);
  const program = { title, package: `./${folder}`, target, duration: "2 minutes", packages: "1,000" };
  await buildWithGo(program, log);
  return target;
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

/**
 * The variables with which an engine keeps to `dir` and leaves the user's own stacks, login and plugins
 * alone.
 */
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

/**
 * The engine takes the launcher beside the CLI, else the one on PATH, and warns of that each time. The
 * launcher takes `node` from PATH.
 */
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
    // The folder belongs to another user: then enginePath finds the launcher in the SDK.
    await rm(copy, { force: true }).catch(() => {});
  }
  return pulumi;
}

function sdkFolder(project: string): string {
  return dirname(createRequire(join(resolve(project), "x")).resolve("@pulumi/pulumi/package.json"));
}

/** Where `pulumi` itself keeps its versions. */
function installRoot(): string {
  return resolve(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "versions", PULUMI_VERSION);
}

function pinnedVersion(module: string): string {
  const file = join(SOURCE, "go.mod");
  const version = new RegExp(`^\\s*(?:require )?${module} v(\\S+)`, "m").exec(
    readFileSync(file, "utf8"),
  )?.[1];
  if (!version) throw new Error(`${file} does not require ${module}.`);
  return version;
}

/**
 * An error's message; of the Automation API's multi-part ones only what the command wrote to standard error.
 */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = /^ stderr: (.*?)^ err\?:/ms.exec(message)?.[1] ?? message;
  return text.trim().replaceAll("\n", "\n    ");
}

/** Whether the CLI is to run a project whose programs are YAML. */
function isYaml(args: string[]): boolean {
  const options = { cwd: { type: "string", short: "C" } } as const;
  const { cwd = "." } = parseArgs({ args, options, strict: false, allowPositionals: true }).values;
  const file = join(String(cwd), "Pulumi.yaml");
  return existsSync(file) && /^runtime:\s*(name:\s*)?yaml\s*$/m.test(readFileSync(file, "utf8"));
}

async function main(args: string[]): Promise<number> {
  const pulumi = await getPulumi();
  if (args.length === 0) {
    console.log(`${pulumiPath(pulumi)} ${pulumi.version}`);
    return 0;
  }
  const path = [enginePath(pulumi, import.meta.dirname)];
  if (isYaml(args)) path.unshift(dirname(await getYamlHost(pulumi)));
  const env = { ...process.env, PATH: path.join(delimiter) };
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
