#!/usr/bin/env node
/** `npx pulumi-turso`: gives the Pulumi CLI the native plugin that this package carries. Nothing is downloaded. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../version.js";

const HELP = `pulumi-turso ${version}

  pulumi-turso plugin install   install the native plugin for the Pulumi CLI on this machine, in place of one of the same
                                version; for programs that import pulumi-turso/native, and for YAML, Python, Go, …
  pulumi-turso plugin path      print the plugin's executable, for \`pulumi package add\` and \`pulumi do --package\`;
                                plugins.providers in Pulumi.yaml wants the folder that it is in
  pulumi-turso --help           this text
  pulumi-turso --version        the version
`;

const folder = join(__dirname, "..", "plugin");
const executable = join(folder, `pulumi-resource-turso${process.platform === "win32" ? ".cmd" : ""}`);

/** Runs the CLI, whose output is the user's. Throws an error that a person can act on. */
function installPlugin(): number {
  const args = ["plugin", "install", "resource", "turso", version, "--file", folder, "--reinstall"];
  const { error, status, signal } = spawnSync("pulumi", args, { stdio: "inherit" });
  if (error !== undefined) {
    throw new Error(
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "there is no pulumi on PATH. Install the Pulumi CLI (https://www.pulumi.com/docs/install/) and try again."
        : `pulumi could not be run: ${error.message}`,
    );
  }
  if (status === 0) {
    process.stdout.write(`The plugin turso ${version} is installed.\n`);
  } else {
    const end = status === null ? `was ended by ${signal}` : `ended with code ${status}`;
    process.stderr.write(
      `pulumi-turso: the plugin was not installed: \`pulumi ${args.join(" ")}\` ${end}.\n`,
    );
  }
  return status ?? 1;
}

function usage(problem: string): number {
  process.stderr.write(`pulumi-turso: ${problem}\nTry pulumi-turso --help.\n`);
  return 2;
}

function problemOf([command, subcommand]: string[]): string {
  if (command === undefined) return "a command is missing.";
  if (command !== "plugin") return `there is no command '${command}'.`;
  if (subcommand === undefined) return "plugin needs a subcommand: install or path.";
  return `plugin has no subcommand '${subcommand}', or not with these arguments: it has install and path.`;
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
  else return usage(problemOf(positionals));
  return 0;
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
  });
}

try {
  process.exitCode = main();
} catch (error) {
  process.stderr.write(`pulumi-turso: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
