import * as turso from "pulumi-turso";

// Users of Turso, and what they may do. Removing one from the list removes the user from the organization.
const roles = { alice: "admin", carol: "viewer" } as const;
const members = Object.entries(roles).map(
  ([username, role]) => new turso.OrganizationMember(username, { username, role }),
);

// Somebody without an account at Turso gets an email.
const bob = new turso.OrganizationInvite("bob", { email: "bob@example.com", role: "member" });
export const bobHasAccepted = bob.accepted;

// Everybody, including owners.
export const usernames = turso
  .getOrganizationMembersOutput({}, { dependsOn: members })
  .apply(({ members }) => members.map(({ username }) => username));
