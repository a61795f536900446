/** Applies the rows of a resource type to the values of one resource. */
import type { CheckFailure } from "./errors.js";
import { suggestion } from "./nearest.js";
import type { Defaults, Input, Output, ResourceType, ValuesOf } from "./resourceType.js";
import type { Properties, State } from "./values.js";
import { problemOf } from "./valueTypes.js";

/** What is wrong with each input by itself: unknown, missing, or of the wrong type. */
export function inputProblems({ name, inputs }: ResourceType, news: Properties): CheckFailure[] {
  const names = Object.keys(inputs);
  const unknown = Object.keys(news)
    .filter((property) => !Object.hasOwn(inputs, property))
    .map((property): CheckFailure => {
      const reason = `a ${name} has no such input; ${suggestion(property, names)}`;
      return { property, code: "UNKNOWN_INPUT", reason };
    });
  const invalid = Object.entries(inputs).flatMap(([property, { type, required }]): CheckFailure[] => {
    const problem = problemOf(type, news[property], required);
    return problem === undefined ? [] : [{ property, code: "INVALID_INPUT", reason: `it ${problem}` }];
  });
  return [...unknown, ...invalid];
}

/**
 * The resource's inputs among the values, which a check has accepted or which state has; with `defaults`,
 * they are filled in.
 */
export function inputsIn<Rows extends ResourceType["inputs"]>(
  { inputs }: { inputs: Rows },
  values: Properties,
  defaults?: Defaults,
): ValuesOf<Rows> {
  const entries = Object.entries(inputs).map(([key, row]) => [
    key,
    values[key] ?? (defaults && row.default?.(defaults)),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

export interface Changes {
  /** The inputs whose values differ. */
  changed: string[];
  /** Those among them that need a new resource. Removing an input never does. */
  replaces: string[];
}

/**
 * What a change of inputs does. `olds` is what state has of them, with the other properties that the rows'
 * `same` reads.
 */
export function changesOf({ inputs }: ResourceType, olds: State, news: State): Changes {
  const rows = Object.entries(inputs);
  const isEqual = ([key, { type }]: [string, Input]) => type.equal(olds[key], news[key]);
  const keepsResource = ([key, row]: [string, Input]) =>
    row.change !== "replace" ||
    news[key] === undefined ||
    (row.same?.(olds[key], news[key], olds, news) ?? isEqual([key, row]));
  return {
    changed: rows.filter((row) => !isEqual(row)).map(([key]) => key),
    replaces: rows.filter((row) => !keepsResource(row)).map(([key]) => key),
  };
}

/** The names of the outputs that match, e.g. the secrets. */
export function outputsThat({ outputs }: ResourceType, match: (output: Output) => boolean): string[] {
  return Object.entries(outputs).flatMap(([key, output]) => (match(output) ? [key] : []));
}
