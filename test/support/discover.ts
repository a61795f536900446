/** `pulumi-turso discover` and the commands that it prints, as users run them. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { TOKEN } from "./emulator.ts";
import type { Engine } from "./stack.ts";

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs `npx pulumi-turso discover` against an emulator. */
export function runDiscover(url: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const variables = { TURSO_API_BASEURL: url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "", ...env };
  const cli = join(process.cwd(), "provider/bin/pulumi-turso.js");
  return result(process.execPath, [cli, "discover", ...args], { env: { ...process.env, ...variables } });
}

/**
 * A folder in which the Pulumi CLI runs on the stack of an engine, for commands that run no program: the CLI
 * built from source has no Node host, and that of YAML needs nothing.
 */
export async function projectFor(engine: Engine, { dir, folder }: { dir: string; folder: string }) {
  const pulumi = await getPulumi({ offline: true, log: () => {} });
  const { workDir } = engine.stack.workspace;
  const plugin = join(process.cwd(), "provider/dist/plugin");
  const { name } = await engine.stack.workspace.projectSettings();
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    `name: ${name}\nruntime: yaml\nplugins:\n  providers:\n    - name: turso\n      path: ${JSON.stringify(plugin)}\n`,
  );
  const config = `Pulumi.${engine.stack.name}.yaml`;
  if (existsSync(join(workDir, config))) copyFileSync(join(workDir, config), join(folder, config));
  // The dynamic provider's process resolves packages from here.
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  const env = {
    ...process.env,
    TURSO_API_TOKEN: "",
    TURSO_API_BASEURL: "",
    TURSO_ORGANIZATION: "",
    ...engine.stack.workspace.envVars,
    ...pulumiEnv({ pulumi, dir, project: process.cwd() }),
  };
  return (args: readonly string[]) =>
    result(pulumiPath(pulumi), [...args, "--stack", engine.stack.name, "--color", "never"], {
      cwd: folder,
      env,
    });
}

async function result(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv },
): Promise<CommandResult> {
  return promisify(execFile)(file, args, options).then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exitCode: code,
      stdout,
      stderr,
    }),
  );
}
