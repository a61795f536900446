import { setTimeout as sleep } from "node:timers/promises";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type MiddlewareHandler } from "hono";
import type { Faults } from "./faults/faults.js";
import { runInto } from "./faults/runInto.js";
import { type Env, rawPath } from "./http.js";
import { type Reason, Refusal } from "./refusal.js";
import { authRoutes } from "./resources/authentication.js";
import { databaseRoutes } from "./resources/database.js";
import { organizationRoutes } from "./resources/organization.js";
import { groupConfigurationRoutes } from "./routes/groupConfiguration.js";
import { groupLocationRoutes } from "./routes/groupLocations.js";
import { groupRoutes } from "./routes/groups.js";
import { groupTokenRoutes } from "./routes/groupTokens.js";
import { locationRoutes } from "./routes/locations.js";
import type { Store } from "./store/store.js";

/** A request as it came in. The authorization header is never kept. */
export type RecordedRequest = {
  readonly method: string;
  /** With the query, as it was sent. */
  readonly path: string;
  /** Parsed if it was JSON, the text otherwise; absent if it was empty. */
  readonly body?: unknown;
  readonly userAgent?: string;
  /** Whether it reached the routes, which may have refused it; not without a valid token, or if a fault came first. */
  applied: boolean;
  /** 0 while there is no answer, and for a connection that broke or hangs. */
  status: number;
};

export type AppOptions = {
  store: Store;
  faults: Faults;
  requests: RecordedRequest[];
  /** Ends every connection and refuses new ones, for so many milliseconds. */
  refuse(ms: number): void;
  /** Milliseconds by which every answer is delayed. */
  latency: number;
};

const STATUS = { invalid: 400, forbidden: 403, missing: 404, conflict: 409 } as const satisfies Record<
  Reason,
  number
>;

/** The API over HTTP. Requests pass from top to bottom. */
export function createApp({ store, faults, requests, refuse, latency }: AppOptions): Hono<Env> {
  const app = new Hono<Env>();
  app.onError((error, c) =>
    error instanceof Refusal
      ? c.json({ error: error.message }, STATUS[error.reason])
      : c.json({ error: `the emulator failed: ${error.message}` }, 500),
  );
  app.notFound((c) => c.json({ error: "not found" }, 404));

  app.use(record(requests, latency));
  app.use(loopbackOnly);
  app.use(runInto(faults, refuse));
  app.use(authenticate(store));
  app.use(literalPathsOnly);
  app.use((c, next) => {
    c.var.request.applied = true;
    return next();
  });

  app.route("/v1", locationRoutes(store));
  app.route("/v1", organizationRoutes(store));
  app.route("/v1", authRoutes());

  // Groups and databases have two forms, served by the same code: the user's and an organization's.
  const resources = new Hono<Env>();
  for (const routes of [
    groupRoutes(),
    groupLocationRoutes(),
    groupConfigurationRoutes(),
    groupTokenRoutes(),
    databaseRoutes(store),
  ]) {
    resources.route("/", routes);
  }
  app.use("/v1/organizations/:organization/*", (c, next) => {
    c.set("account", store.account(c.req.param("organization")));
    return next();
  });
  app.route("/v1/organizations/:organization", resources);
  app.use("/v1/*", (c, next) => {
    c.set("account", store.account());
    return next();
  });
  app.route("/v1", resources);
  return app;
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
    // A pending answer must not keep a program alive that has closed the emulator.
    if (latency > 0) await sleep(latency, undefined, { ref: false });
    const isAnswered = c.res !== RESPONSE_ALREADY_SENT && !c.env.incoming.socket.destroyed;
    if (isAnswered) request.status = c.res.status;
  };
}

/** Refuses a web page that reaches the emulator under a name of its own which resolves to 127.0.0.1. */
const loopbackOnly: MiddlewareHandler<Env> = async (c, next) => {
  const host = c.req.header("host") ?? "";
  if (/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) return next();
  return c.json({ error: `host ${host} is not loopback` }, 403);
};

function authenticate(store: Store): MiddlewareHandler<Env> {
  return async (c, next) => {
    const bearer = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const path = rawPath(c);
    const organization = /^\/v1\/organizations\/([^/?]+)/.exec(path)?.[1];
    // The locations are everybody's: any token will do there that some organization lets in.
    const isKnown = /^\/v1\/locations\b/.test(path) && [...store.apiTokens.values()].includes(bearer ?? "");
    if (bearer !== undefined && (isKnown || store.admits(bearer, organization))) return next();
    return c.json({ error: "not authenticated: invalid token" }, 401);
  };
}

/** A URL parser turns `/groups/../x` and its disguises into `/x`: such a request must not reach the group `x`. */
const literalPathsOnly: MiddlewareHandler<Env> = async (c, next) => {
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
