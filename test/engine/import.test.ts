/** Existing groups that `pulumi import` and the option `import` bring under management. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { describeHost } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

const forms = [
  { form: "organization/name", organization: "acme", id: "acme/prod", more: {}, steps: ["import"] },
  // The same `up` starts to manage the inputs that the import does not.
  {
    form: "name",
    organization: undefined,
    id: "prod",
    more: { replicas: ["ams"], deleteProtection: true },
    steps: ["import", "update"],
  },
];

describeHost("native", "import", ({ turso, startEngine, typeOf }) => {
  /** A stack for an inline program, and `pulumi import` for the same one. */
  async function start(organization: string | undefined) {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    account.createGroup({ name: "prod", location: "lhr", replicas: ["ams"], deleteProtection: true });
    const dir = temporaryFolder();
    const env = {
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      TURSO_ORGANIZATION: organization ?? "",
    };
    const engine = await startEngine({ dir, env });
    const pulumi = await getPulumi({ offline: true });
    const cwd = temporaryFolder();
    const plugin = join(process.cwd(), "provider/dist/plugin");
    writeFileSync(
      join(cwd, "Pulumi.yaml"),
      `name: shop\nruntime: yaml\nplugins:\n  providers:\n    - name: turso\n      path: ${JSON.stringify(plugin)}\n`,
    );
    const importInto = async (...args: string[]) => {
      const options = {
        cwd,
        env: { ...process.env, ...pulumiEnv({ pulumi, dir, project: process.cwd() }), ...env },
      };
      const flags = ["--stack", "dev", "--yes", "--protect=false", "--non-interactive", "--color", "never"];
      return promisify(execFile)(pulumiPath(pulumi), ["import", ...args, ...flags], options).then(
        ({ stdout, stderr }) => ({ failed: false, text: stdout + stderr }),
        ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ failed: true, text: stdout + stderr }),
      );
    };
    return { emulator, account, dir, env, engine, importInto };
  }

  test.each(forms)(
    "of a group by $form has all inputs: the next preview is empty, with pulumi import and with the option",
    async ({ organization, id, more, steps }) => {
      const { emulator, account, dir, env, engine, importInto } = await start(organization);
      const { uuid } = account.group("prod");
      const imported = await importInto(typeOf("Group"), "prod", id);
      expect(imported.failed, imported.text).toBe(false);
      expect(imported.text).toContain("type: turso:Group");
      expect(imported.text).toContain("location: lhr");

      // The code that the command prints, and the same code with the default organization.
      for (const args of [{ ...(organization && { organization }) }, {}]) {
        engine.program = async () => {
          new turso.Group("prod", { name: "prod", location: "lhr", ...args });
        };
        const preview = await engine.run("preview");
        expect(preview, preview.text).toMatchObject({ failed: false, steps: {} });
      }
      const [group] = await engine.resources();
      expect(group).toMatchObject({ id, inputs: { name: "prod", location: "lhr" }, outputs: { uuid } });

      const other = await startEngine({ dir, env, stack: "other" });
      other.program = async () => {
        new turso.Group("mine", { name: "prod", location: "lhr", ...more }, { import: id });
      };
      const up = await other.run("up");
      expect(up, up.text).toMatchObject({ failed: false, steps: { mine: steps } });
      expect(await other.run("preview")).toMatchObject({ failed: false, steps: {} });
      expect(await other.resources()).toMatchObject([{ id, outputs: { uuid } }]);
      expect(requestsOf(emulator).filter((request) => !request.startsWith("GET"))).toEqual([]);
    },
  );

  test("of a group that does not exist, or of a token, is a readable error", async () => {
    const { engine, importInto } = await start("acme");
    const missing = await importInto(typeOf("Group"), "gone", "acme/gone");
    expect(missing.failed).toBe(true);
    expect(missing.text).toMatch(/acme\/gone.*does not exist/);

    engine.program = async () => {
      new turso.Group("gone", { name: "gone", location: "lhr" }, { import: "acme/gone" });
    };
    const option = await engine.run("up");
    expect(option.failed).toBe(true);
    expect(option.text).toMatch(/acme\/gone.*does not exist/);

    const token = await importInto(typeOf("GroupToken"), "api", "acme/prod");
    expect(token.failed).toBe(true);
    expect(token.text).toMatch(errorLine("NOT_IMPORTABLE", "'acme/prod'"));
    expect(token.text).not.toMatch(/^\s+at /m);
    expect(await engine.resources()).toEqual([]);
  });
});
