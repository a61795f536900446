/** The workflow files in ci/: each command of theirs, run with the real CLI against the emulator. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { json, text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { API_TOKEN_PERMISSIONS } from "turso-emulator";
import { describe, expect, test } from "vitest";
import { getPulumi, getYamlHost, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { open } from "../support/https.ts";
import { orSkip } from "../support/needs.ts";
import { type JobResult, type Runner, runGitlabJob, runJob } from "../support/workflow.ts";

const tools = await orSkip("THE TEST OF THE WORKFLOWS IN ci/", async () => {
  const pulumi = await getPulumi({ offline: true, log: () => {} });
  return { pulumi, host: await getYamlHost(pulumi) };
});

/** A name that a stranger may choose. */
const HOSTILE = "<img src=x onerror=alert(1)> @team | `";

const program = (groups: Record<string, string>) => `name: shop
runtime: yaml
config:
  password: { type: string, secret: true }
resources:
${Object.entries(groups)
  .map(
    ([name, location]) => `  ${name}:
    type: turso:Group
    properties: { name: ${name}, location: ${location} }${name === "old" ? `\n    options:\n      parent: ${at("prod")}` : ""}
`,
  )
  .join("")}`;

/** A reference of a YAML program. */
const at = (name: string) => `\${${name}}`;

/** Writes down how it was called, with the file that holds a text, and prints what a test wants it to find. */
const GH = `#!/usr/bin/env node
const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const bodies = args.flatMap((arg, index) =>
  arg.startsWith("body=@") ? [arg.slice(6)] : args[index - 1] === "--body-file" ? [arg] : []);
const body = bodies.map((file) => readFileSync(file, "utf8"))[0];
appendFileSync(process.env.GH_LOG, JSON.stringify({ args, body }) + "\\n");
const found = process.env.GH_LOG + ".found";
if ((args.includes("--paginate") || args[1] === "list") && existsSync(found)) console.log(readFileSync(found, "utf8"));
`;

async function startRepository({ pulumi: cli, host }: NonNullable<typeof tools>) {
  const emulator = await emulate({ organizations: ["acme"] });
  const cwd = temporaryFolder();
  const folder = temporaryFolder();
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "gh"), GH, { mode: 0o755 });
  writeFileSync(join(cwd, "package.json"), "{}");
  symlinkSync(join(process.cwd(), "node_modules"), join(cwd, "node_modules"));
  const engine = pulumiEnv({ pulumi: cli, dir: join(folder, "stacks") });
  const ghLog = join(folder, "gh.log");
  const { PULUMI_HOME = "", PULUMI_SKIP_UPDATE_CHECK = "", PULUMI_BACKEND_URL = "" } = engine;
  const runner: Runner = {
    cwd,
    artifacts: folder,
    env: {
      PATH: [bin, dirname(pulumiPath(cli)), dirname(host), engine.PATH].join(delimiter),
      HOME: folder,
      PULUMI_HOME,
      PULUMI_SKIP_UPDATE_CHECK,
      GITHUB_REPOSITORY: "acme/shop",
      GH_LOG: ghLog,
      // What fails here fails at once.
      TURSO_MAX_RETRIES: "0",
    },
    overrides: { TURSO_API_BASEURL: emulator.url },
    expressions: {
      "vars.PULUMI_BACKEND_URL": PULUMI_BACKEND_URL,
      "vars.TURSO_ORGANIZATION": "acme",
      "secrets.PULUMI_ACCESS_TOKEN": "",
      "secrets.PULUMI_CONFIG_PASSPHRASE": "the-passphrase",
      "secrets.TURSO_API_TOKEN": TOKEN,
      "github.token": "the-github-token",
      "github.repository": "acme/shop",
      "github.event.pull_request.number": "12",
    },
  };
  const run = (
    file: string,
    job: string,
    expressions: Record<string, string> = {},
    more: Partial<Runner> = {},
  ) =>
    runJob(`ci/github/${file}.yml`, job, {
      ...runner,
      ...more,
      expressions: { ...runner.expressions, ...expressions },
    });
  const env = {
    ...runner.env,
    PULUMI_BACKEND_URL,
    PULUMI_CONFIG_PASSPHRASE: "the-passphrase",
    TURSO_API_BASEURL: emulator.url,
    TURSO_API_TOKEN: TOKEN,
    TURSO_ORGANIZATION: "acme",
  };
  const npx = (...args: string[]) => promisify(execFile)("npx", args, { cwd, env });
  await npx("pulumi-turso", "plugin", "install");
  const pulumi = async (...args: string[]) =>
    (await promisify(execFile)("pulumi", [...args, "--non-interactive"], { cwd, env })).stdout;
  return {
    emulator,
    account: emulator.store.account("acme"),
    runner,
    run,
    npx,
    pulumi,
    write: (file: string, content: string) => {
      mkdirSync(dirname(join(cwd, file)), { recursive: true });
      writeFileSync(join(cwd, file), content);
    },
    /** What `gh` was called with since the last time. */
    gh: () => {
      const lines = readFileSync(ghLog, "utf8").trim().split("\n");
      writeFileSync(ghLog, "");
      return lines.map((line): { args: string[]; body?: string } => JSON.parse(line));
    },
    /** What `gh` finds from now on. */
    found: (id: string) => writeFileSync(`${ghLog}.found`, id),
  };
}

