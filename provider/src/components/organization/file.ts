/** An organization file: YAML, of which JSON is a part, and where its values are. */
import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type * as Yaml from "yaml";
import { messageOf } from "../../lifecycle/errors.js";
import type { Path, Position, Shown } from "./problems.js";

/** A parsed file. */
export interface OrganizationSource {
  readonly value: unknown;
  /** Where a path's last key is, or the nearest one above it that is in the file. */
  positionOf(path: Path): Position | undefined;
}

/** More uses of an anchor than any file needs, and few enough for nested ones to end. */
const MOST_ALIASES = 10_000;

/** Reads a file. The path is relative to the folder of the program. */
export function readFile(file: string): OrganizationSource | Shown[] {
  try {
    // Without `fatal`, other encodings would be read as nonsense. It removes a byte order mark.
    return parse(new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(resolve(file))));
  } catch (error) {
    return [{ text: unreadable(file, error) }];
  }
}

function unreadable(file: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") {
    return isAbsolute(file)
      ? "it does not exist."
      : `it does not exist. The path is relative to ${process.cwd()}.`;
  }
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "it must be UTF-8 text.";
  return `it could not be read: ${messageOf(error)}`;
}

/** Parses the text of a file. Its problems are those of the syntax. */
export function parse(text: string): OrganizationSource | Shown[] {
  const yaml = require("yaml") as typeof Yaml;
  const lines = new yaml.LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const document = yaml.parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    // The library compares every key with every other one, and 1 differs from "1" there.
    uniqueKeys: false,
  });
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ message, pos }) => ({
      position: at(pos[0]),
      text: `${message}.`,
    })),
    ...nodeProblems(yaml, document, at),
  ];
  if (problems.length > 0) return problems;
  const offsetOf = finderOf(yaml, document);
  return {
    value: document.toJS({ maxAliasCount: MOST_ALIASES }),
    positionOf: (path) => at(offsetOf(path)),
  };
}

/** Aliases without an anchor, and keys that are no text or that their map has already. */
function nodeProblems(
  yaml: typeof Yaml,
  document: Yaml.Document.Parsed,
  at: (offset: number) => Position,
): Shown[] {
  const anchors = new Set<string | undefined>();
  const found: Shown[] = [];
  const add = (node: unknown, text: string) => {
    const offset = yaml.isNode(node) ? node.range?.[0] : undefined;
    found.push({ position: offset === undefined ? undefined : at(offset), text });
  };
  const checkKeys = (map: Yaml.YAMLMap) => {
    const keys = new Set<string>();
    for (const { key } of map.items) {
      const problem = yaml.isScalar(key) ? keyProblem(key) : `a key must be text. ${QUOTES}`;
      if (problem !== undefined) add(key, problem);
      else if (keys.has(String(key))) add(key, `the key ${key} is repeated. Rename or remove one of them.`);
      keys.add(String(key));
    }
  };
  yaml.visit(document, {
    Node(_, node) {
      if (yaml.isMap(node)) checkKeys(node);
      if (!yaml.isAlias(node)) anchors.add(node.anchor);
      else if (!anchors.has(node.source)) add(node, `there is no anchor &${node.source} before this alias.`);
    },
  });
  return found;
}

/** YAML reads `{region}` as a map. */
const QUOTES = 'Put a key that begins with a brace in quotes, e.g. "{region}-prod".';

/** YAML reads `1.0` as the number 1, and nothing as null. */
function keyProblem(key: Yaml.Scalar): string | undefined {
  if (isMerge(key) || String(key.value) === (key.source ?? key.value)) return undefined;
  return key.source ? `the key ${key.source} must be in quotes.` : "a key must not be empty.";
}

/** The key that takes over the pairs of another map. */
const isMerge = (key: Yaml.Scalar) => key.source === "<<";

type Child = Readonly<{ key?: unknown; value: unknown }>;

/** Finds the offset of the last key of a path that the document has. */
function finderOf(yaml: typeof Yaml, document: Yaml.Document.Parsed): (path: Path) => number {
  const children = new WeakMap<object, ReadonlyMap<string, Child>>();
  // To resolve an alias, the library visits the whole document.
  const anchored = new Map<string | undefined, unknown>();
  yaml.visit(document, {
    Node(_, node) {
      if (!yaml.isAlias(node) && node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  /** The pairs of a map, before those of the maps that it merges, or the items of a list. */
  const childrenOf = (parent: unknown): ReadonlyMap<string, Child> => {
    const node = yaml.isAlias(parent) ? anchored.get(parent.source) : parent;
    if (!yaml.isCollection(node)) return new Map();
    const found = children.get(node) ?? new Map(yaml.isSeq(node) ? itemsOf(node) : pairsOf(node));
    children.set(node, found);
    return found;
  };
  const itemsOf = ({ items }: Yaml.YAMLSeq) =>
    items.map((value, index): [string, Child] => [`${index}`, { value }]);
  const pairsOf = (map: unknown): [string, Child][] => {
    if (!yaml.isMap(map)) return [];
    const merged = map.items.filter(({ key }) => yaml.isScalar(key) && isMerge(key));
    return [
      ...merged
        .flatMap(({ value }) => (yaml.isSeq(value) ? value.items : [value]))
        .flatMap((value) => [...childrenOf(value)]),
      ...map.items.map((pair): [string, Child] => [
        yaml.isScalar(pair.key) ? String(pair.key.value) : "",
        pair,
      ]),
    ];
  };
  return (path) => {
    let node: unknown = document.contents;
    let offset = 0;
    for (const key of path) {
      const found = childrenOf(node).get(String(key));
      if (found === undefined) return offset;
      const place = found.key ?? found.value;
      offset = (yaml.isNode(place) ? place.range?.[0] : undefined) ?? offset;
      node = found.value;
    }
    return offset;
  };
}
