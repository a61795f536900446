import { afterAttempts, type RequestInfo, TursoError } from "./TursoError.js";

const hints: Record<number, string> = {
  401:
    "The API token is missing, mistyped, expired or revoked: mint one with `turso auth api-tokens mint NAME --org " +
    "ORGANIZATION` (for a personal account, ORGANIZATION is its slug in `turso org list`).",
  402: "The plan of this account does not include it: see `turso plan show`.",
  403: "The API token's owner may not do this: check the organization's name, the token's scope and the plan's limits.",
  404: "There is no such thing there: check the name and the organization.",
  409: "Something of that name is already there.",
  429: "The API asks for fewer requests: wait a little and run it again.",
};

function hintFor(status: number): string {
  if (status >= 300 && status < 400) return "Redirects are not followed: check the base URL.";
  if (status >= 500)
    return "The API is in trouble: run it again in a while, and see https://status.turso.tech.";
  return hints[status] ?? "";
}

/** The API answered with a status other than 200. */
export class TursoApiError extends TursoError {
  /** HTTP status, e.g. 409. */
  readonly status: number;
  /**
   * The API's own text (the `error` of its JSON answer), undefined when the answer carries none: then it may
   * not have come from the API at all, but from a proxy or another server.
   */
  readonly detail: string | undefined;
  /** What was tried and what came back, in one line: the message without the hint. */
  readonly summary: string;
  /** What to do about it; "" where nothing general can be said. */
  readonly hint: string;
  override readonly mayHaveBeenApplied: boolean;

  constructor(request: RequestInfo, status: number, detail: string | undefined, description: string) {
    const hint = hintFor(status);
    const summary = `${request.method} ${request.path}: ${status} ${description}${afterAttempts(request)}`;
    super(request, hint === "" ? summary : `${summary}\n${hint}`);
    this.summary = summary;
    // A gateway may answer 408 when the API takes too long: that says nothing of what the API does in the end.
    this.mayHaveBeenApplied = request.lost || status >= 500 || status === 408;
    this.status = status;
    this.detail = detail;
    this.hint = hint;
  }

  override get isTransient(): boolean {
    return [408, 429, 500, 502, 503, 504].includes(this.status);
  }

  /** Whether the API itself says that the thing is not there; a 404 of another server does not count. */
  get isNotFound(): boolean {
    return this.status === 404 && this.detail !== undefined;
  }

  /**
   * Whether the API says that something is archived: a group that sleeps does nothing before it is unarchived. Which
   * calls answer so, and with which status, is undocumented, so only the text counts.
   */
  get saysArchived(): boolean {
    // Not part of a longer word: a group may be called `archived-logs`.
    return this.detail !== undefined && /(?<![\w-])archived(?![\w-])/i.test(this.detail);
  }
}
