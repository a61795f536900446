import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  getPulumi,
  getSdkGenerator,
  getYamlHost,
  PULUMI_VERSION,
  pulumiEnv,
  pulumiPath,
} from "../../tools/pulumi.ts";

const LAUNCHER = "pulumi-resource-pulumi-nodejs";
const TOOL = join(import.meta.dirname, "..", "..", "tools", "pulumi.ts");

let dir: string;
let bin: string;
let root: string;
let lines: string[];

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), "pulumi tools ")));
  bin = join(dir, "bin");
  root = join(dir, "home", "versions", PULUMI_VERSION);
  lines = [];
  await mkdir(bin);
  vi.stubEnv("PATH", bin);
  vi.stubEnv("PULUMI_HOME", join(dir, "home"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true, force: true });
});

const noInstall = async () => {
  throw new Error("there is no internet here");
};

const get = (options: Parameters<typeof getPulumi>[0] = {}) =>
  getPulumi({ log: (line) => lines.push(line), install: noInstall, ...options });

async function script(file: string, code: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!${process.execPath}\n${code}`);
  await chmod(file, 0o755);
}

const fakePulumi = (folder: string, version: string) =>
  script(join(folder, "pulumi"), `console.log("v${version}");`);

/** `output` is the file that `go build` is to write. */
const fakeGo = (code: string) =>
  script(
    join(bin, "go"),
    `const fs = require("node:fs"); const output = process.argv[process.argv.indexOf("-o") + 1]; ${code}`,
  );

const goodGo = () =>
  fakeGo(
    `fs.writeFileSync(output, "#!" + process.execPath + "\\nconsole.log('v${PULUMI_VERSION}')", { mode: 0o755 });`,
  );

// The fakes are scripts with a first line that names their interpreter, which Windows does not know.
describe.skipIf(process.platform === "win32")("getPulumi", () => {
  it("takes the CLI on PATH before an installed one", async () => {
    await fakePulumi(bin, "3.300.0");
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);

    const pulumi = await get();

    expect(String(pulumi.version)).toBe("3.300.0");
    expect(pulumiPath(pulumi)).toBe(join(bin, "pulumi"));
    expect(lines).toEqual([]);
  });

  it("takes an installed CLI without installing anything", async () => {
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);

    const pulumi = await get({ offline: true });

    expect(pulumiPath(pulumi)).toBe(join(root, "bin", "pulumi"));
    expect(lines).toEqual([]);
  });

  it("passes over an outdated CLI on PATH and says why", async () => {
    await fakePulumi(bin, "3.100.0");
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);

    expect(pulumiPath(await get())).toBe(join(root, "bin", "pulumi"));
    expect(lines.join()).toMatch(
      /^pulumi on PATH: .*minimum CLI version requirement is 3\.248\.0.*v3\.100\.0/,
    );
  });

  it("passes over a CLI that does not run", async () => {
    await script(join(bin, "pulumi"), `console.error("broken"); process.exit(1);`);
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);

    expect(pulumiPath(await get())).toBe(join(root, "bin", "pulumi"));
    expect(lines.join()).toMatch(/^pulumi on PATH: .*exit code 1.*broken/s);
  });

  it("installs the pinned version where `pulumi` keeps its versions", async () => {
    const pulumi = await get({
      install: async (options) => {
        await fakePulumi(join(options?.root ?? "", "bin"), String(options?.version));
        return get({ offline: true });
      },
    });

    expect(pulumiPath(pulumi)).toBe(join(root, "bin", "pulumi"));
    expect(String(pulumi.version)).toBe(PULUMI_VERSION);
  });

  it("builds the CLI with Go where it cannot be downloaded", async () => {
    await goodGo();

    expect(pulumiPath(await get())).toBe(join(root, "bin", "pulumi"));
    expect(lines).toContain("official install: there is no internet here");
    expect(await readdir(dirname(root))).toEqual([PULUMI_VERSION]);
    expect(await readdir(join(root, "bin"))).toEqual(["pulumi", LAUNCHER]);
  });

  it("lets two processes build at the same time", async () => {
    await goodGo();

    const both = await Promise.all([get(), get()]);

    expect(both.map(pulumiPath)).toEqual([join(root, "bin", "pulumi"), join(root, "bin", "pulumi")]);
    expect(await readdir(dirname(root))).toEqual([PULUMI_VERSION]);
    expect(await readdir(join(root, "bin"))).toEqual(["pulumi", LAUNCHER]);
  });

  it("leaves nothing behind when a build breaks off", async () => {
    await fakeGo(
      `fs.writeFileSync(output, "half", { mode: 0o755 }); console.error("a/package\\nno space left"); process.exit(1);`,
    );

    await expect(get()).rejects.toThrow("build from source with Go: no space left\n");
    expect(await readdir(dirname(root))).toEqual([]);
  });

  it("stops the build on Ctrl-C and leaves nothing behind", async () => {
    await fakeGo(`
      fs.writeFileSync(output, "half", { mode: 0o755 });
      process.on("SIGINT", () => { fs.writeFileSync(${JSON.stringify(join(dir, "stopped"))}, ""); process.exit(1); });
      setInterval(() => {}, 1000);
      fs.writeFileSync(${JSON.stringify(join(dir, "started"))}, "");`);
    const program = `import { getPulumi } from ${JSON.stringify(pathToFileURL(TOOL).href)};
      await getPulumi({ install: () => Promise.reject(new Error("no internet")) });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
    const ended = once(child, "close");
    await vi.waitUntil(() => existsSync(join(dir, "started")), { timeout: 20_000 });

    child.kill("SIGINT");

    expect(await ended).toEqual([null, "SIGINT"]);
    expect(existsSync(join(dir, "stopped"))).toBe(true);
    expect(await readdir(dirname(root))).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("the launcher of dynamic providers", () => {
  const kept = () => join(root, "bin", LAUNCHER);
  const folders = async () => pulumiEnv({ pulumi: await get(), dir }).PATH?.split(delimiter) ?? [];

  it("is put beside an installed CLI, where the engine takes it without a warning", async () => {
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);

    expect(await folders()).toEqual([dirname(process.execPath), join(root, "bin"), bin]);
    expect(await readFile(kept(), "utf8")).toContain("@pulumi/pulumi/cmd/dynamic-provider");
    await access(kept(), constants.X_OK);
  });

  it("is left as the official install has it", async () => {
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);
    await writeFile(kept(), "official");

    await get();

    expect(await readFile(kept(), "utf8")).toBe("official");
  });

  it("is not put into a folder that is not ours", async () => {
    await fakePulumi(bin, PULUMI_VERSION);

    await get();

    expect(await readdir(bin)).toEqual(["pulumi"]);
  });

  it("is found on PATH where it cannot be put beside the CLI", async () => {
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);
    // A folder in its place stops even root.
    await mkdir(`${kept()}.${process.pid}`);

    const [, launcher] = await folders();

    expect(existsSync(kept())).toBe(false);
    expect(existsSync(join(launcher ?? "", LAUNCHER))).toBe(true);
    expect(lines).toEqual([]);
  });

  it("is beside the CLI that a link on PATH points to", async () => {
    await fakePulumi(join(root, "bin"), PULUMI_VERSION);
    await writeFile(kept(), "official");
    await symlink(join(root, "bin", "pulumi"), join(bin, "pulumi"));

    expect(await folders()).toEqual([dirname(process.execPath), bin, bin]);
  });
});

