/** API tokens, members, invites and declared organizations, in addition to what there was before. */
import * as pulumi from "@pulumi/pulumi";
import type { Account, Emulator } from "turso-emulator";
import type { SavedProgram, Turso } from "../../../support/savedStates.ts";
import * as before from "../47b740d/program.ts";

type Up = Parameters<SavedProgram["declare"]>[1];

export const { organizations } = before;

export function seed(account: Account): void {
  before.seed(account);
  if (account.slug === "personal") return;
  account.addMember("bob", "viewer");
  account.addMember("Carol", "member");
  account.addMember("dan", "member");
  account.invite("sue@example.com", "member");
  account.invite("Tom@Example.com", "viewer");
}

export function declare(turso: Turso, up: Up): void {
  before.declare(turso, up);
  declareTokens(turso, up);
  declareOrganizations(turso, up);
  // A personal account has neither.
  if (up.account === undefined) return;
  declareMembers(turso, up.first, up.account);
  declareInvites(turso, up.first, up.account);
}

/** Without a default organization, a token needs one. */
function declareTokens(turso: Turso, { first, account }: Up): void {
  const given = account === undefined ? { organization: "personal" } : {};
  const scoped = new turso.Group("scoped", { name: "scoped", location: "lhr" });
  const followed = new turso.Group("followed", { name: first ? "followed" : "followed-2", location: "lhr" });

  new turso.ApiToken("wide", given);
  new turso.ApiToken("Named Token", {
    name: "robot",
    organization: account ?? "personal",
    keepers: { rotation: 3, nested: [1, { two: null }], secret: pulumi.secret("kept-secret") },
  });
  new turso.ApiToken("ofGroup", { ...given, group: followed.id, scopes: ["read", "db:create"] });
  // The program keeps the name that the group no longer has.
  new turso.ApiToken(
    "ofRenamed",
    { ...given, group: "scoped", scopes: "full-access" },
    { dependsOn: scoped },
  );
  new turso.ApiToken("respelled", { ...given, group: followed.name, scopes: first ? ["read"] : "read-only" });
  new turso.ApiToken("unnamed", { ...given, ...(first && { name: "first", keepers: { removed: 1 } }) });
  new turso.ApiToken("revoked", given);
}

function declareMembers(turso: Turso, first: boolean, organization: string): void {
  new turso.OrganizationMember("added", { username: "alice", role: "admin", organization });
  // They are members already: one has another role, one another spelling.
  new turso.OrganizationMember("adopted", { username: "bob", role: "viewer", adopt: true });
  new turso.OrganizationMember("promoted", { username: "dan", role: "admin", adopt: true });
  new turso.OrganizationMember("spelled", { username: "carol", role: "member", adopt: true });
  // The program takes over the role that the first one was given outside Pulumi, and not that of the second.
  new turso.OrganizationMember("accepted", { username: "erin", role: first ? "member" : "viewer" });
  new turso.OrganizationMember("restored", { username: "frank", role: "member" });
  new turso.OrganizationMember("halfMember", { username: "grace", role: first ? "member" : "admin" });
}

function declareInvites(turso: Turso, first: boolean, organization: string): void {
  new turso.OrganizationInvite("pending", { email: "Pat@example.com", role: "viewer", organization });
  // They are pending already: one has another role, one another spelling. The third was accepted.
  new turso.OrganizationInvite("raised", { email: "sue@example.com", role: "admin", adopt: true });
  new turso.OrganizationInvite("respelledInvite", { email: "tom@example.com", role: "viewer", adopt: true });
  new turso.OrganizationInvite("ofMember", { email: "bob@example.com", role: "viewer", adopt: true });
  new turso.OrganizationInvite("acceptedInvite", { email: "uma@example.com", role: "member" });
  // A role that has no effect any more.
  new turso.OrganizationInvite("late", { email: "vic@example.com", role: first ? "member" : "admin" });
  new turso.OrganizationInvite("halfInvite", { email: "wes@example.com", role: first ? "member" : "admin" });
}

function declareOrganizations(turso: Turso, { first, account }: Up): void {
  const people =
    account !== undefined &&
    ({
      members: { judy: { role: "admin" }, mallory: { name: "ken", role: "viewer" } },
      invites: { lou: { name: "lou@example.com", role: "member" }, "max@example.com": { role: "viewer" } },
    } as const);
  const whole = new turso.Organization("whole", {
    ...(account !== undefined && { organization: account }),
    groups: {
      prod: { location: "lhr", replicas: ["ams"], deleteProtection: true },
      "app-{stage}": { for: { stage: ["dev", "test"] }, name: "{stage}-app", location: "aws-us-east-1" },
    },
    tokens: {
      api: { group: "prod", expiration: "90000d", renewBefore: "30d", keepers: { rotation: 1 } },
      "app-{stage}": { for: { stage: ["dev", "test"] }, group: "app-{stage}", authorization: "read-only" },
    },
    ...(account !== undefined && {
      apiTokens: {
        ci: { group: "prod", scopes: ["read", "db:create"] },
        deploy: { name: "deployer", keepers: { rotation: 1 } },
      },
    }),
    ...people,
  });

  // In another component and with the default organization; then the keys are renamed.
  const platform = new pulumi.ComponentResource("my:index:Platform", "platform");
  const key = first ? "old" : "new";
  const renamed = first ? {} : { renamedFrom: "old" };
  new turso.Organization(
    "inner",
    {
      groups: { [key]: { ...renamed, name: "inner", location: "lhr" } },
      tokens: { [key]: { ...renamed, group: key } },
      ...(account !== undefined && {
        apiTokens: { [key]: { ...renamed, name: "inner", group: key, scopes: "read-only" } },
        members: { [key]: { ...renamed, name: "nick", role: "member" } },
        invites: { [key]: { ...renamed, name: "olga@example.com", role: "member" } },
      }),
    },
    { parent: platform, dependsOn: whole },
  );

  if (turso.Provider !== undefined) {
    const provider = new turso.Provider("ofOrganization", {
      organization: "provided",
      apiToken: pulumi.secret("eyJ-the-api-token-0123456789"),
    });
    new turso.Organization(
      "provided",
      {
        groups: { only: { location: "lhr" } },
        tokens: { only: { group: "only" } },
        apiTokens: { provided: { group: "only", scopes: ["read"] } },
        members: { quinn: { role: "member" } },
        invites: { "ruth@example.com": { role: "member" } },
      },
      { provider },
    );
  }
}

export function meanwhile(account: Account, emulator: Emulator): void {
  before.meanwhile(account, emulator);
  account.renameGroup("scoped", "scoped-2");
  account.renameGroup("followed", "followed-2");
  const revoked = account.listApiTokens().find(({ name }) => name.startsWith("revoked-"));
  if (revoked === undefined) throw new Error("there is no token to revoke");
  account.revokeApiToken(revoked.uuid);
  if (account.slug === "personal") return;
  account.setRole("erin", "viewer");
  account.setRole("frank", "viewer");
  account.acceptInvite("uma@example.com", "Uma");
  account.acceptInvite("vic@example.com");
  account.acceptInvite("lou@example.com");
  const { slug } = account;
  // The roles are changed, but the responses say otherwise.
  const failure = { status: 402, applied: true } as const;
  emulator.fail({ method: "PATCH", path: `/v1/organizations/${slug}/members/grace`, ...failure });
  // The second `up` sends an invite to "wes@example.com" only.
  emulator.fail({ method: "POST", path: `/v2/organizations/${slug}/invites`, ...failure });
}

export const unfinished = [...before.unfinished, "halfMember", "halfInvite"];
