/** An organization that is declared in one file. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine, temporaryFolder } from "../support/engine.ts";
import { describeHost } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

const FILE = `
organization: acme
groups:
  prod: { location: lhr, replicas: [ams] }
  "app-{stage}-{n}":
    for: { stage: [dev, test], n: [1, 2] }
    name: "{stage}-{n}"
    location: lhr
tokens:
  api: { group: prod, expiration: 90d }
  "app-{stage}": { for: { stage: [dev, test] }, group: "app-{stage}-1" }
apiTokens:
  ci: { group: prod, scopes: [read] }
members:
  alice: { role: admin }
invites:
  bob: { name: bob@example.com, role: member }
`;

async function start() {
  const emulator = await emulate();
  const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
  const dir = temporaryFolder();
  const file = join(dir, "acme.yaml");
  const write = (text: string) => writeFileSync(file, text);
  write(FILE);
  return { emulator, account: emulator.store.account("acme"), env, dir, file, write };
}

describeEngine("an organization in a file", () => {
  test("is created with its references, changes nothing the second time, and moves to the native plugin with all its resources by a changed import", async () => {
    const { emulator, account, env, dir, file } = await start();
    const declare = (turso: typeof dynamic) => async () => {
      const acme = new turso.Organization("acme", { file });
      return { jwt: acme.tokens.api?.jwt, name: acme.groups["app-dev-2"]?.name };
    };
    const before = await startEngine({ dir, env });
    before.program = declare(dynamic);
    const up = await before.run("up");
    expect(up, up.text).toMatchObject({ failed: false });
    expect([...account.groups.keys()].sort()).toEqual(["dev-1", "dev-2", "prod", "test-1", "test-2"]);
    expect(await before.stack.outputs()).toEqual({
      jwt: { value: expect.stringMatching(/^ey/), secret: true },
      name: { value: "dev-2", secret: false },
    });
    emulator.requests.length = 0;
    expect(await before.run("up")).toMatchObject({ failed: false, steps: {} });
    const ids = (await before.resources()).map(({ id }) => id).sort();

    const after = await startEngine({ dir, env, native: true });
    after.program = declare(native);
    for (const operation of ["preview", "up", "preview"] as const) {
      const moved = await after.run(operation);
      expect(moved, moved.text).toMatchObject({ failed: false, steps: {} });
    }
    expect(requestsOf(emulator)).toEqual([]);
    const resources = await after.resources();
    expect(resources.map(({ id }) => id).sort()).toEqual(ids);
    expect(resources.map(({ urn }) => urn.replace(/^urn:pulumi:dev::shop::/, "")).sort()).toEqual([
      "turso:index:Organization$turso:index:ApiToken::acme/apiTokens/ci",
      "turso:index:Organization$turso:index:Group::acme/groups/app-dev-1",
      "turso:index:Organization$turso:index:Group::acme/groups/app-dev-2",
      "turso:index:Organization$turso:index:Group::acme/groups/app-test-1",
      "turso:index:Organization$turso:index:Group::acme/groups/app-test-2",
      "turso:index:Organization$turso:index:Group::acme/groups/prod",
      "turso:index:Organization$turso:index:GroupToken::acme/tokens/api",
      "turso:index:Organization$turso:index:GroupToken::acme/tokens/app-dev",
      "turso:index:Organization$turso:index:GroupToken::acme/tokens/app-test",
      "turso:index:Organization$turso:index:OrganizationInvite::acme/invites/bob",
      "turso:index:Organization$turso:index:OrganizationMember::acme/members/alice",
      "turso:index:Organization::acme",
    ]);
    expect(await after.run("destroy")).toMatchObject({ failed: false });
    expect(account.groups.size).toBe(0);
  });
});

describeHost("dynamic", "an organization in a file", ({ turso }) => {
  test("shows its problems in the preview, and refusals under the entry; a renamed key keeps its group, and one that is not declared as renamed is guarded", async () => {
    const { emulator, account, env, dir, file, write } = await start();
    const engine = await startEngine({ dir, env });
    engine.program = async () => {
      new turso.Organization("acme", { file });
    };
    write("organization: acme\ngroups:\n  prod: { locaton: lhr }\ntokens:\n  api: { group: prdo }\n");
    const invalid = await engine.run("preview");
    expect(invalid.failed).toBe(true);
    expect(invalid.diagnostics).toMatch(errorLine("INVALID_INPUT", "'acme'"));
    expect(invalid.diagnostics).toContain(`${file}:3:11: groups.prod.locaton `);
    expect(invalid.diagnostics).toContain("did you mean 'location'?");
    expect(invalid.diagnostics).toContain(`${file}:5:10: tokens.api.group `);
    expect(invalid.diagnostics).not.toMatch(/^ +at /m);
    expect(requestsOf(emulator)).toEqual([]);

    account.createGroup({ name: "taken", location: "lhr" });
    write("organization: acme\ngroups:\n  mine: { location: lhr, name: taken }\n");
    const taken = await engine.run("preview");
    expect(taken.diagnostics).toContain("acme/groups/mine");
    expect(taken.diagnostics).toMatch(errorLine("NAME_TAKEN", "'taken' in organization 'acme'"));

    write("organization: acme\ngroups:\n  a: { location: lhr, name: one }\n");
    expect(await engine.run("up")).toMatchObject({ failed: false });
    account.createDatabase({ name: "orders", group: "one" });
    write("organization: acme\ngroups:\n  b: { location: lhr, name: one, renamedFrom: a }\n");
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    write("organization: acme\ngroups:\n  c: { location: lhr, name: one }\n");
    const renamed = await engine.run("preview");
    expect(renamed.failed).toBe(true);
    expect(renamed.diagnostics).toMatch(errorLine("NAME_TAKEN", "acme/groups/c"));
    write("organization: acme\ngroups:\n  c: { location: lhr, name: two }\n");
    const dropped = await engine.run("up");
    expect(dropped.failed).toBe(true);
    expect(dropped.diagnostics).toMatch(errorLine("HOLDS_DATA", "'one' in organization 'acme'", "orders"));
    expect(dropped.diagnostics).toContain("acme/groups/b");
    expect(account.groups.has("one")).toBe(true);
  });
});
