import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";

const config = new pulumi.Config();

const group = new turso.Group("shop", {
  location: config.get("location") ?? "aws-us-east-1",
});

// The API cannot revoke a single token. To invalidate all tokens of the group after a leak, run
// `pulumi config set leaked 2026-11-20` and `pulumi up`.
const invalidation = new turso.GroupTokenInvalidation("leak", {
  group: group.id,
  triggers: { leaked: config.get("leaked") ?? "never" },
});

// When `invalidatedAt` changes, the same `pulumi up` creates new tokens.
const keepers = { invalidated: invalidation.invalidatedAt };

// The first `pulumi up` in the last 30 days of the token replaces it.
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

// Both tokens are secrets: run `pulumi stack output --show-secrets` to see them.
export const apiToken = api.jwt;
export const reportsToken = reports.jwt;
export const apiTokenExpires = api.expiresAt;
