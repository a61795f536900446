/**
 * Runs the commands of a job of a workflow file, as the runner of GitHub or GitLab does. Of the actions it knows those that
 * hand files from job to job; others only install what a test has already.
 */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";

export interface Job {
  env?: Record<string, string | number>;
  steps: Step[];
}

export interface Step {
  name?: string;
  run?: string;
  uses?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

export interface Runner {
  /** The checked-out repository. */
  cwd: string;
  /** All that a command sees, besides what the workflow sets. */
  env: Record<string, string>;
  /** Replaces what the workflow sets, where a test has another place for it. */
  overrides?: Record<string, string>;
  /** Values of the expressions, e.g. `secrets.TURSO_API_TOKEN`. An expression without a value is an error. */
  expressions: Record<string, string>;
  /** Where artifacts are kept between jobs. */
  artifacts: string;
}

export interface JobResult {
  /** Exit code of the first command that failed, or 0. */
  code: number;
  /** What the commands printed. */
  log: string;
  summary: string;
  /** By name, of all steps. */
  outputs: Record<string, string>;
}

export function readWorkflow(file: string): { env?: Job["env"]; jobs: Record<string, Job> } {
  return parse(readFileSync(file, "utf8"));
}

export async function runJob(file: string, name: string, runner: Runner): Promise<JobResult> {
  const workflow = readWorkflow(file);
  const job = workflow.jobs[name];
  if (job === undefined) throw new Error(`${file} has no job ${name}.`);
  const folder = mkdtempSync(join(runner.artifacts, "runner-"));
  const files = { GITHUB_OUTPUT: join(folder, "output"), GITHUB_STEP_SUMMARY: join(folder, "summary") };
  for (const path of Object.values(files)) writeFileSync(path, "");
  const result = { code: 0, log: "" };
  const groups: number[] = [];
  for (const step of job.steps) {
    const always = "if" in step && step.if === "always()";
    if (result.code !== 0 && !always) continue;
    if (step.uses !== undefined) runAction(step, runner);
    // What it installs exists already: see packed.test.ts.
    if (step.run === undefined || step.run === "npm ci") continue;
    const set = { ...workflow.env, ...job.env, ...step.env };
    const env = { ...runner.env, ...files, ...resolved(set, runner.expressions), ...runner.overrides };
    const { code, output, group } = await runBash(step.run, runner.cwd, env);
    result.log += output;
    result.code = code;
    groups.push(group);
  }
  for (const group of groups) end(group);
  const outputs = readFileSync(files.GITHUB_OUTPUT, "utf8").trim().split("\n");
  return {
    ...result,
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, "utf8"),
    outputs: Object.fromEntries(outputs.map((line) => line.split("=", 2))),
  };
}

/** Runs the script of a job of a pipeline file, as the runner of GitLab does after `before_script`. */
export async function runGitlabJob(
  file: string,
  name: string,
  { cwd, env, overrides }: Runner,
): Promise<JobResult> {
  const pipeline: Record<string, { variables?: Job["env"]; script: string[] }> & { variables?: Job["env"] } =
    parse(readFileSync(file, "utf8"));
  const job = pipeline[name];
  if (job === undefined) throw new Error(`${file} has no job ${name}.`);
  const set = resolved({ ...pipeline.variables, ...job.variables }, {});
  const { code, output, group } = await runBash(job.script.join("\n"), cwd, { ...set, ...env, ...overrides });
  end(group);
  return { code, log: output, summary: "", outputs: {} };
}

function runAction({ uses = "", with: inputs = {} }: Step, { cwd, artifacts }: Runner): void {
  const store = join(artifacts, inputs.name ?? "artifact");
  if (uses.startsWith("actions/upload-artifact@")) {
    mkdirSync(store, { recursive: true });
    const path = inputs.path ?? "";
    copyFileSync(join(cwd, path), join(store, basename(path)));
  }
  if (uses.startsWith("actions/download-artifact@")) {
    const target = join(cwd, inputs.path ?? ".");
    mkdirSync(target, { recursive: true });
    for (const file of readdirSync(store)) copyFileSync(join(store, file), join(target, file));
  }
}

function resolved(env: NonNullable<Job["env"]>, expressions: Record<string, string>): Record<string, string> {
  const resolve = (text: string) =>
    text.replace(/\$\{\{ *(.*?) *\}\}/g, (_, expression: string) => {
      const value = expressions[expression];
      if (value === undefined) throw new Error(`The test has no value of ${expression}.`);
      return value;
    });
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, resolve(String(value))]));
}

/** With the options that `shell: bash` stands for. */
async function runBash(script: string, cwd: string, env: Record<string, string>) {
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
  // A process in the background keeps only its own files open.
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, output: `${stdout}${stderr}`, group: child.pid ?? 0 };
}

/** At the end of a job, the runner ends what still runs in the background. */
function end(group: number): void {
  try {
    if (group > 0) process.kill(-group, "SIGTERM");
  } catch {
    // All of it has ended by itself.
  }
}
