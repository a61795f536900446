/**
 * Every TypeScript example: up, an up and a refresh without changes, destroy. Examples of tests: their tests.
 * The other examples have their own tests.
 */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { getPulumi } from "../../tools/pulumi.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine } from "../support/engine.ts";

const folder = join(process.cwd(), "examples");
const programs = readdirSync(folder).filter((name) =>
  ["Pulumi.yaml", "index.ts"].every((file) => existsSync(join(folder, name, file))),
);
const isTested = (name: string) => readdirSync(join(folder, name)).some((file) => file.endsWith(".test.ts"));
const examples = programs.filter((name) => !isTested(name));

let runs = 0;

describeEngine.each(examples)("examples/%s", (name) => {
  test("up, up again, refresh and destroy", async () => {
    const root = process.cwd();
    onTestFinished(() => process.chdir(root));
    const emulator = await emulate();
    const account = emulator.store.account("acme");
    const engine = await startEngine({
      // Configuration instead of variables: functions run in the program, which is this process.
      config: {
        "turso:baseUrl": { value: emulator.url },
        "turso:apiToken": { value: TOKEN, secret: true },
        "turso:organization": { value: "acme" },
      },
    });
    // A module runs only once, however often it is imported; the query makes it a different module.
    engine.program = async () => {
      // Pulumi runs a program in its own folder, where it reads files.
      process.chdir(join(folder, name));
      const program = await import(/* @vite-ignore */ `${join(folder, name, "index.ts")}?run=${++runs}`);
      process.chdir(root);
      return program;
    };
    const up = await engine.run("up");
    expect(up.text).not.toContain("error:");
    expect(up.failed).toBe(false);
    expect(emulator.requests.some(({ method }) => method !== "GET")).toBe(true);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    const state = await engine.resources({ decrypted: true });
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect((await engine.resources({ decrypted: true })).map(({ outputs }) => outputs)).toEqual(
      state.map(({ outputs }) => outputs),
    );
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    // The owner stays.
    expect([account.groups.size, account.members.size, account.invites.size]).toEqual([0, 1, 0]);
  });
});

/** Runs what the example's script `test` runs. */
async function testOf(name: string, path: string): Promise<string> {
  const vitest = join(process.cwd(), "node_modules/vitest/vitest.mjs");
  // Without the variables of this test run, which vitest would take for its own.
  const { VITEST, VITEST_WORKER_ID, VITEST_POOL_ID, NODE_ENV, ...env } = process.env;
  const options = { cwd: join(folder, name), env: { ...env, PATH: path, NO_COLOR: "1" } };
  const { stdout } = await promisify(execFile)(process.execPath, [vitest, "run"], options);
  return stdout;
}

describe("examples/unit-test", () => {
  test("passes, with neither engine nor network", async () => {
    expect(await testOf("unit-test", dirname(process.execPath))).toMatch(/Tests +3 passed/);
  });
});

describeEngine("examples/integration-test", () => {
  test("passes on the engine", { tags: ["exhaustive"] }, async () => {
    const { command } = await getPulumi({ offline: true });
    const path = [dirname(command), process.env.PATH].join(delimiter);
    expect(await testOf("integration-test", path)).toMatch(/Tests +1 passed/);
  });
});
