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
    uniqueKeys: (a, b) => yaml.isScalar(a) && yaml.isScalar(b) && String(a.value) === String(b.value),
  });
  const problems = [
    ...[...document.errors, ...document.warnings].map(({ message, pos }) => ({
      position: at(pos[0]),
      text: `${message}.`,
    })),
    ...nodeProblems(yaml, document, at),
  ];
  if (problems.length > 0) return problems;
  return {
    value: document.toJS({ maxAliasCount: MOST_ALIASES }),
    positionOf: (path) => {
      const offset = offsetOf(yaml, document, path);
      return offset === undefined ? undefined : at(offset);
    },
  };
}

/** Aliases without an anchor, and keys that YAML reads as something else, e.g. `1.0` as the number 1. */
function nodeProblems(
  yaml: typeof Yaml,
  document: Yaml.Document.Parsed,
  at: (offset: number) => Position,
): Shown[] {
  const anchors = new Set<string>();
  const found: Shown[] = [];
  const add = (node: unknown, text: string) => {
    const offset = yaml.isNode(node) ? node.range?.[0] : undefined;
    found.push({ position: offset === undefined ? undefined : at(offset), text });
  };
  yaml.visit(document, {
    Node(_, node) {
      if (yaml.isAlias(node)) {
        if (!anchors.has(node.source)) add(node, `there is no anchor &${node.source} before this alias.`);
      } else if (node.anchor !== undefined) {
        anchors.add(node.anchor);
      }
    },
    Pair(_, { key }) {
      if (!yaml.isScalar(key)) add(key, "a key must be text.");
      else if (!isMerge(key) && String(key.value) !== (key.source ?? key.value))
        add(key, key.source ? `the key ${key.source} must be in quotes.` : "a key must not be empty.");
    },
  });
  return found;
}

/** The key that takes over the pairs of another map. */
const isMerge = (key: Yaml.Scalar) => key.source === "<<";

/** The offset of the last key of a path that the document has. */
function offsetOf(yaml: typeof Yaml, document: Yaml.Document.Parsed, path: Path): number | undefined {
  let offset: number | undefined;
  let node: unknown = document.contents;
  for (const key of path) {
    const found = childOf(yaml, document, node, key);
    if (found === undefined) return offset;
    const place = yaml.isNode(found.key) ? found.key : found.value;
    offset = (yaml.isNode(place) ? place.range?.[0] : undefined) ?? offset;
    node = found.value;
  }
  return offset ?? 0;
}

/** A pair of a map, also of one that it merges, or an item of a list. */
function childOf(
  yaml: typeof Yaml,
  document: Yaml.Document.Parsed,
  parent: unknown,
  key: string | number,
): { key?: unknown; value: unknown } | undefined {
  const node = yaml.isAlias(parent) ? parent.resolve(document) : parent;
  if (yaml.isSeq(node)) return typeof key === "number" ? { value: node.items[key] } : undefined;
  if (!yaml.isMap(node)) return undefined;
  const isKey = (pair: Yaml.Pair) => yaml.isScalar(pair.key) && String(pair.key.value) === String(key);
  const own = node.items.find(isKey);
  if (own !== undefined) return own;
  return node.items
    .filter((pair) => yaml.isScalar(pair.key) && isMerge(pair.key))
    .flatMap(({ value }) => (yaml.isSeq(value) ? value.items : [value]))
    .map((map) => childOf(yaml, document, map, key))
    .find((found) => found !== undefined);
}
