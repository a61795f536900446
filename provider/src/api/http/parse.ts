/** An answer that is not what it should be; the message names the place and what is there instead. */
export class ParseError extends Error {}

export type JsonObject = Readonly<Record<string, unknown>>;

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** `value` as a JSON object. */
export function object(value: unknown, where: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ParseError(`${where} should be an object, but is ${kindOf(value)}`);
  }
  return value as JsonObject;
}

/** `value` as a list; a list that a Go server left nil comes as null and is empty. */
export function list(value: unknown, where: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new ParseError(`${where} should be a list, but is ${kindOf(value)}`);
  return value;
}

/** `value` as a string that is not empty. */
export function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw new ParseError(`${where} should be a string, but is ${kindOf(value)}`);
  if (value === "") throw new ParseError(`${where} is empty`);
  // They could move the cursor of a terminal that shows them.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) throw new ParseError(`${where} holds control characters`);
  if (!value.isWellFormed()) throw new ParseError(`${where} contains a lone surrogate (half of a character)`);
  return value;
}

/** `value` as true or false. */
export function boolean(value: unknown, where: string): boolean {
  if (typeof value !== "boolean")
    throw new ParseError(`${where} should be true or false, but is ${kindOf(value)}`);
  return value;
}

/** A field that a server may leave out, as the part of an object to spread: absent, null and "" are the same. */
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
