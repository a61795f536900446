/**
 * examples/python with a generated SDK, through Pulumi's Automation API for Python: up, an up that changes
 * nothing, destroy.
 */
import { execFile } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { getPulumi, pulumiEnv } from "../../tools/pulumi.ts";
import { getPython } from "../../tools/python.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { temporaryFolder } from "../support/engine.ts";
import { orSkip } from "../support/needs.ts";

const tools = await orSkip("THE PYTHON TEST", async () => {
  const pulumi = await getPulumi({ offline: true, log: () => {} });
  return { pulumi, python: await getPython() };
});

describe("examples/python", () => {
  test.skipIf(tools === undefined)("up, up again and destroy", async () => {
    if (tools === undefined) return;
    const { pulumi, python } = tools;
    const emulator = await emulate();
    const state = temporaryFolder();
    const sdk = join(temporaryFolder(), "sdk");
    await python.installSdk(sdk);

    const project = temporaryFolder();
    const settings = readFileSync("examples/python/Pulumi.yaml", "utf8");
    const plugin = join(process.cwd(), "provider", "dist", "plugin");
    writeFileSync(join(project, "Pulumi.yaml"), settings.replace("../../provider/dist/plugin", plugin));
    copyFileSync("examples/python/__main__.py", join(project, "__main__.py"));
    const { stdout } = await promisify(execFile)(
      python.command,
      [join(import.meta.dirname, "python.py"), project],
      {
        env: {
          ...process.env,
          ...pulumiEnv({ pulumi, dir: state }),
          PYTHONPATH: [sdk, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
          PYTHONDONTWRITEBYTECODE: "1",
          TURSO_API_TOKEN: TOKEN,
          TURSO_API_BASEURL: emulator.url,
          TURSO_ORGANIZATION: "acme",
        },
      },
    );

    const { up, again, destroyed } = JSON.parse(stdout);
    expect(up).toEqual({
      changes: { create: 3 },
      outputs: {
        group: expect.stringMatching(/^shop-[0-9a-f]{7}$/),
        place: "AWS US East (Virginia)",
        jwt: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        expires: expect.stringMatching(/Z$/),
      },
      secrets: ["jwt"],
    });
    expect(again).toEqual({ ...up, changes: { same: 3 } });
    expect(destroyed.changes).toEqual({ delete: 3 });

    // State, its history and backups.
    const stored = readdirSync(join(state, ".pulumi"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8"));
    expect(stored.some((content) => content.includes(up.outputs.expires))).toBe(true);
    expect(stored.filter((content) => content.includes(up.outputs.jwt) || content.includes(TOKEN))).toEqual(
      [],
    );

    const { group } = up.outputs;
    const groups = "/v1/organizations/acme/groups";
    expect(requestsOf(emulator).filter((request) => !request.startsWith("GET "))).toEqual([
      `POST ${groups}`,
      `POST ${groups}/${group}/auth/tokens?expiration=90d`,
      `DELETE ${groups}/${group}`,
    ]);
    expect(emulator.store.account("acme").groups.size).toBe(0);
  });
});
