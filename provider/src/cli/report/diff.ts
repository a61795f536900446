/** What changes in the inputs of a resource. Outputs and secrets are never shown. */
import type { Properties } from "../../lifecycle/values.js";
import { visible } from "../text.js";
import { isRecord, type Step } from "./preview.js";

export interface PropertyChange {
  /** E.g. `triggers.leaked`. */
  path: string;
  kind: "add" | "delete" | "update";
  /** JSON. Absent where the preview does not have the value. */
  old?: string;
  new?: string;
  forcesReplacement: boolean;
}

/** The changes of a step, sorted by path. */
export function diffOf({ old, new: new_, replaceReasons, diffReasons }: Step): PropertyChange[] {
  const changes = compare("", old?.inputs ?? {}, new_?.inputs ?? {});
  const top = (path: string) => /^[^.[]*/.exec(path)?.[0] ?? path;
  const seen = new Set(changes.map(({ path }) => top(path)));
  // E.g. a secret with another value, a failed update, an output that changed outside Pulumi.
  const unseen = new Set([...replaceReasons, ...diffReasons].filter((path) => !seen.has(top(path))));
  const all = [...changes, ...[...unseen].filter(isShown).map((path) => ({ path, kind: "update" as const }))];
  const forcing = new Set(replaceReasons.map(top));
  return all
    .map((change) => ({ ...change, forcesReplacement: forcing.has(top(change.path)) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** One line for each change, e.g. `~ location: "lhr" → "ams" (forces replacement)`. */
export function lineOf({ path, kind, old, new: new_, forcesReplacement }: PropertyChange): string {
  const sign = { add: "+", delete: "-", update: "~" }[kind];
  const values = [old, new_].filter((value) => value !== undefined).map((value) => visible(value));
  const shown = values.length === 0 ? "" : `: ${values.join(" → ")}`;
  return `${sign} ${visible(path)}${shown}${forcesReplacement ? " (forces replacement)" : ""}`;
}

type Change = Omit<PropertyChange, "forcesReplacement">;

function compare(prefix: string, old: Properties, news: Properties): Change[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(news)])].filter(isShown);
  return keys.flatMap((key) => compareValues(`${prefix}${key}`, old[key], news[key]));
}

function compareValues(path: string, old: unknown, new_: unknown): Change[] {
  if (isMap(old) && isMap(new_)) return compare(`${path}.`, old, new_);
  if (JSON.stringify(old) === JSON.stringify(new_)) return [];
  // A value that is a secret on one side is one on the other.
  const hidden = holdsSecret(old) || holdsSecret(new_);
  const show = (value: unknown) => (hidden ? SECRET : JSON.stringify(value, replaceMarked));
  if (old === undefined) return [{ path, kind: "add", new: show(new_) }];
  if (new_ === undefined) return [{ path, kind: "delete", old: show(old) }];
  return [{ path, kind: "update", old: show(old), new: show(new_) }];
}

/** Properties of the provider itself start with two underscores. */
function isShown(path: string): boolean {
  return !path.startsWith("__");
}

const SECRET = "[secret]";

/** Marks a value that is more than its JSON, e.g. a secret or an asset. */
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270";

/** What the engine writes for a value that is not known before `up`: text, flag, number, list, map. */
const UNKNOWN = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

function isMap(value: unknown): value is Properties {
  return isRecord(value) && !(MARK in value);
}

function holdsSecret(value: unknown): boolean {
  if (value === SECRET) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isRecord(value)) return false;
  return value[MARK] === SECRET_MARK || Object.values(value).some(holdsSecret);
}

function replaceMarked(_key: string, value: unknown): unknown {
  if (typeof value === "string" && UNKNOWN.has(value)) return "[unknown]";
  return isRecord(value) && MARK in value ? "[asset]" : value;
}
