/** Durations as the API accepts them: those of Go, with days and weeks. */

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

/** Go stores a duration as 64-bit nanoseconds, so the longest is about 292 years. */
const LONGEST = 2 ** 63 / 1e9;

/** The seconds of a duration such as `2w1d30m`; undefined if it is invalid or zero. */
export function secondsOf(duration: string): number | undefined {
  const part = /(\d+(?:\.\d+)?)(ms|us|ns|[wdhms])/g;
  if (duration.replace(part, "") !== "") return undefined;
  const seconds = [...duration.matchAll(part)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ""] ?? 0),
    0,
  );
  return seconds > 0 && seconds < LONGEST ? seconds : undefined;
}