function expectSuccess({ code, log }: JobResult): void {
  expect(code, log).toBe(0);
}

describe("the workflows for GitHub", { tags: ["exhaustive"] }, () => {
  test.skipIf(tools === undefined)(
    "deploy, preview with a comment, refuse destruction, and report drift",
    async () => {
      if (tools === undefined) return;
      const { emulator, account, run, pulumi, write, gh, found } = await startRepository(tools);
      const judge = (preview: JobResult, label = false) =>
        run("preview", "no-destruction", {
          "needs.preview.outputs.exit-code": preview.outputs["exit-code"] ?? "",
          "github.event.action == 'labeled' && github.event.label.name == 'allow-destruction'": String(label),
        });
      write("Pulumi.yaml", program({ prod: "lhr", old: "lhr" }));
      await pulumi("stack", "init", "dev");
      await pulumi("config", "set", "--secret", "password", "hunter2");

      // deploy: what was approved, and nothing else.
      const approved = await run("deploy", "preview");
      expectSuccess(approved);
      expect(approved.summary).toContain("**2 changes.**");
      write("Pulumi.yaml", program({ prod: "ams", old: "lhr" }));
      const changed = await run("deploy", "deploy");
      expect(changed.code).toBe(1);
      expect(changed.log).toContain("::error::The preview has changed since it was approved.");
      write("Pulumi.yaml", program({ prod: "lhr", old: "lhr" }));
      expect(account.groups.size).toBe(0);
      expectSuccess(await run("deploy", "deploy"));
      expect([...account.groups.keys()].sort()).toEqual(["old", "prod"]);

      // A pull request whose preview is refused.
      account.createDatabase({ name: "orders", group: "prod" });
      Object.assign(account.createDatabase({ name: "hostile", group: "prod" }), { name: HOSTILE });
      write("Pulumi.yaml", program({ prod: "ams", old: "lhr" }));
      const readOnly = account.createApiToken("preview", { group: "prod", scopes: ["read"] }).token;
      const refused = await run("preview", "preview", { "secrets.TURSO_API_TOKEN": readOnly });
      expect(refused).toMatchObject({ code: 1, outputs: { "exit-code": "1" } });
      expectSuccess(await run("preview", "comment"));
      const [, created] = gh();
      expect(created?.args).toEqual(expect.arrayContaining(["POST", "repos/acme/shop/issues/12/comments"]));
      expect(created?.body).toContain(`holds 2 databases (orders, ${HOSTILE})`);
      expect(created?.body).toBe(refused.summary);
      expect((await judge(refused, true)).code).toBe(1);

      // The next commit of it updates the comment.
      found("77");
      write("Pulumi.yaml", program({ prod: "lhr" }));
      const destructive = await run("preview", "preview");
      expectSuccess(destructive);
      expect(destructive.outputs).toEqual({ "exit-code": "7" });
      expectSuccess(await run("preview", "comment"));
      const [, updated] = gh();
      expect(updated?.args).toEqual(expect.arrayContaining(["PATCH", "repos/acme/shop/issues/comments/77"]));
      expect(updated?.body).toContain("**delete** `old`");
      expect((await judge(destructive)).code).toBe(1);
      expectSuccess(await judge(destructive, true));

      // A pull request that changes nothing, and one that was not previewed, as those of forks.
      write("Pulumi.yaml", program({ prod: "lhr", old: "lhr" }));
      const unchanged = await run("preview", "preview");
      expectSuccess(unchanged);
      expectSuccess(await judge(unchanged));
      expect((await judge({ ...unchanged, outputs: {} }, true)).code).toBe(1);

      // drift
      const drift = (refresh: JobResult) =>
        run("drift", "issue", { "needs.refresh.outputs.exit-code": refresh.outputs["exit-code"] ?? "" });
      account.group("old").deleteProtection = true;
      account.groups.delete("old");
      const drifted = await run("drift", "refresh");
      expectSuccess(drifted);
      expect(drifted.outputs).toEqual({ "exit-code": "7" });
      expect(drifted.summary).toContain("`old` (`turso:index:Group`) no longer exists");
      found("");
      expectSuccess(await drift(drifted));
      expect(gh().map(({ args }) => args.slice(0, 2).join(" "))).toEqual([
        "issue list",
        "label create",
        "issue create",
      ]);
      found("5");
      expectSuccess(await drift(drifted));
      expect(gh().map(({ args }) => args.slice(0, 3).join(" "))).toEqual([
        "issue list --label",
        "issue edit 5",
      ]);
      await pulumi("refresh", "--yes", "--skip-preview");
      const clean = await run("drift", "refresh");
      expectSuccess(clean);
      expectSuccess(await drift(clean));
      expect(gh().map(({ args }) => args.slice(0, 3).join(" "))).toEqual([
        "issue list --label",
        "issue close 5",
      ]);
      emulator.fail({ path: /./, times: Number.POSITIVE_INFINITY, status: 500 });
      const unknown = await run("drift", "refresh");
      expect(unknown.code).toBe(1);
      expect(unknown.outputs["exit-code"]).toBeUndefined();
    },
  );

  test.skipIf(tools === undefined)("preview a fork without a secret as the real stack", async () => {
    if (tools === undefined) return;
    const { emulator, account, runner, run, npx, pulumi, write } = await startRepository(tools);
    write("Pulumi.yaml", program({ prod: "lhr", old: "lhr", free: "lhr" }));
    await pulumi("stack", "init", "dev");
    await pulumi("config", "set", "--secret", "password", "hunter2");
    await pulumi("config", "set", "--secret", "turso:apiToken", TOKEN);
    await pulumi("up", "--yes", "--skip-preview");
    account.createDatabase({ name: "orders", group: "prod" });
    const config = readFileSync(join(runner.cwd, "Pulumi.dev.yaml"), "utf8");
    await npx("pulumi-turso", "discover", "--organization", "acme", "--snapshot", "ci/snapshot.yaml");
    write("ci/import.json", await importFile(await pulumi("stack", "export")));

    const previews = async (groups: Record<string, string>) => {
      write("Pulumi.yaml", program(groups));
      write("Pulumi.dev.yaml", config);
      const real = await run("preview", "preview");
      const before = emulator.requests.length;
      const fork = await runFork(runner);
      expect(emulator.requests).toHaveLength(before);
      expect(fork.summary, fork.log).toBe(real.summary);
      return { real, fork };
    };
    // A refused replacement, a deletion, a change in place and a new group.
    const refused = await previews({ prod: "ams", old: "lhr", free: "lhr" });
    expect(refused.fork.code).toBe(1);
    expect(refused.fork.summary).toContain("which holds 1 database (orders)");
    const changed = await previews({ prod: "lhr", free: "ams", next: "fra" });
    expect(changed.fork.code).toBe(7);
    expect(changed.fork.summary).toContain("**2 destructive changes, 1 other change.**");
    expect((await previews({ prod: "lhr", old: "lhr", free: "lhr" })).fork.code).toBe(0);
  });
});

