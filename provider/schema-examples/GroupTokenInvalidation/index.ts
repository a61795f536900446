import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso/native";

const prod = new turso.Group("prod", {location: "aws-us-east-1"});
const leak = new turso.GroupTokenInvalidation("leak", {
    group: prod.id,
    triggers: {
        leaked: "2026-11-20",
    },
});
const api = new turso.GroupToken("api", {
    group: prod.id,
    keepers: {
        invalidated: leak.invalidatedAt,
    },
});
