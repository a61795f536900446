/** An existing organization under management, with what `pulumi-turso discover` writes. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { projectFor, runDiscover } from "../support/discover.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { describeHost, describeHosts, describeLifecycle, type Host } from "../support/hosts.ts";

let runs = 0;

/** An organization with groups of all sorts, and a stack that declares none of them. */
async function start({ host, startEngine }: Host) {
  const emulator = await emulate();
  const acme = emulator.store.account("acme");
  acme.createGroup({ name: "prod", location: "aws-us-east-1", deleteProtection: true });
  acme.createGroup({ name: "eu-1", location: "lhr", replicas: ["fra", "ams"] });
  acme.createGroup({ name: "eu1", location: "fra" });
  acme.createGroup({ name: "new", location: "aws-eu-west-1", archived: true });
  acme.createDatabase({ name: "orders", group: "prod" });
  emulator.store.addUser({ username: "alice" });
  acme.addMember("alice", "admin");
  acme.invite("bob@example.com", "viewer");
  const [dir, out] = [temporaryFolder(), join(temporaryFolder(), "infra")];
  const engine = await startEngine({
    dir,
    env: { TURSO_API_BASEURL: emulator.url },
    config: { "turso:apiToken": { value: TOKEN, secret: true }, "turso:organization": { value: "acme" } },
  });
  const discover = (...args: string[]) =>
    runDiscover(emulator.url, ["--organization", "acme", "--host", host, ...args]);
  const pulumi = await projectFor(engine, { dir, folder: temporaryFolder() });
  const importFile = (file: string) =>
    pulumi(["import", "--file", join(out, file), "--generate-code=false", "--protect=false", "--yes"]);
  engine.program = () => import(/* @vite-ignore */ `${join(out, "index.ts")}?run=${++runs}`);
  const exported = async () => {
    const file = join(dir, "state.json");
    writeFileSync(file, JSON.stringify(await engine.stack.exportStack()));
    return file;
  };
  return { emulator, acme, engine, out, discover, pulumi, importFile, exported };
}

describeLifecycle("discover", (host) => {
  test("imports without a request; then nothing changes, drift shows, and a second run adds what is new", async () => {
    const { emulator, acme, engine, out, discover, pulumi, importFile, exported } = await start(host);
    const first = await discover("--out", out);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(first.stdout).toContain("pulumi import --file import.json --generate-code=false --protect=false");
    const before = emulator.store.save();
    emulator.requests.length = 0;
    const imported = await importFile("import.json");
    expect(imported).toMatchObject({ exitCode: 0 });
    expect(imported.stdout + imported.stderr).not.toContain("warning:");
    expect(await engine.run("up", { expectNoChanges: true })).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator)).toEqual([]);
    const clean = ["refresh", "--preview-only", "--expect-no-changes"];
    expect(await pulumi(clean)).toMatchObject({ exitCode: 0 });
    expect(emulator.store.save()).toEqual(before);

    const state = await exported();
    expect(await discover("--check", "--state", state)).toMatchObject({ exitCode: 0 });
    acme.protectGroup("prod", false);
    expect(await pulumi(clean)).toMatchObject({ exitCode: 7 });
    acme.protectGroup("prod");

    acme.createGroup({ name: "later", location: "lhr" });
    const check = await discover("--check", "--state", state);
    expect(check).toMatchObject({ exitCode: 7 });
    expect(check.stdout).toContain("group later");
    appendFileSync(join(out, "index.ts"), "// An edit.\n");
    const program = readFileSync(join(out, "index.ts"), "utf8");
    expect(await discover("--out", out)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(out, "index.ts"), "utf8").startsWith(program)).toBe(true);
    expect(await importFile("import-new.json")).toMatchObject({ exitCode: 0 });
    emulator.requests.length = 0;
    expect(await engine.run("preview", { expectNoChanges: true })).toMatchObject({
      failed: false,
      steps: {},
    });
    expect(requestsOf(emulator)).toEqual([]);
    expect(await discover("--check", "--state", await exported())).toMatchObject({ exitCode: 0 });
  });
});

