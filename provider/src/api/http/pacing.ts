/** When requests are made, and made again. */

import { setTimeout as sleep } from "node:timers/promises";
import { TursoApiError } from "../errors/TursoApiError.js";
import { TursoConnectionError } from "../errors/TursoConnectionError.js";
import type { TursoError } from "../errors/TursoError.js";
import type { ClientOptions } from "../options.js";

/** After how many milliseconds a wait is told. */
export const LONG = 3_000;

/** The defaults of what a client's options say of repeats. */
export const MAX_RETRIES = 5;
export const PAUSE = 500;

/** How long a call may go on making its request again, in milliseconds. */
export function budgetOf({ budget = 120 }: Pick<ClientOptions, "budget">): number {
  return budget * 1000;
}

/**
 * How long a call waits before its n-th repeat (from 1), in milliseconds. `common`: for how long no other request to the server may
 * start either, which is what it asked for (`asked`), or the first pause after a 429 that asks for nothing. `own`: that, and
 * "full jitter", anything up to `pause` doubled with each repeat, so that not all come back at the same moment.
 */
export function pauseBefore(
  repeat: number,
  { asked, isLimit }: { asked: number; isLimit: boolean },
  options: Pick<ClientOptions, "pause" | "budget">,
): { common: number; own: number } {
  const { pause = PAUSE } = options;
  const longest = budgetOf(options) / 2;
  const common = isLimit ? Math.min(asked || pause, longest) : 0;
  const jitter = Math.random() * pause * 2 ** (repeat - 1);
  return { common, own: Math.min((asked || common) + jitter, longest) };
}

/** Why a call waits, for users: the same text however long, for they are told it once. */
export function waitingFor(problem: TursoError): string {
  let why = "its answer cannot be used";
  if (problem instanceof TursoConnectionError) why = problem.reason;
  if (problem instanceof TursoApiError) {
    why = problem.status === 429 ? "it asks for fewer requests (429)" : `it answers ${problem.status}`;
  }
  return `Waiting, and asking the Turso API again: ${why}.`;
}

/** Lets the requests to one server wait for their turn. Times are of a clock that nobody sets. */
class Pacer {
  #pausedUntil = 0;
  #nextSlot = 0;

  /** No request starts for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
  }

  /** Resolves when a request may start; rejects when `signal` is aborted before. Without a limit, it does not queue. */
  async turn(maxPerSecond: number | undefined, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    for (;;) {
      const first = maxPerSecond === undefined ? 0 : this.#nextSlot;
      const slot = Math.max(first, this.#pausedUntil, performance.now());
      if (maxPerSecond !== undefined) this.#nextSlot = slot + 1000 / maxPerSecond;
      const left = slot - performance.now();
      if (left > 0) await sleep(left, undefined, signal && { signal });
      // Otherwise there was a pause meanwhile, and another slot is behind it.
      if (this.#pausedUntil <= slot) return;
    }
  }
}

const pacers = new Map<string, Pacer>();

/** The pacer of a server, one for all clients of the process. */
export function pacerOf(origin: string): Pacer {
  const pacer = pacers.get(origin) ?? new Pacer();
  pacers.set(origin, pacer);
  return pacer;
}
