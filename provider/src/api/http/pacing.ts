import { setTimeout as sleep } from "node:timers/promises";

/** Tells the time, in milliseconds. */
export interface Clock {
  /** Time since some moment. It never goes back. */
  now(): number;
  /** Unix time. */
  date(): number;
  /** Waits for so many milliseconds, or until `signal` is aborted. */
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<"over" | "stopped">;
}

export const realClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  async wait(milliseconds, signal) {
    if (signal?.aborted) return "stopped";
    if (milliseconds <= 0) return "over";
    return sleep(milliseconds, undefined, signal && { signal }).then(
      () => "over",
      () => "stopped",
    );
  },
};

/** Schedules the requests to one server. */
class Pacer {
  readonly #clock: Clock;
  #pausedUntil = 0;
  #nextSlot = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts no request for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + milliseconds);
  }

  /** Waits until a request may start. Without `maxPerSecond`, only a pause delays it. */
  async turn(maxPerSecond: number | undefined, signal: AbortSignal | undefined): Promise<"go" | "stopped"> {
    if (signal?.aborted) return "stopped";
    for (;;) {
      const slot = this.#takeSlot(maxPerSecond);
      if ((await this.#clock.wait(slot - this.#clock.now(), signal)) === "stopped") return "stopped";
      // Otherwise a pause began in the meantime: take a slot after it.
      if (this.#pausedUntil <= slot) return "go";
    }
  }

  #takeSlot(maxPerSecond: number | undefined): number {
    const earliest = Math.max(this.#pausedUntil, this.#clock.now());
    if (maxPerSecond === undefined) return earliest;
    const slot = Math.max(this.#nextSlot, earliest);
    this.#nextSlot = slot + 1000 / maxPerSecond;
    return slot;
  }
}

const pacers = new WeakMap<Clock, Map<string, Pacer>>();

/** The pacer of a server. All clients with the same clock, which is the process's, share it. */
export function pacerOf(origin: string, clock: Clock): Pacer {
  const ofClock = pacers.get(clock) ?? new Map<string, Pacer>();
  pacers.set(clock, ofClock);
  const pacer = ofClock.get(origin) ?? new Pacer(clock);
  ofClock.set(origin, pacer);
  return pacer;
}
