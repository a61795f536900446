/** `pulumi-turso report`: a preview as a comment on a pull request, and as an exit code. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type Command, CommandError, fileCause, oneOf, UsageError } from "../command.js";
import { toMarkdown } from "./markdown.js";
import { toJson, toText } from "./plain.js";
import { type Preview, parsePreview } from "./preview.js";
import { FAIL_ON, type FailOn, summaryOf } from "./summary.js";

const FORMATS = ["markdown", "text", "json"] as const;

export const report: Command = {
  help: `Usage: pulumi preview --json | pulumi-turso report [FILE] [OPTIONS]

Writes a report of a preview: what would be lost, what is refused, which tokens are renewed, and every
change. Reads the output of \`pulumi preview --json\` from FILE, or from standard input.

Options:
  --format FORMAT      markdown (at most 60,000 characters), text or json. Default: markdown.
  --title TEXT         Replaces the project and stack in the headline.
  --marker TEXT        Identifies the comment: the first line of the Markdown is <!-- TEXT -->.
                       Default: pulumi-turso-report.
  --fail-on CHANGES    destructive, changes or never: the changes for which the exit code is 7.
                       Default: destructive.
  --allow PATTERN      A resource whose changes are expected: its name, type or URN, where * stands for
                       any text. Repeat it for several.
  --exit-code NUMBER   Exit code of \`pulumi preview\`. If it is not 0, the preview failed.
  --stderr FILE        What \`pulumi preview\` wrote to standard error: shown if the preview failed.

Exit codes:
  0   No such changes.
  1   The preview failed, or the input is not a preview.
  2   Wrong options.
  7   Changes of --fail-on that no --allow names.
`,

  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        format: { type: "string", default: "markdown" },
        title: { type: "string" },
        marker: { type: "string", default: "pulumi-turso-report" },
        "fail-on": { type: "string", default: "destructive" },
        allow: { type: "string", multiple: true, default: [] },
        "exit-code": { type: "string", default: "0" },
        stderr: { type: "string" },
      },
    });
    const [file, ...others] = positionals;
    if (others.length > 0) throw new UsageError(`Unexpected arguments: ${others.join(" ")}.`);
    const format = oneOf("--format", FORMATS, values.format);
    const failOn: FailOn = oneOf("--fail-on", FAIL_ON, values["fail-on"]);
    const { title, allow } = values;
    const marker = markerOf(values.marker);
    const exitCode = exitCodeOf(values["exit-code"]);

    const preview = parsePreview(await read(file));
    const stderr = values.stderr === undefined ? "" : await read(values.stderr);
    const summary = summaryOf(withExitCode(preview, exitCode, stderr), { allow, failOn });
    const write = {
      markdown: () => toMarkdown(summary, { title, marker }),
      text: () => toText(summary, title),
      json: () => toJson(summary),
    };
    process.stdout.write(write[format]());
    return summary.exitCode;
  },
};

/** Some failures are not part of the JSON: of the CLI before the preview starts, and of policies. */
function withExitCode(preview: Preview, exitCode: number, stderr: string): Preview {
  if (exitCode === 0 && preview.incomplete === undefined) return preview;
  const incomplete = preview.incomplete ?? `\`pulumi preview\` exited with code ${exitCode}.`;
  const last = stderr.trim().split("\n").slice(-20).join("\n");
  if (last === "" || preview.errors.length > 0) return { ...preview, incomplete };
  return { ...preview, incomplete, errors: [{ message: `${incomplete}\n${last}` }] };
}

async function read(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY)
    throw new UsageError(
      "There is no preview to read. Pipe the output of `pulumi preview --json`, or name a file.",
    );
  try {
    return await (file === undefined ? text(process.stdin) : readFile(file, "utf8"));
  } catch (error) {
    throw new CommandError(`Failed to read ${file ?? "standard input"}: ${fileCause(error)}.`);
  }
}

/** It is part of an HTML comment, which it must not end. */
function markerOf(value: string): string {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9_./: ]|-(?!-)){0,98}[A-Za-z0-9]$/.test(value)) return value;
  throw new UsageError(
    "`--marker` must be 2 to 100 letters, numbers, spaces and the characters -_./: without `--`.",
  );
}

function exitCodeOf(value: string): number {
  if (/^\d{1,3}$/.test(value)) return Number(value);
  throw new UsageError(`\`--exit-code\` must be a number, got '${value}'.`);
}
