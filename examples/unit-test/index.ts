import * as pulumi from "@pulumi/pulumi";
import { Group, GroupToken } from "pulumi-turso";

const stage = pulumi.getStack();
const isProduction = stage === "prod";

const group = new Group(`shop-${stage}`, {
  location: new pulumi.Config().get("location") ?? "aws-us-east-1",
  deleteProtection: isProduction,
});
const token = new GroupToken("api", { group: group.id, expiration: isProduction ? "30d" : "90d" });

export const groupName = group.name;
export const jwt = token.jwt;
