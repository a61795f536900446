/** Gets zizmor, which finds what is unsafe in workflow files. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { findOnPath } from "./go.ts";

const run = promisify(execFile);

/** The workflow runs it as well, and Renovate updates it there. */
const WORKFLOW = join(import.meta.dirname, "..", ".github", "workflows", "ci.yml");

/** Installs it with pip from PyPI, once, and keeps it in the user's cache. Returns the path of the command. */
export async function getZizmor({ log = console.error } = {}): Promise<string> {
  const version = /ZIZMOR_VERSION: (\S+)/.exec(readFileSync(WORKFLOW, "utf8"))?.[1];
  if (version === undefined) throw new Error(`${WORKFLOW} has no ZIZMOR_VERSION.`);
  const cache = resolve(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-turso");
  const target = join(cache, `zizmor-${version}`);
  const [scripts, suffix] = process.platform === "win32" ? ["Scripts", ".exe"] : ["bin", ""];
  const command = join(target, scripts, `zizmor${suffix}`);
  if (existsSync(command)) return command;
  const python = findOnPath("python3");
  if (!python) throw new Error("There is no python3 on PATH.");
  log(`installing zizmor ${version} in ${target}, this once`);
  await mkdir(cache, { recursive: true });
  // Moved to its place when it is whole. zizmor itself is no Python: it can be moved.
  const folder = await mkdtemp(`${target}.`);
  try {
    await run(python, ["-m", "venv", folder]);
    const pip = ["-m", "pip", "install", "--quiet", "--only-binary=:all:", `zizmor==${version}`];
    await run(join(folder, scripts, `python${suffix}`), pip);
    await rename(folder, target).catch((error: unknown) => {
      // Another process has made the same one meanwhile.
      if (!existsSync(command)) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return command;
}
