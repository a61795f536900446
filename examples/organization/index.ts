import * as turso from "pulumi-turso";

const acme = new turso.Organization("acme", { file: "acme.yaml" });

export const token = acme.tokens["app-aws-us-east-1-prod"]?.jwt; // a secret
