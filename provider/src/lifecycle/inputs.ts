/** What resources check of their inputs. */
import { segmentProblem } from "../api/http/paths.js";
import type { CheckFailure, Properties } from "./lifecycle.js";
import { suggestion } from "./nearest.js";
import { UNKNOWN } from "./unknown.js";
import { describe } from "./values.js";

/** Inputs that a resource does not have. */
export function unknownInputs(type: string, inputs: readonly string[], news: Properties): CheckFailure[] {
  return Object.keys(news)
    .filter((key) => !inputs.includes(key))
    .map((property) => ({
      property,
      code: "UNKNOWN_INPUT",
      reason: `a ${type} has no such input; ${suggestion(property, inputs)}`,
    }));
}

/** Why an input cannot be a name, slug or location code; undefined when it can, or is not known yet. */
export function textProblem(value: unknown, example: string): string | undefined {
  if (value === UNKNOWN) return undefined;
  if (value === undefined) return `it is required (${example})`;
  if (typeof value !== "string") return `it must be a string (${example}), but is ${describe(value)}`;
  const problem = segmentProblem(value);
  return problem && `it ${problem} (${example})`;
}
