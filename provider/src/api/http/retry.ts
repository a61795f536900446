/** Which failed requests are retried, and when. */
import { TursoApiError } from "../errors/TursoApiError.js";
import { TursoConnectionError } from "../errors/TursoConnectionError.js";
import type { TursoError } from "../errors/TursoError.js";
import type { ClientOptions } from "../options.js";
import type { Failure } from "./attempt.js";

export const MAX_RETRIES = 5;
export const PAUSE = 500;

/** Users get a message about a call that takes longer than this many milliseconds. */
export const LONG = 3_000;

/** How long a call may be retried, in milliseconds. */
export function budgetOf({ budget = 120 }: Pick<ClientOptions, "budget">): number {
  return budget * 1000;
}

/** The call that a failed request belongs to. */
interface Call {
  /** Number of attempts so far. */
  attempts: number;
  /** Number of retries so far that count against `maxRetries`. */
  counted: number;
  /** Milliseconds since the first attempt started. */
  elapsed: number;
  /** Whether a request that may have been carried out can be sent again. */
  repeatable: boolean;
  /** Whether a first 404 is retried. */
  retryNotFound: boolean;
}

type Decision =
  | { kind: "give up" }
  | {
      kind: "retry";
      /** How long this call waits, in milliseconds. */
      pause: number;
      /** How long every request to the server waits, in milliseconds. */
      sharedPause: number;
      /** Whether the retry counts against `maxRetries`. */
      counts: boolean;
      /** Whether the call takes so long that users get a message. */
      isLong: boolean;
    };

const GIVE_UP: Decision = { kind: "give up" };

/** Whether a failed request is retried, and how long to wait. Makes no requests and keeps no state. */
export function decide({ error, status, retryAfter }: Failure, call: Call, options: ClientOptions): Decision {
  const { maxRetries = MAX_RETRIES, pause = PAUSE } = options;
  if (maxRetries === 0) return GIVE_UP;
  if (call.retryNotFound && status === 404 && call.attempts === 1)
    return { kind: "retry", pause: 2 * pause, sharedPause: 0, counts: false, isLong: false };
  if (!error.isTransient || (error.mayHaveBeenApplied && !call.repeatable)) return GIVE_UP;
  // A 429 says nothing about the request itself. Only the budget limits how often it is retried.
  const isRateLimit = status === 429;
  if (!isRateLimit && call.counted >= maxRetries) return GIVE_UP;
  const asked = parseRetryAfter(retryAfter);
  const { shared, own } = pauseBefore(call.attempts, { retryAfter: asked, isRateLimit }, options);
  const total = call.elapsed + own;
  if (total > budgetOf(options)) return GIVE_UP;
  return { kind: "retry", pause: own, sharedPause: shared, counts: !isRateLimit, isLong: total > LONG };
}

/**
 * The pauses before the n-th retry (from 1), in milliseconds. `shared` is for every request to the server:
 * what its 429 asks for, or else the first pause. `own` is for this call: the longer of both plus "full
 * jitter", a random time of up to `pause` doubled with each retry, so that calls do not retry at the same
 * moment.
 */
export function pauseBefore(
  retry: number,
  { retryAfter, isRateLimit }: { retryAfter: number; isRateLimit: boolean },
  options: Pick<ClientOptions, "pause" | "budget">,
): { shared: number; own: number } {
  const { pause = PAUSE } = options;
  const longest = budgetOf(options) / 2;
  const shared = isRateLimit ? Math.min(retryAfter || pause, longest) : 0;
  const jitter = Math.random() * pause * 2 ** (retry - 1);
  return { shared, own: Math.min((retryAfter || shared) + jitter, longest) };
}

/**
 * The wait that a `Retry-After` header asks for (seconds or an HTTP date), in milliseconds; 0 if there is
 * none.
 */
function parseRetryAfter(header: unknown): number {
  if (typeof header !== "string" || header === "") return 0;
  const seconds = Number(header);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return milliseconds > 0 ? milliseconds : 0;
}

/**
 * Why a call takes long, for users. The text does not name the request, so that many calls have one message.
 */
export function waitingFor(problem: TursoError): string {
  return `Retrying requests to the Turso API: ${causeOf(problem)}.`;
}

function causeOf(problem: TursoError): string {
  if (problem instanceof TursoConnectionError) return problem.reason;
  if (!(problem instanceof TursoApiError)) return "invalid response";
  return problem.status === 429 ? "rate limit exceeded (429)" : `it responded with ${problem.status}`;
}
