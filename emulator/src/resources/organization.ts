import { Hono } from "hono";
import type { Env } from "../http.js";
import { PERSONAL } from "../store/base.js";

export const globalRoutes = new Hono<Env>();

// The list is not wrapped in an object.
globalRoutes.get("/v1/organizations", (c) => c.json(c.var.store.organizations().map(organizationView)));

function organizationView(slug: string) {
  return {
    name: slug,
    slug,
    type: slug === PERSONAL ? "personal" : "team",
    overages: false,
    require_mfa: false,
    blocked_reads: false,
    blocked_writes: false,
    plan_id: "developer",
    plan_timeline: "monthly",
    platform: "",
  };
}
