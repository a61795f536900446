/** `npx pulumi-turso COMMAND`. Only the module of the command that runs is loaded. */
import { version } from "../version.js";
import { type Command, CommandError, EXIT, UsageError } from "./command.js";

const COMMANDS: Readonly<Record<string, { summary: string; load(): Promise<Command> }>> = {
  discover: {
    summary: "Write the program and the import file of an existing organization",
    load: async () => (await import("./discover/discover.js")).discover,
  },
  plugin: {
    summary: "Install the native plugin for the Pulumi CLI, or print its path",
    load: async () => (await import("./plugin.js")).plugin,
  },
  report: {
    summary: "Report a preview as a comment on a pull request, and as an exit code",
    load: async () => (await import("./report/report.js")).report,
  },
};

const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 3;

const HELP = `pulumi-turso ${version}

Usage: pulumi-turso COMMAND

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`)
  .join("\n")}

Options:
  -h, --help       Print this help. After a command: the help of the command.
  --version        Print the version.
`;

async function main([name, ...args]: string[]): Promise<number> {
  if (name === "--help" || name === "-h") return print(HELP);
  if (name === "--version") return print(`${version}\n`);
  const entry = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    const problem = name === undefined ? "The command is missing." : `Unknown command '${name}'.`;
    return fail(`${problem}\nRun \`pulumi-turso --help\` for the commands.`, EXIT.usage);
  }
  const command = await entry.load();
  if (args.includes("--help") || args.includes("-h")) return print(command.help);
  try {
    return await command.run(args);
  } catch (error) {
    if (isUsageError(error)) {
      return fail(`${problemOf(error)}\nRun \`pulumi-turso ${name} --help\` for the options.`, EXIT.usage);
    }
    if (error instanceof CommandError) return fail(error.message, EXIT.failed);
    if (error instanceof Error && "syscall" in error)
      return fail(`Failed to run \`${name}\`: ${error.message}.`, EXIT.failed);
    throw error;
  }
}

/** Of ours, or of `util.parseArgs`. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** Without the general advice that Node adds after the first sentence. */
function problemOf(error: Error): string {
  return error instanceof UsageError ? error.message : `${error.message.split(". ")[0]}.`;
}

function print(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

function fail(message: string, exitCode: number): number {
  process.stderr.write(`pulumi-turso: ${message}\n`);
  return exitCode;
}

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
