/** What every error of the client says: which request it was about. */
export interface RequestInfo {
  /** HTTP method, e.g. `POST`. */
  readonly method: string;
  /** Path and query below the base URL, e.g. `/v1/organizations/acme/groups`. Holds no secrets. */
  readonly path: string;
  /** How often the request was made. */
  readonly attempts: number;
  /** Whether one of these attempts, before the last, may have been carried out. */
  readonly lost: boolean;
}

/** How an error tells that a request was made more than once. */
export function afterAttempts({ attempts }: RequestInfo): string {
  return attempts > 1 ? ` (after ${attempts} attempts)` : "";
}

/**
 * The base of every error the client throws. Neither its message, nor its properties, nor its cause hold the
 * API token.
 */
export abstract class TursoError extends Error {
  readonly method: string;
  readonly path: string;
  readonly attempts: number;
  /**
   * Whether the API may have carried the request out although it failed: true when the answer was lost or
   * cannot be read, false when the API refused or was never reached.
   */
  abstract readonly mayHaveBeenApplied: boolean;
  /** Whether the same call may succeed in a moment. */
  abstract readonly isTransient: boolean;

  constructor(request: RequestInfo, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.method = request.method;
    this.path = request.path;
    this.attempts = request.attempts;
  }
}
