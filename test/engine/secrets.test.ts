/**
 * No token appears anywhere: the test searches everything that the engine and the provider store or show, for
 * every encoding.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { expect, test } from "vitest";
import { emulate } from "../support/emulator.ts";
import { type RunOptions, temporaryFolder } from "../support/engine.ts";
import { describeHosts } from "../support/hosts.ts";
import { findSecret } from "../support/secrets.ts";

/** Its characters are encoded differently in each form. */
const TOKEN = "tok+en/of=the%20API~that-is:nowhere";

const messageOf = ({ diagnosticEvent }: EngineEvent) => diagnosticEvent?.message ?? "";

/** A line that the engine itself logs at `-v=9`. */
const ENGINE_LOG = /^\{"time":".*\}$/gm;

describeHosts("secrets", ({ startEngine, turso }) => {
  test.each(["variable", "configuration"])("from a %s appear nowhere", async (source) => {
    const emulator = await emulate({ token: TOKEN });
    const dir = temporaryFolder();
    const engine = await startEngine({
      dir,
      env: {
        TURSO_API_BASEURL: emulator.url,
        TURSO_MAX_RETRIES: "0",
        ...(source === "variable" && { TURSO_API_TOKEN: TOKEN }),
      },
      ...(source === "configuration" && { config: { "turso:apiToken": { value: TOKEN, secret: true } } }),
    });
    const minted: string[] = [];
    const apiTokens = new Set<string>();
    const texts: [string, string][] = [];
    const run = async (operation: "up" | "preview" | "refresh" | "destroy", succeeds: boolean) => {
      const events: EngineEvent[] = [];
      // The log of the engine contains the secrets of the configuration, see SECURITY.md.
      const verbose = source === "variable" && { logVerbosity: 9, logToStdErr: true };
      // Separate, so that no line of one interrupts a line of the other.
      const shown = { out: "", log: "" };
      const flags = {
        ...verbose,
        skipPreview: true,
        onEvent: (event: EngineEvent) => events.push(event),
        onOutput: (chunk: string) => {
          shown.out += chunk;
        },
        onError: (chunk: string) => {
          shown.log += chunk;
        },
      };
      const { failed } = await engine.run(operation, flags as RunOptions);
      expect(failed, shown.out).toBe(!succeeds);
      minted.push(...emulator.store.tokens.keys());
      for (const { token } of emulator.store.account("acme").listApiTokens()) apiTokens.add(token);
      // The debug output of the SDK shows what it received, see SECURITY.md.
      const others = events.filter((event) => !/RegisterResource RPC finished/.test(messageOf(event)));
      texts.push([`the events of ${operation}`, JSON.stringify(others)]);
      texts.push([`what ${operation} shows`, `${shown.out}\n${shown.log.replace(ENGINE_LOG, "")}`]);
      expect(findSecret(shown.log, TOKEN), "the API token in what the engine logs").toBeUndefined();
    };
    const expiration = ["1h"];
    engine.program = async () => {
      const group = new turso.Group("shop", { name: "shop", location: "lhr" });
      const ci = new turso.ApiToken("ci", { organization: "acme", keepers: { expiration } });
      const tokens = expiration.map(
        (time, i) => new turso.GroupToken(`token-${i}`, { group: group.id, expiration: time }).jwt,
      );
      return { tokens, ci: ci.token };
    };
    emulator.fail({
      method: "POST",
      path: /groups$/,
      status: 401,
      body: { error: `who is ${TOKEN}, ${btoa(TOKEN)}?` },
    });
    await run("up", false);
    await run("up", true);
    expect(minted).toHaveLength(1);
    expect(apiTokens.size).toBe(1);
    if (source === "variable") {
      expiration.push("2h");
      await run("preview", true);
      // The token is in an unusable response.
      const [ci = ""] = apiTokens;
      emulator.fail({
        method: "POST",
        path: /auth\/api-tokens/,
        status: 200,
        body: { id: "x", token: [ci, TOKEN] },
      });
      emulator.fail({ path: /\/auth\/tokens/, status: 200, body: { jwt: [minted[0], TOKEN] } });
      await run("up", false);
      emulator.fail({ path: /\/auth\/tokens/, status: 500, body: `<html>${minted[0]} ${TOKEN}` });
      await run("up", false);
      emulator.fail({ method: "GET", drop: "before" });
      await run("refresh", false);
    }
    const { pulumiCommand, workDir, envVars } = engine.stack.workspace;
    // Unlike the export of the Automation API, this one is encrypted.
    const cli = Reflect.get(pulumiCommand, "run") as (...args: unknown[]) => Promise<{ stdout: string }>;
    const { stdout } = await cli.call(pulumiCommand, ["stack", "export"], workDir, envVars);
    texts.push(["the exported state", stdout]);
    expect(stdout).toContain("ciphertext");
    await run("destroy", true);
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.map(({ name }) => name)).toContainEqual(expect.stringContaining("checkpoint"));
    for (const { parentPath, name } of files)
      texts.push([name, readFileSync(join(parentPath, name), "latin1")]);
    for (const [where, text] of texts) {
      for (const secret of new Set([TOKEN, ...minted, ...apiTokens]))
        expect(findSecret(text, secret), where).toBeUndefined();
    }
  });
});
