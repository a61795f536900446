/**
 * examples/yaml from the command line: `pulumi preview`, `up`, `refresh` and `destroy` as a user types them.
 */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { getPulumi, getYamlHost, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { orSkip } from "../support/needs.ts";

const tools = await orSkip("THE YAML TEST", async () => {
  const pulumi = await getPulumi({ offline: true, log: () => {} });
  return { pulumi, host: await getYamlHost(pulumi) };
});

/** A project with this Pulumi.yaml, an emulator, and a function that runs the CLI in the project. */
async function startProject({ pulumi: cli, host }: NonNullable<typeof tools>, text: string) {
  const emulator = await emulate();
  const state = temporaryFolder();
  const project = temporaryFolder();
  const write = (program: string) => writeFileSync(join(project, "Pulumi.yaml"), program);
  write(text);
  const engine = pulumiEnv({ pulumi: cli, dir: state });
  const env = {
    ...process.env,
    ...engine,
    PATH: `${dirname(host)}${delimiter}${engine.PATH}`,
    TURSO_API_TOKEN: TOKEN,
    TURSO_API_BASEURL: emulator.url,
    TURSO_ORGANIZATION: "acme",
  };
  const pulumi = async (...args: string[]) => {
    const options = { cwd: project, env };
    const { stdout } = await promisify(execFile)(pulumiPath(cli), [...args, "--non-interactive"], options);
    return stdout;
  };
  await pulumi("stack", "init", "dev");
  return { emulator, account: emulator.store.account("acme"), state, write, pulumi };
}

const plugin = join(process.cwd(), "provider", "dist", "plugin");

describe("examples/yaml", () => {
  test.skipIf(tools === undefined)("preview, up, up again, refresh and destroy", async () => {
    if (tools === undefined) return;
    const text = readFileSync("examples/yaml/Pulumi.yaml", "utf8").replace(
      "../../provider/dist/plugin",
      plugin,
    );
    const { emulator, account, state, pulumi } = await startProject(tools, text);
    const preview = await pulumi("preview");
    expect(preview).toMatch(/turso:index:Group group create.*turso:index:GroupToken token create/s);
    expect(preview).toMatch(/group +: "shop"\n +jwt +: \[unknown\]\n +place +: "AWS US East \(Virginia\)"/);
    expect(requestsOf(emulator).filter((request) => !request.startsWith("GET "))).toEqual([]);

    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up).toMatch(/jwt +: \[secret\]/);
    expect(up).toContain("+ 3 created");
    expect([...account.groups.keys()]).toEqual(["shop"]);
    const jwt = (await pulumi("stack", "output", "jwt", "--show-secrets")).trim();
    expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    const stored = readFileSync(join(state, ".pulumi", "stacks", "turso-yaml", "dev.json"), "utf8");
    expect(stored).not.toContain(jwt);
    expect(stored).not.toContain(TOKEN);

    expect(await pulumi("up", "--yes", "--expect-no-changes")).toContain("3 unchanged");
    expect(await pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")).toContain(
      "3 unchanged",
    );
    expect(await pulumi("destroy", "--yes", "--skip-preview")).toContain("- 3 deleted");
    expect(account.groups.size).toBe(0);
  });
});

describe("a YAML program", () => {
  test.skipIf(tools === undefined)(
    "gets one warning, in the preview, that it invalidates tokens",
    async () => {
      if (tools === undefined) return;
      const program = (leaked: string) => `name: invalidation
runtime: yaml
plugins:
  providers:
    - name: turso
      path: ${plugin}
resources:
  leak:
    type: turso:GroupTokenInvalidation
    properties:
      group: shop
      triggers: { leaked: ${leaked} }
`;
      const { account, write, pulumi } = await startProject(tools, program("never"));
      account.createGroup({ name: "shop", location: "lhr" });
      expect(await pulumi("up", "--yes")).not.toContain("warning:");
      write(program("today"));
      const preview = await pulumi("preview");
      const diagnostics = preview.slice(preview.indexOf("Diagnostics:"));
      expect(diagnostics.match(/warning: .*group 'shop' in organization 'acme'/g)).toHaveLength(1);
      expect(await pulumi("up", "--yes", "--skip-preview")).not.toContain("warning:");
    },
  );
});
