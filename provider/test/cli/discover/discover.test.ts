/** The command, against the emulator. test/engine/discover.test.ts runs what it writes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "turso-emulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { runDiscover } from "../../../../test/support/discover.ts";
import { emulate, requestsOf, TOKEN } from "../../../../test/support/emulator.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-turso-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function fill(store: Store): void {
  const acme = store.account("acme");
  acme.createGroup({ name: "prod", location: "aws-us-east-1", deleteProtection: true });
  acme.createGroup({ name: "eu", location: "lhr", replicas: ["fra", "ams"] });
  acme.createGroup({ name: "old", location: "lhr", archived: true });
  acme.createDatabase({ name: "customers", group: "prod" });
  acme.createApiToken("ci");
  for (const username of ["alice", "carol"]) store.addUser({ username });
  acme.addMember("carol", "viewer");
  acme.addMember("alice", "admin");
  acme.invite("bob@example.com", "member");
}

/** An emulated organization, and the command for it. */
async function start() {
  const emulator = await emulate();
  const acme = emulator.store.account("acme");
  fill(emulator.store);
  emulator.requests.length = 0;
  const folder = temporaryFolder();
  const discover = (...args: string[]) => runDiscover(emulator.url, ["--organization", "acme", ...args]);
  return { emulator, acme, folder, out: join(folder, "infra"), discover };
}

/** The files of a folder, by name. */
function filesIn(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
}

const LISTS = [
  "v1 groups",
  "v1 databases?limit=1000",
  "v1 api-tokens",
  "v1 members",
  "v2 invites",
  "v1 members",
].map((list) => `GET /${list.replace(" ", "/organizations/acme/")}`);

