import * as pulumi from "@pulumi/pulumi";
import * as turso from "pulumi-turso";

const config = new pulumi.Config();

const group = new turso.Group("shop", {
  location: config.get("location") ?? "aws-us-east-1",
});

// In the preview that is to create the group this is not known yet; from then on it is the group as it is.
const found = turso.getGroupOutput({ name: group.name });
export const version = found.version;
export const isArchived = found.archived;

// `dependsOn` makes the list wait for the group.
const { groups } = turso.getGroupsOutput({}, { dependsOn: group });
export const names = groups.apply((all) => all.map(({ name }) => name));

// Where a group can be: code → description.
export const locations = turso.getLocationsOutput().locations;
