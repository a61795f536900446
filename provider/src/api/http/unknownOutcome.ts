import { TursoError } from "../errors/TursoError.js";
import { type ClientOptions, signalOf } from "../options.js";
import { realClock } from "./pacing.js";
import { budgetOf, LONG, MAX_RETRIES, PAUSE, waitingFor } from "./retry.js";

/** How often the API is polled for the outcome of one request. */
const POLLS = 3;

/**
 * Makes a request that must not be sent twice, such as the creation of a group. If its response is lost, its
 * outcome is unknown, and `findResult` is called up to three times, with pauses, to find out:
 *
 * - what it returns is the result;
 * - undefined means that the request had no effect (yet). After the third time, the request is sent again, up
 *   to `maxRetries` times;
 * - a TursoError means that the outcome cannot be found out.
 *
 * @throws TursoError of `request`, if that fails or its outcome remains unknown
 * @throws any other error of `findResult`
 */
export type ResolveUnknownOutcome = <T>(
  request: () => Promise<T>,
  findResult: () => Promise<T | undefined>,
) => Promise<T>;

export function unknownOutcomeResolver(options: ClientOptions): ResolveUnknownOutcome {
  const { maxRetries = MAX_RETRIES, pause = PAUSE, onWait } = options;
  const { clock = realClock } = options.transport ?? {};

  return async <T>(request: () => Promise<T>, findResult: () => Promise<T | undefined>): Promise<T> => {
    const start = clock.now();
    const elapsed = () => clock.now() - start;
    const isOverdue = () => elapsed() > budgetOf(options);
    const signal = signalOf(options);

    /** Polls for the effect of a request whose response was lost. */
    const poll = async (): Promise<Effect<T>> => {
      for (let polls = 0; polls < POLLS; polls++) {
        if (polls > 0 && isOverdue()) return UNREADABLE;
        if ((await clock.wait(pause * 2 ** polls, signal)) === "stopped") return UNREADABLE;
        const effect = await effectIn(findResult, signal);
        if (effect.kind !== "none") return effect;
      }
      return NONE;
    };

    for (let retries = 0; ; retries++) {
      const outcome = await outcomeOf(request);
      if (outcome.kind === "known") return outcome.result;
      const effect = await poll();
      if (effect.kind === "found") return effect.result;
      if (effect.kind === "unreadable" || retries >= maxRetries || isOverdue()) throw outcome.error;
      if (elapsed() > LONG) onWait?.(waitingFor(outcome.error));
    }
  };
}

type Outcome<T> = { kind: "known"; result: T } | { kind: "unknown"; error: TursoError };

/** What a request did whose response was lost. */
type Effect<T> = { kind: "found"; result: T } | { kind: "none" } | { kind: "unreadable" };

const NONE = { kind: "none" } as const;
const UNREADABLE = { kind: "unreadable" } as const;

async function outcomeOf<T>(request: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: "known", result: await request() };
  } catch (error) {
    if (error instanceof TursoError && error.mayHaveBeenApplied) return { kind: "unknown", error };
    throw error;
  }
}

async function effectIn<T>(
  findResult: () => Promise<T | undefined>,
  signal: AbortSignal | undefined,
): Promise<Effect<T>> {
  try {
    const result = await findResult();
    return result === undefined ? NONE : { kind: "found", result };
  } catch (error) {
    if (error instanceof TursoError || signal?.aborted) return UNREADABLE;
    throw error;
  }
}
