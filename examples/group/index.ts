import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";

const config = new pulumi.Config();

// A group holds databases and decides in which location they are.
// Its organization: `pulumi config set turso:organization SLUG`. Default: your personal account.
const group = new turso.Group("analytics", {
  location: config.get("location") ?? "aws-us-east-1",
});

export const name = group.name;
export const primary = group.primary;
export const uuid = group.uuid;
