/** Plain JSON values: what they are, and when two of them are equal. */
import { isDeepStrictEqual } from "node:util";

/** Values by property name; `UNKNOWN` stands for one that is not known before `pulumi up`. */
export type Properties = Readonly<Record<string, unknown>>;

/** What state has of a resource: its checked inputs, or its outputs. JSON values only. */
export type State = Record<string, unknown>;

/** What a value is, for messages about inputs: "a number", "nothing", … */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Whether two JSON values are equal. An empty list or map equals none. */
export function sameValue(a: unknown, b: unknown): boolean {
  const orUndefined = (value: unknown) =>
    typeof value === "object" && value !== null && Object.keys(value).length === 0 ? undefined : value;
  return isDeepStrictEqual(orUndefined(a), orUndefined(b));
}

/** State is JSON: it has no undefined. */
export function withoutUndefined<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
