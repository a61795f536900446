import { Hono } from "hono";
import type { Env } from "../http.js";

const YEAR_IN_SECONDS = 365 * 24 * 60 * 60;

export const globalRoutes = new Hono<Env>();

// Unix seconds at which the API token expires. Turso returns -1 for a token that never expires, but the
// official CLI requires a time in the future.
globalRoutes.get("/v1/auth/validate", (c) =>
  c.json({ exp: Math.floor(c.var.store.clock.now() / 1000) + YEAR_IN_SECONDS }),
);
