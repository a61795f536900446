import { type RequestInfo, TursoError } from "./TursoError.js";

/** The code of a request that was aborted before it was sent. */
export const NOT_SENT = "ERR_NOT_SENT";
/** The code of a request that was aborted while it was under way; axios' own. */
export const STOPPED = "ERR_CANCELED";

/** Failures that happen before a request is sent, so that it cannot have been carried out. */
const neverSent = new Set([
  NOT_SENT,
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ERR_INVALID_URL",
]);

/** No answer came: the server could not be reached, or the connection broke before the answer was complete. */
export class TursoConnectionError extends TursoError {
  /** The system's code, e.g. `ECONNREFUSED`, where there is one. */
  readonly code: string | undefined;
  /** Who did not answer, and why, in a few words. */
  readonly reason: string;
  override readonly mayHaveBeenApplied: boolean;

  constructor(
    request: RequestInfo,
    origin: string,
    code: string | undefined,
    reason: string,
    cause?: unknown,
  ) {
    const certificate = code?.includes("CERT") === true || code?.includes("SELF_SIGNED") === true;
    const hint = certificate
      ? "\nThe server's certificate is not trusted: check the base URL, or set NODE_EXTRA_CA_CERTS."
      : code === STOPPED || code === NOT_SENT
        ? ""
        : "\nCheck the network, a proxy in between, and the base URL.";
    const who = `no answer from ${origin} (${reason})`;
    super(request, `${request.method} ${request.path}: ${who}${hint}`, { cause });
    this.code = code;
    this.reason = who;
    this.mayHaveBeenApplied = !(certificate || (code !== undefined && neverSent.has(code)));
  }
}
