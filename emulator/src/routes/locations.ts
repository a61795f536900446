import { Hono } from "hono";
import type { Env } from "../http.js";
import type { Store } from "../store/store.js";

/** The locations that groups can be in. */
export function locationRoutes(store: Store): Hono<Env> {
  return new Hono<Env>().get("/locations", (c) => c.json({ locations: store.locations }));
}
