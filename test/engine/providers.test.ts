/** Explicit providers, and what state holds of a provider's tokens. */
import { output } from "@pulumi/pulumi";
import * as native from "pulumi-turso/native";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeHost } from "../support/hosts.ts";
import { errorLine, warningLine } from "../support/messages.ts";

const tokens = { acme: "acme-token+/=0123456789", beta: "beta-token+/=9876543210" };

/** The token of a provider in state. */
const ciphertext = /"apiToken":\s*\{[^}]*"ciphertext":/;

/** The text must not contain the tokens, in any encoding. */
function expectNoToken(text: string, ...secrets: string[]): void {
  for (const secret of secrets) {
    const base64 = Buffer.from(secret).toString("base64");
    for (const written of [
      secret,
      encodeURIComponent(secret),
      base64.replace(/=+$/, ""),
      base64.slice(0, 20),
    ]) {
      expect(text).not.toContain(written);
    }
  }
}

describeHost("native", "explicit providers", ({ startEngine }) => {
  test("serve two organizations with two tokens in one program, which are ciphertext in state; a changed token replaces nothing", async () => {
    const emulator = await emulate({ organizations: ["acme", "beta"], token: "no-one-has-this" });
    for (const [organization, token] of Object.entries(tokens))
      emulator.store.apiTokens.set(organization, token);
    const engine = await startEngine();
    const current = { ...tokens };
    const seen: Record<string, string[]> = {};
    engine.program = async () => {
      for (const organization of ["acme", "beta"] as const) {
        const provider = new native.Provider(organization, {
          apiToken: current[organization],
          organization,
          baseUrl: emulator.url,
          deleteProtection: false,
        });
        const group = new native.Group(organization, { name: "prod", location: "lhr" }, { provider });
        new native.GroupToken(`${organization}-token`, { group: group.id, expiration: "90d" }, { provider });
        native.getGroupsOutput({}, { provider, dependsOn: [group] }).apply(({ groups }) => {
          seen[organization] = groups.map(({ uuid }) => uuid ?? "");
        });
        output(native.getGroup({ name: "prod" }, { provider }).catch(() => undefined));
      }
    };
    const up = await engine.run("up");
    expect(up, up.text).toMatchObject({ failed: false });
    for (const organization of ["acme", "beta"]) {
      const group = emulator.store.account(organization).group("prod");
      expect(seen[organization]).toEqual([group.uuid]);
      expect(await engine.resources()).toContainEqual(
        expect.objectContaining({ id: `${organization}/prod` }),
      );
    }
    const state = await engine.stateText();
    expect(state).toContain("pulumi:providers:turso::acme");
    expect(state).toMatch(ciphertext);
    expectNoToken(`${state}\n${up.text}`, ...Object.values(tokens));

    emulator.requests.length = 0;
    current.acme = "acme-token+/=rotated";
    emulator.store.apiTokens.set("acme", current.acme);
    const rotated = await engine.run("up");
    expect(rotated, rotated.text).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator).filter((request) => !request.startsWith("GET"))).toEqual([]);
    expectNoToken(`${await engine.stateText()}\n${rotated.text}`, ...Object.values(tokens), current.acme);

    // The new token is in state: there is no other source.
    const destroyed = await engine.run("destroy");
    expect(destroyed, destroyed.text).toMatchObject({ failed: false });
    for (const organization of ["acme", "beta"])
      expect(emulator.store.account(organization).groups.size).toBe(0);
  });

  test("take tokens by organization, and the error for a missing one names the organization", async () => {
    const emulator = await emulate({ organizations: ["acme", "beta"], token: "no-one-has-this" });
    for (const [organization, token] of Object.entries(tokens))
      emulator.store.apiTokens.set(organization, token);
    const engine = await startEngine();
    const declare = (apiTokens: Record<string, string>) => async () => {
      const provider = new native.Provider("both", { apiTokens, baseUrl: emulator.url });
      for (const organization of ["acme", "beta"]) {
        new native.Group(organization, { name: "prod", location: "lhr", organization }, { provider });
      }
    };
    engine.program = declare({ acme: tokens.acme });
    const one = await engine.run("up", { continueOnError: true });
    expect(one.failed).toBe(true);
    expect(one.text).toMatch(errorLine("NO_TOKEN", "provider 'both'", "organization 'beta'"));
    expect(one.text).toContain("`apiToken`");
    engine.program = declare(tokens);
    const both = await engine.run("up");
    expect(both, both.text).toMatchObject({ failed: false, steps: { beta: ["create"] } });
    expectNoToken(`${await engine.stateText()}\n${one.text}\n${both.text}`, ...Object.values(tokens));
  });
});

