import { Hono, type MiddlewareHandler } from "hono";
import type { Faults } from "../faults/faults.js";
import { type Env, type Fields, type RecordedRequest, readBody } from "../http.js";
import { Refusal } from "../refusal.js";
import { RESOURCES } from "../resources/list.js";
import { refuseOtherHosts, respondToErrors } from "../server.js";
import type { Store } from "../store/store.js";
import { faultFromJson, faultToJson } from "./faultJson.js";
import { addPage } from "./page.js";
import { loadText, StateTextError } from "./readState.js";

/** Path of the control API. */
export const CONTROL = "/_emulator";

/** Largest body of a request, in bytes. */
const MAX_BODY = 64 * 1024 * 1024;

/** What the control API controls: a running emulator. */
export type Controlled = {
  readonly store: Store;
  readonly faults: Faults;
  readonly requests: RecordedRequest[];
  /** What `GET /_emulator/health` returns. */
  readonly health: object;
  refuse(ms: number): void;
  heal(): void;
  reset(): void;
};

/**
 * The control API: what the library can do, for every other language. It needs no token, because only
 * programs on this machine reach it. Web pages do not: their requests have an `Origin`, or another `Host`, or
 * are GET requests, which change nothing.
 */
export function createControl(emulator: Controlled): Hono<Env> {
  const app = new Hono<Env>();
  respondToErrors(app);
  app.use(refuseOtherHosts, refuseWebPages, refuseHugeBodies, noStore);
  const control = app.basePath(CONTROL);
  addPage(control);
  app.get(`${CONTROL}/`, (c) => c.redirect(CONTROL));
  addState(control, emulator);
  addRequests(control, emulator);
  addFaults(control, emulator);
  addClock(control, emulator);
  control.get("/health", (c) => c.json({ status: "ok", ...emulator.health }));
  control.use("/organizations/:organization/*", (c, next) => {
    c.set("account", emulator.store.account(c.req.param("organization")));
    return next();
  });
  for (const { controlRoutes } of RESOURCES) controlRoutes?.(control, "/organizations/:organization");
  return app;
}

/** A page of this emulator sends GET requests only, which have no `Origin`. */
const refuseWebPages: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.header("origin") === undefined) return next();
  return c.json({ error: "requests of web pages, which have an Origin header, are refused" }, 403);
};

const refuseHugeBodies: MiddlewareHandler<Env> = async (c, next) => {
  if (c.req.header("transfer-encoding") !== undefined) {
    return c.json({ error: "the request must have a Content-Length" }, 411);
  }
  if (Number(c.req.header("content-length") ?? 0) <= MAX_BODY) return next();
  return c.json({ error: `the body is larger than ${MAX_BODY} bytes` }, 413);
};

const noStore: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  c.header("Cache-Control", "no-store");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Cross-Origin-Resource-Policy", "same-origin");
};

function addState(control: Hono<Env>, { store, reset }: Controlled): void {
  control.get("/state", (c) => c.json(store.save()));

  control.post("/state", async (c) => {
    try {
      loadText(await c.req.text(), "body", (state) => store.load(state));
    } catch (error) {
      if (error instanceof StateTextError) throw new Refusal("invalid", error.message);
      throw error;
    }
    return c.json(store.save());
  });

  control.post("/reset", (c) => {
    reset();
    return c.body(null, 204);
  });
}

function addRequests(control: Hono<Env>, { requests }: Controlled): void {
  control.get("/requests", (c) => {
    const { method = "", path = "", after, limit } = c.req.query();
    const first = after === undefined ? 0 : wholeNumber("after", after) + 1;
    const count = limit === undefined ? requests.length : wholeNumber("limit", limit);
    const latest: object[] = [];
    for (let index = requests.length - 1; index >= first && latest.length < count; index--) {
      const request = requests[index];
      const isSelected =
        request?.path.startsWith(path) && (method === "" || request.method === method.toUpperCase());
      if (isSelected) latest.push({ index, ...request });
    }
    return c.json({ total: requests.length, requests: latest.reverse() });
  });

  control.delete("/requests", (c) => {
    requests.length = 0;
    return c.body(null, 204);
  });
}

function addFaults(control: Hono<Env>, { faults, heal, refuse }: Controlled): void {
  const list = () => ({
    faults: faults.list().map(({ fault, left }) => ({ ...faultToJson(fault), left: countOf(left) })),
  });

  control.get("/faults", (c) => c.json(list()));

  control.post("/faults", async (c) => {
    faults.add(faultFromJson(Object.fromEntries(await readBody(c.req))));
    return c.json(list());
  });

  control.delete("/faults", (c) => {
    heal();
    return c.body(null, 204);
  });

  control.post("/refuse", async (c) => {
    const ms = (await readBody(c.req)).get("ms");
    if (typeof ms !== "number" || !(ms >= 0)) throw new Refusal("invalid", "ms must be a number from 0");
    // Refusing closes every connection, so it waits until the response is sent.
    c.env.outgoing.once("finish", () => refuse(ms));
    return c.body(null, 204);
  });
}

function countOf(left: number): number | "always" {
  return left === Number.POSITIVE_INFINITY ? "always" : left;
}

function addClock(control: Hono<Env>, { store: { clock } }: Controlled): void {
  const view = () => ({ now: new Date(clock.now()).toISOString(), offset: clock.offset });

  control.get("/clock", (c) => c.json(view()));

  control.post("/clock", async (c) => {
    const body = await readBody(c.req);
    const [now, advance] = [timeField(body, "now"), timeField(body, "advance")];
    if ((now === undefined) === (advance === undefined)) {
      throw new Refusal("invalid", 'the body must have either "now" or "advance"');
    }
    if (now !== undefined) clock.set(now);
    if (advance !== undefined) clock.advance(advance);
    return c.json(view());
  });

  control.delete("/clock", (c) => {
    clock.reset();
    return c.json(view());
  });
}

function timeField(fields: Fields, key: string): string | number | undefined {
  const value = fields.get(key);
  if (value === undefined || typeof value === "string" || typeof value === "number") return value;
  throw new Refusal("invalid", `${key} must be a string or a number`);
}

function wholeNumber(key: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Refusal("invalid", `${key} must be a whole number`);
  return Number(text);
}
