import { Hono } from "hono";
import { booleanField, type Env, readBody } from "../http.js";
import { Refusal } from "../refusal.js";
import { type AccountBase, PERSONAL, type StoreBase } from "../store/base.js";
import { stateOf } from "../store/stateOf.js";

/** What PATCH changes. */
const settingsOf = stateOf((_: AccountBase) => ({ overages: false, requireMfa: false }));

export const globalRoutes = new Hono<Env>();

// The list is not wrapped in an object.
globalRoutes.get("/v1/organizations", (c) => c.json(organizationsOf(c.var).map(organizationView)));

// Not in Turso's OpenAPI description. The official CLI sends this request.
globalRoutes.get("/v2/organizations", (c) =>
  c.json({
    organizations: organizationsOf(c.var).map((account) => ({
      id: `org_${account.slug}`,
      ...organizationView(account),
    })),
  }),
);

globalRoutes.get("/v1/organizations/:organization", (c) => {
  const { account } = found(c.var.store, c.req.param("organization"));
  return c.json({ organization: organizationView(account) });
});

globalRoutes.patch("/v1/organizations/:organization", async (c) => {
  const { account, settings } = found(c.var.store, c.req.param("organization"));
  const body = await readBody(c.req);
  settings.overages = booleanField(body, "overages") ?? settings.overages;
  settings.requireMfa = booleanField(body, "require_mfa") ?? settings.requireMfa;
  return c.json({ organization: organizationView(account) });
});

function found(store: StoreBase, slug: string) {
  if (!store.hasOrganization(slug)) throw new Refusal("missing", "organization not found");
  const account = store.account(slug);
  return { account, settings: settingsOf(account) };
}

/**
 * A list creates no account for an organization that was not used yet. A token that is limited to an
 * organization sees only that one.
 */
function organizationsOf({ store, limits }: Pick<Env["Variables"], "store" | "limits">): AccountBase[] {
  const known = new Map(store.accounts().map((account) => [account.slug, account]));
  const only = limits?.organization;
  return store
    .organizations()
    .filter((slug) => only === undefined || slug === only)
    .map((slug) => known.get(slug) ?? { slug, plan: store.plan, store });
}

function organizationView(account: AccountBase) {
  const { overages, requireMfa } = settingsOf(account);
  return {
    name: account.slug,
    slug: account.slug,
    type: account.slug === PERSONAL ? "personal" : "team",
    overages,
    require_mfa: requireMfa,
    blocked_reads: false,
    blocked_writes: false,
    plan_id: account.plan,
    plan_timeline: account.plan === "starter" ? "" : "monthly",
    platform: "",
  };
}
