/**
 * What users install: the packed package in an empty project, with npm and a strict pnpm, from CommonJS and
 * ESM.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getPulumi, pulumiEnv } from "../../tools/pulumi.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine } from "../support/engine.ts";

const run = promisify(execFile);
const NEWEST = "3.270.0";
const LOWEST = "3.225.0"; // of provider/package.json's peer range

/** A script that uses the Automation API. `IMPORTS` differs between the module systems. */
const script = `
IMPORTS
const program = async () => {
  const group = new turso.Group("packed", { location: "lhr" });
  return { name: group.name };
};
const main = async () => {
  const stack = await automation.LocalWorkspace.createStack(
    { stackName: "dev", projectName: "packed", program },
    // The provider process resolves packages from the project.
    { workDir: process.cwd(), pulumiCommand: await automation.PulumiCommand.get({ root: process.env.CLI_ROOT }) },
  );
  const ops = [];
  ops.push((await stack.preview()).changeSummary.create);
  ops.push((await stack.up()).summary.resourceChanges.create);
  ops.push((await stack.up()).summary.resourceChanges.same);
  // The SDK records absolute source positions of an ESM program; the rest of state must contain no path.
  const state = JSON.stringify(await stack.exportStack(), (key, value) => (/^(sourcePosition|stackTrace)$/.test(key) ? undefined : value));
  ops.push((await stack.destroy()).summary.resourceChanges.delete);
  await stack.workspace.removeStack("dev");
  console.log(JSON.stringify({ ops, state }));
};
main().catch((error) => { console.error(error); process.exit(1); });
`;
const commonJs = script.replace(
  "IMPORTS",
  `const turso = require("pulumi-turso"); const automation = require("@pulumi/pulumi/automation");`,
);
const esm = script.replace(
  "IMPORTS",
  `import * as turso from "pulumi-turso"; import automation from "@pulumi/pulumi/automation/index.js";`,
);

/** A unit test for `node:test`. */
const unitTest = `
IMPORTS
test("a program", async () => {
  const mock = await testing.mockTurso({ organization: "acme" });
  const program = () => {
    const group = new turso.Group("packed", { location: "lhr" });
    return { token: new turso.GroupToken("api", { group: group.id }) };
  };
  const { created, outputs } = await mock.run(program);
  assert.equal(created.length, 2);
  assert.equal(await testing.isSecret(outputs.token.jwt), true);
  assert.equal((await mock.run(program)).unchanged.length, 2);
});
const emulator = testing.useEmulator({ hooks });
test("an emulator", async () => assert.match(emulator.env.TURSO_API_BASEURL, /^http:/));
`;
const unitTests = {
  "unit.cjs": unitTest.replace(
    "IMPORTS",
    `const hooks = require("node:test"); const assert = require("node:assert"); const { test } = hooks;
const turso = require("pulumi-turso"); const testing = require("pulumi-turso/testing");`,
  ),
  "unit.mjs": unitTest.replace(
    "IMPORTS",
    `import * as hooks from "node:test"; import assert from "node:assert"; const { test } = hooks;
import * as turso from "pulumi-turso"; import * as testing from "pulumi-turso/testing";`,
  ),
};

const installs = {
  npm: ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"],
  pnpm: ["pnpm", "install", "--prefer-offline", "--config.strict-dep-builds=false"],
};

let folder: string;
let tarball: string;
let emulatorTarball: string;

