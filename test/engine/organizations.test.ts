/** Groups of several organizations in one program, each with a token of its own. */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

const ACME = "acme-api-token-0123456789";
const BETA = "beta-api-token-9876543210";

describeHosts("several organizations", ({ host, turso, startEngine }) => {
  test("work in one program: each request has the token of its organization, and no token is in state or on the screen", async () => {
    const emulator = await emulate();
    emulator.store.apiTokens.set("acme", ACME).set("beta", BETA);
    const engine = await startEngine({
      env: { TURSO_API_BASEURL: emulator.url },
      config: { "turso:apiToken": { value: TOKEN, secret: true }, "turso:organization": { value: "acme" } },
    });
    for (const [organization, value] of [
      ["acme", ACME],
      ["beta", BETA],
    ] as const) {
      await engine.stack.setConfig(`turso:apiTokens.${organization}`, { value, secret: true }, true);
    }
    let screen = "";
    const run = async (operation: Parameters<typeof engine.run>[0]) => {
      const result = await engine.run(operation);
      screen += result.text;
      return result;
    };
    const declare = (...organizations: (string | undefined)[]) => {
      engine.program = async () => {
        for (const organization of organizations)
          new turso.Group(`prod-${organization}`, {
            name: "prod",
            location: "lhr",
            replicas: ["ams"],
            ...(organization !== undefined && { organization }),
          });
      };
    };
    const status = () => new Set(emulator.requests.map(({ status }) => status));

    declare(undefined, "beta", "gamma");
    expect(await run("up")).toMatchObject({ failed: false });
    expect(await run("refresh")).toMatchObject({ failed: false });
    expect(status()).toEqual(new Set([200]));
    for (const organization of ["acme", "beta", "gamma"])
      expect(emulator.store.account(organization).group("prod").locations).toEqual(["lhr", "ams"]);
    expect((await engine.resources()).map(({ id }) => id).sort()).toEqual([
      "acme/prod",
      "beta/prod",
      "gamma/prod",
    ]);

    emulator.store.apiTokens.set("delta", "another-token");
    declare(undefined, "beta", "gamma", "delta");
    const refused = await run("preview");
    expect(refused).toMatchObject({ failed: true });
    expect(refused.text).toMatch(errorLine("UNAUTHORIZED", "GET /v1/organizations/delta/groups: 401"));
    expect(refused.text).toContain("--path 'turso:apiTokens.delta'");

    const state = await engine.stateText();
    expect(await run("destroy")).toMatchObject({ failed: false });
    for (const organization of ["acme", "beta", "gamma"])
      expect(emulator.store.account(organization).groups.size).toBe(0);
    for (const text of [state, await engine.stateText(), screen])
      for (const token of [TOKEN, ACME, BETA]) expect(text).not.toContain(token);
  });

  const prods = async () => {
    new turso.Group("prod", { name: "prod", location: "lhr", organization: "acme" });
    new turso.Group("prod-beta", { name: "prod", location: "lhr", organization: "beta" });
  };

  test.runIf(host === "dynamic")(
    "plain-text tokens in turso:apiTokens are refused in the program; with one secret token the engine encrypts all of them",
    async () => {
      const emulator = await emulate();
      emulator.store.apiTokens.set("acme", ACME).set("beta", BETA);
      const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url } });
      await engine.stack.setConfig("turso:apiTokens.acme", { value: ACME }, true);
      engine.program = prods;
      const preview = await engine.run("preview");
      expect(preview.failed).toBe(true);
      expect(preview.text).toContain("pulumi config set --secret --path 'turso:apiTokens.ORGANIZATION'");
      expect(preview.text).not.toContain(ACME);
      expect(emulator.requests).toEqual([]);

      await engine.stack.setConfig("turso:apiTokens.beta", { value: BETA, secret: true }, true);
      expect(await engine.run("up")).toMatchObject({ failed: false });
      const state = await engine.stateText();
      for (const token of [ACME, BETA]) expect(state).not.toContain(token);
    },
  );

  test.runIf(host === "native")("plain-text tokens in turso:apiTokens are ciphertext in state", async () => {
    const emulator = await emulate();
    emulator.store.apiTokens.set("acme", ACME).set("beta", BETA);
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url } });
    await engine.stack.setConfig("turso:apiTokens.acme", { value: ACME }, true);
    await engine.stack.setConfig("turso:apiTokens.beta", { value: BETA }, true);
    engine.program = prods;
    const up = await engine.run("up");
    expect(up.failed).toBe(false);
    for (const text of [await engine.stateText(), up.text])
      for (const token of [ACME, BETA]) expect(text).not.toContain(token);
  });
});
