/** Gets a Python that runs Pulumi programs, with the SDK that is generated from provider/schema.json. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { findOnPath } from "./go.ts";
import { getSdkGenerator } from "./pulumi.ts";

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, "..");
const SCHEMA = join(ROOT, "provider", "schema.json");
const EXAMPLE = join(ROOT, "examples", "python");

export interface Python {
  /** The interpreter of a virtual environment that has what examples/python requires. */
  command: string;
  /**
   * Generates the SDK and installs it in an empty folder, for `PYTHONPATH`: it comes before the environment's
   * own.
   */
  installSdk(folder: string): Promise<void>;
}

/**
 * The environment is made once, with pip from PyPI, and kept in the user's cache; another example or another
 * Python makes another one.
 */
export async function getPython({
  log = console.error,
}: {
  log?: (line: string) => void;
} = {}): Promise<Python> {
  const python = findOnPath("python3");
  if (!python) throw new Error("There is no python3 on PATH.");
  const generator = await getSdkGenerator({ log });
  const generate = (folder: string) => run(generator, [SCHEMA, "python", folder]);

  const { stdout: version } = await run(python, ["-c", "import sys; print(sys.version, sys.platform)"]);
  const key = [version, readFileSync(join(EXAMPLE, "requirements.txt"), "utf8")].join();
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 12);
  const cache = resolve(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-turso");
  const environment = join(cache, `python-${hash}`);
  const command = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

  if (!existsSync(environment)) {
    log(`installing Pulumi's Python SDK in ${environment}, this once (about 45 seconds)`);
    await mkdir(cache, { recursive: true });
    // Moved to its place when it is whole, like a build.
    const folder = await mkdtemp(`${environment}.`);
    const project = join(folder, "project");
    try {
      await run(python, ["-m", "venv", join(folder, "venv")]);
      await cp(join(EXAMPLE, "requirements.txt"), join(project, "requirements.txt"), { recursive: true });
      await generate(join(project, "sdk", "python"));
      const pip = ["-m", "pip", "install", "--quiet", "setuptools>=61", "wheel", "-r", "requirements.txt"];
      const venv = join(folder, "venv", command.slice(environment.length));
      await run(venv, pip, { cwd: project });
      await rename(join(folder, "venv"), environment).catch((error: unknown) => {
        // Another process has made the same one meanwhile.
        if (!existsSync(environment)) throw error;
      });
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  return {
    command,
    async installSdk(folder) {
      const sdk = `${folder}.sdk`;
      try {
        await generate(sdk);
        const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"];
        await run(command, [...pip, "--target", folder, sdk]);
      } finally {
        await rm(sdk, { recursive: true, force: true, maxRetries: 5 });
      }
    },
  };
}
