/** The tokens of a group: when they are issued, that they stay secret, and what revokes them. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import type { Operation } from "../support/engine.ts";
import { describeHosts, describeLifecycle, type Host } from "../support/hosts.ts";
import { warningLine } from "../support/messages.ts";

const forms = [
  { form: "own", organization: undefined, base: "/v1/groups", prefix: "" },
  { form: "acme", organization: "acme", base: "/v1/organizations/acme/groups", prefix: "acme/" },
];

/** A stack that never shows a token, neither on the screen nor in state. */
async function start({ startEngine }: Host, organization: string | undefined) {
  const emulator = await emulate();
  const engine = await startEngine({
    env: {
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      ...(organization !== undefined && { TURSO_ORGANIZATION: organization }),
    },
  });
  const minted = new Set<string>();
  return {
    emulator,
    engine,
    account: emulator.store.account(organization),
    isValid: (jwt: string) => emulator.store.tokenIsValid(jwt),
    /** Runs an operation that succeeds, and returns its writes. */
    async run(operation: Operation) {
      emulator.requests.length = 0;
      const result = await engine.run(operation);
      expect(result).toMatchObject({ failed: false });
      const shown = `${result.text}\n${await engine.stateText()}`;
      for (const jwt of emulator.store.tokens.keys()) minted.add(jwt);
      for (const jwt of minted) expect(shown).not.toContain(jwt);
      return { ...result, writes: requestsOf(emulator).filter((request) => !request.startsWith("GET")) };
    },
    /** The token that state has for the resource, decrypted. */
    async jwtOf(name: string): Promise<string> {
      const resource = (await engine.resources({ decrypted: true })).find(({ urn }) =>
        urn.endsWith(`::${name}`),
      );
      if (resource === undefined) throw new Error(`state has no ${name}`);
      const { plaintext } = resource.outputs.jwt as { plaintext: string };
      return JSON.parse(plaintext) as string;
    },
  };
}

const replaced = ["create-replacement", "replace", "delete-replaced"];

describeHosts("tokens", (host) => {
  const { turso } = host;

  test("are issued once, then only when an input changes, in both forms of the API; a renamed group is no change", async () => {
    const { emulator, engine, isValid, run, jwtOf } = await start(host, undefined);
    const accounts = forms.map(({ organization }) => emulator.store.account(organization));
    let keepers: Record<string, unknown> = { a: 1 };
    engine.program = async () => {
      const [own, acme] = forms.map(({ form, organization }) => {
        const group = new turso.Group(`${form}-shop`, {
          name: "shop",
          location: "lhr",
          ...(organization !== undefined && { organization }),
        });
        return new turso.GroupToken(form, {
          group: group.id,
          expiration: "1h",
          authorization: "read-only",
          readAttach: ["orders"],
          keepers,
        });
      });
      return { own: own?.jwt, acme: acme?.jwt, expiresAt: acme?.expiresAt };
    };
    // Neither group is known yet: one warning.
    const warning = new RegExp(warningLine("readAttach"), "gm");
    expect((await run("preview")).diagnostics.match(warning)).toHaveLength(1);
    const up = await run("up");
    expect(up.text).not.toMatch(warning);
    for (const { base } of forms) {
      expect(up.writes.filter((request) => request.startsWith(`POST ${base}`))).toEqual([
        `POST ${base}`,
        `POST ${base}/shop/auth/tokens?expiration=1h&authorization=read-only`,
      ]);
    }
    expect(up.writes).toHaveLength(4);
    for (const { form } of forms) expect(up.text).toMatch(new RegExp(`${form} +: \\[secret\\]`));
    const state = await engine.resources();
    const jwts = () => Promise.all(forms.map(({ form }) => jwtOf(form)));
    const first = await jwts();
    expect(first.map(isValid)).toEqual([true, true]);
    for (const [i, { form, prefix }] of forms.entries()) {
      expect(state.find(({ urn }) => urn.endsWith(`::${form}`))).toMatchObject({
        type: host.typeOf("GroupToken"),
        id: expect.stringMatching(new RegExp(`^${prefix}shop/[0-9a-f]{12}$`)),
        inputs: { group: "shop", expiration: "1h" },
        outputs: { group: "shop", groupUuid: accounts[i]?.group("shop").uuid, keepers: { a: 1 } },
      });
    }

    expect(await run("up")).toMatchObject({ steps: {} });
    expect(requestsOf(emulator)).toEqual([]);

    for (const account of accounts) account.renameGroup("shop", "shop2");
    expect(await run("refresh")).toMatchObject({ writes: [] });
    expect(await run("up")).toMatchObject({ steps: {}, writes: [] });

    keepers = { a: 2 };
    const changed = await run("up");
    expect(changed.steps).toEqual({ own: replaced, acme: replaced });
    for (const jwt of await jwts()) expect(first).not.toContain(jwt);
    expect([...emulator.store.tokens.keys()].map(isValid)).toEqual([true, true, true, true]);
  });
});

