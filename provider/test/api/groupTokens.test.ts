/** Minting and invalidating the tokens of a group; that no error holds a minted one. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { emulate, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, TursoError } from "../../src/api/index.js";

const forms = [
  { form: "user", organization: undefined, base: "/v1/groups" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups" },
];

/** An emulator that holds the group `prod`, and a client's groups. */
async function start(organization: string | undefined) {
  const emulator = await emulate();
  const account = emulator.store.account(organization);
  account.createGroup({ name: "prod", location: "lhr" });
  const { groups } = createClient({ token: TOKEN, baseUrl: emulator.url });
  return { emulator, account, store: emulator.store, groups };
}

describe.each(forms)("a token of a group of the $form form", ({ organization, base }) => {
  test("is minted with the server's defaults: nothing is sent that was not given", async () => {
    const { emulator, store, groups } = await start(organization);
    const jwt = await groups.mintToken(organization, "prod", {});
    expect(store.tokens.get(jwt)).toMatchObject({ authorization: "full-access", readAttach: [] });
    expect(store.tokens.get(jwt)).not.toHaveProperty("expiresAt");
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0]).toMatchObject({ method: "POST", path: `${base}/prod/auth/tokens` });
    expect(emulator.requests[0]).not.toHaveProperty("body");
  });

  test("is minted with an expiration, an authorization and what it may attach", async () => {
    const { emulator, store, groups } = await start(organization);
    const jwt = await groups.mintToken(organization, "prod", {
      expiration: "2w1d30m",
      authorization: "read-only",
      readAttach: ["orders", "users"],
    });
    const token = store.tokens.get(jwt);
    expect(token).toMatchObject({ authorization: "read-only", readAttach: ["orders", "users"] });
    const lifetime = (token?.expiresAt ?? 0) - Date.now() / 1000;
    expect(Math.abs(lifetime - (15 * 86_400 + 1800))).toBeLessThan(30);
    expect(emulator.requests[0]).toMatchObject({
      path: `${base}/prod/auth/tokens?expiration=2w1d30m&authorization=read-only`,
      body: { permissions: { read_attach: { databases: ["orders", "users"] } } },
    });
  });

  test("that may attach none is like one that was not asked to", async () => {
    const { emulator, groups } = await start(organization);
    await groups.mintToken(organization, "prod", { expiration: "never", readAttach: [] });
    expect(emulator.requests[0]?.path).toBe(`${base}/prod/auth/tokens?expiration=never`);
    expect(emulator.requests[0]).not.toHaveProperty("body");
  });

  test("is refused for what is no duration, which reaches the API as it is", async () => {
    const { emulator, groups } = await start(organization);
    await expect(
      groups.mintToken(organization, "prod", { expiration: "1 week & more" }),
    ).rejects.toMatchObject({ status: 400, detail: "Invalid expiration format" });
    const { searchParams } = new URL(emulator.requests[0]?.path ?? "", emulator.url);
    expect([...searchParams]).toEqual([["expiration", "1 week & more"]]);
  });

  test("opens nothing once the group's tokens are invalidated", async () => {
    const { emulator, store, groups } = await start(organization);
    const jwts = [await groups.mintToken(organization, "prod", {})];
    jwts.push(await groups.mintToken(organization, "prod", { authorization: "read-only" }));
    expect(jwts.map((jwt) => store.tokenIsValid(jwt))).toEqual([true, true]);
    expect(await groups.invalidateTokens(organization, "prod")).toBeUndefined();
    expect(jwts.map((jwt) => store.tokenIsValid(jwt))).toEqual([false, false]);
    expect(emulator.requests[2]).toMatchObject({ method: "POST", path: `${base}/prod/auth/rotate` });
    expect(emulator.requests[2]).not.toHaveProperty("body");
  });

  test("needs a group that is there", async () => {
    const { groups } = await start(organization);
    const missing = { status: 404, isNotFound: true, detail: "group not found" };
    await expect(groups.mintToken(organization, "gone", {})).rejects.toMatchObject(missing);
    await expect(groups.invalidateTokens(organization, "gone")).rejects.toMatchObject(missing);
  });

  test("needs a group that is awake", async () => {
    const { account, groups } = await start(organization);
    account.archiveGroup("prod");
    const archived = { status: 400, saysArchived: true };
    await expect(groups.mintToken(organization, "prod", {})).rejects.toMatchObject(archived);
    await expect(groups.invalidateTokens(organization, "prod")).rejects.toMatchObject(archived);
  });
});

test.each(["", "{}"])("a 200 with the body %j is an invalidation", async (body) => {
  const { url } = await serve({ body });
  await createClient({ token: TOKEN, baseUrl: url }).groups.invalidateTokens("acme", "prod");
});

const JWT = "eyJ.the-minted-jwt-9876543210.sig";

test.each([
  [200, { jwt: { value: JWT } }, "jwt should be a string, but is an object"],
  [200, { jwt: [JWT] }, "jwt should be a string, but is a list"],
  [200, { token: JWT }, "jwt should be a string, but is missing"],
  [200, { jwt: "", old: JWT }, "jwt is empty"],
  [200, [JWT], "the answer should be an object, but is a list"],
  [200, JSON.stringify(JWT), "the answer should be an object, but is a string"],
  [200, JWT, "not the API's JSON"],
  [200, `{"jwt":"${JWT}"`, "not the API's JSON"],
  [201, { jwt: JWT }, "201"],
  [500, JWT, "500"],
])("no error of minting holds the minted token: %i %j", async (status, body, problem) => {
  const { url } = await serve({ status, body });
  const { groups } = createClient({ token: TOKEN, baseUrl: url });
  const error: unknown = await groups.mintToken("acme", "prod", {}).catch((reason) => reason);
  if (!(error instanceof TursoError)) expect.unreachable("the call should have failed with a TursoError");
  expect(error.message).toContain(problem);
  const shown = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), error.stack];
  expect(shown.join("\n")).not.toContain("minted-jwt");
});
