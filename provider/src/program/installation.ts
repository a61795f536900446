/**
 * Checks what a program needs besides this package, before the engine fails with advice that does not help.
 * Runs only in programs that the CLI has started: an inline program of the Automation API does not know its
 * engine's project, folder and variables.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { withCode } from "../lifecycle/errors.js";
import { version } from "../version.js";
import { programError } from "./errors.js";

/**
 * The program's folder, in which the engine starts provider processes as well. Read early, because a program
 * may change it.
 */
const folder = process.cwd();

/**
 * Whether this is a program of the CLI's Node host, which starts `@pulumi/pulumi/cmd/run` in the program's
 * folder.
 */
const isStartedByCli = () =>
  /[\\/]@pulumi[\\/]pulumi[\\/]cmd[\\/]run[\\/]/.test(
    (typeof require === "undefined" ? undefined : require.main?.filename) ?? "",
  );

/** A check that runs once, and only where its result can be known. */
function once(check: () => void): () => void {
  let done = false;
  return () => {
    if (done || !isStartedByCli()) return;
    done = true;
    check();
  };
}

/**
 * The dynamic provider's process finds this package only from the program's folder, not through another
 * package.
 */
export const checkProviderCanBeLoaded = once(() => {
  const require = createRequire(join(folder, "program.js"));
  try {
    require.resolve("pulumi-turso/provider");
  } catch {
    throw programError(
      "PACKAGE_NOT_FOUND",
      `pulumi-turso is not installed in the program's folder ${folder}, where Pulumi looks for it.\n` +
        "Add it to the dependencies of the program's own package.json: run `npm install pulumi-turso`.",
    );
  }
  const installed = (require("pulumi-turso/package.json") as { version: string }).version;
  if (installed !== version) {
    pulumi.log.warn(
      `The program imports pulumi-turso ${version}, but Pulumi uses ${installed}, which is installed in the program's folder ${folder}. ` +
        "Install the same version in both places.",
    );
  }
});

/** Without the plugin, the engine suggests a command that does not work for it. */
export const checkPluginIsInstalled = once(() => {
  if (isPluginInstalled(process.env)) return;
  const problem =
    `The native plugin turso ${version} is not installed on this machine.\nRun \`npx pulumi-turso plugin install\`, ` +
    "also after every update of pulumi-turso, and in CI before `pulumi`.";
  // With this variable, the engine ends before it shows a warning.
  if (process.env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION === "true")
    throw programError("PLUGIN_NOT_INSTALLED", problem);
  const warning = `${problem} The command that Pulumi suggests does not work for this plugin.`;
  pulumi.log.warn(withCode("PLUGIN_NOT_INSTALLED", warning));
});

/** Whether the engine finds the plugin, or may find it in a way that is not known here. */
function isPluginInstalled(env: NodeJS.ProcessEnv): boolean {
  const home = env.PULUMI_HOME || join(homedir(), ".pulumi");
  if (existsSync(join(home, "plugins", `resource-turso-v${version}`))) return true;
  const onPath = (env.PATH ?? "").split(delimiter).some((path) => hasPlugin(path));
  return onPath || (env.PULUMI_DEBUG_PROVIDERS ?? "").includes("turso") || isNamedByProject(folder);
}

function hasPlugin(path: string): boolean {
  try {
    return path !== "" && readdirSync(path).some((file) => /^pulumi-resource-turso(\.\w+)?$/.test(file));
  } catch {
    return false;
  }
}

/** Whether the project file names a plugin `turso`. */
function isNamedByProject(from: string): boolean {
  const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].map((name) => join(from, name)).find(existsSync);
  if (file !== undefined) return /\b(plugins|packages)\b.*\bturso\b/s.test(readFileSync(file, "utf8"));
  const parent = resolve(dirname(from));
  return parent !== from && isNamedByProject(parent);
}
