/** Organizations, tokens and the base URL, and the errors when a setting or an input is wrong. */
import type * as turso from "pulumi-turso";
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { type Engine, temporaryFolder } from "../support/engine.ts";
import { describeHosts, describeLifecycle, type Host } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

/** Inputs that TypeScript rejects and JavaScript accepts. */
const untyped = (args: unknown) => args as turso.GroupArgs;

/** Configuration with keys that are not settings of the provider. */
const UNKNOWN_KEYS = {
  "turso:organisation": { value: "acme" },
  "turso:token": { value: TOKEN, secret: true },
  "shop:organisation": { value: "acme" },
};

const declareProd = (host: Host) => async () => {
  new host.turso.Group("prod", { name: "prod", location: "lhr" });
};

/**
 * Runs an operation that fails without any change, and returns its errors, of which one is at the resource.
 */
async function errorOf(engine: Engine, operation: "preview" | "up", resource: string): Promise<string> {
  const { failed, diagnostics } = await engine.run(operation);
  expect(failed).toBe(true);
  expect(await engine.resources()).toEqual([]);
  expect(diagnostics).toContain(`(${resource}):`);
  expect(diagnostics).not.toMatch(/^\s+at /m);
  return diagnostics;
}

describeLifecycle("settings", (host) => {
  const { startEngine } = host;
  const prod = declareProd(host);

  describe("organizations", () => {
    test("two programs with groups of the same name in two organizations do not affect each other", async () => {
      const emulator = await emulate({ organizations: ["acme", "beta"] });
      const dir = temporaryFolder();
      const start = async (organization: string) => {
        const env = {
          TURSO_API_BASEURL: emulator.url,
          TURSO_API_TOKEN: TOKEN,
          TURSO_ORGANIZATION: organization,
        };
        const engine = await startEngine({ dir, env, stack: organization });
        engine.program = prod;
        return engine;
      };
      const acme = await start("acme");
      const beta = await start("beta");
      expect(await acme.run("up")).toMatchObject({ failed: false });
      expect(await beta.run("up")).toMatchObject({ failed: false });
      const uuid = emulator.store.account("beta").group("prod").uuid;
      expect(await acme.run("destroy")).toMatchObject({ failed: false });
      expect(emulator.store.account("acme").groups.size).toBe(0);
      expect(emulator.store.account("beta").group("prod").uuid).toBe(uuid);
      expect(await beta.run("preview")).toMatchObject({ failed: false, steps: {} });
    });

    test("a stack whose TURSO_ORGANIZATION is missing or different is an error at preview; destroy uses the organization in state", async () => {
      const emulator = await emulate();
      const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
      const engine = await startEngine({ env });
      engine.program = prod;
      await engine.run("up");
      emulator.requests.length = 0;

      engine.stack.workspace.envVars.TURSO_ORGANIZATION = "beta";
      const other = await engine.run("preview");
      expect(other).toMatchObject({ failed: true, steps: {} });
      expect(other.text).toMatch(errorLine("ORGANIZATION_CHANGED", "'acme'", "'beta'"));

      engine.stack.workspace.envVars.TURSO_ORGANIZATION = "";
      const none = await engine.run("preview");
      expect(none).toMatchObject({ failed: true, steps: {} });
      expect(none.text).toMatch(errorLine("ORGANIZATION_CHANGED", "'acme'"));
      expect(none.text).toContain("`pulumi config set turso:organization acme`");
      expect(requestsOf(emulator)).toEqual([]);

      expect(await engine.run("destroy")).toMatchObject({ failed: false });
      expect(emulator.store.account("acme").groups.size).toBe(0);
    });

    test("a change from the personal account to an organization is an error at preview, too", async () => {
      const emulator = await emulate();
      const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
      engine.program = prod;
      await engine.run("up");
      engine.stack.workspace.envVars.TURSO_ORGANIZATION = "personal";
      const preview = await engine.run("preview");
      expect(preview).toMatchObject({ failed: true, steps: {} });
      expect(preview.text).toMatch(errorLine("ORGANIZATION_CHANGED", "'personal'"));
    });
  });

  test("keys of a project that is called turso cause no warning", async () => {
    const emulator = await emulate();
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
    const engine = await startEngine({ env, config: UNKNOWN_KEYS, project: "turso" });
    engine.program = prod;
    const { failed, text } = await engine.run("preview");
    expect(failed).toBe(false);
    expect(text).not.toContain("turso:organisation");
  });

  test("what preview could not check without a token, a server or a list is an error at up", async () => {
    const emulator = await emulate({ locations: { lhr: "London" } });
    const good = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    const engine = await startEngine({ env: { TURSO_MAX_RETRIES: "0" } });
    engine.program = async () => {
      new host.turso.Group("prod", { name: "prod", location: "lhrr" });
    };
    emulator.fail({ path: "/v1/locations", status: 500, times: Number.POSITIVE_INFINITY });
    const cases: [Record<string, string>, string[]][] = [
      [{ TURSO_API_TOKEN: "" }, ["organization 'acme'", "[NO_TOKEN]"]],
      [
        { TURSO_API_BASEURL: "http://127.0.0.1:1" },
        ["Group 'prod' in organization 'acme'", "[CREATE_FAILED]", "http://127.0.0.1:1"],
      ],
      [{}, ["[CREATE_FAILED]", "400 invalid location: lhrr", "`turso db locations`"]],
      [{ TURSO_API_BASEURL: `${emulator.url}/nowhere` }, ["[API_ERROR]", "404 not found"]],
    ];
    for (const [env, problems] of cases) {
      Object.assign(engine.stack.workspace.envVars, good, env);
      const error = await errorOf(engine, "up", "prod");
      for (const problem of problems) expect(error).toContain(problem);
    }
    expect(emulator.store.account("acme").groups.size).toBe(0);
  });
});

