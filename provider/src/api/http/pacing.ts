import { setTimeout as sleep } from "node:timers/promises";

/** Waits for so many milliseconds, or until `signal` is aborted. */
export async function wait(
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<"over" | "stopped"> {
  if (signal?.aborted) return "stopped";
  if (milliseconds <= 0) return "over";
  return sleep(milliseconds, undefined, signal && { signal }).then(
    () => "over",
    () => "stopped",
  );
}

/** Schedules the requests to one server. Its times come from a monotonic clock. */
class Pacer {
  #pausedUntil = 0;
  #nextSlot = 0;

  /** Starts no request for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
  }

  /** Waits until a request may start. Without `maxPerSecond`, only a pause delays it. */
  async turn(maxPerSecond: number | undefined, signal: AbortSignal | undefined): Promise<"go" | "stopped"> {
    if (signal?.aborted) return "stopped";
    for (;;) {
      const slot = this.#takeSlot(maxPerSecond);
      if ((await wait(slot - performance.now(), signal)) === "stopped") return "stopped";
      // Otherwise a pause began in the meantime: take a slot after it.
      if (this.#pausedUntil <= slot) return "go";
    }
  }

  #takeSlot(maxPerSecond: number | undefined): number {
    const earliest = Math.max(this.#pausedUntil, performance.now());
    if (maxPerSecond === undefined) return earliest;
    const slot = Math.max(this.#nextSlot, earliest);
    this.#nextSlot = slot + 1000 / maxPerSecond;
    return slot;
  }
}

const pacers = new Map<string, Pacer>();

/** The pacer of a server. All clients of the process share it. */
export function pacerOf(origin: string): Pacer {
  const pacer = pacers.get(origin) ?? new Pacer();
  pacers.set(origin, pacer);
  return pacer;
}