describeHost("native", "an explicit provider", ({ turso, startEngine }) => {
  /** Arguments that TypeScript rejects and JavaScript accepts. */
  const start = async (args: unknown, config: Record<string, { value: string; secret?: boolean }> = {}) => {
    const emulator = await emulate();
    const engine = await startEngine({ config, env: { TURSO_API_BASEURL: emulator.url } });
    engine.program = async () => {
      const provider = new native.Provider("acme", args as native.ProviderArgs);
      new turso.Group("prod", { name: "prod", location: "lhr" }, { provider });
    };
    return { emulator, engine };
  };

  test("with an unknown argument is refused, and the value is not shown", async () => {
    const { emulator, engine } = await start({ token: TOKEN, organization: "acme", kind: "x" });
    const { failed, text } = await engine.run("preview");
    expect(failed).toBe(true);
    expect(text).toMatch(/'token'.*'apiToken'/);
    expect(text).toMatch(/'kind'.*apiToken, apiTokens, organization, baseUrl/);
    expect(text).not.toContain(TOKEN);
    expect(requestsOf(emulator)).toEqual([]);
  });

  test("without a token says how to set one, which is not in stack configuration", async () => {
    const config = { "turso:apiToken": { value: TOKEN, secret: true } };
    const { engine } = await start({ organization: "acme" }, config);
    const preview = await engine.run("preview");
    expect(preview.failed).toBe(false);
    expect(preview.diagnostics).toMatch(warningLine("provider 'acme'", "organization 'acme'"));
    const up = await engine.run("up");
    expect(up.failed).toBe(true);
    expect(up.diagnostics).toMatch(errorLine("NO_TOKEN", "provider 'acme'", "organization 'acme'"));
    for (const { diagnostics } of [preview, up]) {
      for (const way of ["`apiToken`", "TURSO_API_TOKEN"]) expect(diagnostics).toContain(way);
      expect(diagnostics).not.toContain("pulumi config set");
    }
  });

  test("whose token is refused says where to set another", async () => {
    const { engine } = await start({ apiToken: "revoked", organization: "acme" });
    const { failed, diagnostics } = await engine.run("preview");
    expect(failed).toBe(true);
    expect(diagnostics).toMatch(errorLine("UNAUTHORIZED", ": 401"));
    for (const where of ["`apiToken`", "`apiTokens`", "provider 'acme'"])
      expect(diagnostics).toContain(where);
    expect(diagnostics).not.toContain("pulumi config set");
  });
});

describeHost("native", "the default provider", ({ turso, startEngine }) => {
  test("encrypts in state a token that is plain text in stack configuration", async () => {
    const emulator = await emulate();
    const engine = await startEngine({
      config: {
        "turso:baseUrl": { value: emulator.url },
        "turso:apiToken": { value: TOKEN },
        "turso:organization": { value: "acme" },
      },
    });
    engine.program = async () => {
      new turso.Group("prod", { name: "prod", location: "lhr" });
    };
    const up = await engine.run("up");
    expect(up, up.text).toMatchObject({ failed: false });
    expect(emulator.store.account("acme").groups.size).toBe(1);
    const state = await engine.stateText();
    expect(state).toMatch(ciphertext);
    expectNoToken(`${state}\n${up.text}`, TOKEN);
  });
});
