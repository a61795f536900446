/**
 * What users of the native plugin install: the packed package in an empty project, and the plugin from it.
 */
import { execFile } from "node:child_process";
import { globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { getPulumi, getYamlHost, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, temporaryFolder } from "../support/engine.ts";
import { orSkip } from "../support/needs.ts";

const run = promisify(execFile);
const cli = join(process.cwd(), "provider/bin/pulumi-turso.js");

/** Runs the command of this repository; resolves with its exit code. */
const runCli = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [cli, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );

/** An inline program of a project without plugin settings. */
const script = `
const turso = require("pulumi-turso/native");
const automation = require("@pulumi/pulumi/automation");
const program = async () => {
  const group = new turso.Group("packed", { location: "lhr" });
  return { name: group.name };
};
const main = async () => {
  const stack = await automation.LocalWorkspace.createStack(
    { stackName: "dev", projectName: "packed", program },
    { workDir: process.cwd(), pulumiCommand: await automation.PulumiCommand.get({ root: process.env.CLI_ROOT }) },
  );
  const ops = [];
  ops.push((await stack.preview()).changeSummary.create);
  const up = await stack.up();
  ops.push(up.summary.resourceChanges.create);
  ops.push((await stack.up()).summary.resourceChanges.same);
  const types = (await stack.exportStack()).deployment.resources.map(({ type }) => type);
  ops.push((await stack.destroy()).summary.resourceChanges.delete);
  console.log(JSON.stringify({ ops, types, text: up.stdout + up.stderr }));
};
main().catch((error) => { console.error(error); process.exit(1); });
`;

describeEngine("installed from the packed package", () => {
  test("npx pulumi-turso plugin install is all that a native program needs, and it works offline", async () => {
    const emulator = await emulate();
    const pulumi = await getPulumi({ offline: true });
    const project = temporaryFolder();
    const { stdout: packed } = await run("npm", [
      "pack",
      "--json",
      "-w",
      "provider",
      "--pack-destination",
      project,
    ]);
    const [tarball = ""] = readdirSync(project).filter((name) => name.endsWith(".tgz"));
    expect(packed).not.toMatch(/"path": "dist\/plugin\/[^"]*\.(js|d\.ts)"/);
    const dependencies = { "@pulumi/pulumi": "3.270.0", "pulumi-turso": `file:${tarball}` };
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({ name: "packed", private: true, dependencies }),
    );
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: project });

    // If any package.json says so, the Node host requires the plugin for every program, also with the dynamic
    // provider.
    const installed = join(project, "node_modules", "pulumi-turso");
    for (const file of globSync("**/package.json", { cwd: installed })) {
      const { pulumi: metadata } = JSON.parse(readFileSync(join(installed, file), "utf8")) as {
        pulumi?: { resource?: boolean };
      };
      expect(metadata?.resource ?? false).toBe(false);
    }

    const own = pulumiEnv({ pulumi, dir: join(project, "state"), project });
    const env = {
      ...process.env,
      ...own,
      PATH: [dirname(pulumiPath(pulumi)), own.PATH].join(delimiter),
      CLI_ROOT: join(pulumi.command, "../.."),
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      TURSO_ORGANIZATION: "acme",
      // Requests to other machines fail.
      HTTPS_PROXY: "http://127.0.0.1:1",
    };
    for (const _ of ["first", "again"]) {
      const { stdout } = await run("npx", ["--offline", "pulumi-turso", "plugin", "install"], {
        cwd: project,
        env,
      });
      expect(stdout).toContain("turso 0.1.0");
    }
    const plugins = join(project, "state", "home", "plugins");
    expect(readdirSync(join(plugins, "resource-turso-v0.1.0"))).toContain("pulumi-resource-turso");

    writeFileSync(join(project, "main.cjs"), script);
    const { stdout } = await run(process.execPath, ["main.cjs"], { cwd: project, env });
    const { ops, types, text } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
      ops: number[];
      types: string[];
      text: string;
    };
    // The stack and the group: the engine does not count the default provider.
    expect(ops).toEqual([2, 2, 2, 2]);
    expect(types).toEqual(["pulumi:pulumi:Stack", "pulumi:providers:turso", "turso:index:Group"]);
    expect(text).not.toContain("warning");
    expect(requestsOf(emulator).filter((request) => !request.startsWith("GET"))).toEqual([
      "POST /v1/organizations/acme/groups",
      expect.stringMatching(/^DELETE \/v1\/organizations\/acme\/groups\/packed-[0-9a-f]{7}$/),
    ]);
  });
});

test("pulumi-turso reports a missing CLI, a CLI that fails, and an unknown command", async () => {
  const missing = await runCli(["plugin", "install"], { PATH: temporaryFolder() });
  expect(missing).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^pulumi-turso: .*PATH.*https:\/\/www\.pulumi\.com\/docs\/install\/.*\n$/),
  });

  const folder = temporaryFolder();
  writeFileSync(join(folder, "pulumi"), "#!/bin/sh\necho 'error: no space left' >&2\nexit 3\n", {
    mode: 0o755,
  });
  const failed = await runCli(["plugin", "install"], { PATH: `${folder}${delimiter}/bin` });
  expect(failed.code).toBe(3);
  expect(failed.stderr).toMatch(/^error: no space left\npulumi-turso: .*`pulumi plugin install/);

  for (const args of [
    [],
    ["plugin"],
    ["plugin", "instal"],
    ["plugin", "install", "--fast"],
    ["plugin", "install", "x"],
  ]) {
    const wrong = await runCli(args);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toMatch(/`pulumi-turso (plugin )?--help`/);
  }
  expect(await runCli(["--help"])).toMatchObject({ code: 0, stderr: "" });
  expect((await runCli(["plugin"])).stderr).toMatch(/install.*path/);
  expect((await runCli(["plugin", "instal"])).stderr).toContain("'instal'");
});

const yamlHost = await orSkip("THE TEST OF pulumi package add", async () =>
  getYamlHost(await getPulumi({ offline: true, log: () => {} })),
);

describe("the path that pulumi-turso plugin path prints", () => {
  test.skipIf(yamlHost === undefined)("works with pulumi package add and pulumi do", async () => {
    const emulator = await emulate();
    emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
    const pulumi = await getPulumi({ offline: true });
    const project = temporaryFolder();
    writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: yaml\n");
    const engine = pulumiEnv({ pulumi, dir: join(project, "state") });
    const env = {
      ...process.env,
      ...engine,
      PATH: [dirname(yamlHost ?? ""), engine.PATH].join(delimiter),
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
    };
    const path = (await runCli(["plugin", "path"])).stdout.trim();
    const pulumiIn = async (...args: string[]) => {
      const { stdout, stderr } = await run(pulumiPath(pulumi), args, { cwd: project, env });
      return stdout + stderr;
    };
    await pulumiIn("stack", "init", "dev");

    await pulumiIn("package", "add", path);
    expect(readFileSync(join(project, "Pulumi.yaml"), "utf8")).toContain("turso: turso@0.1.0");
    const read = await pulumiIn("do", "--package", path, "turso:index:Group", "read", "acme/prod");
    expect(read).toMatch(/location *: "lhr"/);
  });
});
