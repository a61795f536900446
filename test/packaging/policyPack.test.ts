/** examples/policy-pack on the real engine, with the resources of both hosts. */
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { expect, test } from "vitest";
import { getPulumi, pulumiEnv } from "../../tools/pulumi.ts";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine, temporaryFolder } from "../support/engine.ts";

const pack = join(process.cwd(), "examples", "policy-pack");

/**
 * The engine starts a policy pack with the Node language host, or without one with the command
 * `pulumi-analyzer-policy-nodejs`. A CLI that is built from source has neither, so this writes the command,
 * which runs the same script as the language host.
 */
async function pathWithLauncher(): Promise<string> {
  const folder = temporaryFolder();
  const script = createRequire(import.meta.url).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const launcher = `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`;
  writeFileSync(join(folder, "pulumi-analyzer-policy-nodejs"), launcher, { mode: 0o755 });
  const pulumi = await getPulumi({ offline: true });
  return [folder, pulumiEnv({ pulumi, dir: temporaryFolder() }).PATH].join(delimiter);
}

/** The violations in the output of the CLI, e.g. `mandatory turso-tokens-expire: api`. */
function violationsIn(text: string): string[] {
  const lines = text.slice(text.indexOf("\nPolicies:")).matchAll(/- \[(\w+)\] +(\S+) +\(\S+: ([^\s)]+)\)/g);
  return [...lines].map(([, level, policy, resource]) => `${level} ${policy}: ${resource}`).sort();
}

/** What each policy reports, and what is just inside of each. The names of resources say which. */
function violate(turso: typeof dynamic, host: string): void {
  const { Group, GroupToken, ApiToken, OrganizationMember, OrganizationInvite } = turso;
  const group = new Group(`${host}-prod`, { location: "lhr", name: `${host}-prod` });
  new Group(`${host}-Live`, { location: "lhr", name: `live-${host}`, deleteProtection: true });
  new Group(`${host}-Name`, { location: "lhr", name: `${host}.test` });
  new Group(`${host}-product`, { location: "ams", replicas: ["lhr"], forceDestroy: true });
  new Group(`${host}-adopted`, { location: "us-east-1", adopt: true });
  // The group's ID is not known yet. The policies work nevertheless.
  for (const expiration of ["never", "100.5d", "13w", "90d", "12w5d23h", "29d"])
    new GroupToken(`${host}-${expiration}`, { group: group.id, expiration });
  new GroupToken(`${host}-default`, { group: group.id });
  new ApiToken(`${host}-everything`);
  new ApiToken(`${host}-full`, { group: group.id, scopes: "full-access" });
  new ApiToken(`${host}-read`, { group: group.id, scopes: ["read"] });
  new OrganizationMember(`${host}-alice`, { username: `${host}-alice`, role: "admin" });
  new OrganizationMember(`${host}-bob`, { username: `${host}-bob`, role: "viewer" });
  new OrganizationInvite(`${host}-carol`, { email: `${host}@example.com`, role: "admin" });
}

const onBothHosts = (violations: string[]) =>
  ["dynamic", "native"].flatMap((host) => violations.map((one) => one.replace("HOST", host))).sort();

describeEngine("examples/policy-pack", { tags: ["exhaustive"] }, () => {
  test.skipIf(process.platform === "win32")(
    "reports what violates it on both hosts, with its settings, and lets the rest pass",
    async () => {
      const emulator = await emulate();
      for (const host of ["dynamic", "native"]) {
        const account = emulator.store.account("acme");
        account.createGroup({ name: `${host}-adopted`, location: "aws-us-east-1" });
      }
      const engine = await startEngine({
        native: true,
        env: {
          PATH: await pathWithLauncher(),
          TURSO_API_BASEURL: emulator.url,
          TURSO_API_TOKEN: TOKEN,
          TURSO_ORGANIZATION: "acme",
        },
      });
      engine.program = async () => {
        violate(dynamic, "dynamic");
        violate(native, "native");
      };

      const byDefault = await engine.run("preview", { policyPacks: [pack] });
      expect(violationsIn(byDefault.text)).toEqual(
        onBothHosts([
          "advisory turso-api-tokens-limited: HOST-everything",
          "advisory turso-api-tokens-limited: HOST-full",
          "advisory turso-no-adopt-left: HOST-adopted",
          "mandatory turso-few-admins: HOST-alice",
          "mandatory turso-few-admins: HOST-carol",
          "mandatory turso-group-names: HOST-Name",
          "mandatory turso-no-force-destroy: HOST-product",
          "mandatory turso-production-protected: HOST-prod",
          ...["never", "100.5d", "13w", "default"].map(
            (name) => `mandatory turso-tokens-expire: HOST-${name}`,
          ),
        ]),
      );
      expect(byDefault.failed).toBe(true);

      const settings = join(pack, "policy-config.json");
      const configured = await engine.run("preview", { policyPacks: [pack], policyPackConfigs: [settings] });
      expect(violationsIn(configured.text)).toEqual(
        onBothHosts([
          "advisory turso-api-tokens-limited: HOST-everything",
          "advisory turso-api-tokens-limited: HOST-full",
          "mandatory turso-few-admins: HOST-carol",
          ...["product", "adopted"].map((name) => `mandatory turso-allowed-locations: HOST-${name}`),
          "mandatory turso-group-names: HOST-Name",
          "mandatory turso-no-force-destroy: HOST-product",
          ...["never", "100.5d", "13w", "default", "90d", "12w5d23h"].map(
            (name) => `mandatory turso-tokens-expire: HOST-${name}`,
          ),
        ]),
      );

      engine.program = async () => {
        for (const { Group, GroupToken } of [dynamic, native]) {
          const name = Group === dynamic.Group ? "prod-a" : "prod-b";
          const group = new Group(name, { location: "aws-eu-west-1", deleteProtection: true });
          new GroupToken(name, { group: group.id, expiration: "30d" });
        }
      };
      const good = await engine.run("preview", { policyPacks: [pack], policyPackConfigs: [settings] });
      expect(violationsIn(good.text)).toEqual([]);
      expect(good.failed).toBe(false);
      expect(good.text).toContain("turso@v0.1.0");
    },
  );
});
