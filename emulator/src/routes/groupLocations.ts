import { Hono } from "hono";
import type { Env } from "../http.js";
import { groupView } from "./groups.js";

/** Add a location to a group, remove one. */
export function groupLocationRoutes(): Hono<Env> {
  const routes = new Hono<Env>();
  const path = "/groups/:group/locations/:location";

  routes.post(path, (c) =>
    c.json({ group: groupView(c.var.account.addLocation(c.req.param("group"), c.req.param("location"))) }),
  );

  routes.delete(path, (c) =>
    c.json({ group: groupView(c.var.account.removeLocation(c.req.param("group"), c.req.param("location"))) }),
  );

  return routes;
}
