/** Requests that are handled in this process, for tests without a network. */
import type { AxiosResponse } from "axios";
import { CANCELED, TIMED_OUT } from "../errors/TursoConnectionError.js";
import type { Clock } from "./pacing.js";

export interface Transport {
  /**
   * Handles a request. Fails with the code of a connection error; with `ETIMEDOUT` at once if there would
   * never be a response.
   */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Tells the time of pauses, retries and timeouts. */
  clock: Clock;
}

export interface HttpConfig {
  method: string;
  url: string;
  /** A header that is `false` is not sent. */
  headers: Record<string, string | false>;
  data?: string;
  signal?: AbortSignal;
}

/** A response, as far as it is used. */
export type HttpResponse<Data = unknown> = Pick<AxiosResponse<Data>, "status" | "headers" | "data"> & {
  request?: unknown;
};

/** What sends requests: axios, or a transport. Rejects with an error like those of axios. */
export interface Http {
  request(config: HttpConfig): Promise<HttpResponse<string>>;
}

/** Sends requests to a transport. `timeout` is in seconds. */
export function inProcess(
  { fetch, clock }: Transport,
  { headers: common, timeout }: { headers: Record<string, string>; timeout: number },
): Http {
  const send = async ({ method, url, headers, data, signal }: HttpConfig) => {
    const sent = Object.entries({ ...common, ...headers }).flatMap(([key, value]): [string, string][] =>
      value === false ? [] : [[key, value]],
    );
    const response = await fetch(url, { method, headers: sent, ...(data !== undefined && { body: data }) });
    if (signal?.aborted) throw Object.assign(new Error("canceled"), { code: CANCELED });
    const { status } = response;
    return { status, headers: Object.fromEntries(response.headers), data: await response.text() };
  };
  return {
    request: (config) =>
      send(config).catch(async (error: unknown) => {
        const isHanging = error instanceof Error && "code" in error && error.code === TIMED_OUT;
        if (!isHanging) throw error;
        await clock.wait(timeout * 1000, config.signal);
        throw Object.assign(error, { code: CANCELED });
      }),
  };
}
