import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso/native";

const prod = new turso.Group("prod", {location: "aws-us-east-1"});
const api = new turso.GroupToken("api", {
    group: prod.id,
    expiration: "90d",
    renewBefore: "30d",
});
export const jwt = api.jwt;
