/** What a program says before the engine does: the plugin is missing, or the package is not where the engine looks for it. */
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
const MISSING =
  "The native plugin turso 0.1.0 is not installed on this machine. Run `npx pulumi-turso plugin install` " +
  "(again after every update of pulumi-turso; in CI, before `pulumi`). The command that Pulumi suggests below does not work for this plugin.";

/** A project with the package in `where`, and a script in the place of the one with which the CLI's Node host starts programs. */
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

/** What a script prints, whether it fails or not. */
const outputOf = (command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = {}) =>
  run(command, args, { cwd, env: { ...process.env, ...env } }).then(
    ({ stdout, stderr }) => ({ failed: false, text: stdout + stderr }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ failed: true, text: stdout + stderr }),
  );

/** A program without an engine, which changes its folder. */
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

  test("finds the provider of its own dependencies", async () => {
    const { folder, main } = project("node_modules", dynamic);
    expect(await outputOf(process.execPath, [main], folder)).toEqual({ failed: false, text: "" });
  });

  test("is refused if the package is only the dependency of a dependency", async () => {
    const { folder, main } = project("node_modules/mylib/node_modules", dynamic);
    const { failed, text } = await outputOf(process.execPath, [main], folder);
    expect(failed).toBe(true);
    expect(text).toContain(`pulumi-turso is not installed in the program's folder ${folder}`);
    expect(text).toContain(
      "Add it to the dependencies of the program's own package.json: `npm install pulumi-turso`.",
    );
  });

  test("is told of another version there", async () => {
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
    expect(text.match(/warning: .*/g)).toEqual([
      expect.stringMatching(/^warning: The program imports pulumi-turso 0\.1\.0, but Pulumi uses 0\.0\.9/),
    ]);
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

    test("is told once that the plugin is not installed", async () => {
      const { folder, main } = start("name: shop\nruntime: nodejs\n");
      const { text } = await outputOf(process.execPath, [main], folder, home());
      expect(text).toBe(`warning: ${MISSING}\n`);
    });

    test("is told after an update that only another version is", async () => {
      const { folder, main } = start();
      const env = home();
      mkdirSync(join(env.PULUMI_HOME, "plugins", "resource-turso-v0.0.9"), { recursive: true });
      expect((await outputOf(process.execPath, [main], folder, env)).text).toBe(`warning: ${MISSING}\n`);
    });

    test("is told nothing where the plugin is installed, on PATH, or named by the project", async () => {
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

  test("an inline program, whose engine's settings it cannot know, is told nothing", async () => {
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
  /** The Node host is part of Pulumi's own download only: the script in its place drives the CLI itself. */
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

  test("the warning stands beside the engine's advice, and there is none with the plugin", async () => {
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
    expect(without.text).toContain(`warning: ${MISSING}`);
    expect(without.text).toContain("Could not automatically download and install resource plugin");

    await outputOf(process.execPath, [join(provider, "dist", "cli.js"), "plugin", "install"], folder, {
      ...env,
      PATH: [join(pulumi.command, ".."), env.PATH].join(delimiter),
    });
    const installed = await outputOf(process.execPath, [main], folder, env);
    expect(installed.text).toContain("turso:index:Group shop create");
    expect(installed.text).not.toContain("warning");
  });
});
