/**
 * Every TypeScript example: up, an up and a refresh without changes, destroy. The other examples have their
 * own tests.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine } from "../support/engine.ts";

const folder = join(process.cwd(), "examples");
const examples = readdirSync(folder).filter((name) =>
  ["Pulumi.yaml", "index.ts"].every((file) => existsSync(join(folder, name, file))),
);

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
