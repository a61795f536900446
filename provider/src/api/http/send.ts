import type { TLSSocket } from "node:tls";
import type { AxiosError, AxiosInstance, AxiosResponse, AxiosStatic } from "axios";
import type { IAxiosRetryConfig } from "axios-retry";
import { TursoApiError } from "../errors/TursoApiError.js";
import {
  NOT_SENT,
  STOPPED,
  TIMED_OUT,
  TOO_LARGE,
  TUNNEL_FAILED,
  TUNNEL_REFUSED,
  TursoConnectionError,
} from "../errors/TursoConnectionError.js";
import type { TursoError } from "../errors/TursoError.js";
import { TursoResponseError } from "../errors/TursoResponseError.js";
import type { ClientOptions } from "../options.js";
import { signalOf } from "../options.js";
import { baseUrlProblem, DEFAULT_BASE_URL } from "./baseUrl.js";
import { budgetOf, LONG, MAX_RETRIES, PAUSE, pacerOf, pauseBefore, waitingFor } from "./pacing.js";
import { type JsonObject, ParseError } from "./parse.js";
import { pathOf, type Query } from "./paths.js";
import { peerOf } from "./proxy.js";

/** 10 MB: far above any list the API sends, far below what would hurt the process. */
const MAX_ANSWER_BYTES = 10_000_000;

interface SendOptions<T> {
  query?: Query;
  /** Sent as JSON. */
  body?: JsonObject;
  parse?: (answer: unknown) => T;
  /** For a call that belongs to no organization (`/v1/locations`): the organization whose token it carries. */
  tokenOf?: string | undefined;
  /**
   * Whether the request may be made again after it may have been carried out. Default: for a GET only. One that
   * certainly was not carried out may be made again in any case.
   */
  repeatable?: boolean;
  /** Whether a 404 is asked about once more, after a second: what is new may not be shown at once. */
  doubtful?: boolean;
  /** Runs right before each attempt, after all waiting; an error from it ends the call, and is the call's. */
  guard?: (() => Promise<void>) | undefined;
  /** Whether it goes ahead of what waits because of `maxRequestsPerSecond`. A server's request to pause holds for it, too. */
  urgent?: boolean;
}

/**
 * Makes one call, to the segments below the organization (undefined: below the user), and gives what `parse` makes
 * of its 200 answer; anything else is a TursoError. Without `parse` any 200 will do that is empty or JSON. A call is one request, unless that meets with trouble.
 */
export type Send = <T = void>(
  method: string,
  organization: string | undefined,
  segments: readonly string[],
  options?: SendOptions<T>,
) => Promise<T>;

