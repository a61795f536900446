/** The workflow files, of this repository and in ci/, and what documentation says to run. */
import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { findOnPath } from "../../tools/go.ts";
import { PULUMI_VERSION } from "../../tools/pulumi.ts";
import { getZizmor } from "../../tools/zizmor.ts";
import { orSkip } from "../support/needs.ts";

const run = promisify(execFile);
// Those of this repository, and those that users copy.
const WORKFLOWS = globSync(["{.github/workflows,ci/github}/*.yml"]);

test.each(WORKFLOWS)("%s pins every action by commit and names its version", (file) => {
  const uses = readFileSync(file, "utf8").match(/(?<=\buses: ).*/g) ?? [];
  const actions = uses.filter((action) => !action.startsWith("./"));
  expect(actions).not.toEqual([]);
  for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));
// CHANGELOG.md may name scripts of the past, and each example is a package of its own.
const documents = globSync(
  ["*.md", ".github/**/*.{md,yml}", "{bench,ci,docs,emulator,provider,test}/**/*.md"],
  {
    exclude: ["CHANGELOG.md", "**/node_modules/**"],
  },
);

test.each(documents)("%s names only scripts that package.json has", (file) => {
  for (const [, script = ""] of readFileSync(file, "utf8").matchAll(/\bnpm run ([\w:-]+)/g))
    expect(Object.keys(scripts)).toContain(script);
});

const ACTIONLINT = ["-C", join("tools", "actionlint"), "tool", "actionlint"];

const go = await orSkip("THE TEST OF THE WORKFLOW FILES", async () => {
  const found = findOnPath("go");
  if (found === undefined) throw new Error("There is no Go to build actionlint with (https://go.dev/dl/).");
  await run(found, [...ACTIONLINT, "-version"]);
  return found;
});

test.skipIf(go === undefined)("actionlint finds no mistake in the workflow files", async () => {
  if (go === undefined) return;
  // Not every machine has shellcheck and pyflakes.
  const options = ["-no-color", "-shellcheck=", "-pyflakes="];
  const files = WORKFLOWS.map((file) => resolve(file));
  // actionlint writes its findings to standard output and exits with 1.
  const { stdout } = await run(go, [...ACTIONLINT, ...options, ...files]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe("");
});

test.each(globSync("ci/*/*.yml"))("%s installs the Pulumi CLI that the tests run", (file) => {
  const versions = [...readFileSync(file, "utf8").matchAll(/pulumi[-_]version: (\S+)/gi)];
  expect(versions).not.toEqual([]);
  for (const [, version] of versions) expect(version).toBe(PULUMI_VERSION);
});

const zizmor = await orSkip("THE SECURITY TEST OF THE WORKFLOW FILES", () => getZizmor());

test.skipIf(zizmor === undefined)("zizmor finds nothing unsafe in the workflow files", async () => {
  if (zizmor === undefined) return;
  const args = ["--offline", "--no-progress", "--no-config", "--color=never", ...WORKFLOWS];
  // It writes its findings to standard output and exits with another code than 0.
  const { stdout } = await run(zizmor, args).catch((error: { stdout: string }) => error);
  expect(stdout).toMatch(/^No findings to report/);
});

test.each(globSync("ci/github/*.yml"))(
  "%s runs no code of a pull request with more than it needs",
  (file) => {
    const text = readFileSync(file, "utf8");
    expect(text).not.toMatch(/pull_request_target|workflow_run/);
    expect(text).toContain("\npermissions: {}\n");
    // Expressions are values of variables and inputs, never text of a script.
    const scripts = [...text.matchAll(/^( *)run: \|\n((?:\1 {2}.*\n|\n)+)/gm)].map(([, , script]) => script);
    expect(scripts).not.toEqual([]);
    for (const script of scripts) expect(script).not.toContain("${{");
  },
);
