/**
 * A response differs from what the API documents. The message says where, what is expected, and what was
 * received.
 */
export class ParseError extends Error {}

export type JsonObject = Readonly<Record<string, unknown>>;

function mismatch(where: string, expected: string, value: unknown): ParseError {
  if (value === undefined) return new ParseError(`${where} is missing`);
  return new ParseError(`${where} must be ${expected}, got ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `value` as a JSON object. */
export function object(value: unknown, where: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw mismatch(where, "an object", value);
  return value as JsonObject;
}

/** `value` as a list. Null is an empty list: Go servers send it so. */
export function list(value: unknown, where: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw mismatch(where, "a list", value);
  return value;
}

/** `value` as a string that is not empty. */
export function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw mismatch(where, "a string", value);
  if (value === "") throw new ParseError(`${where} is empty`);
  // They could move the cursor of a terminal.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value))
    throw new ParseError(`${where} contains control characters`);
  if (!value.isWellFormed()) throw new ParseError(`${where} contains a lone surrogate (half of a character)`);
  return value;
}

/** `value` as true or false. */
export function boolean(value: unknown, where: string): boolean {
  if (typeof value !== "boolean") throw mismatch(where, "true or false", value);
  return value;
}

/** A field that a server may leave out, as an object to spread. Absent, null and "" mean the same: `{}`. */
export function optional<K extends string, V>(
  source: JsonObject,
  key: K,
  parse: (value: unknown, where: string) => V,
  where: string,
): { [P in K]?: V } {
  const value = source[key];
  if (value === undefined || value === null || value === "") return {};
  return { [key]: parse(value, `${where}.${key}`) } as { [P in K]: V };
}
