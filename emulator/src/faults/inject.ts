import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";
import { type Env, rawPath } from "../http.js";
import type { Fault, FaultAnswer, Faults } from "./faults.js";

/**
 * Makes requests fail as the faults say.
 * @param refuse Makes the port refuse connections for this many milliseconds.
 */
export function injectFaults(faults: Faults, refuse: (ms: number) => void): MiddlewareHandler<Env> {
  return async (c, next) => {
    const fault = faults.take(c.req.method, rawPath(c));
    if (!fault) return next();
    if (isAppliedFirst(fault)) await next();
    const real = c.res;
    // Hono adds the headers of the previous response to the new one unless the previous one is removed.
    c.res = undefined;
    c.res = await fail(c, fault, real, refuse);
  };
}

function isAppliedFirst(fault: Fault): boolean {
  if ("status" in fault) return fault.applied ?? false;
  if ("drop" in fault) return fault.drop !== "before";
  if ("hang" in fault) return fault.hang === "after";
  return "drip" in fault;
}

/** The response to send. `RESPONSE_ALREADY_SENT` if nothing more is to be sent, or nothing at all. */
async function fail(
  c: Context<Env>,
  fault: Fault,
  real: Response,
  refuse: (ms: number) => void,
): Promise<Response> {
  if ("status" in fault) return replacement(fault);
  if ("drip" in fault) return drip(real, fault.drip);
  if ("refuse" in fault) refuse(fault.refuse);
  else if ("drop" in fault && fault.drop === "during") await sendHalf(c, real);
  else if ("drop" in fault) c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function replacement({ status, body, headers = {} }: FaultAnswer): Response {
  if (body === undefined) return new Response(null, { status, headers });
  return typeof body === "string"
    ? new Response(body, { status, headers })
    : Response.json(body, { status, headers });
}

/**
 * Sends the head at once, then one byte every `ms` milliseconds until the end or until the client
 * disconnects.
 */
async function drip(real: Response, ms: number): Promise<Response> {
  const { status, headers, bytes } = await partsOf(real);
  if (bytes.length === 0) return new Response(null, { status, headers });
  const disconnected = new AbortController();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await sleep(ms, undefined, { ref: false, signal: disconnected.signal }).catch(() => {});
      if (disconnected.signal.aborted) return;
      controller.enqueue(bytes.subarray(sent, sent + 1));
      sent += 1;
      if (sent === bytes.length) controller.close();
    },
    cancel: () => disconnected.abort(),
  });
  return new Response(body, { status, headers });
}

async function sendHalf(c: Context<Env>, real: Response): Promise<void> {
  const { status, headers, bytes } = await partsOf(real);
  const { outgoing, incoming } = c.env;
  if (bytes.length === 0 || outgoing.destroyed) {
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(status, headers);
  outgoing.write(bytes.subarray(0, bytes.length / 2), () => incoming.socket.destroy());
}

/** The parts of a response. The headers include the length of the whole body. */
async function partsOf(response: Response) {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = { ...Object.fromEntries(response.headers), "content-length": String(bytes.length) };
  return { status: response.status, headers, bytes };
}