describe("the files", () => {
  test("are those of a project; they hold no secret, and a second run changes nothing", async () => {
    const { emulator, out, discover } = await start();
    const first = await discover("--out", out);
    expect(first).toMatchObject({ exitCode: 0 });
    expect(requestsOf(emulator).sort()).toEqual(LISTS.sort());
    expect(first.stderr).toMatch(/^6 requests, \d+\.\d s\.$/m);
    const files = filesIn(out);
    expect(Object.keys(files)).toEqual([
      ".gitignore",
      "Pulumi.yaml",
      "REPORT.md",
      "import.json",
      "index.ts",
      "package.json",
      "tsconfig.json",
    ]);
    for (const text of Object.values(files)) expect(text).not.toContain(TOKEN);
    expect(files["REPORT.md"]).toMatch(/## API tokens\n\n.*\n\n- `ci`\n/);
    expect(files["REPORT.md"]).toMatch(/## Owners\n\n.*\n\n- `personal`\n/);
    expect(files["REPORT.md"]).toMatch(/## Archived groups\n\n.*\n\n- `old`\n/);
    expect(files["REPORT.md"]).toContain("These groups hold 1 database.");
    expect(files["index.ts"]).toContain(`const eu = new turso.Group("eu", {
  name: "eu",
  location: "lhr",
  organization,
  replicas: ["fra", "ams"],
});`);
    const second = await discover("--out", out);
    expect(second.stdout).toContain("Nothing is new.");
    expect(filesIn(out)).toEqual(files);
  });

  test.each([
    { language: "yaml", program: "Pulumi.yaml", host: "native" },
    { language: "organization", program: "organization.yaml", host: "dynamic" },
  ])("of $language keep edits, and get what is new", async ({ language, program, host }) => {
    const { acme, out, discover } = await start();
    const args = ["--out", out, "--language", language, "--host", host];
    expect(await discover(...args)).toMatchObject({ exitCode: 0 });
    const { [program]: text = "", ...others } = filesIn(out);
    writeFileSync(join(out, program), `# Mine.\n${text}`);
    expect(await discover(...args)).toMatchObject({ exitCode: 0 });
    expect(filesIn(out)).toEqual({ ...others, [program]: `# Mine.\n${text}` });

    acme.createGroup({ name: "later", location: "lhr" });
    expect(await discover(...args)).toMatchObject({ exitCode: 0 });
    const after = filesIn(out);
    const lines = after[program]?.split("\n");
    expect(lines).toEqual(expect.arrayContaining(`# Mine.\n${text}`.split("\n")));
    expect(after[program]).toContain("later");
    const { resources } = JSON.parse(after["import-new.json"] ?? "");
    expect(resources.map(({ id }: { id?: string }) => id)).toEqual(
      language === "organization" ? [undefined, "acme/later"] : ["acme/later"],
    );
    const all: { id?: string; type: string }[] = JSON.parse(after["import.json"] ?? "").resources;
    const groups = all.filter(({ type }) => type.endsWith(":Group")).map(({ id }) => id);
    expect(groups).toEqual(["acme/eu", "acme/old", "acme/prod", "acme/later"]);
  });

  test("of organization fill keys without values, and keep their comments", async () => {
    const { out, discover } = await start();
    const args = ["--out", out, "--language", "organization"];
    await discover(...args, "--include", "nothing");
    const file = join(out, "organization.yaml");
    writeFileSync(file, `${readFileSync(file, "utf8")}groups:\n  # Ask Ann.\nmembers:\n`);
    expect(await discover(...args)).toMatchObject({ exitCode: 0 });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("# Ask Ann.");
    expect(Object.keys(parse(text).groups)).toEqual(["eu", "old", "prod"]);
  });

  test("of yaml have no key that the program has for something else", async () => {
    const { acme, out, discover } = await start();
    const args = ["--out", out, "--language", "yaml"];
    await discover(...args, "--include", "eu");
    const file = join(out, "Pulumi.yaml");
    writeFileSync(
      file,
      `${readFileSync(file, "utf8")}variables: { prod: 1 }\nconfig: { old: { default: 1 } }\n`,
    );
    acme.createGroup({ name: "pulumi", location: "lhr" });
    await discover(...args, "--include", "*u*", "--include", "prod", "--include", "old");
    const { resources } = parse(readFileSync(file, "utf8"));
    expect(Object.keys(resources)).toEqual(["eu", "old2", "prod2", "pulumi2"]);
  });

  test("are not written over a report of somebody else", async () => {
    const { emulator, folder, discover } = await start();
    writeFileSync(join(folder, "REPORT.md"), "# Mine\n");
    const { exitCode, stderr } = await discover("--out", folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("REPORT.md exists, and discover did not write it.");
    expect(filesIn(folder)).toEqual({ "REPORT.md": "# Mine\n" });
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("are not written over a program of which nothing is known", async () => {
    const { folder, discover } = await start();
    writeFileSync(join(folder, "index.ts"), "// Mine.\n");
    const refused = await discover("--out", folder);
    expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
    expect(refused.stderr).toContain("--state FILE");
    expect(filesIn(folder)).toEqual({ "index.ts": "// Mine.\n" });
  });

  test("of another host or language are refused", async () => {
    const { out, discover } = await start();
    await discover("--out", out);
    const files = filesIn(out);
    for (const other of [
      ["--host", "native"],
      ["--language", "organization"],
    ])
      expect(await discover("--out", out, ...other)).toMatchObject({ exitCode: 1 });
    expect(filesIn(out)).toEqual(files);
  });

  test("hold what was asked for", async () => {
    const { out, discover } = await start();
    await discover("--out", out, "--include", "?r*", "--include", "eu", "--exclude", "e*");
    const { resources } = JSON.parse(readFileSync(join(out, "import.json"), "utf8"));
    expect(resources.map(({ id }: { id: string }) => id)).toEqual(["acme/prod"]);
  });
});

describe("--json", () => {
  test("prints a summary only", async () => {
    const { folder, discover } = await start();
    const state = join(folder, "state.json");
    writeFileSync(state, JSON.stringify({ version: 3, deployment: {} }));
    const { stdout, exitCode } = await discover("--check", "--state", state, "--json");
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({
      organization: "acme",
      requests: 6,
      found: { groups: 3, members: 2, invites: 1 },
      undeclared: [
        { type: "Group", name: "eu", id: "acme/eu" },
        { name: "old" },
        { name: "prod" },
        { type: "OrganizationMember", id: "acme/alice" },
        { name: "carol" },
        { type: "OrganizationInvite", id: "acme/bob@example.com" },
      ],
      files: [],
    });
  });
});

describe("--check", () => {
  /** A state with one group of each host and place. */
  function stateOf(resources: object[]): string {
    const file = join(temporaryFolder(), "state.json");
    writeFileSync(file, JSON.stringify({ version: 3, deployment: { resources } }));
    return file;
  }
  const group = (name: string, more: object = {}) => ({
    urn: `urn:pulumi:dev::shop::turso:index:Group::${name}`,
    type: "turso:index:Group",
    id: `acme/${name}`,
    outputs: {},
    ...more,
  });

  /** Their case does not matter. */
  const people = (...names: string[]) =>
    names.map((name) => {
      const type = `turso:index:Organization${name.includes("@") ? "Invite" : "Member"}`;
      return {
        urn: `urn:pulumi:dev::shop::${type}::${name}`,
        type,
        id: `acme/${name.toUpperCase()}`,
        outputs: {},
      };
    });

  test("knows resources by uuid, of both hosts and in components, from several states", async () => {
    const { acme, discover } = await start();
    const uuid = (name: string) => acme.groups.get(name)?.uuid;
    const states = [
      stateOf([
        // Renamed outside Pulumi since.
        group("before", { outputs: { uuid: uuid("prod") } }),
        {
          urn: "urn:pulumi:dev::shop::my:App$pulumi-nodejs:dynamic/turso:Group::x",
          type: "pulumi-nodejs:dynamic/turso:Group",
          id: "acme/eu",
          outputs: { uuid: uuid("eu") },
        },
      ]),
      // From a server that reports no uuid.
      stateOf([group("old"), ...people("alice", "carol", "bob@example.com")]),
    ].flatMap((file) => ["--state", file]);
    expect(await discover("--check", ...states)).toMatchObject({ exitCode: 0 });
  });

  test("does not take another group of the same name, what is only read or what is being deleted", async () => {
    const { acme, discover } = await start();
    const uuid = acme.groups.get("old")?.uuid;
    const state = stateOf([
      group("prod", { outputs: { uuid: "of a group that was deleted" } }),
      group("eu", { external: true }),
      group("old", { delete: true, outputs: { uuid } }),
    ]);
    const { exitCode, stdout } = await discover("--check", "--state", state);
    expect(exitCode).toBe(7);
    for (const name of ["prod", "eu", "old"]) expect(stdout).toContain(`group ${name}`);
    expect(stdout).toContain("No stack declares 6 of them");
  });

  test("does not take what an import file of the folder has: it may not have been imported", async () => {
    const { out, discover } = await start();
    const args = ["--check", "--state", stateOf([]), "--out", out];
    for (const _ of ["first", "second"]) {
      const { exitCode, stdout } = await discover(...args);
      expect(exitCode).toBe(7);
      expect(stdout).toContain("No stack declares 6 of them");
    }
  });

  test("fails if a list could not be read that may hold what no stack declares", async () => {
    const { emulator, acme, discover } = await start();
    const groups = ["prod", "eu", "old"].map((name) =>
      group(name, { outputs: { uuid: acme.groups.get(name)?.uuid } }),
    );
    const fail = (status: number) =>
      emulator.fail({ path: "/v2/organizations/acme/invites", status, times: 3 });
    fail(403);
    const check = (...names: string[]) =>
      discover("--check", "--state", stateOf([...groups, ...people(...names)]));
    const unknown = await check("alice", "carol");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toMatch(/It is not known whether .*\ninvites: .*403/);
    expect(await check("alice")).toMatchObject({ exitCode: 7 });
    emulator.heal();
    // As for a personal account, which has no invites.
    fail(400);
    expect(await check("alice", "carol")).toMatchObject({ exitCode: 0 });
  });

  test("refuses a file that is no exported state", async () => {
    const { folder, discover } = await start();
    const file = join(folder, "state.json");
    for (const text of ["{}", "not JSON"]) {
      writeFileSync(file, text);
      expect(await discover("--check", "--state", file)).toMatchObject({ exitCode: 1, stdout: "" });
    }
    // The advice must not be to overwrite the file, which may be another one.
    writeFileSync(file, "{}");
    expect((await discover("--check", "--state", file)).stderr).not.toContain(`--file ${file}`);
    rmSync(file);
    expect((await discover("--check", "--state", file)).stderr).toContain(`${file}: it does not exist.`);
  });
});

describe("--snapshot", () => {
  test("creates its folder, and counts nothing as new", async () => {
    const { folder, discover } = await start();
    const { exitCode, stdout } = await discover("--snapshot", join(folder, "ci", "snapshot.yaml"));
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain(" new.");
    expect(readdirSync(join(folder, "ci"))).toEqual(["snapshot.yaml"]);
  });

  test("that cannot be written is an error without a stack trace", async () => {
    const { folder, discover } = await start();
    const { exitCode, stderr } = await discover("--snapshot", folder);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("pulumi-turso: Failed to run `discover`: EISDIR");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test.each(["snapshot.yaml", "snapshot.json"])("of %s is the organization, without tokens", async (name) => {
    const { emulator, acme, folder, discover } = await start();
    const file = join(folder, name);
    expect(await discover("--snapshot", file)).toMatchObject({ exitCode: 0 });
    const text = readFileSync(file, "utf8");
    for (const token of [TOKEN, acme.listApiTokens()[0]?.token ?? TOKEN]) expect(text).not.toContain(token);
    const copy = await emulate({ state: parse(text) });
    const groups = copy.store.account("acme").listGroups();
    expect(new Set(groups)).toEqual(new Set(acme.listGroups()));
    expect(copy.store.account("acme").databases.get("customers")?.uuid).toBe(
      acme.databases.get("customers")?.uuid,
    );
    for (const kind of ["members", "invites"] as const) {
      const people = ({ store }: typeof copy) =>
        [...store.account("acme")[kind].values()].map(({ name, role }) => `${name} ${role}`).sort();
      expect(people(copy)).toEqual(people(emulator));
    }
    expect(readdirSync(folder)).toEqual([name]);
  });

  test("has the locations of groups, also those that Turso offers no more", async () => {
    const { emulator, acme, folder, discover } = await start();
    const { lhr: _, ams: __, ...others } = emulator.store.locations;
    emulator.store.locations = others;
    const file = join(folder, "snapshot.json");
    expect(await discover("--snapshot", file)).toMatchObject({ exitCode: 0 });
    const copy = await emulate({ state: JSON.parse(readFileSync(file, "utf8")) });
    expect(new Set(copy.store.account("acme").listGroups())).toEqual(new Set(acme.listGroups()));
  });

  test("is not written without its databases: every group would be empty", async () => {
    const { emulator, folder, discover } = await start();
    emulator.fail({ path: "/v1/organizations/acme/databases", status: 403 });
    const { exitCode, stderr } = await discover("--snapshot", join(folder, "snapshot.yaml"));
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/could not read the databases: .*403/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is written into a folder that does not exist yet, or says why not", async () => {
    const { folder, discover } = await start();
    await discover("--snapshot", join(folder, "ci", "snapshot.yaml"));
    expect(readdirSync(join(folder, "ci"))).toEqual(["snapshot.yaml"]);
    const { exitCode, stderr } = await discover("--snapshot", folder);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^pulumi-turso: Failed to run `discover`: EISDIR/m);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("with --anonymize names groups and declared people only, and is the same every time", async () => {
    const { acme, folder, discover } = await start();
    const [file, again] = [join(folder, "a.yaml"), join(folder, "b.yaml")];
    const out = ["--out", join(folder, "infra")];
    await discover(...out, "--include", "carol");
    await discover("--snapshot", file, "--anonymize", ...out, "--exclude", "nothing");
    const text = readFileSync(file, "utf8");
    expect(text).toContain("carol");
    for (const secret of ["customers", "ci", "alice", "bob", acme.databases.get("customers")?.uuid ?? "?"])
      expect(text).not.toMatch(new RegExp(`\\b${secret}\\b`));
    acme.createDatabase({ name: "a-new-one", group: "eu" });
    await discover("--snapshot", again, "--anonymize");
    const later = parse(readFileSync(again, "utf8"));
    const [database] = parse(text).organizations.acme.databases;
    expect(later.organizations.acme.databases).toContainEqual(database);
    expect(later.organizations.acme.groups).toEqual(parse(text).organizations.acme.groups);
  });
});

describe("a failure", () => {
  test.each([
    { args: ["--language", "yaml", "--host", "dynamic"], says: "--host native" },
    { args: ["--check"], says: "--state FILE" },
    { args: ["--anonymize"], says: "--snapshot FILE" },
    { args: ["--language", "python"], says: "typescript, yaml or organization" },
    { args: ["--organization", "a b"], says: "slug must not contain spaces" },
    { args: ["--unknown"], says: "Unknown option" },
  ])("of $args is a wrong use", async ({ args, says }) => {
    const { emulator, discover } = await start();
    const { exitCode, stdout, stderr } = await discover(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("of an option names it, without Node's advice", async () => {
    const { stderr } = await runDiscover("http://127.0.0.1:9", ["--organisation", "acme"]);
    expect(stderr).toContain("pulumi-turso: Unknown option '--organisation'.\nRun");
  });

  test("without an organization is a wrong use", async () => {
    expect(await runDiscover("http://127.0.0.1:9", [])).toMatchObject({ exitCode: 2 });
  });

  test("for want of a token names the variable, not the stack's configuration", async () => {
    const { exitCode, stderr } = await runDiscover("http://127.0.0.1:9", ["--organization", "acme"], {
      TURSO_API_TOKEN: "",
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/\[NO_TOKEN\]\n.*--org acme.*TURSO_API_TOKEN/s);
    expect(stderr).not.toContain("pulumi config");
  });

  test("of the API is that of the provider, and nothing is written", async () => {
    const { out, discover, emulator } = await start();
    emulator.store.apiToken = "another";
    const { exitCode, stderr } = await discover("--out", out);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("[UNAUTHORIZED]");
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(() => readdirSync(out)).toThrow("ENOENT");
  });

  test("to list databases or tokens is reported", async () => {
    const { out, discover, emulator } = await start();
    emulator.fail({ path: "/v1/organizations/acme/databases", status: 403 });
    const { exitCode, stdout } = await discover("--out", out);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/Could not read databases.*403/);
  });
});
