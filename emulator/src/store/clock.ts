import { Refusal } from "../refusal.js";

/** A point in time: Unix milliseconds, a date, or a text such as `2027-01-31` or `2027-01-31T12:00:00Z`. */
export type Time = number | Date | string;

/** Milliseconds, or a text such as `90d`, `-1h` or `1h30m` (units `d`, `h`, `m`, `s`). */
export type Duration = number | string;

const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

/**
 * Farthest from 1970 that the clock can be set to, in milliseconds. JavaScript dates go farther, so that the
 * clock can go on, and a token can expire later.
 */
const MAX_TIME = 8e15;

/**
 * The clock of the emulator, which expiry and lags follow. It runs as fast as the real one. Other programs,
 * such as Pulumi, keep their own clock.
 */
export class Clock {
  #offset = 0;

  /** How far the clock is ahead of real time, in milliseconds. Negative: it is behind. */
  get offset(): number {
    return this.#offset;
  }

  /** The current time in Unix milliseconds. */
  readonly now = (): number => Date.now() + this.#offset;

  /** @throws {@link Refusal} `invalid` if the time is not valid. */
  set(time: Time): void {
    const wanted = typeof time === "string" ? Date.parse(time) : Number(time);
    if (!(Math.abs(wanted) <= MAX_TIME)) throw new Refusal("invalid", `invalid time: ${time}`);
    this.#offset = wanted - Date.now();
  }

  /**
   * Moves the clock. A negative duration moves it back.
   * @throws {@link Refusal} `invalid` if the duration is not valid.
   */
  advance(duration: Duration): void {
    const ms = typeof duration === "number" ? duration : parseDuration(duration);
    if (!(Math.abs(this.now() + ms) <= MAX_TIME)) {
      throw new Refusal("invalid", `invalid duration: ${duration}. Valid: 90d, -1h, 1h30m`);
    }
    this.#offset += ms;
  }

  /** Sets the clock to real time. */
  reset(): void {
    this.#offset = 0;
  }
}

function parseDuration(text: string): number {
  const [, sign, parts = ""] = /^(-?)((?:\d+[dhms])+)$/.exec(text) ?? [];
  if (parts === "") return Number.NaN;
  const ms = [...parts.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, amount, unit = ""]) => sum + Number(amount) * (UNITS[unit] ?? Number.NaN),
    0,
  );
  return sign === "-" ? -ms : ms;
}