describeLifecycle("tokens", (host) => {
  const { turso } = host;

  describe("in an organization", () => {
    test("a due token is replaced by the next up, which says why", async () => {
      const { emulator, engine, run, jwtOf } = await start(host, "acme");
      engine.program = async () => {
        const group = new turso.Group("shop", { name: "shop", location: "lhr" });
        // 70 days later, one is due because of renewBefore, one has expired, and one has 20 days left.
        new turso.GroupToken("early", { group: group.id, expiration: "90d", renewBefore: "30d" });
        new turso.GroupToken("late", { group: group.id, expiration: "60d" });
        new turso.GroupToken("fresh", { group: group.id, expiration: "90d", renewBefore: "10d" });
      };
      emulator.clock.advance("-70d");
      await run("up");
      emulator.clock.reset();
      const before = await jwtOf("early");
      const preview = await run("preview");
      const due = { early: replaced.slice(0, 2), late: replaced.slice(0, 2) };
      expect(Object.keys(preview.steps).sort()).toEqual(Object.keys(due));
      expect(preview.text).toMatch(/group 'shop' in organization 'acme' .*\d\dZ.* 30d/);
      expect(preview.text).toMatch(/group 'shop' in organization 'acme' .*\d\dZ(?!.* 30d)/);
      expect(preview.writes).toEqual([]);

      const up = await run("up");
      expect(up.steps).toEqual({ early: replaced, late: replaced });
      expect(up.writes.length).toBe(2);
      expect(await jwtOf("early")).not.toBe(before);
      expect(await run("up")).toMatchObject({ steps: {}, writes: [] });
    });

    test("a token whose group is a different one now is reissued", async () => {
      const { engine, account, isValid, run, jwtOf } = await start(host, "acme");
      account.createGroup({ name: "legacy", location: "lhr" });
      let location = "lhr";
      engine.program = async () => {
        const group = new turso.Group("shop", { name: "shop", location });
        new turso.GroupToken("api", { group: group.id, expiration: "1h" });
        new turso.GroupToken("old", { group: "legacy", expiration: "1h" });
      };
      await run("up");
      const before = [await jwtOf("api"), await jwtOf("old")];

      account.deleteGroup("legacy");
      account.createGroup({ name: "legacy", location: "lhr" });
      expect((await run("refresh")).writes).toEqual([]);
      expect((await engine.resources()).map(({ urn }) => urn.split("::").at(-1))).toEqual(["shop", "api"]);

      // The new group has the name of the old one, and so the same id.
      location = "ams";
      const up = await run("up");
      expect(up.steps).toMatchObject({ old: ["create"] });
      expect(up.writes.filter((request) => request.includes("/auth/tokens")).length).toBe(2);
      expect([...before, await jwtOf("api"), await jwtOf("old")].map(isValid)).toEqual([
        false,
        false,
        true,
        true,
      ]);
    });

    test("an invalidation revokes all tokens, the preview says so, and the same up reissues those that depend on it", async () => {
      const { engine, account, isValid, run, jwtOf } = await start(host, "acme");
      let leaked = "never";
      engine.program = async () => {
        const group = new turso.Group("shop", { name: "shop", location: "lhr" });
        const invalidation = new turso.GroupTokenInvalidation("leak", {
          group: group.id,
          triggers: { leaked },
        });
        new turso.GroupToken("api", {
          group: group.id,
          expiration: "1h",
          keepers: { invalidated: invalidation.invalidatedAt },
        });
      };
      const up = await run("up");
      expect(up.writes.some((request) => request.endsWith("/auth/rotate"))).toBe(false);
      const outside = account.mintToken("shop").jwt;
      const before = await jwtOf("api");
      expect([before, outside].map(isValid)).toEqual([true, true]);

      leaked = "2026-11-20";
      const warning = warningLine("group 'shop' in organization 'acme'");
      const preview = await run("preview");
      expect(preview.diagnostics).toMatch(warning);
      expect(preview.writes).toEqual([]);

      const rotated = await run("up");
      expect(rotated.steps).toEqual({ leak: ["update"], api: replaced });
      expect(rotated.writes).toEqual([
        "POST /v1/organizations/acme/groups/shop/auth/rotate",
        "POST /v1/organizations/acme/groups/shop/auth/tokens?expiration=1h",
      ]);
      expect(rotated.diagnostics).not.toMatch(warning);
      expect([before, outside, await jwtOf("api")].map(isValid)).toEqual([false, false, true]);

      expect(await run("up")).toMatchObject({ steps: {}, writes: [] });
    });
  });
});
