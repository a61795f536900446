import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";

const config = new pulumi.Config();

const group = new turso.Group("shop", {
  location: config.get("location") ?? "aws-us-east-1",
});

// The API cannot revoke a single token. `pulumi config set leaked 2026-11-20` and `pulumi up` invalidate all of them…
const invalidation = new turso.GroupTokenInvalidation("leak", {
  group: group.id,
  triggers: { leaked: config.get("leaked") ?? "never" },
});

// …and mint new ones, because they keep an eye on it. Without a leak, the first `up` in a token's last 30 days renews it.
const keepers = { invalidated: invalidation.invalidatedAt };

const api = new turso.GroupToken("api", {
  group: group.id,
  expiration: "90d",
  renewBefore: "30d",
  keepers,
});

const reports = new turso.GroupToken("reports", {
  group: group.id,
  expiration: "90d",
  renewBefore: "30d",
  authorization: "read-only",
  keepers,
});

// Secrets: `pulumi stack output --show-secrets` shows them.
export const apiToken = api.jwt;
export const reportsToken = reports.jwt;
export const apiTokenExpires = api.expiresAt;