/** More than one page of them. */
const OTHER_NOTES = 100;

/** The part of GitLab's API that the pipeline uses. */
async function startGitlab() {
  type Item = { id: number; iid: number; body?: string; state?: string; author: { id: number } } & Record<
    string,
    unknown
  >;
  const notes: Item[] = [];
  const issues: Item[] = [];
  const server = createHttpServer(async (request, response) => {
    const { method, url = "", headers } = request;
    const { pathname, searchParams } = new URL(url, "http://gitlab.test");
    const fields = method === "GET" ? {} : ((await json(request)) as object);
    const [, kind = "", id] =
      /^\/projects\/1\/(?:merge_requests\/12\/)?(notes|issues)(?:\/(\d+))?$/.exec(pathname) ?? [];
    const items = { notes, issues }[kind] ?? [];
    const respond = () => {
      if (headers["private-token"] !== "the-comment-token") return undefined;
      if (pathname === "/user") return { id: 7 };
      if (method === "GET") {
        const [size, page] = [
          Number(searchParams.get("per_page") ?? 20),
          Number(searchParams.get("page") ?? 1),
        ];
        return items
          .filter(({ state }) => state === undefined || state === searchParams.get("state"))
          .slice((page - 1) * size, page * size);
      }
      if (method === "PUT") return Object.assign(items.find(({ iid }) => iid === Number(id)) ?? {}, fields);
      const number = items.length + 1;
      items.push({
        id: number,
        iid: number,
        author: { id: 7 },
        ...(kind === "issues" && { state: "opened" }),
        ...fields,
      });
      return items.at(-1);
    };
    const found = respond();
    response.writeHead(found === undefined ? 401 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(found ?? {}));
  });
  const port = await open(server);
  for (let id = 1; id <= OTHER_NOTES; id++)
    notes.push({ id, iid: id, body: "<!-- pulumi-turso-report --> of somebody else", author: { id: 8 } });
  return { url: `http://127.0.0.1:${port}`, notes, issues };
}

