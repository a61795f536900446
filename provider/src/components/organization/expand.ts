/** Entries with `for`: one entry is written once and stands for many. */
import { nearest } from "../../lifecycle/nearest.js";
import type { Path, Problem } from "./problems.js";

/** An entry of the file, or one of those that it stands for. */
export interface Expanded {
  readonly key: string;
  /** The entry without `for`, and with values in place of placeholders. */
  readonly properties: Readonly<Record<string, unknown>>;
}

type Values = Readonly<Record<string, string | number>>;

/** The most entries that one entry can stand for. */
const MOST_ENTRIES = 10_000;

/** `{region}` in a key or in a text. */
const PLACEHOLDER = /\{([A-Za-z_]\w*)\}/g;

/** Whether a value is a map: not an Output, nor anything else that has a class. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The entries that an entry stands for; itself, if it has no `for`. */
export function expand(
  path: Path,
  key: string,
  entry: Readonly<Record<string, unknown>>,
): { entries: Expanded[]; problems: Problem[] } {
  const { for: lists, ...properties } = entry;
  if (lists === undefined)
    return { entries: [{ key, properties }], problems: withoutFor(path, key, properties) };
  // The schema says what is wrong with it.
  if (!isLists(lists)) return { entries: [], problems: [] };
  const problems = [...countProblems(path, lists), ...placeholderProblems(path, key, properties, lists)];
  if (problems.length > 0) return { entries: [], problems };
  const entries = combinations(lists).map((values) => ({
    key: filled(key, values),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, substituted(value, values)]),
    ),
  }));
  return { entries, problems: [] };
}

type Lists = Readonly<Record<string, readonly (string | number)[]>>;

function isLists(value: unknown): value is Lists {
  return isMap(value) && Object.values(value).every(isListOfTexts);
}

function isListOfTexts(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length) return false;
  return value.every((item) => typeof item === "string" || typeof item === "number");
}

/** Placeholders of an entry that has no `for`. Deeper values may have braces of their own. */
function withoutFor(path: Path, key: string, properties: Readonly<Record<string, unknown>>): Problem[] {
  const texts: [Path, unknown][] = [
    [path, key],
    ...Object.entries(properties).map(([name, value]): [Path, unknown] => [[...path, name], value]),
  ];
  return texts.flatMap(([at, text]) => {
    const [name] = typeof text === "string" ? placeholdersIn(text) : [];
    return name === undefined
      ? []
      : [{ path: at, text: `has the placeholder {${name}}, but the entry has no \`for\`.` }];
  });
}

function countProblems(path: Path, lists: Lists): Problem[] {
  const count = Object.values(lists).reduce((product, list) => product * list.length, 1);
  if (count <= MOST_ENTRIES) return [];
  return [
    { path: [...path, "for"], text: `stands for ${count} entries; at most ${MOST_ENTRIES} are possible.` },
  ];
}

/** Placeholders that `for` does not have, and variables without which two entries would have one key. */
function placeholderProblems(
  path: Path,
  key: string,
  properties: Readonly<Record<string, unknown>>,
  lists: Lists,
): Problem[] {
  const names = Object.keys(lists);
  const unknown = [{ at: path, text: key }, ...textsIn(path, properties)].flatMap(({ at, text }) =>
    placeholdersIn(text)
      .filter((name) => !names.includes(name))
      .map((name): Problem => {
        const meant = nearest(name, names);
        const hint = meant === undefined ? `it has ${names.join(", ")}.` : `did you mean {${meant}}?`;
        return { path: at, text: `has the placeholder {${name}}, which \`for\` does not have; ${hint}` };
      }),
  );
  const used = placeholdersIn(key);
  const unused = names
    .filter((name) => !used.includes(name))
    .map((name) => ({
      path: [...path, "for", name],
      text: `is not in the key, so that its values would have the same key; add {${name}} to the key.`,
    }));
  return [...unknown, ...unused];
}

function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
}

/** Every text of a value, and where it is. */
function textsIn(at: Path, value: unknown): { at: Path; text: string }[] {
  if (typeof value === "string") return [{ at, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn([...at, index], item));
  return isMap(value) ? Object.entries(value).flatMap(([key, item]) => textsIn([...at, key], item)) : [];
}

/** Every combination of values, the last variable changing first. */
function combinations(lists: Lists): Values[] {
  return Object.entries(lists).reduce<Values[]>(
    (all, [name, list]) => all.flatMap((values) => list.map((value) => ({ ...values, [name]: value }))),
    [{}],
  );
}

function filled(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (_, name: string) => String(values[name]));
}

function substituted(value: unknown, values: Values): unknown {
  if (typeof value === "string") return filled(value, values);
  if (Array.isArray(value)) return value.map((item) => substituted(item, values));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substituted(item, values)]));
}
