/** What every command of `npx pulumi-turso` is. Results go to stdout, progress and problems to stderr. */
export interface Command {
  /** What `--help` prints after the command's name. */
  readonly help: string;
  /** Runs the command with the arguments after its name. Returns the exit code. */
  run(args: string[]): Promise<number> | number;
}

/** Exit codes of all commands, the same as those of the Pulumi CLI. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** There are changes that were not expected. */
  unexpectedChanges: 7,
} as const;

/** Wrong arguments: the exit code is {@link EXIT}.usage. The message is one or more sentences. */
export class UsageError extends Error {}

/** A command that failed for a reason that the user can see in the message. */
export class CommandError extends Error {}

/** Why a file could not be read or written, as the end of a sentence. */
export function fileCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ENOENT") return "it does not exist";
  if ("code" in error && error.code === "EISDIR") return "it is a folder";
  return error.message;
}

/** The value of an option that has only these values. */
export function oneOf<T extends string>(option: string, values: readonly T[], given: string): T {
  const value = values.find((one) => one === given);
  if (value !== undefined) return value;
  const all = values.join(", ").replace(/, (?=[^,]*$)/, " or ");
  throw new UsageError(`\`${option}\` must be ${all}, got '${given}'.`);
}
