import { afterAttempts, type RequestInfo, TursoError } from "./TursoError.js";

const hints: Record<number, string> = {
  401:
    "The API token is missing, mistyped, expired or revoked. Create one with `turso auth api-tokens mint NAME --org " +
    "ORGANIZATION` (for a personal account, ORGANIZATION is its slug in `turso org list`).",
  402: "Your plan does not include this. Check it with `turso plan show`.",
  403: "The owner of the API token is not allowed to do this. Check the organization's slug (`turso org list`), the token's scope and the limits of your plan.",
  404: "The resource does not exist. Check the name and the organization.",
  409: "The name is taken. Choose another name.",
  429: "The rate limit is exceeded. Wait a moment, then retry.",
};

function hintFor(status: number, detail: string | undefined): string {
  if (status === 404 && detail === undefined)
    return "Check that the base URL points to the Turso Platform API.";
  if (status >= 300 && status < 400) return "Redirects are not followed. Check the base URL.";
  if (status >= 500) return "The Turso API is failing. Check https://status.turso.tech, then retry.";
  return hints[status] ?? "";
}

/** The API responded with a status other than 200. */
export class TursoApiError extends TursoError {
  /** HTTP status, e.g. 409. */
  readonly status: number;
  /**
   * The API's own message (`error` in the JSON response). Undefined if there is none: the response may come
   * from a proxy or another server.
   */
  readonly detail: string | undefined;
  /** The first line of the message: the request and the response. */
  readonly summary: string;
  /** The second line of the message: what to do. "" if that depends on the request. */
  readonly hint: string;
  override readonly mayHaveBeenApplied: boolean;

  constructor(request: RequestInfo, status: number, detail: string | undefined, description: string) {
    const hint = hintFor(status, detail);
    const summary = `${request.method} ${request.path}: ${status} ${description}${afterAttempts(request)}`;
    super(request, hint === "" ? summary : `${summary}\n${hint}`);
    this.summary = summary;
    // A gateway responds with 408 if the API takes too long. The API may still carry the request out.
    this.mayHaveBeenApplied = request.lost || status >= 500 || status === 408;
    this.status = status;
    this.detail = detail;
    this.hint = hint;
  }

  override get isTransient(): boolean {
    return [408, 429, 500, 502, 503, 504].includes(this.status);
  }

  /** Whether the API reports that the resource does not exist. False for the 404 of another server. */
  get isNotFound(): boolean {
    return this.status === 404 && this.detail !== undefined;
  }

  /**
   * Whether the API reports that the group is archived and must be unarchived first. Turso does not document
   * which requests fail so, and with which status: the message decides.
   */
  get saysArchived(): boolean {
    // As a word of its own: a group may be called `archived-logs`.
    return this.detail !== undefined && /(?<![\w-])archived(?![\w-])/i.test(this.detail);
  }
}
