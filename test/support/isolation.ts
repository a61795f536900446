/**
 * Folders for one test worker, in place of the user's: what a test leaves or finds there is nobody else's. What is expensive to get
 * stays shared: the Pulumi CLI, the Python environment, and what Go, npm, pnpm and pip have downloaded and built.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { findOnPath } from "../../tools/go.ts";

type Variables = Record<string, string>;

/** The variables that say where programs keep their files, by folder of a worker. */
const FOLDERS = {
  HOME: "home",
  USERPROFILE: "home",
  PULUMI_HOME: "pulumi",
  TMPDIR: "tmp",
  TMP: "tmp",
  TEMP: "tmp",
  XDG_CONFIG_HOME: "config",
  XDG_CACHE_HOME: "cache",
  XDG_DATA_HOME: "data",
  XDG_STATE_HOME: "state",
} as const;

/** What all workers share: folders that are linked into theirs, and variables for programs that look below HOME. */
export interface Shared {
  links: Record<string, string>;
  variables: Variables;
}

/** What the machine has, to be asked before a worker gets folders of its own. */
export function sharedOf(env: NodeJS.ProcessEnv = process.env): Shared {
  const home = homedir();
  const cache = resolve(env.XDG_CACHE_HOME || join(home, ".cache"));
  const data = resolve(env.XDG_DATA_HOME || join(home, ".local", "share"));
  const config = resolve(env.XDG_CONFIG_HOME || join(home, ".config"));
  return {
    links: {
      "pulumi/versions": resolve(env.PULUMI_HOME || join(home, ".pulumi"), "versions"),
      "cache/pulumi-turso": join(cache, "pulumi-turso"),
      "cache/pnpm": join(cache, "pnpm"),
      "data/pnpm": join(data, "pnpm"),
    },
    variables: {
      ...goVariables(),
      npm_config_cache: env.npm_config_cache || join(home, ".npm"),
      npm_config_userconfig: env.npm_config_userconfig || join(home, ".npmrc"),
      PIP_CACHE_DIR: env.PIP_CACHE_DIR || join(cache, "pip"),
      PIP_CONFIG_FILE: env.PIP_CONFIG_FILE || join(config, "pip", "pip.conf"),
    },
  };
}

function goVariables(): Variables {
  const go = findOnPath("go");
  if (go === undefined) return {};
  const names = ["GOENV", "GOPATH", "GOCACHE", "GOMODCACHE"];
  return JSON.parse(execFileSync(go, ["env", "-json", ...names], { encoding: "utf8" })) as Variables;
}

/** Makes the folders of a worker; the variables lead to them. */
export function isolated(folder: string, { links, variables }: Shared): Variables {
  const own = Object.entries(FOLDERS).map(([variable, name]) => [variable, join(folder, name)] as const);
  for (const [, path] of own) mkdirSync(path, { recursive: true });
  for (const [name, target] of Object.entries(links)) {
    const link = join(folder, name);
    for (const path of [target, dirname(link)]) mkdirSync(path, { recursive: true });
    symlinkSync(target, link, "junction");
  }
  return { ...variables, ...Object.fromEntries(own) };
}
