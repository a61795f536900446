/** Organizations, tokens and the base URL, and what the screen says when they or the inputs are wrong. */
import type * as turso from "pulumi-turso";
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { type Engine, temporaryFolder } from "../support/engine.ts";
import { describeHosts } from "../support/hosts.ts";

/** Inputs that TypeScript refuses and JavaScript does not. */
const anyhow = (args: unknown) => args as turso.GroupArgs;

describeHosts("settings", (host) => {
  const { startEngine } = host;

  const prod = async () => {
    new host.turso.Group("prod", { name: "prod", location: "lhr" });
  };

  describe("organizations", () => {
    test("two programs with groups of the same name in two organizations do not touch each other", async () => {
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

    test("without its TURSO_ORGANIZATION, or with another, a stack is an error at preview and nothing is planned; destroy knows better", async () => {
      const emulator = await emulate();
      const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
      const engine = await startEngine({ env });
      engine.program = prod;
      await engine.run("up");
      emulator.requests.length = 0;

      engine.stack.workspace.envVars.TURSO_ORGANIZATION = "beta";
      const other = await engine.run("preview");
      expect(other).toMatchObject({ failed: true, steps: {} });
      expect(other.text).toContain(
        "State has this resource in organization 'acme', but the default organization is 'beta' now",
      );

      engine.stack.workspace.envVars.TURSO_ORGANIZATION = "";
      const none = await engine.run("preview");
      expect(none).toMatchObject({ failed: true, steps: {} });
      expect(none.text).toContain("`pulumi config set turso:organization acme`");
      expect(requestsOf(emulator)).toEqual([]);

      expect(await engine.run("destroy")).toMatchObject({ failed: false });
      expect(emulator.store.account("acme").groups.size).toBe(0);
    });

    test("from the user form to an organization is an error at preview too", async () => {
      const emulator = await emulate();
      const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
      engine.program = prod;
      await engine.run("up");
      engine.stack.workspace.envVars.TURSO_ORGANIZATION = "personal";
      const preview = await engine.run("preview");
      expect(preview).toMatchObject({ failed: true, steps: {} });
      expect(preview.text).toContain("because both may be the same account");
    });

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

    /** The native host's default provider, as the state file has it. */
    async function providerInState(engine: Engine) {
      const { checkpoint } = JSON.parse(await engine.stateText()) as {
        checkpoint: { latest: { resources: { type: string; inputs: object; outputs: object }[] } };
      };
      return checkpoint.latest.resources.find(({ type }) => type === "pulumi:providers:turso");
    }

    test("after a rotation destroy works with --run-program, and without it the 401 says so; no token is in state", async () => {
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
      expect(refused.text).toContain("Group 'prod' in organization 'acme' was not deleted");
      expect(refused.text).toContain("401 not authenticated");
      expect(refused.text).toContain("add --run-program to use today's");
      expect(emulator.store.account("acme").groups.has("prod")).toBe(true);

      expect(await engine.run("destroy", { runProgram: true })).toMatchObject({ failed: false });
      expect(emulator.store.account("acme").groups.size).toBe(0);
      for (const text of [stateBefore, await engine.stateText(), refused.text]) {
        expect(text).not.toContain(TOKEN);
        expect(text).not.toContain(rotated);
      }
    });

    test.runIf(host.host === "dynamic")(
      "one that stands unencrypted in stack configuration is refused in the program",
      async () => {
        const { emulator, preview } = await previewWithPlainToken();
        expect(preview.failed).toBe(true);
        expect(preview.text).toContain("pulumi config set --secret turso:apiToken");
        expect(preview.text).not.toContain(TOKEN);
        expect(requestsOf(emulator)).toEqual([]);
      },
    );

    test.runIf(host.host === "native")(
      "one that stands unencrypted in stack configuration is ciphertext in state all the same",
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

  describe("a key in stack configuration that is no setting", () => {
    const config = {
      "turso:organisation": { value: "acme" },
      "turso:token": { value: TOKEN, secret: true },
      "shop:organisation": { value: "acme" },
    };
    const start = async (project: string) => {
      const emulator = await emulate();
      const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
      const engine = await startEngine({ env, config, project });
      engine.program = async () => {
        new host.turso.Group("prod", { name: "prod", location: "lhr" });
        new host.turso.Group("dev", { name: "dev", location: "lhr" });
      };
      return engine;
    };

    test("is warned about once, with the setting that was meant", async () => {
      const engine = await start("shop");
      for (const operation of ["preview", "up", "up"] as const) {
        const { failed, diagnostics } = await engine.run(operation);
        expect(failed).toBe(false);
        expect(diagnostics.match(/turso:\w+ in the stack configuration.*/g)?.sort()).toEqual([
          "turso:organisation in the stack configuration is not a setting of this provider and is ignored; did you mean 'turso:organization'?",
          "turso:token in the stack configuration is not a setting of this provider and is ignored; did you mean 'turso:apiToken'?",
        ]);
        expect(diagnostics).not.toContain(TOKEN);
      }
    });

    test("belongs to the project where that is called turso", async () => {
      const engine = await start("turso");
      const { failed, text } = await engine.run("preview");
      expect(failed).toBe(false);
      expect(text).not.toContain("is not a setting");
    });
  });

  describe("bad input is one readable error that names the resource and the setting", () => {
    const declare = (args: unknown) => async () => {
      new host.turso.Group("analytics", anyhow(args));
    };

    /** The error that the screen shows, once; nothing may have happened. */
    async function errorOf(engine: Engine, operation: "preview" | "up", at = "analytics"): Promise<string> {
      const { failed, diagnostics } = await engine.run(operation);
      expect(failed).toBe(true);
      expect(await engine.resources()).toEqual([]);
      expect(diagnostics).toContain(`(${at}):`);
      expect(diagnostics).not.toMatch(/^\s+at /m);
      return diagnostics.slice(diagnostics.indexOf(`(${at}):`));
    }

    test("at preview: inputs", async () => {
      const emulator = await emulate();
      const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
      const cases: [unknown, string[]][] = [
        [{}, ["location value {<nil>} has a problem: it is required (e.g. aws-us-east-1 or lhr)"]],
        [
          { location: 5, name: "..", lokation: "ams", replicas: "ams", deleteProtection: "yes" },
          [
            "location value {5} has a problem: it must be a string",
            'name value {..} has a problem: it must not be ".."',
            "lokation value {ams} has a problem: a Group has no such input",
            "replicas value {ams} has a problem: it must be a list",
            "deleteProtection value {yes} has a problem: it must be true or false",
          ],
        ],
      ];
      for (const [args, problems] of cases) {
        engine.program = declare(args);
        const error = await errorOf(engine, "preview");
        for (const problem of problems) expect(error).toContain(`property ${problem}`);
        expect(error.split("has a problem")).toHaveLength(problems.length + 1);
      }
      expect(requestsOf(emulator)).toEqual([]);
    });

    test("at preview: a misspelt base URL", async () => {
      const engine = await startEngine({
        env: { TURSO_API_BASEURL: "htps://api.turso.tech", TURSO_API_TOKEN: TOKEN },
      });
      engine.program = declare({ location: "lhr" });
      expect(await errorOf(engine, "preview", host.refusesSettingsAt("analytics"))).toContain(
        `TURSO_API_BASEURL is "htps://api.turso.tech", but it must use https`,
      );
    });

    test("at up: what preview could not see because there was no token, no server or no list", async () => {
      const emulator = await emulate({ locations: { lhr: "London" } });
      const good = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
      const engine = await startEngine({ env: { TURSO_MAX_RETRIES: "0" } });
      engine.program = declare({ name: "prod", location: "lhrr" });
      emulator.fail({ path: "/v1/locations", status: 500, times: Number.POSITIVE_INFINITY });
      const cases: [Record<string, string>, string[]][] = [
        [{ TURSO_API_TOKEN: "" }, ["There is no Turso API token for organization 'acme'"]],
        [
          { TURSO_API_BASEURL: "http://127.0.0.1:1" },
          ["Group 'prod' in organization 'acme' could not be created", "no response from http://127.0.0.1:1"],
        ],
        [{}, ["400 invalid location: lhrr", "`turso db locations` lists those that there are"]],
        [{ TURSO_API_BASEURL: `${emulator.url}/nowhere` }, ["404 not found"]],
      ];
      for (const [env, problems] of cases) {
        Object.assign(engine.stack.workspace.envVars, good, env);
        const error = await errorOf(engine, "up");
        for (const problem of problems) expect(error).toContain(problem);
      }
      expect(emulator.store.account("acme").groups.size).toBe(0);
    });
  });
});
