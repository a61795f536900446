import { isLoopback } from "../http/baseUrl.js";
import { afterAttempts, type RequestInfo, TursoError } from "./TursoError.js";

/** Code of a request that was canceled before it was sent. */
export const NOT_SENT = "ERR_NOT_SENT";
/** Code of a request that was canceled after it was sent, from axios. */
export const CANCELED = "ERR_CANCELED";
/** Code of a request that timed out. */
export const TIMED_OUT = "ETIMEDOUT";
/** Code of a request for which a proxy failed to open a tunnel, from Node. */
export const TUNNEL_FAILED = "ERR_PROXY_TUNNEL";
/** Code of a request for which a proxy refused to open a tunnel. */
export const TUNNEL_REFUSED = "ERR_PROXY_REFUSED";
/** Code of a request whose response is too large. */
export const TOO_LARGE = "ERR_TOO_LARGE";

/** Codes of failures to reach a host, which is the proxy if there is one. */
export const UNREACHED: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EPROTO",
]);

/** Codes of failures before the request was sent: it cannot have been carried out. */
const neverSent = new Set([NOT_SENT, ...UNREACHED, "ERR_INVALID_URL", TUNNEL_FAILED, TUNNEL_REFUSED]);

/** Codes of failures that a retry does not fix. */
const lasting = new Set([
  NOT_SENT,
  CANCELED,
  TOO_LARGE,
  TUNNEL_REFUSED,
  "ENOTFOUND",
  "EPROTO",
  "ERR_INVALID_URL",
]);

const isCertificateError = (code = "") => /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);

function hintFor(peer: string, code: string | undefined): string {
  if (code === CANCELED || code === NOT_SENT) return "";
  if (isCertificateError(code))
    return "The server's certificate is not trusted. Check the base URL, or set NODE_EXTRA_CA_CERTS to a file with its certificate authority.";
  const { hostname = "", port = "" } = URL.canParse(peer) ? new URL(peer) : {};
  if (code === "ECONNREFUSED" && port !== "" && isLoopback(hostname))
    return `Start the emulator with \`npx turso-emulator --port ${port}\`, or check the base URL.`;
  return "Check the network, the proxy and the base URL.";
}

interface Problem {
  /** The host that did not respond: the server's origin, or a proxy. */
  peer: string;
  code: string | undefined;
  /** Why it did not respond, in a few words. */
  reason: string;
  cause?: unknown;
}

/**
 * No response: the server could not be reached, or the connection was closed before the response was
 * complete.
 */
export class TursoConnectionError extends TursoError {
  /** Error code of the system or of the client, e.g. `ECONNREFUSED`, if there is one. */
  readonly code: string | undefined;
  /** Which host did not respond, and why: part of the first line of the message. */
  readonly reason: string;
  /** The second line of the message: what to do. "" if the request was canceled. */
  readonly hint: string;
  override readonly mayHaveBeenApplied: boolean;
  override readonly isTransient: boolean;

  constructor(request: RequestInfo, { peer, code, reason, cause }: Problem) {
    const hint = hintFor(peer, code);
    const noResponse = `no response from ${peer} (${reason})`;
    const summary = `${request.method} ${request.path}: ${noResponse}${afterAttempts(request)}`;
    super(request, hint === "" ? summary : `${summary}\n${hint}`, { cause });
    this.hint = hint;
    this.code = code;
    this.reason = noResponse;
    this.isTransient = !isCertificateError(code) && !lasting.has(code ?? "");
    this.mayHaveBeenApplied = request.lost || !(isCertificateError(code) || neverSent.has(code ?? ""));
  }
}
