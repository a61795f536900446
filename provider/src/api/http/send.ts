import { NOT_SENT, TursoConnectionError } from "../errors/TursoConnectionError.js";
import { type ClientOptions, signalOf } from "../options.js";
import { attempter, type HttpRequest } from "./attempt.js";
import { baseUrlProblem, DEFAULT_BASE_URL } from "./baseUrl.js";
import { pacerOf, realClock } from "./pacing.js";
import type { JsonObject } from "./parse.js";
import { pathOf, type Query } from "./paths.js";
import { decide, waitingFor } from "./retry.js";

interface SendOptions<T> {
  /** @default "v1" */
  version?: "v1" | "v2";
  query?: Query;
  /** Sent as JSON. */
  body?: JsonObject;
  /** Parses the body of a 200 response. Default: ignore it; it must be empty or JSON. */
  parse?: (body: unknown) => T;
  /**
   * For a call that belongs to no organization (`/v1/locations`): the organization whose token it carries.
   */
  tokenOf?: string | undefined;
  /** A token that is sent instead of the client's. */
  token?: string;
  /** Whether a request that may have been carried out can be sent again. Default: only a GET. */
  repeatable?: boolean;
  /** Whether a first 404 is retried after a second: a new resource may not be visible yet. */
  retryNotFound?: boolean;
  /** Runs right before each attempt, after all waiting. If it fails, the call fails with its error. */
  guard?: (() => Promise<void>) | undefined;
  /** Whether it does not queue for `maxRequestsPerSecond`. Pauses that a server asks for apply to it, too. */
  urgent?: boolean;
}

/**
 * Makes one call to the path `segments` of an organization (undefined: the personal account). Returns what
 * `parse` makes of the 200 response. One request, unless it is retried.
 *
 * @throws TursoError for every other response, and if there is none
 */
export type Send = <T = void>(
  method: string,
  organization: string | undefined,
  segments: readonly string[],
  options?: SendOptions<T>,
) => Promise<T>;

export function sender(options: ClientOptions): Send {
  const { baseUrl = DEFAULT_BASE_URL, token, maxRequestsPerSecond } = options;
  const problem = baseUrlProblem(baseUrl);
  if (problem !== undefined) throw new TypeError(`The base URL is invalid: ${problem}.`);
  const run = runner(options, new URL(baseUrl).origin);

  return async (method, organization, segments, sendOptions = {}) => {
    const { version, query, body, parse = ignore, tokenOf = organization, guard } = sendOptions;
    const { repeatable = method === "GET", retryNotFound = false, urgent = false } = sendOptions;
    const request = {
      method,
      path: pathOf(organization, segments, query, version),
      organization: tokenOf,
      signal: signalOf(options),
      token: sendOptions.token ?? (typeof token === "function" ? token(tokenOf) : token),
      body,
      parse,
    };
    const maxPerSecond = urgent ? undefined : maxRequestsPerSecond;
    return run(request, { repeatable, retryNotFound, guard, maxPerSecond });
  };
}

const ignore = () => undefined as never;

/** How a request is sent: the options of a call, with their defaults. */
interface Rules extends Pick<Required<SendOptions<unknown>>, "repeatable" | "retryNotFound" | "guard"> {
  maxPerSecond: number | undefined;
}

/** Sends the requests of a client, with pacing and retries. */
function runner(options: ClientOptions, origin: string) {
  const attempt = attempter(options);
  const { clock = realClock } = options.transport ?? {};
  const pacer = pacerOf(origin, clock);

  return async <T>(request: HttpRequest<T>, rules: Rules): Promise<T> => {
    const { method, path, organization, signal } = request;
    let past = { attempts: 0, counted: 0, lost: false };

    const waitForTurn = async (pause: number) => {
      const isStopped =
        (await clock.wait(pause, signal)) === "stopped" ||
        (await pacer.turn(rules.maxPerSecond, signal)) === "stopped";
      if (!isStopped) return;
      const { attempts, lost } = past;
      const info = { method, path, organization, attempts, lost };
      const reason = "canceled before the request was sent";
      throw new TursoConnectionError(info, { peer: origin, code: NOT_SENT, reason });
    };

    await waitForTurn(0);
    const start = clock.now();
    for (;;) {
      await rules.guard?.();
      const outcome = await attempt(request, past);
      if (outcome.kind === "success") return outcome.value;

      const attempts = past.attempts + 1;
      const elapsed = clock.now() - start;
      const next = decide(outcome, { ...rules, ...past, attempts, elapsed }, options);
      if (next.kind === "give up") throw outcome.error;

      if (next.isLong) options.onWait?.(waitingFor(outcome.error));
      pacer.pause(next.sharedPause);
      past = {
        attempts,
        counted: past.counted + (next.counts ? 1 : 0),
        lost: past.lost || outcome.error.mayHaveBeenApplied,
      };
      await waitForTurn(next.pause);
    }
  };
}
