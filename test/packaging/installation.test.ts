/**
 * What a program reports before the engine can: the plugin is missing, or the package is not where the engine
 * looks for it.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { getPulumi, pulumiEnv } from "../../tools/pulumi.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, temporaryFolder } from "../support/engine.ts";

const run = promisify(execFile);
const provider = join(process.cwd(), "provider");
const plugin = join(provider, "dist", "plugin");
const sdk = join(process.cwd(), "node_modules", "@pulumi", "pulumi");
/** The warning of a missing plugin, as the whole output of a program. */
const MISSING = /^warning: (?![\s\S]*warning)[\s\S]*turso 0\.1\.0[\s\S]*`npx pulumi-turso plugin install`/;

/**
 * A project with the package in `where`, and a script in place of the one that starts programs in the Node
 * host of the CLI.
 */
function project(where: string, script: string) {
  const folder = temporaryFolder();
  const modules = join(folder, where);
  const host = join(folder, "node_modules", "@pulumi", "pulumi", "cmd", "run");
  mkdirSync(modules, { recursive: true });
  mkdirSync(host, { recursive: true });
  symlinkSync(provider, join(modules, "pulumi-turso"));
  const main = join(host, "index.js");
  writeFileSync(
    main,
    `const pulumi = require(${JSON.stringify(sdk)});\nconst turso = require("node:module").createRequire(${JSON.stringify(modules)});\n${script}`,
  );
  return { folder, main };
}

/** The output of a script, whether it fails or not. */
const outputOf = (command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) =>
  run(command, args, { cwd, env: { ...process.env, ...env } }).then(
    ({ stdout, stderr }) => ({ failed: false, text: stdout + stderr }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ failed: true, text: stdout + stderr }),
  );

/** A program without an engine, which changes its working directory. */
const mocked = (module: string, code: string) => `
const { Group, Provider, getGroups, getGroupsOutput } = turso(${JSON.stringify(module)});
pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
pulumi.log.warn = (message) => console.log("warning: " + message);
process.chdir("/");
${code}
`;

describe("a program that the CLI starts", () => {
  const dynamic = mocked(
    "pulumi-turso",
    `new Group("a", { location: "lhr" });
new Group("b", { location: "lhr" });`,
  );

  test("finds the provider in its own dependencies", async () => {
    const { folder, main } = project("node_modules", dynamic);
    expect(await outputOf(process.execPath, [main], folder)).toEqual({ failed: false, text: "" });
  });

  test("is refused if the package is only the dependency of a dependency", async () => {
    const { folder, main } = project("node_modules/mylib/node_modules", dynamic);
    const { failed, text } = await outputOf(process.execPath, [main], folder);
    expect(failed).toBe(true);
    for (const what of [folder, "[PACKAGE_NOT_FOUND]", "package.json", "`npm install pulumi-turso`"])
      expect(text).toContain(what);
  });

  test("is warned of another version there", async () => {
    const { folder, main } = project("node_modules/mylib/node_modules", dynamic);
    const other = join(folder, "node_modules", "pulumi-turso");
    mkdirSync(join(other, "dist"), { recursive: true });
    cpSync(join(provider, "dist", "provider.js"), join(other, "dist", "provider.js"));
    writeFileSync(
      join(other, "package.json"),
      JSON.stringify({
        name: "pulumi-turso",
        version: "0.0.9",
        exports: { "./provider": "./dist/provider.js", "./package.json": "./package.json" },
      }),
    );
    const { failed, text } = await outputOf(process.execPath, [main], folder);
    expect(failed).toBe(false);
    expect(text.match(/warning: .*/g)).toEqual([expect.stringMatching(/pulumi-turso 0\.1\.0.* 0\.0\.9/)]);
  });

  describe("and imports pulumi-turso/native", () => {
    const native = mocked(
      "pulumi-turso/native",
      `const provider = new Provider("p");
new Group("a", { location: "lhr" }, { provider });
getGroups({}, { provider });
getGroupsOutput({}, { provider });`,
    );
    const start = (yaml?: string) => {
      const started = project("node_modules", native);
      if (yaml !== undefined) writeFileSync(join(started.folder, "Pulumi.yaml"), yaml);
      return started;
    };
    const home = () => ({ PULUMI_HOME: temporaryFolder() });

    test("is warned once that the plugin is not installed", async () => {
      const { folder, main } = start("name: shop\nruntime: nodejs\n");
      const { text } = await outputOf(process.execPath, [main], folder, home());
      expect(text).toMatch(MISSING);
    });

    test("is warned after an update that only another version is installed", async () => {
      const { folder, main } = start();
      const env = home();
      mkdirSync(join(env.PULUMI_HOME, "plugins", "resource-turso-v0.0.9"), { recursive: true });
      expect((await outputOf(process.execPath, [main], folder, env)).text).toMatch(MISSING);
    });

    test("is not warned where the plugin is installed, on PATH, or named by the project", async () => {
      const { folder, main } = start("name: shop\nruntime: nodejs\n");
      const env = home();
      mkdirSync(join(env.PULUMI_HOME, "plugins", "resource-turso-v0.1.0"), { recursive: true });
      expect((await outputOf(process.execPath, [main], folder, env)).text).toBe("");
      const PATH = [plugin, process.env.PATH].join(delimiter);
      expect((await outputOf(process.execPath, [main], folder, { ...home(), PATH })).text).toBe("");
      const named = start(
        `name: shop\nruntime: nodejs\nplugins:\n  providers:\n    - name: turso\n      path: ${plugin}\n`,
      );
      expect((await outputOf(process.execPath, [named.main], named.folder, home())).text).toBe("");
    });
  });

  test("an inline program, which cannot know the settings of its engine, is not warned", async () => {
    const { folder } = project("node_modules", "");
    const main = join(folder, "main.cjs");
    writeFileSync(
      main,
      `const pulumi = require(${JSON.stringify(sdk)});\nconst turso = require;\n${mocked("pulumi-turso/native", `new Group("a", { location: "lhr" });`)}`,
    );
    const { failed, text } = await outputOf(process.execPath, [main], folder, { PULUMI_HOME: folder });
    expect({ failed, text }).toEqual({ failed: false, text: "" });
  });
});

