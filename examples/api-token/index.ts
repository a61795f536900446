import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";

const config = new pulumi.Config();

const group = new turso.Group("tenants", {
  location: config.get("location") ?? "aws-us-east-1",
});

// API tokens do not expire. To replace them, run `pulumi config set rotated 2026-11-20` and `pulumi up`: new tokens
// are created first, then the old ones are revoked.
const keepers = { rotated: config.get("rotated") ?? "never" };

// Creates a database for each new customer, and a token to open it. It can delete nothing.
const provisioner = new turso.ApiToken("provisioner", {
  group: group.id,
  scopes: ["read", "db:create", "db:mint-token"],
  keepers,
});

const dashboard = new turso.ApiToken("dashboard", {
  group: group.id,
  scopes: "read-only",
  keepers,
});

// Both tokens are secrets: run `pulumi stack output --show-secrets` to see them.
export const provisionerToken = provisioner.token;
export const dashboardToken = dashboard.token;
