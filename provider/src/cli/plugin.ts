/** `pulumi-turso plugin`: installs the native plugin that is part of this package. Downloads nothing. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { version } from "../version.js";
import { type Command, CommandError, UsageError } from "./command.js";

const folder = join(__dirname, "..", "plugin");
const executable = join(folder, `pulumi-resource-turso${process.platform === "win32" ? ".cmd" : ""}`);

export const plugin: Command = {
  help: `Usage: pulumi-turso plugin install | path

  install   Install the native plugin for the Pulumi CLI on this machine. Required by programs that
            import pulumi-turso/native, and by programs in other languages. Replaces an installed
            plugin of the same version.
  path      Print the path of the plugin's executable, for \`pulumi package add\` and
            \`pulumi do --package\`. For plugins.providers in Pulumi.yaml, use its folder.
`,

  run(args) {
    const { positionals } = parseArgs({ args, allowPositionals: true });
    const [subcommand, ...others] = positionals;
    if (subcommand === undefined) throw new UsageError("`plugin` requires a subcommand: install or path.");
    if (subcommand !== "install" && subcommand !== "path")
      throw new UsageError(`Unknown subcommand '${subcommand}'. \`plugin\` has install and path.`);
    if (others.length > 0)
      throw new UsageError(`Unexpected arguments after \`plugin ${subcommand}\`: ${others.join(" ")}.`);
    if (subcommand === "install") return install();
    process.stdout.write(`${executable}\n`);
    return 0;
  },
};

/** Runs `pulumi plugin install`, which writes to the user's terminal. Returns its exit code. */
function install(): number {
  const args = ["plugin", "install", "resource", "turso", version, "--file", folder, "--reinstall"];
  const { error, status, signal } = spawnSync("pulumi", args, { stdio: "inherit" });
  if (error !== undefined) throw new CommandError(`Failed to install the plugin: ${causeOf(error)}`);
  if (status === 0) {
    process.stdout.write(`Installed the plugin turso ${version}.\n`);
    return 0;
  }
  const end = status === null ? `was terminated by ${signal}` : `exited with code ${status}`;
  process.stderr.write(`pulumi-turso: Failed to install the plugin: \`pulumi ${args.join(" ")}\` ${end}.\n`);
  return status ?? 1;
}

function causeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") return `${error.message}.`;
  return "the Pulumi CLI is not on PATH. Install it (https://www.pulumi.com/docs/install/), then retry.";
}
