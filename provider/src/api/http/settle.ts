import { setTimeout as sleep } from "node:timers/promises";
import { TursoError } from "../errors/TursoError.js";
import { type ClientOptions, signalOf } from "../options.js";
import { budgetOf, LONG, MAX_RETRIES, PAUSE, waitingFor } from "./retry.js";

/** How often it is looked what became of a call. */
const LOOKS = 3;

/**
 * Makes a call that must not simply be made again, such as the creation of a group. When its answer is lost, `look` finds
 * out what became of it, up to three times with pauses: what it gives is the result, undefined means that nothing has become
 * of it. Then the call is made again, at most `maxRetries` times. If `look` fails with a TursoError, nobody knows, and the
 * error is that of the call; any other error of `look` is thrown.
 */
export type Settle = <T>(call: () => Promise<T>, look: () => Promise<T | undefined>) => Promise<T>;

export function settler(options: ClientOptions): Settle {
  const { maxRetries = MAX_RETRIES, pause = PAUSE } = options;
  return async (call, look) => {
    const started = performance.now();
    const elapsed = () => performance.now() - started;
    for (let repeats = 0; ; repeats++) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof TursoError && error.mayHaveBeenApplied)) throw error;
        const signal = signalOf(options);
        for (let looks = 0; looks < LOOKS; looks++) {
          if (looks > 0 && elapsed() > budgetOf(options)) throw error;
          try {
            await sleep(pause * 2 ** looks, undefined, signal && { signal });
            const found = await look();
            if (found !== undefined) return found;
          } catch (unknown) {
            throw unknown instanceof TursoError || signal?.aborted ? error : unknown;
          }
        }
        if (repeats >= maxRetries || elapsed() > budgetOf(options)) throw error;
        if (elapsed() > LONG) options.onWait?.(waitingFor(error));
      }
    }
  };
}
