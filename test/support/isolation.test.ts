/** Test files do not see each other's files on disk. */
import { existsSync, mkdtempSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { getPulumi, pulumiPath } from "../../tools/pulumi.ts";
import { isolated } from "./isolation.ts";

const OWN = [
  "HOME",
  "PULUMI_HOME",
  "TMPDIR",
  "XDG_CONFIG_HOME",
  "XDG_CACHE_HOME",
  "XDG_DATA_HOME",
  "XDG_STATE_HOME",
];
const { folder, shared, machine } = inject("workers");
const own = (variables: NodeJS.ProcessEnv) => OWN.map((name) => variables[name]);

test("a worker has its own folders, which are not those of the machine", () => {
  const mine = own(process.env);
  expect(new Set(mine).size).toBe(OWN.length);
  for (const path of mine) {
    expect(path?.startsWith(folder)).toBe(true);
    expect(machine).not.toContain(path);
    expect(existsSync(path ?? "")).toBe(true);
  }
  expect([homedir(), tmpdir()]).toEqual([process.env.HOME, process.env.TMPDIR]);
});

test("two workers have no folder in common", () => {
  const [a, b] = ["a", "b"].map(() => own(isolated(mkdtempSync(join(tmpdir(), "w")), shared)));
  expect(new Set([...(a ?? []), ...(b ?? []), ...own(process.env)]).size).toBe(3 * OWN.length);
});

test.skipIf(!inject("engine"))(
  "the Pulumi CLI is still found, without installing or building one",
  async () => {
    expect(existsSync(pulumiPath(await getPulumi({ offline: true })))).toBe(true);
  },
);
