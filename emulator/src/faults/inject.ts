import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, MiddlewareHandler } from "hono";
import { type Env, rawPath } from "../http.js";
import type { Fault, FaultAnswer, Faults } from "./faults.js";

/** Lets requests run into the faults. `refuse` makes the port refuse connections for so many milliseconds. */
export function runInto(faults: Faults, refuse: (ms: number) => void): MiddlewareHandler<Env> {
  return async (c, next) => {
    const fault = faults.take(c.req.method, rawPath(c));
    if (!fault) return next();
    if (isAppliedFirst(fault)) await next();
    const real = c.res;
    // Otherwise the real answer's headers would be added to the next one's.
    c.res = undefined;
    c.res = await outcome(c, fault, real, refuse);
  };
}

function isAppliedFirst(fault: Fault): boolean {
  if ("status" in fault) return fault.applied ?? false;
  if ("drop" in fault) return fault.drop !== "before";
  if ("hang" in fault) return fault.hang === "after";
  return "drip" in fault;
}

/** What is left to be answered; `RESPONSE_ALREADY_SENT` for nothing, whether there was an answer or is none. */
async function outcome(
  c: Context<Env>,
  fault: Fault,
  real: Response,
  refuse: (ms: number) => void,
): Promise<Response> {
  if ("status" in fault) return answer(fault);
  if ("drip" in fault) return drip(real, fault.drip);
  if ("refuse" in fault) refuse(fault.refuse);
  else if ("drop" in fault && fault.drop === "during") await sendHalf(c, real);
  else if ("drop" in fault) c.env.incoming.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function answer({ status, body, headers = {} }: FaultAnswer): Response {
  if (body === undefined) return new Response(null, { status, headers });
  return typeof body === "string"
    ? new Response(body, { status, headers })
    : Response.json(body, { status, headers });
}

/** The head at once, then a byte every `ms` until all are sent or the connection is gone. */
async function drip(real: Response, ms: number): Promise<Response> {
  const { status, headers, bytes } = await contents(real);
  if (bytes.length === 0) return new Response(null, { status, headers });
  const gone = new AbortController();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await sleep(ms, undefined, { ref: false, signal: gone.signal }).catch(() => {});
      if (gone.signal.aborted) return;
      controller.enqueue(bytes.subarray(sent, sent + 1));
      sent += 1;
      if (sent === bytes.length) controller.close();
    },
    cancel: () => gone.abort(),
  });
  return new Response(body, { status, headers });
}

async function sendHalf(c: Context<Env>, real: Response): Promise<void> {
  const { status, headers, bytes } = await contents(real);
  const { outgoing, incoming } = c.env;
  if (bytes.length === 0 || outgoing.destroyed) {
    incoming.socket.destroy();
    return;
  }
  outgoing.writeHead(status, headers);
  outgoing.write(bytes.subarray(0, bytes.length / 2), () => incoming.socket.destroy());
}

/** An answer in parts; its headers tell the length of the whole body. */
async function contents(real: Response) {
  const bytes = new Uint8Array(await real.arrayBuffer());
  const headers = { ...Object.fromEntries(real.headers), "content-length": String(bytes.length) };
  return { status: real.status, headers, bytes };
}