describe.skipIf(process.platform === "win32")("the host of YAML programs", () => {
  const HOST = "pulumi-language-yaml";
  const host = async (offline = false) =>
    getYamlHost(await get({ offline: true }), { offline, log: (line) => lines.push(line) });

  it("is the one beside the CLI", async () => {
    await fakePulumi(bin, PULUMI_VERSION);
    await script(join(bin, HOST), "");

    expect(await host()).toBe(join(bin, HOST));
    expect(lines).toEqual([]);
  });

  it("is built with Go where the CLI at hand has none, and kept with the installed versions", async () => {
    await fakePulumi(bin, PULUMI_VERSION);
    await goodGo();

    expect(await host()).toBe(join(root, "bin", HOST));
    expect(await readdir(join(root, "bin"))).toEqual([HOST]);
    expect(lines[0]).toMatch(
      /^building the host of YAML programs 1\.\d+\.\d+ from source with Go, this once/,
    );
    await rm(join(bin, "go"));
    expect(await host()).toBe(join(root, "bin", HOST));
  });

  it("says when there is no Go to build it with", async () => {
    await fakePulumi(bin, PULUMI_VERSION);

    await expect(host()).rejects.toThrow("on PATH, and no Go to build it with");
  });

  it("is not built when offline", async () => {
    await fakePulumi(bin, PULUMI_VERSION);
    await goodGo();

    await expect(host(true)).rejects.toThrow("There is no pulumi-language-yaml beside the CLI or on PATH.");
    expect(await readdir(dir)).toEqual(["bin"]);
  });
});

