import type { AxiosInstance, AxiosStatic } from "axios";
import { DatabasesApi } from "./databases.js";
import { TursoApiError } from "./errors/TursoApiError.js";
import { NOT_SENT, STOPPED, TursoConnectionError } from "./errors/TursoConnectionError.js";
import { TursoResponseError } from "./errors/TursoResponseError.js";
import { GroupsApi } from "./groups.js";
import { LocationsApi } from "./locations.js";
import { type JsonObject, ParseError } from "./parse.js";
import { pathOf, type Query } from "./paths.js";

export interface ClientOptions {
  /**
   * A Platform API token (`turso auth api-tokens mint`), or a function that gives one when a request is made: for the
   * organization that the request is about, undefined for the user form.
   */
  token: string | ((organization: string | undefined) => string);
  /** Where the API is; default `https://api.turso.tech`. No trailing slash, no `/v1`. */
  baseUrl?: string;
  /** The `User-Agent` of every request; default `pulumi-turso`. */
  userAgent?: string;
  /** How long to wait for an answer, in seconds; default 60. */
  timeout?: number;
  /** Aborts the requests under way; a function is asked for each. */
  signal?: AbortSignal | (() => AbortSignal);
}

export const DEFAULT_BASE_URL = "https://api.turso.tech";

/** 10 MB: far above any list the API sends, far below what would hurt the process. */
const MAX_ANSWER_BYTES = 10_000_000;

interface SendOptions<T> {
  query?: Query;
  /** Sent as JSON. */
  body?: JsonObject;
  parse?: (answer: unknown) => T;
  /** For a call that belongs to no organization (`/v1/locations`): the organization whose token it carries. */
  tokenOf?: string | undefined;
}

/**
 * Makes one request, to the segments below the organization (undefined: below the user), and gives what `parse` makes
 * of its 200 answer; anything else is a TursoError. Without `parse` a 200 is all that is needed, and the answer's body
 * is not looked at.
 */
export type Send = <T = void>(
  method: string,
  organization: string | undefined,
  segments: readonly string[],
  options?: SendOptions<T>,
) => Promise<T>;

/** A client of the Turso Platform API. An organization of `undefined` means the user form of a call. */
export interface TursoClient {
  readonly groups: GroupsApi;
  readonly databases: DatabasesApi;
  readonly locations: LocationsApi;
}

/** Creates a client. Nothing is requested, and no HTTP library loaded, before the first call. */
export function createClient(options: ClientOptions): TursoClient {
  const send = sender(options);
  return {
    groups: new GroupsApi(send),
    databases: new DatabasesApi(send),
    locations: new LocationsApi(send),
  };
}

function sender(options: ClientOptions): Send {
  const baseUrl = options.baseUrl ?? DEFAULT_BASE_URL;
  const { origin } = new URL(baseUrl);
  let http: AxiosInstance | undefined;

  return async <T>(
    method: string,
    organization: string | undefined,
    segments: readonly string[],
    { query, body, parse, tokenOf = organization }: SendOptions<T> = {},
  ): Promise<T> => {
    const path = pathOf(organization, segments, query);
    const request = { method, path };
    const signal = typeof options.signal === "function" ? options.signal() : options.signal;
    const token = typeof options.token === "function" ? options.token(tokenOf) : options.token;
    if (signal?.aborted)
      throw new TursoConnectionError(request, origin, NOT_SENT, "stopped before it was sent");
    http ??= connect(options);
    let response: { status: number; data: string };
    try {
      response = await http.request<string>({
        method,
        url: `${baseUrl}${path}`,
        // Without `false`, axios calls a POST that has no body a form.
        headers: { Authorization: `Bearer ${token}`, "Content-Type": body ? "application/json" : false },
        ...(body && { data: JSON.stringify(body) }),
        ...(signal && { signal }),
      });
    } catch (error) {
      // The axios error holds the request's headers, and with them the token: only the system's error is kept.
      const { code, message, cause } = error as { code?: string; message: string; cause?: unknown };
      const reason = code === STOPPED ? "stopped" : redact(message || code || "unknown reason", token);
      throw new TursoConnectionError(request, origin, code, reason, cause);
    }
    if (response.status !== 200) {
      const text = errorText(response.data);
      const detail = text === undefined ? undefined : redact(text, token);
      throw new TursoApiError(request, response.status, detail, detail ?? describeBody(response.data));
    }
    if (parse === undefined) return undefined as T;
    try {
      return parse(response.data === "" ? undefined : JSON.parse(response.data));
    } catch (error) {
      if (error instanceof ParseError) throw new TursoResponseError(request, error.message);
      if (error instanceof SyntaxError)
        throw new TursoResponseError(request, `it is ${describeBody(response.data)}`);
      throw error;
    }
  };
}

function connect({ userAgent = "pulumi-turso", timeout = 60 }: ClientOptions): AxiosInstance {
  // Loaded here, not on top: 0.1–0.3 s that a program without API calls does not spend.
  const axios = require("axios") as AxiosStatic;
  return axios.create({
    headers: { Accept: "application/json", "User-Agent": userAgent },
    timeout: timeout * 1000,
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    responseType: "text",
    transformResponse: (data: unknown) => data,
    validateStatus: () => true,
  });
}

/** `text` without the token, should a server repeat it. */
function redact(text: string, token: string): string {
  return token === "" ? text : text.replaceAll(token, "[token]");
}

/** The API's own text of an answer such as `{"error":"group not found"}`. */
function errorText(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    return typeof error === "string" && error !== "" ? error.slice(0, 500) : undefined;
  } catch {
    return undefined;
  }
}

function describeBody(body: string): string {
  if (body.trim() === "") return "(with an empty answer)";
  return /^\s*</.test(body)
    ? "(with an HTML page, not the API's JSON)"
    : "(with an answer that is not the API's JSON)";
}
