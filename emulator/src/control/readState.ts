import type { Document, Node } from "yaml";
import { loadYaml } from "../lazy.js";
import { type EmulatorState, pathText, StateError, type StateProblem } from "../store/state.js";

/** A state as JSON or YAML that cannot be loaded. The message has a line for each problem. */
export class StateTextError extends Error {
  override readonly name = "StateTextError";
}

/**
 * Reads a state from JSON or YAML and gives it to `load`.
 * @param file Name of the file, for error messages.
 * @throws {@link StateTextError} with file and line of every problem.
 */
export function loadText(text: string, file: string, load: (state: EmulatorState) => void): void {
  const { value, lineOf } = parse(text, file);
  try {
    load(value as EmulatorState); // Which checks it.
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const lines = error.problems.map(
      ({ path, message }) => `${file}:${lineOf(path)}: ${pathText(path)}: ${message}`,
    );
    throw new StateTextError(lines.join("\n"));
  }
}

type Parsed = { value: unknown; lineOf(path: StateProblem["path"]): number };

/** JSON is YAML, but its own parser is many times as fast. */
function parse(text: string, file: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    return { value, lineOf: (path) => parseYaml(text, file).lineOf(path) };
  } catch {
    return parseYaml(text, file);
  }
}

function parseYaml(text: string, file: string): Parsed {
  const { LineCounter, parseDocument } = loadYaml();
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const broken = document.errors.map(({ pos, message }) => `${file}:${lineAt(pos[0])}: ${message}`);
  if (broken.length > 0) throw new StateTextError(broken.join("\n"));
  const lineOf = (path: StateProblem["path"]) => lineAt(offsetOf(document.contents, path, document));
  try {
    return { value: document.toJS(), lineOf };
  } catch (error) {
    // Aliases that refer to nothing, or that would make the value huge.
    throw new StateTextError(`${file}:1: ${error instanceof Error ? error.message : error}`);
  }
}

/** Where a value, or its key, begins. The nearest thing around it, if the value is missing. */
function offsetOf(node: Node | null, [key, ...rest]: StateProblem["path"], document: Document): number {
  const { isAlias, isMap, isNode, isScalar, isSeq } = loadYaml();
  const resolved = isAlias(node) ? (node.resolve(document) ?? node) : node;
  const here = resolved?.range?.[0] ?? 0;
  if (key === undefined) return here;
  if (isSeq(resolved)) {
    const item = resolved.items[Number(key)];
    return isNode(item) ? offsetOf(item, rest, document) : here;
  }
  if (!isMap(resolved)) return here;
  const pair = resolved.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
  if (!pair || !isNode(pair.key)) return here;
  const value = isNode(pair.value) && rest.length > 0 ? offsetOf(pair.value, rest, document) : undefined;
  return value ?? pair.key.range?.[0] ?? here;
}
