import { DatabasesApi } from "./databases.js";
import { GroupsApi } from "./groups.js";
import { sender } from "./http/send.js";
import { type Settle, settler } from "./http/settle.js";
import { LocationsApi } from "./locations.js";

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

/** A client of the Turso Platform API. An organization of `undefined` means the user form of a call. */
export interface TursoClient {
  readonly groups: GroupsApi;
  readonly databases: DatabasesApi;
  readonly locations: LocationsApi;
  /** @internal */
  readonly settle: Settle;
}

/**
 * Creates a client. Nothing is requested, and no HTTP library loaded, before the first call.
 *
 * @throws TypeError when there is no token, or the base URL is none, or would send the token unencrypted to another machine
 */
export function createClient(options: ClientOptions): TursoClient {
  // JavaScript may leave it out.
  const { token }: Partial<ClientOptions> = options ?? {};
  if (typeof token !== "string" && typeof token !== "function")
    throw new TypeError('createClient needs an API token: createClient({ token: "…" }).');
  const send = sender(options);
  return {
    groups: new GroupsApi(send),
    databases: new DatabasesApi(send),
    locations: new LocationsApi(send),
    settle: settler(options),
  };
}