export function sender(options: ClientOptions): Send {
  const {
    baseUrl = DEFAULT_BASE_URL,
    timeout = 60,
    maxRetries = MAX_RETRIES,
    maxRequestsPerSecond,
    onWait,
  } = options;
  const problem = baseUrlProblem(baseUrl);
  if (problem !== undefined) throw new TypeError(`the base URL cannot be used: ${problem}`);
  const { origin } = new URL(baseUrl);
  const pacer = pacerOf(origin);

  return async <T>(
    method: string,
    organization: string | undefined,
    segments: readonly string[],
    {
      query,
      body,
      parse,
      tokenOf = organization,
      repeatable = method === "GET",
      doubtful,
      guard,
      urgent = false,
    }: SendOptions<T> = {},
  ): Promise<T> => {
    const request = { method, path: pathOf(organization, segments, query), attempts: 0, lost: false };
    const signal = signalOf(options);
    const token = typeof options.token === "function" ? options.token(tokenOf) : options.token;
    let started: number | undefined;
    let underWay = false;
    let objection: { error: unknown } | undefined;
    let pause = 0;
    let troubles = 0;
    let timer: NodeJS.Timeout | undefined;

    const failure = (error: AxiosError<string>): TursoError => {
      const { response, code, message, cause } = error;
      const peer = peerOf(error, origin);
      // Of an answer that broke off axios tells the status, too.
      if (response !== undefined && typeof response.data === "string") {
        const text = errorText(response.data);
        const detail = text === undefined ? undefined : printable(redact(text, token));
        return new TursoApiError(
          request,
          response.status,
          detail,
          detail ?? `(with ${describeBody(response.data)})`,
        );
      }
      if (code === STOPPED && underWay && !signal?.aborted)
        return new TursoConnectionError(request, peer, TIMED_OUT, `not within ${timeout} s`);
      if (!underWay) return new TursoConnectionError(request, origin, NOT_SENT, "stopped before it was sent");
      if (code === STOPPED) return new TursoConnectionError(request, peer, STOPPED, "stopped");
      // axios has no code of its own for that.
      if (message.startsWith("maxContentLength"))
        return new TursoConnectionError(request, origin, TOO_LARGE, "more than 10 MB");
      // The axios error holds the request's headers, and with them the token: only the system's error is kept.
      const reason = redact(message || code || "unknown reason", token);
      return new TursoConnectionError(request, peer, code, reason, withoutBytes(cause));
    };

    const http = connect(options, {
      // What puts an end to it is all in the condition.
      retries: Number.POSITIVE_INFINITY,
      retryCondition(error) {
        const { status } = error.response ?? {};
        const problem = failure(error as AxiosError<string>);
        if (doubtful && status === 404 && request.attempts === 1 && maxRetries > 0) {
          pause = 2 * (options.pause ?? PAUSE);
          return true;
        }
        if (!problem.isTransient || (problem.mayHaveBeenApplied && !repeatable)) return false;
        // A 429 is no trouble of the request's: it is counted in time.
        const isLimit = status === 429;
        if (maxRetries === 0 || (!isLimit && troubles >= maxRetries)) return false;
        const asked = axiosRetry().retryAfter(error);
        const { common, own } = pauseBefore(request.attempts, { asked, isLimit }, options);
        const waited = performance.now() - (started ?? performance.now()) + own;
        if (waited > budgetOf(options)) return false;
        if (waited > LONG) onWait?.(waitingFor(problem));
        pause = own;
        pacer.pause(common);
        if (!isLimit) troubles += 1;
        request.lost ||= problem.mayHaveBeenApplied;
        return true;
      },
      retryDelay: () => pause,
      onRetry(_count, _error, config) {
        // Instead of the time limit of the request that is over.
        if (signal) config.signal = signal;
        else delete config.signal;
      },
    });
    http.interceptors.request.use(async (config) => {
      underWay = false;
      await pacer.turn(urgent ? undefined : maxRequestsPerSecond, signal);
      started ??= performance.now();
      try {
        await guard?.();
      } catch (error) {
        objection = { error };
        throw error;
      }
      underWay = true;
      request.attempts += 1;
      // Not AbortSignal.timeout: a process that has nothing else to wait for would end before it.
      const limit = new AbortController();
      clearTimeout(timer);
      timer = setTimeout(() => limit.abort(), timeout * 1000);
      config.signal = AbortSignal.any([limit.signal, ...(signal ? [signal] : [])]);
      return config;
    });

    const { data: answer } = await http
      .request<string>({
        method,
        url: `${baseUrl}${request.path}`,
        // Without `false`, axios calls a POST that has no body a form.
        headers: { Authorization: `Bearer ${token}`, "Content-Type": body ? "application/json" : false },
        ...(body && { data: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
      .catch((error: AxiosError<string>) => {
        throw objection ? objection.error : failure(error);
      })
      .finally(() => clearTimeout(timer));
    try {
      // A page that some other server sends is not what was asked for, even where nothing of an answer is needed.
      return (parse ?? nothing)(answer === "" ? undefined : JSON.parse(answer));
    } catch (error) {
      if (error instanceof ParseError)
        throw new TursoResponseError(request, printable(redact(error.message, token)));
      if (error instanceof SyntaxError)
        throw new TursoResponseError(request, `it is ${describeBody(answer)}`);
      throw error;
    }
  };
}

const nothing = () => undefined as never;

/** The HTTP client of one call. */
function connect(
  { baseUrl = DEFAULT_BASE_URL, userAgent = "pulumi-turso" }: ClientOptions,
  retry: IAxiosRetryConfig,
): AxiosInstance {
  // Loaded here, not on top: 0.1–0.3 s that a program without API calls does not spend.
  const axios = require("axios") as AxiosStatic;
  const secure = new URL(baseUrl).protocol === "https:";
  const http = axios.create({
    headers: { Accept: "application/json", "User-Agent": userAgent },
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: "text",
    transformResponse: (data: unknown) => data,
    validateStatus: (status) => status === 200,
    // http is for servers on this machine: a proxy would only get to see the token.
    ...(!secure && { proxy: false as const }),
  });
  // Before the retries: to them, too, a proxy's answer is not the server's.
  if (secure) {
    const check = (response: AxiosResponse | undefined) => {
      if (response === undefined || isEncrypted(response)) return;
      const { status, config, request } = response;
      const code = status < 500 ? TUNNEL_REFUSED : TUNNEL_FAILED;
      throw new axios.AxiosError(`a proxy refuses to connect to it: ${status}`, code, config, request);
    };
    http.interceptors.response.use(
      (response) => {
        check(response);
        return response;
      },
      (error: AxiosError) => {
        check(error.response);
        throw error;
      },
    );
  }
  axiosRetry().default(http, retry);
  return http;
}

function axiosRetry(): typeof import("axios-retry") {
  return require("axios-retry");
}

/**
 * Whether an answer came from the server. What a proxy answers instead of opening a tunnel comes unencrypted, and axios
 * passes it on as if it were the server's: so anybody on the way to the proxy could answer in the API's place.
 */
function isEncrypted({ request }: AxiosResponse): boolean {
  return (request as { socket?: Partial<TLSSocket> } | undefined)?.socket?.encrypted === true;
}

/** The system's error, without the bytes that are not HTTP: a server may have repeated the token in them. */
function withoutBytes(cause: unknown): unknown {
  if (cause instanceof Error && "rawPacket" in cause) delete cause.rawPacket;
  return cause;
}

/** `text` without the token, should a server repeat it, as it is or encoded. */
function redact(text: string, token: string): string {
  if (token === "") return text;
  const bytes = Buffer.from(token);
  const forms = [
    token,
    encodeURIComponent(token.toWellFormed()),
    JSON.stringify(token).slice(1, -1),
    bytes.toString("base64url"),
    bytes.toString("base64").replace(/=+$/, ""),
  ];
  return forms.reduce((redacted, form) => redacted.replaceAll(form, "[token]"), text);
}

/**
 * As much of a server's text as a message can hold, without what would move a terminal's cursor, or a lone surrogate:
 * Pulumi's hosts cannot send that, and hang or crash.
 */
function printable(text: string): string {
  // A character is two units at most.
  const start = [...text.slice(0, 1_000)].slice(0, 500).join("").toWellFormed();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return start.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** The API's own text of an answer such as `{"error":"group not found"}`. */
function errorText(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === "string" && error !== "" ? error : undefined;
  } catch {
    return undefined;
  }
}

function describeBody(body: string): string {
  if (body.trim() === "") return "an empty answer";
  return /^\s*</.test(body) ? "an HTML page, not the API's JSON" : "an answer that is not the API's JSON";
}