async function pack(workspace: string): Promise<string> {
  const { stdout } = await run("npm", ["pack", "--json", "-w", workspace, "--pack-destination", folder]);
  const packed: unknown = JSON.parse(stdout);
  const [{ filename }] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as [
    { filename: string },
  ];
  return join(folder, filename);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pulumi-turso-packed-"));
  tarball = await pack("provider");
  emulatorTarball = await pack("emulator");
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const both = { "main.cjs": commonJs, "main.mjs": esm };
const installations = [
  { with: "npm" as const, sdk: NEWEST, scripts: both, tags: [] },
  { with: "pnpm" as const, sdk: NEWEST, scripts: both, tags: ["exhaustive"] },
  { with: "npm" as const, sdk: LOWEST, scripts: { "main.cjs": commonJs }, tags: ["exhaustive"] },
];

for (const { with: manager, sdk, scripts, tags } of installations) {
  describeEngine(`installed with ${manager} beside @pulumi/pulumi ${sdk}`, { tags }, () => {
    let project: string;

    beforeAll(async () => {
      project = mkdtempSync(join(folder, "project-"));
      const dependencies = { "@pulumi/pulumi": sdk, "pulumi-turso": `file:${tarball}` };
      const devDependencies = { "turso-emulator": `file:${emulatorTarball}` };
      writeFileSync(
        join(project, "package.json"),
        JSON.stringify({ name: "packed", private: true, dependencies, devDependencies }),
      );
      const [command = "", ...args] = installs[manager];
      await run(command, args, { cwd: project });
    });

    test.each(Object.entries<string>(scripts))(
      "preview, up, up and destroy work from %s",
      async (file, text) => {
        const emulator = await emulate();
        const pulumi = await getPulumi({ offline: true });
        writeFileSync(join(project, file), text);
        const { stdout } = await run(process.execPath, [file], {
          cwd: project,
          env: {
            ...process.env,
            ...pulumiEnv({ pulumi, dir: join(project, "state"), project }),
            CLI_ROOT: join(pulumi.command, "../.."),
            TURSO_API_BASEURL: emulator.url,
            TURSO_API_TOKEN: TOKEN,
            TURSO_ORGANIZATION: "acme",
          },
        });
        const { ops, state } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
          ops: number[];
          state: string;
        };
        expect(ops).toEqual([2, 2, 2, 2]);
        expect(requestsOf(emulator).filter((request) => !request.startsWith("GET"))).toEqual([
          "POST /v1/organizations/acme/groups",
          expect.stringMatching(/^DELETE \/v1\/organizations\/acme\/groups\/packed-[0-9a-f]{7}$/),
        ]);
        expect(state).toContain('exports.handler = () => require(\\"pulumi-turso/provider\\").groupProvider');
        for (const secret of [TOKEN, project, folder]) expect(state).not.toContain(secret);
      },
    );

    test.each(Object.entries(unitTests))("unit tests run with node:test from %s", async (file, text) => {
      writeFileSync(join(project, file), text);
      // Without the variable that makes it a child of another test runner.
      const { NODE_TEST_CONTEXT, ...env } = process.env;
      const { stdout } = await run(process.execPath, ["--test-reporter=tap", file], { cwd: project, env });
      expect(stdout).toMatch(/^# pass 2$/m);
    });

    test("loading the package loads no HTTP client and no parser", async () => {
      const code = `require("pulumi-turso"); console.log(Object.keys(require.cache).filter((f) => /node_modules\\/(axios|yaml|ajv)\\//.test(f)).length)`;
      const { stdout } = await run(process.execPath, ["-e", code], { cwd: project });
      expect(stdout.trim()).toBe("0");
    });
  });
}

/** The project of `pulumi new typescript` (pulumi/templates, folder typescript), unchanged. */
const template = {
  "package.json": {
    name: "template",
    main: "index.ts",
    devDependencies: { "@types/node": "^18", typescript: "^5.0.0" },
    dependencies: { "@pulumi/pulumi": "^3.113.0" },
  },
  "tsconfig.json": {
    compilerOptions: {
      strict: true,
      outDir: "bin",
      target: "es2020",
      module: "nodenext",
      moduleResolution: "nodenext",
      sourceMap: true,
      experimentalDecorators: true,
      pretty: true,
      noFallthroughCasesInSwitch: true,
      noImplicitReturns: true,
      forceConsistentCasingInFileNames: true,
    },
    files: ["index.ts"],
  },
};

/** A program with everything that the package exports to programs. */
const typed = `
import * as turso from "pulumi-turso";
import { createClient, TursoApiError } from "pulumi-turso/client";
import * as native from "pulumi-turso/native";
import { mockTurso, useEmulator, valueOf } from "pulumi-turso/testing";

const group = new turso.Group("shop", { location: "lhr" });
const token = new turso.GroupToken("api", { group: group.id, expiration: "90d" });
new turso.GroupTokenInvalidation("leak", { group: group.id, triggers: { leaked: "no" } });
const provider = new native.Provider("acme", { organization: "acme" });
const other = new native.Group("other", { location: "lhr" }, { provider });
const { groups } = native.getGroupsOutput({}, { provider, dependsOn: other });
const client = createClient({ token: "any" });
const taken = (error: unknown) => error instanceof TursoApiError && error.status === 409;
const list = () => client.groups.list("acme").catch((error) => (taken(error) ? [] : Promise.reject(error)));
const program = async (): Promise<string> => {
  const mock = await mockTurso({ organization: "acme", state: { organizations: { acme: { groups: [] } } } });
  const { outputs } = await mock.run(() => ({ group: new turso.Group("shop", { location: "lhr" }) }));
  const name: string | undefined = mock.groups[0]?.name;
  return name ?? (await valueOf(outputs.group.name));
};
const url = () => useEmulator().env.TURSO_API_BASEURL;
export { group, groups, list, program, token, url };
`;

describe("a project of `pulumi new typescript`", { tags: ["exhaustive"] }, () => {
  test("compiles with its own tsconfig.json, and with every way to find modules", async () => {
    const project = mkdtempSync(join(folder, "template-"));
    const { "package.json": manifest, "tsconfig.json": tsconfig } = template;
    const dependencies = {
      ...manifest.dependencies,
      "pulumi-turso": `file:${tarball}`,
      "turso-emulator": `file:${emulatorTarball}`,
    };
    writeFileSync(join(project, "package.json"), JSON.stringify({ ...manifest, dependencies }));
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(tsconfig));
    writeFileSync(join(project, "index.ts"), typed);
    const [command = "", ...args] = installs.npm;
    await run(command, args, { cwd: project });
    // The compiler writes errors to standard output.
    for (const options of [
      [],
      ["--module", "commonjs", "--moduleResolution", "node10"],
      ["--module", "node16", "--moduleResolution", "node16"],
      ["--module", "esnext", "--moduleResolution", "bundler"],
    ]) {
      const compiled = await run(
        "npx",
        ["--no-install", "tsc", "--noEmit", "--pretty", "false", ...options],
        { cwd: project },
      ).catch(({ stdout }: { stdout: string }) => ({ stdout }));
      expect(compiled.stdout, options.join(" ")).toBe("");
    }
  });
});
