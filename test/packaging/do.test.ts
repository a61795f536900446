/** `pulumi do`, which works with groups from the command line: it lists, reads, creates, changes and deletes. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, temporaryFolder } from "../support/engine.ts";

const plugin = join(process.cwd(), "provider", "dist", "plugin", "pulumi-resource-turso");

/** `pulumi do turso:index:Group …` without a stack; resolves with everything that it writes. */
async function start() {
  const emulator = await emulate();
  const pulumi = await getPulumi({ offline: true });
  const cwd = temporaryFolder();
  const env = {
    ...process.env,
    ...pulumiEnv({ pulumi, dir: join(cwd, "state") }),
    TURSO_API_BASEURL: emulator.url,
    TURSO_API_TOKEN: TOKEN,
    TURSO_ORGANIZATION: "acme",
  };
  const groups = (...args: string[]) =>
    promisify(execFile)(pulumiPath(pulumi), ["do", "--package", plugin, "turso:index:Group", ...args], {
      cwd,
      env,
    }).then(
      ({ stdout, stderr }) => ({ failed: false, text: stdout + stderr }),
      ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ failed: true, text: stdout + stderr }),
    );
  return { emulator, groups };
}

describeEngine("pulumi do turso:index:Group", () => {
  test("lists the groups of an organization, and reads each by the ID in the list", async () => {
    const { emulator, groups } = await start();
    emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
    emulator.store.account("other").createGroup({ name: "one", location: "ams" });
    emulator.store.account("other").createGroup({ name: "two", location: "ams" });

    expect(JSON.parse((await groups("list")).text)).toEqual([{ id: "acme/prod", name: "prod" }]);
    expect(requestsOf(emulator)).toEqual(["GET /v1/organizations/acme/groups"]);
    expect(JSON.parse((await groups("list", "--organization", "other", "--count", "1")).text)).toEqual([
      { id: "other/one", name: "one" },
    ]);
    const read = await groups("read", "other/two");
    expect(read.text).toMatch(/location *: "ams"/);
    const missing = await groups("read", "acme/two");
    expect(missing).toEqual({ failed: true, text: expect.stringContaining("[NOT_FOUND]") });
  });

  test("without a stack, it has the same guards, and refuses an update that would have to replace", async () => {
    const { emulator, groups } = await start();
    const account = emulator.store.account("acme");
    account.createGroup({ name: "prod", location: "lhr" });
    account.createGroup({ name: "full", location: "lhr" });
    account.createDatabase({ name: "orders", group: "full" });

    const taken = await groups("create", "--stateless", "--yes", "--name", "prod", "--location", "lhr");
    expect(taken).toEqual({ failed: true, text: expect.stringContaining("[NAME_TAKEN]") });
    const moved = await groups("patch", "--stateless", "--yes", "prod", "--location", "ams");
    expect(moved).toEqual({ failed: true, text: expect.stringContaining("[NOT_SUPPORTED]") });
    const deleted = await groups("delete", "--stateless", "--yes", "full");
    expect(deleted).toEqual({ failed: true, text: expect.stringMatching(/orders.*\[HOLDS_DATA\]/) });
    const patched = await groups("patch", "--stateless", "--yes", "prod", "--delete-protection=true");
    expect(patched.failed).toBe(false);
    expect(account.groups.get("prod")).toMatchObject({ deleteProtection: true, primary: "lhr" });
    expect([...account.groups.keys()]).toEqual(["prod", "full"]);
  });
});
