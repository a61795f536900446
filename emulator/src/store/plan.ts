/** Turso's plans, from the smallest. */
export const PLANS = ["starter", "developer", "scaler", "pro", "enterprise"] as const;

export type Plan = (typeof PLANS)[number];

export const DEFAULT_PLAN: Plan = "developer";

/** The plan of an organization, or of the personal account. */
export function planOf(account: { readonly plan: Plan }): Plan {
  return account.plan;
}