describeEngine("on the real engine", () => {
  /** Only Pulumi's own download contains the Node host: the script in its place runs the CLI itself. */
  const script = `
const automation = require(${JSON.stringify(sdk)} + "/automation");
const { Group } = turso("pulumi-turso/native");
const program = async () => {
  new Group("shop", { location: "lhr" });
};
const print = (text) => process.stdout.write(text);
automation.PulumiCommand.get({ root: process.env.CLI_ROOT })
  .then((pulumiCommand) =>
    automation.LocalWorkspace.createOrSelectStack(
      { stackName: "dev", projectName: "shop", program },
      { workDir: process.cwd(), pulumiCommand },
    ),
  )
  .then((stack) => stack.preview({ onOutput: print, onError: print, color: "never" }))
  .catch(() => process.exit(1));
`;

  test("the warning appears beside the engine's advice, and not with the plugin", async () => {
    const emulator = await emulate();
    const pulumi = await getPulumi({ offline: true });
    const { folder, main } = project("node_modules", script);
    const env: Record<string, string> = {
      ...pulumiEnv({ pulumi, dir: join(folder, "state"), project: process.cwd() }),
      CLI_ROOT: join(pulumi.command, "../.."),
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      HTTPS_PROXY: "http://127.0.0.1:1",
    };
    const without = await outputOf(process.execPath, [main], folder, env);
    expect(without.failed).toBe(true);
    expect(without.text).toMatch(/warning: .*turso 0\.1\.0[\s\S]*`npx pulumi-turso plugin install`/);
    expect(without.text).toContain("Could not automatically download and install resource plugin");

    await outputOf(
      process.execPath,
      [join(provider, "dist", "cli", "main.js"), "plugin", "install"],
      folder,
      {
        ...env,
        PATH: [join(pulumi.command, ".."), env.PATH].join(delimiter),
      },
    );
    const installed = await outputOf(process.execPath, [main], folder, env);
    expect(installed.text).toContain("turso:index:Group shop create");
    expect(installed.text).not.toContain("warning");
  });
});
