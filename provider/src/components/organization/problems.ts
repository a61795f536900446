/** What is wrong with a declaration, and where. */

/** The keys that lead to a value, e.g. `["groups", "prod", "location"]`. */
export type Path = readonly (string | number)[];

/** A problem with the value at a path: `text` follows the path in a sentence. */
export interface Problem {
  readonly path: Path;
  readonly text: string;
}

/** A place in a file, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem as a user sees it. */
export interface Shown {
  readonly position?: Position | undefined;
  readonly text: string;
}

const MOST_SHOWN = 30;

/** A path as programs write it, e.g. `groups.prod.replicas[0]`; "" for the whole declaration. */
export function pathText(path: Path): string {
  const [first = "", ...rest] = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return /^[\w@+-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return [first.replace(/^\./, ""), ...rest].join("");
}

/** The message for all problems of a file or, without one, of an object; in the order of the file. */
export function report(title: string, file: string | undefined, problems: readonly Shown[]): string {
  const byPlace = [...problems].sort(
    ({ position: a }, { position: b }) =>
      (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  );
  const lines = byPlace.map(({ position, text }) => {
    const place = file === undefined ? [] : [file, ...(position ? [position.line, position.column] : [])];
    return [...place, place.length === 0 ? text : ` ${text}`].join(":");
  });
  const all = [...new Set(lines)];
  const more = all.length - MOST_SHOWN;
  return [
    `${title}: ${file ?? "the declaration"} has ${all.length === 1 ? "a problem" : `${all.length} problems`}.`,
    ...all.slice(0, MOST_SHOWN),
    ...(more > 0 ? [`… and ${more} more.`] : []),
  ].join("\n");
}
