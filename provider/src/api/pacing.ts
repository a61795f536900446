/** When requests are made, and made again. */
import { setTimeout as sleep } from "node:timers/promises";
import { TursoApiError } from "./errors/TursoApiError.js";
import { TursoConnectionError } from "./errors/TursoConnectionError.js";
import type { TursoError } from "./errors/TursoError.js";

/** After how many milliseconds a wait is told. */
export const LONG = 3_000;

/** How long a call may go on being repeated, in milliseconds. */
export const BUDGET = 120_000;

/** The default of `ClientOptions.pause`. */
export const PAUSE = 500;

/** The longest pause between two requests of a call, in milliseconds, also when a server asks for a longer one. */
const MAX_PAUSE = 60_000;

/**
 * The pause before a call's n-th repeat (from 1), in milliseconds: what the server asked for, and "full jitter", anything
 * up to `base` doubled with each repeat, so that not all come back at the same moment.
 */
export function pauseBefore(repeat: number, base = PAUSE, asked = 0): number {
  const jitter = Math.random() * base * 2 ** (asked > 0 ? 0 : repeat - 1);
  return Math.min(asked, MAX_PAUSE) + Math.min(jitter, MAX_PAUSE);
}

/** Why a call waits, for users: the same text however long, for they are told it once. */
export function waitingFor(problem: TursoError): string {
  let why = "its answer cannot be used";
  if (problem instanceof TursoConnectionError) why = problem.reason;
  if (problem instanceof TursoApiError) {
    why = problem.status === 429 ? "it asks for fewer requests (429)" : `it answers ${problem.status}`;
  }
  return `Waiting, and asking the Turso API again for two minutes at most: ${why}.`;
}

/** Lets the requests to one server wait for their turn. */
class Pacer {
  #pausedUntil = 0;
  #nextSlot = 0;

  /** No request starts for so many milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + milliseconds);
  }

  /** Resolves when a request may start; rejects when `signal` is aborted before. */
  async turn(maxPerSecond = Number.POSITIVE_INFINITY, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const slot = Math.max(this.#nextSlot, Date.now());
    this.#nextSlot = slot + 1000 / maxPerSecond;
    for (;;) {
      const left = Math.max(slot, this.#pausedUntil) - Date.now();
      if (left <= 0) return;
      await sleep(left, undefined, signal && { signal });
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
