/** The Pulumi CLI on the stack of a test. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import type { Engine } from "./stack.ts";

/** Runs a command with the option `--stack`, in the folder `dir` of an engine. */
export async function runPulumi({ stack }: Engine, dir: string, args: readonly string[]): Promise<string> {
  const pulumi = await getPulumi({ offline: true, log: () => {} });
  const { stdout } = await promisify(execFile)(pulumiPath(pulumi), [...args, "--stack", stack.name], {
    cwd: stack.workspace.workDir,
    env: { ...process.env, ...pulumiEnv({ pulumi, dir, project: process.cwd() }) },
  });
  return stdout;
}
