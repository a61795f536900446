/** One HTTP request, and its outcome. */
import type { TLSSocket } from "node:tls";
import type { AxiosError, AxiosStatic } from "axios";
import { TursoApiError } from "../errors/TursoApiError.js";
import {
  CANCELED,
  TIMED_OUT,
  TOO_LARGE,
  TUNNEL_FAILED,
  TUNNEL_REFUSED,
  TursoConnectionError,
} from "../errors/TursoConnectionError.js";
import type { RequestInfo, TursoError } from "../errors/TursoError.js";
import { TursoResponseError } from "../errors/TursoResponseError.js";
import type { ClientOptions } from "../options.js";
import { DEFAULT_BASE_URL } from "./baseUrl.js";
import { type JsonObject, ParseError } from "./parse.js";
import { peerOf } from "./proxy.js";
import { describeBody, errorText, printable, redact } from "./text.js";
import { type Http, type HttpConfig, type HttpResponse, inProcess } from "./transport.js";

/** 10 MB: far more than any list of the API, and far less than what would harm the process. */
const MAX_RESPONSE_BYTES = 10_000_000;

export interface HttpRequest<T> {
  method: string;
  /** Path and query below the base URL. */
  path: string;
  /** Slug of the organization whose token it carries; undefined: the personal account. */
  organization: string | undefined;
  token: string;
  /** Sent as JSON. */
  body: JsonObject | undefined;
  /** Parses the body of a 200 response, which is undefined if it is empty. Throws a ParseError. */
  parse: (body: unknown) => T;
  signal: AbortSignal | undefined;
}

export type Outcome<T> = { kind: "success"; value: T } | Failure;

export interface Failure {
  kind: "failure";
  error: TursoError;
  /** Status of the server's response, even if that was interrupted; undefined: no response. */
  status: number | undefined;
  /** The `Retry-After` header of the server's response. */
  retryAfter: unknown;
}

/** Sends a request once. `past`: how often it was sent before, and whether it may have been carried out. */
export type Attempt = <T>(
  request: HttpRequest<T>,
  past: Pick<RequestInfo, "attempts" | "lost">,
) => Promise<Outcome<T>>;

export function attempter({
  baseUrl = DEFAULT_BASE_URL,
  timeout = 60,
  userAgent = "pulumi-turso",
  transport,
}: ClientOptions): Attempt {
  const { origin, protocol } = new URL(baseUrl);
  const isSecure = protocol === "https:" && transport === undefined;
  const common = { Accept: "application/json", "User-Agent": userAgent };
  let http = transport && inProcess(transport, { headers: common, timeout });

  return async (request, { attempts, lost }) => {
    const { method, path, organization, token, body, parse, signal } = request;
    const info: RequestInfo = { method, path, organization, attempts: attempts + 1, lost };
    http ??= createHttp(common, isSecure);
    const { response, error } = await exchange(
      http,
      { timeout, signal },
      {
        method,
        url: `${baseUrl}${path}`,
        // Without `false`, axios sends a POST without a body as a form.
        headers: { Authorization: `Bearer ${token}`, "Content-Type": body ? "application/json" : false },
        ...(body && { data: JSON.stringify(body) }),
      },
    );

    if (response !== undefined && isSecure && !isEncrypted(response))
      return failure(proxyError(info, response, origin));
    if (error !== undefined)
      return failure(connectionError(info, error, { origin, timeout, token, signal }), response);
    if (response.status !== 200) return failure(apiError(info, response, token), response);
    const read = readBody(response.data, parse);
    if (read.kind === "unusable")
      return failure(new TursoResponseError(info, printable(redact(read.problem, token))), response);
    return { kind: "success", value: read.value };
  };
}

function failure(error: TursoError, response?: HttpResponse): Failure {
  return { kind: "failure", error, status: response?.status, retryAfter: response?.headers["retry-after"] };
}

