/** The request that an error is about. */
export interface RequestInfo {
  /** HTTP method, e.g. `POST`. */
  readonly method: string;
  /** Path and query below the base URL, e.g. `/v1/organizations/acme/groups`. Contains no secrets. */
  readonly path: string;
  /** Slug of the organization whose token the request carried; undefined: your personal account. */
  readonly organization?: string | undefined;
  /** Number of attempts. */
  readonly attempts: number;
  /** Whether an attempt before the last one may have succeeded. */
  readonly lost: boolean;
}

/** The number of attempts as the end of a message, if there was more than one. */
export function afterAttempts({ attempts }: RequestInfo): string {
  return attempts > 1 ? ` (after ${attempts} attempts)` : "";
}

/** An error of the client. Its message, properties and cause never contain the API token. */
export abstract class TursoError extends Error {
  /** HTTP method, e.g. `POST`. */
  readonly method: string;
  /** Path and query below the base URL, e.g. `/v1/organizations/acme/groups`. */
  readonly path: string;
  /** Slug of the organization whose token the request carried; undefined: your personal account. */
  readonly organization: string | undefined;
  /** Number of attempts. */
  readonly attempts: number;
  /**
   * Whether the request may have succeeded: true if its response was lost or cannot be read, false if the API
   * refused it or was never reached.
   */
  abstract readonly mayHaveBeenApplied: boolean;
  /** Whether the same call may succeed if it is retried. */
  abstract readonly isTransient: boolean;

  constructor(request: RequestInfo, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.method = request.method;
    this.path = request.path;
    this.organization = request.organization;
    this.attempts = request.attempts;
  }
}