describeHosts("discover --language organization", (host) => {
  test("imports the children of the component, and later those that are new", {
    tags: ["exhaustive"],
  }, async () => {
    const { emulator, acme, engine, out, discover, importFile } = await start(host);
    const language = ["--language", "organization", "--out", out];
    const writeAndImport = async (file: string) => {
      expect(await discover(...language)).toMatchObject({ exitCode: 0 });
      emulator.requests.length = 0;
      expect(await importFile(file)).toMatchObject({ exitCode: 0 });
      expect(await engine.run("up", { expectNoChanges: true })).toMatchObject({ failed: false, steps: {} });
      expect(requestsOf(emulator)).toEqual([]);
    };
    engine.program = async () => {
      new host.turso.Organization("acme", { file: join(out, "organization.yaml") });
    };
    await writeAndImport("import.json");
    const urns = (await engine.resources()).map(({ urn }) => urn);
    expect(urns).toContain(
      `urn:pulumi:dev::shop::turso:index:Organization$${host.typeOf("Group")}::acme/groups/prod`,
    );
    acme.createGroup({ name: "later", location: "lhr" });
    await writeAndImport("import-new.json");
    expect(await engine.resources()).toHaveLength(urns.length + 1);
  });
});

describeHosts("discover of a large organization", (host) => {
  test("makes one request for each page of each list; the import changes nothing", {
    tags: ["exhaustive"],
  }, async () => {
    const { emulator, acme, engine, out, discover, pulumi, importFile } = await start(host);
    for (let i = 4; i < 60; i++) {
      const isFly = i % 2 === 0;
      const [name, location] = [`group-${i}`, isFly ? "lhr" : "aws-us-east-1"];
      const replicas = isFly && i % 3 === 0 ? ["fra", "ams"] : [];
      acme.createGroup({ name, location, replicas, deleteProtection: i % 5 === 0 });
    }
    const groups = [...acme.groups.keys()].filter((name) => !acme.groups.get(name)?.archived);
    for (let i = 1; i < 1200; i++)
      acme.createDatabase({ name: `db-${i}`, group: groups[i % groups.length] ?? "" });
    for (let i = 0; i < 10; i++) acme.createApiToken(`token-${i}`);
    emulator.requests.length = 0;
    const { stdout } = await discover("--out", out, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ requests: 7, found: { groups: 60, members: 1, invites: 1 } });
    expect(emulator.requests).toHaveLength(7);

    const before = emulator.store.save();
    emulator.requests.length = 0;
    expect(await importFile("import.json")).toMatchObject({ exitCode: 0 });
    expect(await engine.run("up", { expectNoChanges: true })).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator)).toEqual([]);
    const clean = ["refresh", "--preview-only", "--expect-no-changes"];
    expect(await pulumi(clean)).toMatchObject({ exitCode: 0 });
    expect(emulator.store.save()).toEqual(before);
    expect((await discover("--out", out)).stdout).toContain("Nothing is new.");
  });
});

describeHost("native", "a preview against a snapshot", (host) => {
  test("is the same as one against the organization", { tags: ["exhaustive"] }, async () => {
    const { emulator, acme, engine, out, discover, importFile } = await start(host);
    acme.createDatabase({ name: "customers", group: "eu1" });
    const file = `${out}.yaml`;
    await discover("--out", out, "--snapshot", file);
    expect(await importFile("import.json")).toMatchObject({ exitCode: 0 });
    const copy = await emulate({ state: parse(readFileSync(file, "utf8")) });
    const preview = async ({ url }: typeof copy) => {
      const { workspace } = engine.stack;
      workspace.envVars = { ...workspace.envVars, TURSO_API_BASEURL: url };
      return engine.run("preview");
    };
    // A preview ends at the first refusal.
    const edits = [
      { resource: "eu1", args: { name: "eu1", location: "lhr" }, shows: /customers.*\[HOLDS_DATA\]/ },
      { resource: "taken", args: { name: "new", location: "lhr" }, shows: /\[NAME_TAKEN\]/ },
      { resource: "nowhere", args: { location: "xyz" }, shows: /no location 'xyz'/ },
      { resource: "eu1", args: { name: "eu1", location: "fra", replicas: ["lhr"] }, shows: /^$/ },
    ];
    for (const { resource, args, shows } of edits) {
      engine.program = async () => {
        new host.turso.Group(resource, { ...args, organization: "acme" });
      };
      const real = await preview(emulator);
      expect(real.diagnostics).toMatch(shows);
      const { steps, diffs, diagnostics } = await preview(copy);
      expect({ steps, diffs, diagnostics }).toEqual({
        steps: real.steps,
        diffs: real.diffs,
        diagnostics: real.diagnostics,
      });
    }
    expect(requestsOf(copy)).not.toEqual([]);
  });
});
