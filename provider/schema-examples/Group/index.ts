import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso/native";

const prod = new turso.Group("prod", {
    location: "aws-us-east-1",
    deleteProtection: true,
});
export const name = prod.name;
