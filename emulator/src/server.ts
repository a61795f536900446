import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type MiddlewareHandler } from "hono";
import type { Faults } from "./faults/faults.js";
import { injectFaults } from "./faults/inject.js";
import { type Env, type RecordedRequest, rawPath } from "./http.js";
import { type Reason, Refusal } from "./refusal.js";
import { findApiToken } from "./resources/apiToken.js";
import { forbiddenTo } from "./resources/apiTokenPermissions.js";
import { RESOURCES } from "./resources/list.js";
import type { StoreBase } from "./store/base.js";

export type AppOptions = {
  store: StoreBase;
  faults: Faults;
  /** Every request is added here. */
  requests: RecordedRequest[];
  /** Closes every connection and refuses new ones for this many milliseconds. */
  refuse(ms: number): void;
  /** Delay of every response in milliseconds. */
  latency: number;
};

const STATUS = { invalid: 400, forbidden: 403, missing: 404, conflict: 409 } as const satisfies Record<
  Reason,
  number
>;

/** The HTTP API. A request passes the handlers in the order in which they are added. */
export function createApp({ store, faults, requests, refuse, latency }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  respondToErrors(app);
  app.use(record(requests, latency));
  app.use(refuseOtherHosts);
  app.use(injectFaults(faults, refuse));
  app.use(authenticate(store));
  app.use(refuseIndirectPaths);
  app.use((c, next) => {
    c.var.request.applied = true;
    c.set("store", store);
    return next();
  });

  for (const { globalRoutes } of RESOURCES) if (globalRoutes) app.route("/", globalRoutes);
  for (const version of ["v1", "v2"]) {
    app.use(`/${version}/organizations/:organization/*`, (c, next) => {
      c.set("account", store.account(c.req.param("organization")));
      return next();
    });
  }
  for (const { accountRoutes, accountRoutesV2 } of RESOURCES) {
    accountRoutes?.(app, "/v1/organizations/:organization");
    accountRoutesV2?.(app, "/v2/organizations/:organization");
  }
  app.use("/v1/*", (c, next) => {
    c.set("account", store.account());
    return next();
  });
  for (const { accountRoutes } of RESOURCES) accountRoutes?.(app, "/v1");
  return app;
}

/** Responds with `{ "error": … }` to what the routes throw, and to requests for which there is no route. */
export function respondToErrors(app: Hono<Env>): void {
  app.onError((error, c) =>
    error instanceof Refusal
      ? c.json({ error: error.message, code: error.code }, STATUS[error.reason])
      : c.json({ error: `the emulator failed to handle this request: ${error.message}` }, 500),
  );
  app.notFound((c) => c.json({ error: "not found" }, 404));
}

function record(requests: RecordedRequest[], latency: number): MiddlewareHandler<Env> {
  return async (c, next) => {
    const text = await c.req.text();
    const userAgent = c.req.header("user-agent");
    const request: RecordedRequest = {
      method: c.req.method,
      path: rawPath(c),
      ...(text === "" ? {} : { body: jsonOrText(text) }),
      ...(userAgent === undefined ? {} : { userAgent }),
      applied: false,
      status: 0,
    };
    requests.push(request);
    c.set("request", request);
    await next();
    // Without `ref: false`, a pending response would keep a program running that has closed the emulator.
    if (latency > 0) await sleep(latency, undefined, { ref: false });
    const hasResponse = c.res !== RESPONSE_ALREADY_SENT && !c.env.incoming.socket.destroyed;
    if (hasResponse) request.status = c.res.status;
  };
}

/**
 * Protects against web pages that reach the emulator through a host name of theirs that resolves to
 * 127.0.0.1.
 */
export const refuseOtherHosts: MiddlewareHandler<Env> = async (c, next) => {
  const host = c.req.header("host") ?? "";
  if (/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) return next();
  return c.json({ error: `host ${host} is not a loopback address` }, 403);
};

function authenticate(store: StoreBase): MiddlewareHandler<Env> {
  return async (c, next) => {
    const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const path = rawPath(c);
    const organization = /^\/v[12]\/organizations\/([^/?]+)/.exec(path)?.[1];
    const created = bearer === undefined ? undefined : findApiToken(store, bearer);
    // These belong to no organization: they accept the token of any.
    const isGlobal = /^\/v[12]\/(auth\b|(locations|organizations|user|current-user)\/?(\?|$))/.test(path);
    const isKnown = isGlobal && [...store.apiTokens.values()].includes(bearer ?? "");
    const isAccepted = bearer !== undefined && (isKnown || store.admits(bearer, organization));
    if (created === "revoked" || (created === undefined && !isAccepted))
      return c.json({ error: "not authenticated: invalid token" }, 401);
    if (created === undefined) return next();
    const { method, body } = c.var.request;
    const error = forbiddenTo(store, created, { method, path, body });
    if (error !== undefined) return c.json({ error }, 403);
    c.set("limits", created);
    return next();
  };
}

/**
 * URL parsers shorten `/groups/a/../b` and its escaped forms to `/groups/b`. Such a request must not reach
 * `b`.
 */
const refuseIndirectPaths: MiddlewareHandler<Env> = async (c, next) => {
  const path = rawPath(c).replace(/\?.*/s, "");
  return new URL(c.req.url).pathname === path ? next() : c.notFound();
};

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
