/**
 * Folders for one test worker, in place of the user's, so that tests do not see the files of other tests or
 * of the user. Workers share what is expensive to get: the Pulumi CLI, the Python environment, and the caches
 * of Go, npm, pnpm and pip.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { findOnPath } from "../../tools/go.ts";

type Variables = Record<string, string>;

/** The folder of a worker that each variable is set to. */
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

/** What all workers share: folders that are linked into theirs, and variables for programs that use HOME. */
export interface Shared {
  links: Record<string, string>;
  variables: Variables;
}

/** The folders and variables of the machine. To be called before a worker gets its own folders. */
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

/** Creates the folders of a worker, and returns the variables that point to them. */
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