describe.skipIf(process.platform === "win32")("the generator of SDKs", () => {
  it("is built with Go, once", async () => {
    await goodGo();

    const built = await getSdkGenerator({ log: (line) => lines.push(line) });

    expect(dirname(built)).toBe(join(root, "bin"));
    await rm(join(bin, "go"));
    expect(await getSdkGenerator()).toBe(built);
  });

  it("says when there is no Go", async () => {
    await expect(getSdkGenerator()).rejects.toThrow("There is no Go to build");
  });
});

describe("getPulumi where there is nothing", () => {
  it("lists everything it tried, why each failed and what to do", async () => {
    const message = await get().then(String, (error: Error) => error.message);

    expect(message.split("\n")).toEqual([
      "There is no Pulumi CLI to run. Tried:",
      "  - pulumi on PATH: not found",
      `  - installed in ${root}: not found`,
      "  - official install: there is no internet here",
      "  - build from source with Go: there is no go on PATH",
      expect.stringContaining("https://www.pulumi.com/docs/install/"),
    ]);
  });

  it("neither downloads nor builds when offline", async () => {
    const install = vi.fn(noInstall);

    await expect(get({ offline: true, install })).rejects.toThrow("official install: not tried, offline");
    expect(install).not.toHaveBeenCalled();
    expect(await readdir(dir)).toEqual(["bin"]);
  });
});

describe.skipIf(process.platform === "win32")("pulumiEnv", () => {
  it("keeps the engine to one folder", async () => {
    await fakePulumi(bin, PULUMI_VERSION);

    const env = pulumiEnv({ pulumi: await get(), dir: join(dir, "a state#1"), passphrase: "secret" });

    expect(fileURLToPath(env.PULUMI_BACKEND_URL ?? "")).toBe(join(dir, "a state#1"));
    expect(existsSync(join(dir, "a state#1"))).toBe(true);
    expect(env).toMatchObject({
      PULUMI_CONFIG_PASSPHRASE: "secret",
      PULUMI_HOME: join(dir, "a state#1", "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  });

  it("finds node, the provider's launcher and the CLI before the user's programs", async () => {
    const other = join(dir, "other");
    await fakePulumi(bin, PULUMI_VERSION);
    vi.stubEnv("PATH", `${bin}${delimiter}${other}`);

    const env = pulumiEnv({ pulumi: await get(), dir, project: import.meta.dirname });
    const [node, launcher, cli, ...rest] = env.PATH?.split(delimiter) ?? [];

    expect(node).toBe(dirname(process.execPath));
    expect(existsSync(join(launcher ?? "", LAUNCHER))).toBe(true);
    expect(cli).toBe(bin);
    expect(rest).toEqual([bin, other]);
  });
});

describe.skipIf(process.platform === "win32")("node tools/pulumi.ts", () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number | string; stdout: string }>((done) => {
      execFile(process.execPath, [TOOL, ...args], (error, stdout) => {
        done({ code: error?.code ?? 0, stdout: stdout.trim() });
      });
    });

  it("prints the CLI's path and version", async () => {
    await fakePulumi(bin, PULUMI_VERSION);

    expect(await run()).toEqual({ code: 0, stdout: `${join(bin, "pulumi")} ${PULUMI_VERSION}` });
  });

  it("passes its arguments to the CLI, and the CLI's exit code back", async () => {
    await script(
      join(bin, "pulumi"),
      `const { existsSync } = require("node:fs"); const { delimiter, join } = require("node:path");
       const [first, ...rest] = process.argv.slice(2);
       if (first === "version") { console.log("v${PULUMI_VERSION}"); process.exit(); }
       const launcher = process.env.PATH.split(delimiter).some((f) => existsSync(join(f, "pulumi-resource-pulumi-nodejs")));
       console.log(JSON.stringify({ first, rest, launcher, home: process.env.PULUMI_HOME }));
       process.exit(3);`,
    );

    const { code, stdout } = await run("up", "--yes", "two words");

    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      first: "up",
      rest: ["--yes", "two words"],
      launcher: true,
      home: join(dir, "home"),
    });
  });

  it("gives a YAML project its host", async () => {
    await fakePulumi(bin, PULUMI_VERSION);
    await goodGo();
    await script(
      join(bin, "pulumi"),
      `if (process.argv[2] === "version") console.log("v${PULUMI_VERSION}"); else console.log(process.env.PATH);`,
    );
    await mkdir(join(dir, "project"));
    await writeFile(join(dir, "project", "Pulumi.yaml"), "name: shop\nruntime: yaml\n");

    const { stdout } = await run("-C", join(dir, "project"), "up", "--yes");

    expect(stdout.split(delimiter)[0]).toBe(join(root, "bin"));
    expect(existsSync(join(root, "bin", "pulumi-language-yaml"))).toBe(true);
  });
});
