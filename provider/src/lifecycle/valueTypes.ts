/** What the values of inputs and outputs may be: one declaration for check, diff and the schema. */
import { segmentProblem } from "../api/http/paths.js";
import { secondsOf } from "./duration.js";
import { UNKNOWN } from "./unknown.js";
import { describe, sameValue } from "./values.js";

/** A type as Pulumi's package schema describes it. */
export interface TypeSchema {
  type?: string;
  $ref?: string;
  items?: TypeSchema;
  additionalProperties?: TypeSchema;
  oneOf?: readonly TypeSchema[];
}

export interface ValueType<T> {
  readonly schema: TypeSchema;
  /** A value for messages, e.g. `e.g. prod`. */
  readonly example?: string;
  /** The enumeration that `schema` refers to. `values`: value → what it means. */
  readonly enumeration?: {
    readonly name: string;
    readonly description: string;
    readonly values: Readonly<Record<string, string>>;
  };
  /** The object type that `schema` refers to, or that its items are. */
  readonly object?: AnyObjectType;
  /**
   * Why a value is refused, as the end of a sentence about it: `must be true or false, got a string`. Not
   * called for unknown values.
   */
  problem(value: unknown): string | undefined;
  /** Whether two values are the same to Turso. */
  equal(a: T | undefined, b: T | undefined): boolean;
}

/** Fields of an object, as functions return them. */
export type Fields<T extends object> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? { readonly type: ValueType<NonNullable<T[K]>>; readonly always?: never }
    : { readonly type: ValueType<T[K]>; readonly always: true };
};

/** A named object type, e.g. `GroupResult`. */
export interface ObjectType<T extends object> {
  readonly name: string;
  readonly fields: Fields<T>;
}

/** One field of an object, or one argument of a function, where it is required if `always`. */
export interface Field {
  readonly type: ValueType<unknown>;
  readonly always?: boolean;
}

/** An object type whose fields the compiler does not know. */
export interface AnyObjectType {
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const accept = () => undefined;

function simple<T>(
  schema: TypeSchema,
  problem: (value: unknown) => string | undefined,
  example?: string,
): ValueType<T> {
  return { schema, problem, equal: sameValue, ...(example !== undefined && { example }) };
}

/** Any string, for outputs. */
export const string = simple<string>({ type: "string" }, accept);

export const boolean = simple<boolean>({ type: "boolean" }, (value) =>
  typeof value === "boolean" ? undefined : `must be true or false, got ${describe(value)}`,
);

export const number = simple<number>({ type: "number" }, (value) =>
  typeof value === "number" ? undefined : `must be a number, got ${describe(value)}`,
);

export const integer = simple<number>({ type: "integer" }, (value) =>
  Number.isInteger(value) ? undefined : `must be a whole number, got ${describe(value)}`,
);

/** A name, slug or code: what can be a segment of a URL's path. */
export function name(example: string): ValueType<string> {
  return simple(
    { type: "string" },
    (value) => {
      if (typeof value !== "string") return `must be a string (${example}), got ${describe(value)}`;
      const problem = segmentProblem(value);
      return problem && `${problem} (${example})`;
    },
    example,
  );
}

/** A duration such as `2w1d30m`, or `never` where that is allowed. */
export function duration({ orNever = false } = {}): ValueType<string> {
  const wanted = `${orNever ? '"never" or ' : ""}a duration such as 90d or 2w1d30m (units w, d, h, m, s)`;
  return simple({ type: "string" }, (value) => {
    if (orNever && value === "never") return undefined;
    if (typeof value === "string" && secondsOf(value) !== undefined) return undefined;
    return `must be ${wanted}, got ${typeof value === "string" ? JSON.stringify(value) : describe(value)}`;
  });
}

/** One of some strings. `meanings`: value → what it means. */
export function oneOf<const T extends string>(
  { name, description }: { name: string; description: string },
  meanings: Record<T, string>,
): ValueType<T> {
  const values = Object.keys(meanings);
  const wanted = values.map((value) => JSON.stringify(value)).join(" or ");
  return {
    ...simple<T>({ $ref: `#/types/turso:index:${name}` }, (value) =>
      values.some((known) => known === value)
        ? undefined
        : `must be ${wanted}, got ${typeof value === "string" ? JSON.stringify(value) : describe(value)}`,
    ),
    enumeration: { name, description, values: meanings },
  };
}

/** A list of names in any order. `key`: names with the same key are the same. */
export function namesOf(
  item: ValueType<string>,
  { key = (name: string) => name, emptyIsNone = false } = {},
): ValueType<string[]> {
  const keysOf = (value: readonly unknown[]) => new Set(value.map((one) => key(String(one))));
  return {
    ...simple<string[]>(
      { type: "array", items: item.schema },
      (value) => {
        if (!Array.isArray(value)) return `must be a list (${item.example}), got ${describe(value)}`;
        for (const [index, one] of value.entries()) {
          const problem = one === UNKNOWN ? undefined : item.problem(one);
          if (problem !== undefined) return `has an invalid item ${index + 1}: it ${problem}`;
        }
        return undefined;
      },
      item.example,
    ),
    equal(a, b) {
      const [these, those] = emptyIsNone ? [a ?? [], b ?? []] : [a, b];
      if (!Array.isArray(these) || !Array.isArray(those)) return these === those;
      const known = keysOf(those);
      return keysOf(these).size === known.size && these.every((one) => known.has(key(one)));
    },
  };
}

/** A string such as `all` in place of a list. */
export function orWord<const W extends string>(word: W, list: ValueType<string[]>): ValueType<W | string[]> {
  return {
    schema: { oneOf: [{ type: "string" }, list.schema] },
    problem: (value) => (value === word ? undefined : list.problem(value)),
    equal: (a, b) => (Array.isArray(a) && Array.isArray(b) ? list.equal(a, b) : a === b),
    ...(list.example !== undefined && { example: list.example }),
  };
}

/** A list that functions return. */
export function listOf<T extends object>(object: ObjectType<T>): ValueType<T[]> {
  const schema = { type: "array", items: { $ref: `#/types/turso:index:${object.name}` } };
  return { ...simple<T[]>(schema, accept), object };
}

/** A list of strings, for outputs. */
export const strings = simple<string[]>({ type: "array", items: { type: "string" } }, accept);

/** A map of strings, for outputs. */
export const stringMap = simple<Record<string, string>>(
  { type: "object", additionalProperties: { type: "string" } },
  accept,
);

/** A map of any values. */
export const anyMap = simple<Record<string, unknown>>(
  { type: "object", additionalProperties: { $ref: "pulumi.json#/Any" } },
  (value) => (describe(value) === "an object" ? undefined : `must be a map, got ${describe(value)}`),
);

/** A map or a list of any values. */
export const anyMapOrList = simple<Record<string, unknown> | unknown[]>(
  { $ref: "pulumi.json#/Any" },
  (value) =>
    typeof value === "object" && value !== null
      ? undefined
      : `must be a map or a list, got ${describe(value)}`,
);

/**
 * Why a value is refused. A missing value is refused if it is `required`. A value that is not known yet is
 * accepted.
 */
export function problemOf(type: ValueType<unknown>, value: unknown, required = false): string | undefined {
  if (value === undefined)
    return required ? `is required${type.example === undefined ? "" : ` (${type.example})`}` : undefined;
  return value === UNKNOWN ? undefined : type.problem(value);
}
