/**
 * States that earlier versions wrote, kept in test/data/states with what existed at Turso then. See the
 * README there.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type * as native from "pulumi-turso/native";
import type { Account, Emulator, EmulatorState } from "turso-emulator";
import type { Host } from "./hosts.ts";
import type { EngineOptions } from "./stack.ts";

/** What a program imports; the native plugin has explicit providers too. */
export type Turso = Host["turso"] & Partial<Pick<typeof native, "Provider">>;

/** `program.ts` beside the states: the program whose state they are. */
export interface SavedProgram {
  /** The default organizations, each of which is a stack of its own. Undefined: the personal account. */
  organizations: (string | undefined)[];
  /** What exists before the first `up`. */
  seed?(account: Account): void;
  /** Declares the resources. A program that changes after the refresh declares others in the `first` up. */
  declare(turso: Turso, up: { first: boolean; account: string | undefined }): void;
  /**
   * Changes that happen outside Pulumi between the first `up` and a refresh, and faults for the second `up`.
   */
  meanwhile?(account: Account, emulator: Emulator): void;
  /**
   * The resources, of those that a stack has, that the second `up` left incomplete: every following preview
   * updates them.
   */
  unfinished?: string[];
}

export type HostName = Host["host"];

export interface SavedState {
  /** What existed at Turso. */
  turso: EmulatorState;
  /** The stack's file of the file backend, with `EMULATOR` in place of the emulator's URL. */
  checkpoint: unknown;
}

const FOLDER = join(import.meta.dirname, "..", "data", "states");
const PLACEHOLDER = "http://emulator.invalid";

/** The commits whose states are kept. */
export function savedCommits(): string[] {
  const entries = readdirSync(FOLDER, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

export async function programOf(commit: string): Promise<SavedProgram> {
  return (await import(join(FOLDER, commit, "program.ts"))) as SavedProgram;
}

/** The hosts and default organizations whose states of that commit are kept. */
export function savedStatesOf(commit: string): { host: HostName; organization: string | undefined }[] {
  return readdirSync(join(FOLDER, commit)).flatMap((file) => {
    const [, host, slug] = /^(dynamic|native)(?:-(.+))?\.json$/.exec(file) ?? [];
    return host === "dynamic" || host === "native" ? [{ host, organization: slug }] : [];
  });
}

/** The settings of a saved stack's engine. */
export function settingsOf(emulator: Emulator, organization: string | undefined): EngineOptions {
  return {
    config: {
      "turso:baseUrl": { value: emulator.url },
      ...(organization && { "turso:organization": { value: organization } }),
    },
  };
}

export function saveState(
  commit: string,
  host: HostName,
  organization: string | undefined,
  emulator: Emulator,
  checkpoint: string,
): void {
  const text = checkpoint.replaceAll(emulator.url, PLACEHOLDER);
  const state: SavedState = {
    turso: emulator.store.save(),
    checkpoint: withoutPlaces(JSON.parse(text)),
  };
  writeFileSync(fileOf(commit, host, organization), `${JSON.stringify(state, undefined, 1)}\n`);
}

/** Restores what existed when the state was written, and writes the state to the folder of a stack. */
export function restoreState(
  commit: string,
  host: HostName,
  organization: string | undefined,
  emulator: Emulator,
  stackFile: string,
): void {
  const text = readFileSync(fileOf(commit, host, organization), "utf8").replaceAll(PLACEHOLDER, emulator.url);
  const { turso, checkpoint } = JSON.parse(text) as SavedState;
  emulator.store.load(turso);
  mkdirSync(dirname(stackFile), { recursive: true });
  writeFileSync(stackFile, JSON.stringify(checkpoint));
}

function fileOf(commit: string, host: HostName, organization: string | undefined): string {
  return join(FOLDER, commit, `${[host, organization].filter(Boolean).join("-")}.json`);
}

/** Without the positions in the program, which are paths on the machine that wrote the state. */
function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "sourcePosition" && key !== "stackTrace");
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutPlaces(item)]));
}
