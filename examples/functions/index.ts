import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";

const config = new pulumi.Config();

const group = new turso.Group("shop", {
  location: config.get("location") ?? "aws-us-east-1",
});

// Unknown in the preview that creates the group. Afterwards, the actual values.
const found = turso.getGroupOutput({ name: group.name });
export const version = found.version;
export const isArchived = found.archived;

// `dependsOn` makes the list wait for the group.
const { groups } = turso.getGroupsOutput({}, { dependsOn: group });
export const names = groups.apply((all) => all.map(({ name }) => name));

// All locations: code → description.
export const locations = turso.getLocationsOutput().locations;
