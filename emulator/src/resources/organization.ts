import { Hono } from "hono";
import type { Env } from "../http.js";
import { PERSONAL, type Store } from "../store/store.js";

/** The organizations that the token's owner is a member of, as a bare array. */
export function organizationRoutes(store: Store): Hono<Env> {
  return new Hono<Env>().get("/organizations", (c) => c.json(store.organizations().map(organizationView)));
}

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
