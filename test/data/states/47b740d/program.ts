/** Every input of every resource, on groups with every history that leaves a mark in state. */
import * as pulumi from "@pulumi/pulumi";
import type { Account, Emulator } from "turso-emulator";
import type { SavedProgram, Turso } from "../../../support/savedStates.ts";

export const organizations: SavedProgram["organizations"] = [undefined, "acme"];

export function seed(account: Account): void {
  account.createGroup({ name: "existing", location: "lhr", replicas: ["ams"], deleteProtection: true });
  account.createGroup({ name: "foreign", location: "aws-us-east-1" });
  account.createDatabase({ name: "orders", group: "existing" });
}

export function declare(
  turso: Turso,
  { first, account }: { first: boolean; account: string | undefined },
): void {
  const generated = new turso.Group("generated", { location: "lhr" });
  const named = new turso.Group("Named Group", {
    name: "named",
    location: "aws-us-east-1",
    forceDestroy: true,
  });
  new turso.Group("elsewhere", { name: "given", location: "lhr", organization: account ?? "other" });
  const rich = new turso.Group("rich", {
    location: "fra",
    replicas: ["ams", "lhr"],
    extensions: ["vector", "uuid"],
    deleteProtection: true,
    forceDestroy: false,
  });
  new turso.Group("everything", {
    location: "ams",
    replicas: [],
    extensions: "all",
    deleteProtection: false,
  });
  const adopted = new turso.Group("adopted", { name: "existing", location: "lhr", adopt: true });
  // AWS regions have two spellings.
  new turso.Group("spelling", { name: "spelling", location: "us-east-1" });

  const renamed = new turso.Group("renamed", { name: "renamed", location: "lhr" });
  // The program takes up its new name; token and invalidation follow.
  const accepted = new turso.Group("accepted", { name: first ? "accepted" : "accepted-2", location: "lhr" });
  new turso.Group("moved", { name: "moved", location: "lhr" });
  new turso.Group("half", { name: "half", location: "lhr", replicas: first ? [] : ["ams"] });

  const found = turso.Group.get("found", account === undefined ? "foreign" : `${account}/foreign`);
  new turso.GroupToken("tokenOfFound", { group: found.id });

  const component = new pulumi.ComponentResource("my:index:Shop", "shop");
  new turso.Group("child", { location: "lhr" }, { parent: component });

  const invalidation = new turso.GroupTokenInvalidation("cut", {
    group: generated.id,
    triggers: { leaked: "2026-11-20", nested: [1, { two: null }] },
    onCreate: true,
  });
  new turso.GroupTokenInvalidation("plain", { group: rich.name });
  new turso.GroupTokenInvalidation(
    "ofRenamed",
    { group: "renamed", triggers: ["a"] },
    { dependsOn: [adopted, renamed] },
  );
  new turso.GroupToken("plainToken", { group: generated.id });
  new turso.GroupToken("fullToken", {
    group: rich.id,
    expiration: "90000d",
    authorization: "read-only",
    readAttach: ["orders", "users"],
    renewBefore: "30d",
    keepers: { invalidated: invalidation.invalidatedAt, rotation: 3, secret: pulumi.secret("kept-secret") },
  });
  new turso.GroupToken("ofAccepted", { group: accepted.id, authorization: "full-access" });
  new turso.GroupToken("ofRenamedToken", { group: "renamed", expiration: "never" }, { dependsOn: renamed });
  new turso.GroupToken(
    "given",
    { group: "named", ...(account !== undefined && { organization: account }) },
    { dependsOn: named },
  );

  if (turso.Provider !== undefined) {
    const provider = new turso.Provider("explicit", {
      organization: "explicit",
      maxRetries: 3,
      deleteProtection: true,
      apiToken: pulumi.secret("eyJ-the-api-token-0123456789"),
    });
    const group = new turso.Group("ofExplicit", { location: "lhr" }, { provider });
    new turso.GroupToken("ofExplicitToken", { group: group.id }, { provider });
  }
}

export function meanwhile(account: Account, emulator: Emulator): void {
  account.renameGroup("renamed", "renamed-2");
  account.renameGroup("accepted", "accepted-2");
  account.movePrimary("moved", "aws-eu-west-1");
  const base = account.slug === "personal" ? "/v1" : `/v1/organizations/${account.slug}`;
  // The replica is added, but the response says otherwise and nothing can be read.
  emulator.fail({ method: "POST", path: `${base}/groups/half/locations/ams`, status: 402, applied: true });
  emulator.fail({ method: "GET", path: `${base}/groups/half`, status: 404, times: Infinity });
}

export const unfinished = ["half"];
