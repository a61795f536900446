/** What `pulumi-turso discover --language yaml` writes, with the commands that it prints. */
import { execFile } from "node:child_process";
import { appendFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { getPulumi, getYamlHost, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { runDiscover } from "../support/discover.ts";
import { emulate, requestsOf } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { orSkip } from "../support/needs.ts";

const tools = await orSkip("THE YAML TEST", async () => {
  const cli = await getPulumi({ offline: true, log: () => {} });
  return { cli, host: await getYamlHost(cli) };
});

test.skipIf(tools === undefined)(
  "a YAML program imports and previews without a change",
  { tags: ["exhaustive"] },
  async () => {
    if (tools === undefined) return;
    const emulator = await emulate();
    const acme = emulator.store.account("acme");
    acme.createGroup({ name: "eu-1", location: "lhr", replicas: ["fra"], deleteProtection: true });
    acme.createGroup({ name: "1st", location: "aws-us-east-1" });
    acme.invite("bob@example.com");
    const out = join(temporaryFolder(), "infra");
    const args = ["--organization", "acme", "--language", "yaml", "--out", out, "--json"];
    const { stdout } = await runDiscover(emulator.url, args);
    const { next } = JSON.parse(stdout) as { next: string[] };
    const plugin = join(process.cwd(), "provider/dist/plugin");
    appendFileSync(
      join(out, "Pulumi.yaml"),
      `plugins:\n  providers:\n    - name: turso\n      path: ${JSON.stringify(plugin)}\n`,
    );
    const engine = pulumiEnv({ pulumi: tools.cli, dir: temporaryFolder() });
    const PATH = `${dirname(tools.host)}${delimiter}${engine.PATH}`;
    const env = { ...process.env, ...engine, PATH, TURSO_API_TOKEN: "", TURSO_API_BASEURL: emulator.url };
    emulator.requests.length = 0;
    const commands = next.filter((command) => command.startsWith("pulumi "));
    expect(commands).toHaveLength(3);
    for (const command of commands)
      await promisify(execFile)(
        pulumiPath(tools.cli),
        [...command.split(" ").slice(1), "--non-interactive"],
        {
          cwd: out,
          env,
        },
      ).catch((error: { stdout: string }) => Promise.reject(new Error(error.stdout)));
    expect(requestsOf(emulator)).toEqual([]);
  },
);
