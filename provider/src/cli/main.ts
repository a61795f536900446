/** `npx pulumi-turso`: installs the native plugin that is part of this package. Downloads nothing. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../version.js";

const HELP = `pulumi-turso ${version}

Usage: pulumi-turso COMMAND

Commands:
  plugin install   Install the native plugin for the Pulumi CLI on this machine. Required by
                   programs that import pulumi-turso/native, and by programs in other languages.
                   Replaces an installed plugin of the same version.
  plugin path      Print the path of the plugin's executable, for \`pulumi package add\` and
                   \`pulumi do --package\`. For plugins.providers in Pulumi.yaml, use its folder.

Options:
  -h, --help       Print this help.
  --version        Print the version.
`;

const folder = join(__dirname, "..", "plugin");
const executable = join(folder, `pulumi-resource-turso${process.platform === "win32" ? ".cmd" : ""}`);

/** Runs `pulumi plugin install`, which writes to the user's terminal. Returns the exit code. */
function installPlugin(): number {
  const args = ["plugin", "install", "resource", "turso", version, "--file", folder, "--reinstall"];
  const { error, status, signal } = spawnSync("pulumi", args, { stdio: "inherit" });
  if (error !== undefined) return fail(causeOf(error));
  if (status === 0) {
    process.stdout.write(`Installed the plugin turso ${version}.\n`);
    return 0;
  }
  const end = status === null ? `was terminated by ${signal}` : `exited with code ${status}`;
  return fail(`\`pulumi ${args.join(" ")}\` ${end}.`, status ?? 1);
}

function fail(cause: string, exitCode = 1): number {
  process.stderr.write(`pulumi-turso: Failed to install the plugin: ${cause}\n`);
  return exitCode;
}

function causeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") return `${error.message}.`;
  return "the Pulumi CLI is not on PATH. Install it (https://www.pulumi.com/docs/install/), then retry.";
}

function usage(problem: string): number {
  process.stderr.write(`pulumi-turso: ${problem}\nRun \`pulumi-turso --help\` for the commands.\n`);
  return 2;
}

function usageProblem([command, subcommand, ...others]: string[]): string {
  if (command === undefined) return "The command is missing.";
  if (command !== "plugin") return `Unknown command '${command}'.`;
  if (subcommand === undefined) return "`plugin` requires a subcommand: install or path.";
  if (subcommand !== "install" && subcommand !== "path")
    return `Unknown subcommand '${subcommand}'. \`plugin\` has install and path.`;
  return `Unexpected arguments after \`plugin ${subcommand}\`: ${others.join(" ")}.`;
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
  });
}

function main(): number {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  const command = positionals.join(" ");
  if (values.help) process.stdout.write(HELP);
  else if (values.version) process.stdout.write(`${version}\n`);
  else if (command === "plugin path") process.stdout.write(`${executable}\n`);
  else if (command === "plugin install") return installPlugin();
  else return usage(usageProblem(positionals));
  return 0;
}

process.exitCode = main();