describe("the pipeline for GitLab", { tags: ["exhaustive"] }, () => {
  test.skipIf(tools === undefined)("does the same", async () => {
    if (tools === undefined) return;
    const { emulator, account, runner, npx, pulumi, write } = await startRepository(tools);
    const gitlab = await startGitlab();
    const file = "ci/gitlab/pulumi.gitlab-ci.yml";
    const { secrets, variables } = {
      secrets: {
        PULUMI_BACKEND_URL: runner.expressions["vars.PULUMI_BACKEND_URL"] ?? "",
        PULUMI_CONFIG_PASSPHRASE: "the-passphrase",
      },
      variables: {
        CI_API_V4_URL: gitlab.url,
        CI_PROJECT_ID: "1",
        CI_MERGE_REQUEST_PROJECT_ID: "1",
        CI_MERGE_REQUEST_IID: "12",
      },
    };
    const run = (job: string, env: Record<string, string> = {}) =>
      runGitlabJob(file, job, { ...runner, env: { ...runner.env, ...variables, ...env } });
    const withStack = { ...secrets, TURSO_API_TOKEN: TOKEN };
    const withComments = { GITLAB_COMMENT_TOKEN: "the-comment-token" };
    write("Pulumi.yaml", program({ prod: "lhr", old: "lhr" }));
    await pulumi("stack", "init", "dev");
    await pulumi("config", "set", "--secret", "password", "hunter2");

    expectSuccess(await run("deploy-preview", withStack));
    expectSuccess(await run("deploy", withStack));
    expect([...account.groups.keys()].sort()).toEqual(["old", "prod"]);
    write("approved.json", "something else");
    expect((await run("deploy", withStack)).code).toBe(1);
    await npx("pulumi-turso", "discover", "--organization", "acme", "--snapshot", "ci/snapshot.yaml");
    write("ci/import.json", await importFile(await pulumi("stack", "export")));

    // The preview of a branch and of a fork, and the comment on the first.
    write("Pulumi.yaml", program({ prod: "lhr" }));
    const removed = await run("preview", withStack);
    expectSuccess(removed);
    expect(readFileSync(join(runner.cwd, "report.env"), "utf8")).toBe("REPORT_EXIT_CODE=7\n");
    const report = readFileSync(join(runner.cwd, "report.md"), "utf8");
    expect(report).toContain("**delete** `old`");
    expectSuccess(await run("comment", withComments));
    expect(gitlab.notes.slice(OTHER_NOTES)).toMatchObject([{ body: report }]);
    writeFileSync(join(runner.cwd, "report.md"), "");
    expectSuccess(await run("comment", withComments));
    expect(gitlab.notes).toHaveLength(OTHER_NOTES + 1);
    expect(gitlab.notes.at(-1)?.body).toContain("**The preview did not run.**");
    const judge = (code: string, labels = "") =>
      run("no-destruction", { REPORT_EXIT_CODE: code, CI_MERGE_REQUEST_LABELS: labels });
    const codes = await Promise.all([
      judge("0"),
      judge("7"),
      judge("7", "a,allow-destruction"),
      judge("1"),
      judge(""),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 1, 0, 1, 1]);
    const place = {
      TURSO_API_BASEURL: `http://127.0.0.1:${await freePort()}`,
      PULUMI_BACKEND_URL: pathToFileURL(temporaryFolder()).href,
    };
    const config = readFileSync(join(runner.cwd, "Pulumi.dev.yaml"), "utf8");
    const fork = await runGitlabJob(file, "preview-fork", { ...runner, overrides: place });
    expect(fork.code, fork.log).toBe(7);
    expect(readFileSync(join(runner.cwd, "report.md"), "utf8")).toBe(report);
    write("Pulumi.dev.yaml", config);

    // drift
    write("Pulumi.yaml", program({ prod: "lhr", old: "lhr" }));
    account.groups.delete("old");
    expectSuccess(await run("drift", withStack));
    expect(readFileSync(join(runner.cwd, "drift.env"), "utf8")).toBe("DRIFT_EXIT_CODE=7\n");
    const issue = (code: string) => run("drift-issue", { ...withComments, DRIFT_EXIT_CODE: code });
    for (const code of ["0", "7", "7", "0"]) expectSuccess(await issue(code));
    expect(gitlab.issues).toMatchObject([
      { labels: "pulumi-drift", state_event: "close", description: expect.stringContaining("`old`") },
    ]);
    emulator.fail({ path: /./, times: Number.POSITIVE_INFINITY, status: 500 });
    expect((await run("drift", withStack)).code).not.toBe(0);
  });
});

