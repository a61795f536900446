export interface ClientOptions {
  /**
   * A Platform API token, or a function that gives one when a call is made: for the organization that the call is about,
   * undefined for the user form. `turso auth api-tokens mint NAME --org ORGANIZATION` mints one; for a personal account,
   * ORGANIZATION is its slug in `turso org list`.
   */
  token: string | ((organization: string | undefined) => string);
  /** Where the API is; default `https://api.turso.tech`. No trailing slash, no `/v1`. */
  baseUrl?: string;
  /** The `User-Agent` of every request; default `pulumi-turso`. */
  userAgent?: string;
  /** How long a request may take until its answer is complete, in seconds; default 60. */
  timeout?: number;
  /**
   * How often a request is made again that met with trouble: no answer, or 408, 500, 502, 503, 504. Default 5; 0: never.
   * After a 429 it is made again for as long as `budget` says, unless this is 0.
   */
  maxRetries?: number;
  /** For how long a call may go on making its request again, in seconds; default 120. No pause is longer than half of it. */
  budget?: number;
  /** The longest pause before the first repeat, in milliseconds; it doubles with each. Default 500. */
  pause?: number;
  /** How many requests may start in a second; default: any number. */
  maxRequestsPerSecond?: number | undefined;
  /** Told why, when a call takes more than a few seconds because its request is made again. */
  onWait?: (reason: string) => void;
  /** Aborts the requests under way; a function is asked for each call. */
  signal?: AbortSignal | (() => AbortSignal);
}

/** The signal of one call. */
export function signalOf({ signal }: ClientOptions): AbortSignal | undefined {
  return typeof signal === "function" ? signal() : signal;
}
