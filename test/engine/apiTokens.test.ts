/** API tokens from their creation to their revocation, on the real engine. No operation shows one. */
import { expect, test } from "vitest";
import { runPulumi } from "../support/cli.ts";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { type Operation, temporaryFolder } from "../support/engine.ts";
import { describeLifecycle, type Host } from "../support/hosts.ts";
import { findSecret } from "../support/secrets.ts";

const replaced = ["create-replacement", "replace", "delete-replaced"];
const replacedFirst = ["delete-replaced", "replace", "create-replacement"];

async function start({ startEngine }: Host) {
  const emulator = await emulate();
  const home = temporaryFolder();
  const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
  const engine = await startEngine({ dir: home, env });
  const account = emulator.store.account("acme");
  const minted = new Set<string>();
  return {
    emulator,
    engine,
    account,
    /** Runs an operation that succeeds. Returns its writes, with the IDs of tokens as `ID`. */
    async run(operation: Operation) {
      emulator.requests.length = 0;
      const result = await engine.run(operation);
      expect(result.failed, result.text).toBe(false);
      for (const { token } of account.listApiTokens()) minted.add(token);
      const shown = `${result.text}\n${await engine.stateText()}`;
      for (const token of minted) expect(findSecret(shown, token)).toBeUndefined();
      const writes = requestsOf(emulator)
        .filter((request) => !request.startsWith("GET"))
        .map((request) => request.replace(/(?<=\/api-tokens\/)[\w-]{22}$/, "ID"));
      return { ...result, writes };
    },
    taint: (urn: string) => runPulumi(engine, home, ["state", "taint", urn, "--yes"]),
    /** What state has of a token, decrypted. */
    async stateOf(name: string) {
      const all = await engine.resources({ decrypted: true });
      const found = all.find(({ urn }) => urn.endsWith(`::${name}`));
      if (found === undefined) throw new Error(`state has no ${name}`);
      const { plaintext } = found.outputs.token as { plaintext: string };
      return { ...found, token: JSON.parse(plaintext) as string };
    },
    /** The status of a request with a token. */
    async statusOf(token: string) {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${emulator.url}/v1/organizations/acme/groups`, { headers })).status;
    },
  };
}

const POST = (name: string) => `POST /v1/auth/api-tokens/${name}`;
const DELETE = "DELETE /v1/organizations/acme/api-tokens/ID";

describeLifecycle("API tokens", (host) => {
  const { turso } = host;

  test("are created, replaced, found revoked, and revoked", async () => {
    const { emulator, engine, account, run, taint, stateOf, statusOf } = await start(host);
    let [keepers, location]: [Record<string, unknown>, string] = [{ a: 1 }, "lhr"];
    engine.program = async () => {
      const group = new turso.Group("shop", { name: "shop", location });
      const ci = new turso.ApiToken("ci", { group: group.id, scopes: ["read", "db:create"], keepers });
      // A value that depends on the group, and is always the same.
      const same = group.name.apply(() => "same");
      const fixed = new turso.ApiToken("fixed", { name: "fixed", keepers: { ...keepers, same } });
      return { token: ci.token, id: ci.tokenId, name: fixed.name };
    };
    expect((await run("preview")).writes).toEqual([]);
    const up = await run("up");
    expect(up.text).toMatch(/token *: \[secret\]/);
    const first = await stateOf("ci");
    expect(first).toMatchObject({
      type: expect.stringMatching(/:ApiToken$/),
      id: `acme/${String(first.outputs.tokenId)}`,
      outputs: { name: expect.stringMatching(/^ci-[0-9a-f]{7}$/), group: "shop", organization: "acme" },
    });
    expect(await statusOf(first.token)).toBe(200);
    expect(await run("up")).toMatchObject({ steps: {} });
    expect(requestsOf(emulator)).toEqual([]);

    // With a generated name, there is always a valid token. A fixed one cannot exist twice.
    keepers = { a: 2 };
    const previewed = await run("preview");
    expect(previewed.writes).toEqual([]);
    const change = await run("up");
    expect(change.steps).toEqual({ ci: replaced, fixed: replacedFirst });
    const second = await stateOf("ci");
    expect([await statusOf(first.token), await statusOf(second.token)]).toEqual([401, 200]);
    const { name } = second.outputs;
    expect(change.writes.toSorted()).toEqual([DELETE, DELETE, POST(String(name)), POST("fixed")]);
    expect(change.writes.at(-1)).toBe(DELETE);

    await taint(second.urn);
    const forced = await run("up");
    expect(forced.steps).toEqual({ ci: replaced });
    const third = await stateOf("ci");
    expect(third.outputs.name).not.toBe(name);
    expect([await statusOf(second.token), await statusOf(third.token)]).toEqual([401, 200]);

    account.renameGroup("shop", "shop2");
    expect(await run("refresh")).toMatchObject({ writes: [] });
    expect(await run("up")).toMatchObject({ steps: {}, writes: [] });
    account.renameGroup("shop2", "shop");
    await run("refresh");

    account.revokeApiToken(String(third.outputs.tokenId));
    await run("refresh");
    await expect(stateOf("ci")).rejects.toThrow("state has no ci");
    expect((await run("up")).steps).toEqual({ ci: ["create"] });

    // The tokens of a group die with it, others do not.
    location = "ams";
    expect((await run("up")).steps).toEqual({ shop: replacedFirst, ci: replacedFirst });
    const last = await stateOf("ci");
    expect(await statusOf(last.token)).toBe(200);
    expect(account.listApiTokens()).toHaveLength(2);
    expect(await run("up")).toMatchObject({ steps: {}, writes: [] });

    await run("destroy");
    expect(account.listApiTokens()).toEqual([]);
    expect(await statusOf(last.token)).toBe(401);
  });
});