test("the import file has no resource that holds a secret", async () => {
  const secret = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    ciphertext: "v1:x",
  };
  const resource = (type: string, name: string, others: object) => ({
    urn: `urn:pulumi:dev::shop::${type}::${name}`,
    type,
    custom: true,
    inputs: {},
    outputs: {},
    ...others,
  });
  const resources = [
    resource("pulumi:pulumi:Stack", "shop-dev", { custom: false }),
    resource("pulumi:providers:turso", "default", { inputs: { apiToken: secret } }),
    resource("turso:index:GroupToken", "api", { outputs: { jwt: secret } }),
    resource("my:index:Component", "all", { custom: false }),
    resource("turso:index:Group", "a::b", {
      id: "acme/a",
      parent: "urn:pulumi:dev::shop::my:index:Component::all",
    }),
  ];
  expect(JSON.parse(await importFile(JSON.stringify({ deployment: { resources } })))).toEqual({
    resources: [
      { type: "my:index:Component", name: "resource-1", logicalName: "all", component: true },
      {
        type: "turso:index:Group",
        name: "resource-2",
        logicalName: "a::b",
        parent: "resource-1",
        id: "acme/a",
        inputs: {},
        outputs: {},
      },
    ],
  });
});

test("docs/ci.md has the scopes that the emulator asks for", () => {
  const rows = readFileSync("docs/ci.md", "utf8").matchAll(/^\| `([A-Z]+ \/.*)` \| `?([\w:-]+)`? \|$/gm);
  const scopes = [...rows].map(([, request, scope]) => [request, scope === "none" ? "any" : scope]);
  expect(Object.fromEntries(scopes)).toEqual(API_TOKEN_PERMISSIONS);
});

/** The job for forks, with a state and an emulator of its own, and nothing else. */
async function runFork(runner: Runner): Promise<JobResult> {
  const folder = temporaryFolder();
  const job = "preview";
  const file = "ci/github/preview-fork.yml";
  expect(readFileSync(file, "utf8")).not.toContain("secrets.");
  return runJob(file, job, {
    ...runner,
    expressions: {},
    overrides: {
      TURSO_API_BASEURL: `http://127.0.0.1:${await freePort()}`,
      PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    },
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The command of docs/ci.md. */
async function importFile(exported: string): Promise<string> {
  const child = spawn(process.execPath, ["ci/import-file.mjs"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(exported);
  return text(child.stdout);
}
