import { isLoopback } from "../http/baseUrl.js";
import { afterAttempts, type RequestInfo, TursoError } from "./TursoError.js";

/** The code of a request that was aborted before it was sent. */
export const NOT_SENT = "ERR_NOT_SENT";
/** The code of a request that was aborted while it was under way; axios' own. */
export const STOPPED = "ERR_CANCELED";
/** The code of a request that took too long. */
export const TIMED_OUT = "ETIMEDOUT";
/** The code of a request for which a proxy was not able to open a tunnel, Node's own. */
export const TUNNEL_FAILED = "ERR_PROXY_TUNNEL";
/** The code of a request for which a proxy does not want to. */
export const TUNNEL_REFUSED = "ERR_PROXY_REFUSED";
/** The code of a request whose answer is larger than it may be. */
export const TOO_LARGE = "ERR_TOO_LARGE";

/** Failures to reach a host. Through a proxy, that host is the proxy. */
export const UNREACHED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EPROTO",
]);

/** Failures that happen before a request is sent, so that it cannot have been carried out. */
const neverSent = new Set([NOT_SENT, ...UNREACHED, "ERR_INVALID_URL", TUNNEL_FAILED, TUNNEL_REFUSED]);

/** Failures that a moment does not mend. */
const lasting = new Set([
  NOT_SENT,
  STOPPED,
  TOO_LARGE,
  TUNNEL_REFUSED,
  "ENOTFOUND",
  "EPROTO",
  "ERR_INVALID_URL",
]);

/** On this machine it is the emulator that answers, or should. */
function whatToCheck(origin: string, code: string | undefined): string {
  const { hostname = "", port = "" } = URL.canParse(origin) ? new URL(origin) : {};
  if (code === "ECONNREFUSED" && port !== "" && isLoopback(hostname))
    return `Is the emulator running? \`npx turso-emulator --port ${port}\` starts it. Otherwise check the base URL.`;
  return "Check the network, a proxy in between, and the base URL.";
}

/** No answer came: the server could not be reached, or the connection broke before the answer was complete. */
export class TursoConnectionError extends TursoError {
  /** The system's code, e.g. `ECONNREFUSED`, where there is one. */
  readonly code: string | undefined;
  /** Who did not answer, and why, in a few words. */
  readonly reason: string;
  /** What to do about it; "" where nothing general can be said. */
  readonly hint: string;
  override readonly mayHaveBeenApplied: boolean;
  override readonly isTransient: boolean;

  constructor(
    request: RequestInfo,
    origin: string,
    code: string | undefined,
    reason: string,
    cause?: unknown,
  ) {
    const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code ?? "");
    const hint = certificate
      ? "The server's certificate is not trusted: check the base URL, or set NODE_EXTRA_CA_CERTS."
      : code === STOPPED || code === NOT_SENT
        ? ""
        : whatToCheck(origin, code);
    const who = `no answer from ${origin} (${reason})`;
    const summary = `${request.method} ${request.path}: ${who}${afterAttempts(request)}`;
    super(request, hint === "" ? summary : `${summary}\n${hint}`, { cause });
    this.hint = hint;
    this.code = code;
    this.reason = who;
    this.isTransient = !(certificate || lasting.has(code ?? ""));
    this.mayHaveBeenApplied = request.lost || !(certificate || (code !== undefined && neverSent.has(code)));
  }
}
