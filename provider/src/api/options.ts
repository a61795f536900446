import type { Transport } from "./http/transport.js";

export interface ClientOptions {
  /**
   * A Platform API token, or a function that returns the token for an organization (undefined: your personal
   * account) when a request needs it. Create one with `turso auth api-tokens mint NAME --org ORGANIZATION`.
   * For a personal account, ORGANIZATION is its slug in `turso org list`.
   */
  token: string | ((organization: string | undefined) => string);
  /**
   * URL of the API, without a trailing slash and without `/v1`. Plain http is allowed only on this machine.
   *
   * @default "https://api.turso.tech"
   */
  baseUrl?: string;
  /**
   * The `User-Agent` header of every request.
   *
   * @default "pulumi-turso"
   */
  userAgent?: string;
  /**
   * Maximum time from sending a request to the end of its response, in seconds.
   *
   * @default 60
   */
  timeout?: number;
  /**
   * Maximum number of retries for a failed request: no response, or status 408, 500, 502, 503 or 504. A 429
   * does not count: it is retried as long as `budget` allows. 0 turns all retries off.
   *
   * @default 5
   */
  maxRetries?: number;
  /**
   * Maximum time for the retries of one call, in seconds. No pause is longer than half of it.
   *
   * @default 120
   */
  budget?: number;
  /**
   * Maximum pause before the first retry, in milliseconds. It doubles with each retry.
   *
   * @default 500
   */
  pause?: number;
  /** Maximum number of requests that start in one second. Unlimited by default. */
  maxRequestsPerSecond?: number | undefined;
  /** Called with the reason when retries delay a call by more than three seconds. */
  onWait?: (reason: string) => void;
  /** Cancels the requests in progress. A function is called once for each call. */
  signal?: AbortSignal | (() => AbortSignal);
  /**
   * Handles the requests in this process, for tests.
   *
   * @default HTTP
   * @internal
   */
  transport?: Transport | undefined;
}

/** The signal of one call. */
export function signalOf({ signal }: ClientOptions): AbortSignal | undefined {
  return typeof signal === "function" ? signal() : signal;
}
