import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import * as testing from "pulumi-turso/testing";
import * as hooks from "vitest";
import { shop } from "./shop.js";

const { expect, test } = hooks;

const emulator = testing.useEmulator({ hooks, organization: "acme" });

test("a protected group cannot be moved to another location", { timeout: 120_000 }, async () => {
  const stack = await LocalWorkspace.createStack(
    { stackName: "test", projectName: "turso-integration-test", program: async () => shop("lhr") },
    // Pulumi loads the provider from the project's folder.
    { workDir: __dirname, envVars: { ...emulator.env } },
  );
  try {
    const { outputs } = await stack.up();
    expect(outputs).toMatchObject({ groupName: { value: "shop" }, jwt: { secret: true } });
    expect([...emulator.store.account("acme").groups.keys()]).toEqual(["shop"]);

    const moved = stack.preview({ program: async () => shop("ams") });
    await expect(moved).rejects.toThrow("protect");
  } finally {
    await stack.workspace.removeStack("test", { force: true });
  }
});
