import { Refusal } from "../refusal.js";

/** Turso's plans, from the smallest. */
export const PLANS = ["starter", "developer", "scaler", "pro", "enterprise"] as const;

export type Plan = (typeof PLANS)[number];

export const DEFAULT_PLAN: Plan = "developer";

/** Number of groups that a plan allows. Turso documents it for the free plan only. */
const MAX_GROUPS: Readonly<Partial<Record<Plan, number>>> = { starter: 1 };

/** @throws {@link Refusal} `forbidden` if an account with this many groups cannot have another one. */
export function refuseGroupBeyondPlan({ plan }: { readonly plan: Plan }, groups: number): void {
  const max = MAX_GROUPS[plan];
  if (max === undefined || groups < max) return;
  // Turso does not document status and text. The code has the form of those that it does document.
  throw new Refusal(
    "forbidden",
    `plan ${plan} allows only ${max} group. Upgrade the plan to create more groups`,
    `feature_not_available_for_${plan}_plan`,
  );
}
