import { Hono } from "hono";
import type { Env } from "../http.js";

/**
 * What the official CLI asks first: when the token expires, in Unix seconds. Turso may say -1 for never, but that CLI
 * wants a time to come: always a year from now.
 */
export function authRoutes(): Hono<Env> {
  const year = 365 * 24 * 60 * 60;
  return new Hono<Env>().get("/auth/validate", (c) => c.json({ exp: Math.floor(Date.now() / 1000) + year }));
}
