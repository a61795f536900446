import { UNKNOWN } from "./unknown.js";
import { describe } from "./values.js";

/** Durations as the API takes them: Go's, with days and weeks. */

const SECONDS: Readonly<Record<string, number>> = {
  w: 604_800,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  ns: 1e-9,
};

/** Go keeps a duration as 64-bit nanoseconds: about 292 years is as long as one can be. */
const LONGEST = 2 ** 63 / 1e9;

/** How many seconds a duration such as `2w1d30m` is; undefined when it is none, or none that is longer than nothing. */
export function secondsOf(duration: string): number | undefined {
  const part = /(\d+(?:\.\d+)?)(ms|us|ns|[wdhms])/g;
  if (duration.replace(part, "") !== "") return undefined;
  const seconds = [...duration.matchAll(part)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ""] ?? 0),
    0,
  );
  return seconds > 0 && seconds < LONGEST ? seconds : undefined;
}

/** Why an input is not a duration; undefined when it is, or is not known yet. */
export function durationProblem(value: unknown, { orNever = false } = {}): string | undefined {
  if (value === UNKNOWN || (orNever && value === "never")) return undefined;
  if (typeof value === "string" && secondsOf(value) !== undefined) return undefined;
  const wanted = `${orNever ? '"never" or ' : ""}a duration such as 90d or 2w1d30m (units w, d, h, m, s)`;
  return `it must be ${wanted}, but is ${typeof value === "string" ? JSON.stringify(value) : describe(value)}`;
}