describeHosts("settings", (host) => {
  const { startEngine } = host;
  const prod = declareProd(host);

  describe("organizations", () => {
    test("stack configuration wins; an organization that is given and changes replaces", async () => {
      const emulator = await emulate();
      const engine = await startEngine({
        env: {
          TURSO_API_BASEURL: "http://127.0.0.1:1",
          TURSO_API_TOKEN: "wrong",
          TURSO_ORGANIZATION: "wrong",
        },
        config: {
          "turso:baseUrl": { value: emulator.url },
          "turso:apiToken": { value: TOKEN, secret: true },
          "turso:organization": { value: "acme" },
        },
      });
      engine.program = prod;
      expect(await engine.run("up")).toMatchObject({ failed: false });
      expect(emulator.store.account("acme").groups.has("prod")).toBe(true);
      expect(await engine.stateText()).not.toContain(TOKEN);

      engine.program = async () => {
        new host.turso.Group("prod", { name: "prod", location: "lhr", organization: "beta" });
      };
      expect(await engine.run("up")).toMatchObject({
        failed: false,
        steps: { prod: ["create-replacement", "replace", "delete-replaced"] },
      });
      expect(emulator.store.account("acme").groups.size).toBe(0);
      expect(emulator.store.account("beta").groups.has("prod")).toBe(true);
      expect(await engine.resources()).toMatchObject([{ id: "beta/prod" }]);
    });
  });

  describe("tokens", () => {
    async function previewWithPlainToken() {
      const emulator = await emulate();
      const engine = await startEngine({
        env: { TURSO_API_BASEURL: emulator.url },
        config: { "turso:apiToken": { value: TOKEN } },
      });
      engine.program = prod;
      return { emulator, engine, preview: await engine.run("preview") };
    }

    /** The default provider of the native host, as it is in the state file. */
    async function providerInState(engine: Engine) {
      const { checkpoint } = JSON.parse(await engine.stateText()) as {
        checkpoint: { latest: { resources: { type: string; inputs: object; outputs: object }[] } };
      };
      return checkpoint.latest.resources.find(({ type }) => type === "pulumi:providers:turso");
    }

    test("after a rotation destroy works with --run-program; without it the error of the 401 says so; no token is in state", async () => {
      const emulator = await emulate();
      const engine = await startEngine({
        env: { TURSO_API_BASEURL: emulator.url },
        config: { "turso:apiToken": { value: TOKEN, secret: true }, "turso:organization": { value: "acme" } },
      });
      engine.program = prod;
      await engine.run("up");
      const stateBefore = await engine.stateText();
      const rotated = "rotated-api-token-9876543210";
      emulator.store.apiToken = rotated;
      await engine.stack.setConfig("turso:apiToken", { value: rotated, secret: true });

      const refused = await engine.run("destroy");
      expect(refused.failed).toBe(true);
      expect(refused.text).toMatch(errorLine("DELETE_FAILED", "'prod' in organization 'acme'"));
      expect(refused.text).toContain(": 401 ");
      expect(refused.text).toContain("--run-program");
      expect(emulator.store.account("acme").groups.has("prod")).toBe(true);

      expect(await engine.run("destroy", { runProgram: true })).toMatchObject({ failed: false });
      expect(emulator.store.account("acme").groups.size).toBe(0);
      for (const text of [stateBefore, await engine.stateText(), refused.text]) {
        expect(text).not.toContain(TOKEN);
        expect(text).not.toContain(rotated);
      }
    });

    test.runIf(host.host === "dynamic")(
      "a plain-text token in stack configuration is refused in the program",
      async () => {
        const { emulator, preview } = await previewWithPlainToken();
        expect(preview.failed).toBe(true);
        expect(preview.text).toContain("pulumi config set --secret turso:apiToken");
        expect(preview.text).not.toContain(TOKEN);
        expect(requestsOf(emulator)).toEqual([]);
      },
    );

    test.runIf(host.host === "native")(
      "a plain-text token in stack configuration is ciphertext in state",
      async () => {
        const { emulator, engine, preview } = await previewWithPlainToken();
        expect(preview).toMatchObject({ failed: false, steps: { prod: ["create"] } });
        const up = await engine.run("up");
        expect(up.failed).toBe(false);
        expect(emulator.store.account().groups.has("prod")).toBe(true);
        const state = await engine.stateText();
        expect(await providerInState(engine)).toMatchObject({
          inputs: { apiToken: { ciphertext: expect.any(String) } },
          outputs: { apiToken: { ciphertext: expect.any(String) } },
        });
        for (const text of [state, preview.text, up.text]) expect(text).not.toContain(TOKEN);
      },
    );
  });

  test("an unknown key in stack configuration causes one warning, with the setting that was meant", async () => {
    const emulator = await emulate();
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
    const engine = await startEngine({ env, config: UNKNOWN_KEYS });
    engine.program = async () => {
      new host.turso.Group("prod", { name: "prod", location: "lhr" });
      new host.turso.Group("dev", { name: "dev", location: "lhr" });
    };
    for (const operation of ["preview", "up"] as const) {
      const { failed, diagnostics } = await engine.run(operation);
      expect(failed).toBe(false);
      expect(diagnostics.match(/warning: .*turso:.*/g)?.sort()).toEqual([
        expect.stringMatching(/turso:organisation .*'turso:organization'/),
        expect.stringMatching(/turso:token .*'turso:apiToken'/),
      ]);
      expect(diagnostics).not.toContain(TOKEN);
    }
  });

  test("a wrong input or setting is one readable error at preview that names the resource and the setting", async () => {
    const emulator = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    const cases: [unknown, string[]][] = [
      [{}, ["location value {<nil>} INVALID_INPUT"]],
      [
        { location: 5, name: "..", lokation: "ams", replicas: "ams", deleteProtection: "yes" },
        [
          "deleteProtection value {yes} INVALID_INPUT",
          "location value {5} INVALID_INPUT",
          "lokation value {ams} UNKNOWN_INPUT",
          "name value {..} INVALID_INPUT",
          "replicas value {ams} INVALID_INPUT",
        ],
      ],
    ];
    for (const [args, problems] of cases) {
      engine.program = async () => {
        new host.turso.Group("analytics", untyped(args));
      };
      const error = await errorOf(engine, "preview", "analytics");
      const shown = error.matchAll(/property (\w+ value \{.*?\}) has a problem: .* \[(\w+)\]/g);
      expect([...shown].map(([, input, code]) => `${input} ${code}`).sort()).toEqual(problems);
    }
    expect(requestsOf(emulator)).toEqual([]);

    engine.program = prod;
    engine.stack.workspace.envVars.TURSO_API_BASEURL = "htps://api.turso.tech";
    const error = await errorOf(engine, "preview", host.refusesSettingsAt("prod"));
    expect(error).toMatch(errorLine("INVALID_SETTING", "TURSO_API_BASEURL", '"htps://api.turso.tech"'));
  });
});
