import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { start } from "./help.ts";

const manifest = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")) as {
  version: string;
  bin: { "turso-emulator": string };
};

// The file that npm links as the command. It loads dist/, which `npm run build` creates.
const CLI = join(__dirname, "..", manifest.bin["turso-emulator"]);

type Run = {
  process: ChildProcess;
  /** Resolves with the standard output as soon as it matches. */
  printed(pattern: RegExp): Promise<string>;
  ended: Promise<{ status: number | null; stdout: string; stderr: string }>;
};

function run(...options: string[]): Run {
  const child = spawn(process.execPath, [CLI, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  const ended: Run["ended"] = new Promise((resolve) =>
    child.on("close", (status) => resolve({ status, stdout, stderr })),
  );
  const printed: Run["printed"] = (pattern) =>
    new Promise((resolve, reject) => {
      const check = () => pattern.test(stdout) && resolve(stdout);
      child.stdout.on("data", check);
      child.on("close", () => reject(new Error(`ended without printing ${pattern}: ${stderr}`)));
      check();
    });
  return { process: child, printed, ended };
}

const URL_PRINTED = /http:\/\/127\.0\.0\.1:\d+/;

test.each(["SIGINT", "SIGTERM"] as const)(
  "it prints its URL, serves requests, and stops on %s",
  async (signal) => {
    const cli = run("--port", "0");
    const [url] = URL_PRINTED.exec(await cli.printed(URL_PRINTED)) ?? [];
    const headers = { authorization: "Bearer x" };
    const body = JSON.stringify({ name: "prod", location: "lhr" });
    const response = await fetch(`${url}/v1/organizations/acme/groups`, { method: "POST", headers, body });
    expect(response.status).toBe(200);
    cli.process.kill(signal);
    expect(await cli.ended).toMatchObject({ status: 0, stderr: "" });
  },
);

test("it prints the settings for Pulumi, the Turso CLI and the API client", async () => {
  const cli = run("--port", "0", "--token", "T", "--organization", "acme");
  const [url] = URL_PRINTED.exec(await cli.printed(URL_PRINTED)) ?? [];
  cli.process.kill("SIGINT");
  const { stdout } = await cli.ended;
  expect(stdout).toContain(`pulumi config set turso:baseUrl ${url}\n`);
  expect(stdout).toContain("pulumi config set --secret turso:apiToken T\n");
  expect(stdout).toContain("pulumi config set turso:organization acme ");
  expect(stdout).toContain(`TURSO_API_BASEURL=${url} TURSO_API_TOKEN=T\n`);
  expect(stdout).toContain("TURSO_ORGANIZATION=acme");
  expect(stdout).toContain(`createClient({ org: "acme", token: "T", baseUrl: "${url}/v1/" })`);
});

test("--token, --organization and --latency take effect", async () => {
  const options = ["--token", "T", "--organization", "acme", "--organization=beta", "--latency", "40"];
  const cli = run("--port", "0", ...options);
  const [url] = URL_PRINTED.exec(await cli.printed(URL_PRINTED)) ?? [];
  const status = async (organization: string, token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/v1/organizations/${organization}/groups`, { headers })).status;
  };
  expect(await status("acme", "wrong")).toBe(401);
  expect(await status("acme", "T")).toBe(200);
  const before = performance.now();
  expect(await status("beta", "T")).toBe(200);
  expect(performance.now() - before).toBeGreaterThan(35);
  expect(await status("other", "T")).toBe(403);
});

/** A file with this text. */
function file(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const SEED = `organizations:
  acme:
    groups:
      - { name: prod, location: lhr }
`;

async function call(url: string | undefined, method: string, path: string, body?: object) {
  const headers = { authorization: "Bearer x" };
  return fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

test("--seed, --plan and --clock take effect", async () => {
  const cli = run(
    "--port",
    "0",
    "--seed",
    file("seed.yaml", SEED),
    "--plan",
    "starter",
    "--clock",
    "2030-01-01",
  );
  const [url] = URL_PRINTED.exec(await cli.printed(URL_PRINTED)) ?? [];
  const groups = "/v1/organizations/acme/groups";
  expect((await call(url, "GET", `${groups}/prod`)).status).toBe(200);
  expect((await call(url, "POST", groups, { name: "dev", location: "lhr" })).status).toBe(403);
  expect(await (await call(url, "GET", "/_emulator/clock")).json()).toMatchObject({
    now: expect.stringMatching(/^2030-01-01T/),
  });
});

test("a problem in a seed is reported with file and line", async () => {
  const seed = file("seed.yaml", SEED.replace("lhr", "moon"));
  expect(await run("--port", "0", "--seed", seed).ended).toEqual({
    status: 2,
    stdout: "",
    stderr: `turso-emulator: Invalid seed.\n${seed}:4: organizations.acme.groups[0]: invalid location: moon\n`,
  });
});

test("a problem in a state file is reported with file and line, and the file is left as it is", async () => {
  const state = file("state.json", '{"version": 2}');
  const { status, stderr } = await run("--port", "0", "--state", state).ended;
  expect(status).toBe(2);
  expect(stderr).toContain(`${state}:1: version: must be 1`);
  expect(readFileSync(state, "utf8")).toBe('{"version": 2}');
});

test("a state file that cannot be used is refused with the reason", async () => {
  const inNoFolder = join(file("state.json", "{}"), "none", "state.json");
  const missing = await run("--port", "0", "--state", inNoFolder).ended;
  expect(missing).toMatchObject({ status: 1, stdout: "" });
  expect(missing.stderr).toContain(`turso-emulator: Failed to keep the state in ${inNoFolder}: `);

  const stateFile = file("state.json", "{}");
  const { url } = await start({ stateFile });
  expect(await run("--port", "0", "--state", stateFile).ended).toEqual({
    status: 1,
    stdout: "",
    stderr: `turso-emulator: ${stateFile} is in use by the emulator at ${url}. Stop it, or choose another file.\n`,
  });
});

test("--state keeps every completed change when the emulator is killed", async () => {
  const state = file("state.json", "{}");
  const killed = run("--port", "0", "--state", state);
  const [url] = URL_PRINTED.exec(await killed.printed(URL_PRINTED)) ?? [];
  const completed: string[] = [];
  const create = async (name: string) => {
    const path = "/v1/organizations/acme/groups";
    const response = await call(url, "POST", path, { name, location: "lhr" }).catch(() => undefined);
    if (response?.status === 200) completed.push(name);
    if (completed.length === 50) killed.process.kill("SIGKILL");
  };
  await Promise.all(Array.from({ length: 200 }, (_, i) => create(`group-${i}`)));
  await killed.ended;

  const restarted = run("--port", "0", "--state", state);
  const [again] = URL_PRINTED.exec(await restarted.printed(URL_PRINTED)) ?? [];
  const { organizations } = Object(await (await call(again, "GET", "/_emulator/state")).json());
  const names = organizations.acme.groups.map(({ name }: { name: string }) => name);
  expect(completed.length).toBeGreaterThanOrEqual(50);
  expect(names).toEqual(expect.arrayContaining(completed));
});

test("--version prints the version of the package", async () => {
  expect(await run("--version").ended).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test("the command is not a built file, so that npm links it in a fresh clone", () => {
  expect(manifest.bin["turso-emulator"]).not.toMatch(/^dist/);
  expect(statSync(CLI).mode & 0o111).toBe(0o111);
});

test("--help explains every option", async () => {
  const { status, stdout } = await run("--help").ended;
  expect(status).toBe(0);
  const flags = [
    "port",
    "latency",
    "lag",
    "organization",
    "token",
    "plan",
    "seed",
    "state",
    "clock",
    "version",
  ];
  for (const flag of flags) expect(stdout).toContain(`--${flag} `);
});

test.each([
  [["--prot", "80"], "'--prot'"],
  [["--port", "eighty"], "--port must be a whole number from 0 to 65535, got 'eighty'"],
  [["--port", "65536"], "--port must be a whole number from 0 to 65535"],
  [["--latency", "-1"], "--latency"],
  [["--token"], "--token"],
  [["--plan", "free"], "--plan must be one of starter, developer, scaler, pro, enterprise, got 'free'"],
  [["--clock", "soon"], "--clock must be a time such as 2027-01-31"],
  [["--seed", "none.yaml"], "Failed to read none.yaml: ENOENT"],
  [["8080"], "8080"],
])("%j is refused with an explanation", async (options, reason) => {
  const { status, stdout, stderr } = await run(...options).ended;
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(reason);
  expect(stderr).toContain("--help");
  expect(stderr).not.toContain("    at ");
});

test("a port in use is refused with an explanation", async () => {
  const { port } = await start();
  const { status, stderr } = await run("--port", String(port)).ended;
  expect(status).toBe(1);
  expect(stderr).toBe(
    `turso-emulator: Port ${port} is in use. Choose another port, or set \`--port 0\` to use a free one.\n`,
  );
});