function createHttp(headers: Record<string, string>, isSecure: boolean): Http {
  // Loading it takes 0.1–0.3 s, which programs that make no request do not spend.
  const axios = require("axios") as AxiosStatic;
  return axios.create({
    headers,
    maxRedirects: 0,
    maxContentLength: MAX_RESPONSE_BYTES,
    responseType: "text",
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
    // http is for servers on this machine: a proxy would only see the token.
    ...(!isSecure && { proxy: false as const }),
  });
}

/** A complete response, or the error that occurred instead, with the head of an interrupted response. */
type Exchange =
  | { response: HttpResponse<string>; error?: undefined }
  | { response: HttpResponse | undefined; error: AxiosError };

async function exchange(
  http: Http,
  { timeout, signal }: { timeout: number; signal: AbortSignal | undefined },
  config: HttpConfig,
): Promise<Exchange> {
  // AbortSignal.timeout does not keep the process alive until the response arrives.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout * 1000);
  const signals = signal === undefined ? [limit.signal] : [limit.signal, signal];
  return http
    .request({ ...config, signal: AbortSignal.any(signals) })
    .then(
      (response) => ({ response }),
      (error: AxiosError) => ({ response: error.response, error }),
    )
    .finally(() => clearTimeout(timer));
}

/**
 * Whether a response came from the server. What a proxy sends instead of opening a tunnel is not encrypted,
 * and axios returns it as if it were the server's: anybody on the way to the proxy could respond in the API's
 * place.
 */
function isEncrypted({ request }: HttpResponse): boolean {
  return (request as { socket?: Partial<TLSSocket> } | undefined)?.socket?.encrypted === true;
}

function proxyError(info: RequestInfo, { status, request }: HttpResponse, origin: string) {
  const code = status < 500 ? TUNNEL_REFUSED : TUNNEL_FAILED;
  const reason = `the proxy refused to connect: ${status}`;
  return new TursoConnectionError(info, { peer: peerOf({ request, code }, origin), code, reason });
}

interface Connection extends Pick<HttpRequest<unknown>, "token" | "signal"> {
  origin: string;
  timeout: number;
}

function connectionError(info: RequestInfo, error: AxiosError, connection: Connection): TursoConnectionError {
  const { origin, timeout, token, signal } = connection;
  const { code, message, cause } = error;
  const peer = peerOf(error, origin);
  if (code === CANCELED && signal?.aborted)
    return new TursoConnectionError(info, { peer, code: CANCELED, reason: "canceled" });
  if (code === CANCELED)
    return new TursoConnectionError(info, { peer, code: TIMED_OUT, reason: `timed out after ${timeout} s` });
  // axios has no code for it.
  if (message.startsWith("maxContentLength"))
    return new TursoConnectionError(info, {
      peer: origin,
      code: TOO_LARGE,
      reason: "rejected: larger than 10 MB",
    });
  // The axios error contains the token, in the request's headers: only the system's error is kept.
  const reason = redact(message || code || "unknown error", token);
  return new TursoConnectionError(info, { peer, code, reason, cause: withoutBytes(cause) });
}

/**
 * The system's error, without the bytes that Node failed to parse: a server may have repeated the token in
 * them.
 */
function withoutBytes(cause: unknown): unknown {
  if (cause instanceof Error && "rawPacket" in cause) delete cause.rawPacket;
  return cause;
}

function apiError(info: RequestInfo, { status, data }: HttpResponse<string>, token: string): TursoApiError {
  const text = errorText(data);
  const detail = text === undefined ? undefined : printable(redact(text, token));
  return new TursoApiError(info, status, detail, detail ?? `(${describeBody(data)})`);
}

/**
 * Reads the body of a 200 response. What is not JSON comes from another server, even where no part of the
 * body is needed.
 */
function readBody<T>(
  body: string,
  parse: (body: unknown) => T,
): { kind: "value"; value: T } | { kind: "unusable"; problem: string } {
  const json = parseJson(body);
  if (json === undefined) return { kind: "unusable", problem: describeBody(body) };
  try {
    return { kind: "value", value: parse(json.value) };
  } catch (error) {
    if (error instanceof ParseError) return { kind: "unusable", problem: error.message };
    throw error;
  }
}

function parseJson(body: string): { value: unknown } | undefined {
  if (body === "") return { value: undefined };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}
