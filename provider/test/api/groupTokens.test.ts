/** Creating and invalidating the tokens of a group. No error contains a token. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { emulate, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, TursoError } from "../../src/api/index.js";

const forms = [
  { form: "personal account", organization: undefined, base: "/v1/groups" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups" },
];

/** An emulator with the group `prod`, and a client. */
async function start(organization: string | undefined) {
  const emulator = await emulate();
  const account = emulator.store.account(organization);
  account.createGroup({ name: "prod", location: "lhr" });
  const { groups } = createClient({ token: TOKEN, baseUrl: emulator.url });
  return { emulator, account, store: emulator.store, groups };
}

describe.each(forms)("a token of a group of a $form", ({ organization, base }) => {
  test("is created with the server's defaults if no options are set", async () => {
    const { emulator, store, groups } = await start(organization);
    const jwt = await groups.mintToken(organization, "prod", {});
    expect(store.tokens.get(jwt)).toMatchObject({ authorization: "full-access", readAttach: [] });
    expect(store.tokens.get(jwt)).not.toHaveProperty("expiresAt");
    expect(emulator.requests).toHaveLength(1);
    expect(emulator.requests[0]).toMatchObject({ method: "POST", path: `${base}/prod/auth/tokens` });
    expect(emulator.requests[0]).not.toHaveProperty("body");
  });

  test("is created with an expiration, an authorization and databases to attach", async () => {
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

  test("with an empty readAttach is like one without it", async () => {
    const { emulator, groups } = await start(organization);
    await groups.mintToken(organization, "prod", { expiration: "never", readAttach: [] });
    expect(emulator.requests[0]?.path).toBe(`${base}/prod/auth/tokens?expiration=never`);
    expect(emulator.requests[0]).not.toHaveProperty("body");
  });

  test("is refused by the API if the expiration is not a duration", async () => {
    const { emulator, groups } = await start(organization);
    await expect(
      groups.mintToken(organization, "prod", { expiration: "1 week & more" }),
    ).rejects.toMatchObject({ status: 400, detail: "Invalid expiration format" });
    const { searchParams } = new URL(emulator.requests[0]?.path ?? "", emulator.url);
    expect([...searchParams]).toEqual([["expiration", "1 week & more"]]);
  });

  test("is invalid after the group's tokens are invalidated", async () => {
    const { emulator, store, groups } = await start(organization);
    const jwts = [await groups.mintToken(organization, "prod", {})];
    jwts.push(await groups.mintToken(organization, "prod", { authorization: "read-only" }));
    expect(jwts.map((jwt) => store.tokenIsValid(jwt))).toEqual([true, true]);
    expect(await groups.invalidateTokens(organization, "prod")).toBeUndefined();
    expect(jwts.map((jwt) => store.tokenIsValid(jwt))).toEqual([false, false]);
    expect(emulator.requests[2]).toMatchObject({ method: "POST", path: `${base}/prod/auth/rotate` });
    expect(emulator.requests[2]).not.toHaveProperty("body");
  });

  test("cannot be created or invalidated if the group does not exist", async () => {
    const { groups } = await start(organization);
    const missing = { status: 404, isNotFound: true, detail: "group not found" };
    await expect(groups.mintToken(organization, "gone", {})).rejects.toMatchObject(missing);
    await expect(groups.invalidateTokens(organization, "gone")).rejects.toMatchObject(missing);
  });

  test("cannot be created or invalidated if the group is archived", async () => {
    const { account, groups } = await start(organization);
    account.archiveGroup("prod");
    const archived = { status: 400, saysArchived: true };
    await expect(groups.mintToken(organization, "prod", {})).rejects.toMatchObject(archived);
    await expect(groups.invalidateTokens(organization, "prod")).rejects.toMatchObject(archived);
  });
});

test.each(["", "{}"])("a 200 with the body %j means that the tokens were invalidated", async (body) => {
  const { url } = await serve({ body });
  await createClient({ token: TOKEN, baseUrl: url }).groups.invalidateTokens("acme", "prod");
});

const JWT = "eyJ.the-minted-jwt-9876543210.sig";

test.each([
  [200, { jwt: { value: JWT } }, ": jwt "],
  [200, { jwt: [JWT] }, ": jwt "],
  [200, { token: JWT }, ": jwt "],
  [200, { jwt: "", old: JWT }, ": jwt "],
  [200, [JWT], ": body "],
  [200, JSON.stringify(JWT), ": body "],
  [200, JWT, "JSON"],
  [200, `{"jwt":"${JWT}"`, "JSON"],
  [201, { jwt: JWT }, "201"],
  [500, JWT, "500"],
])("no error contains the new token: %i %j", async (status, body, problem) => {
  const { url } = await serve({ status, body });
  const { groups } = createClient({ token: TOKEN, baseUrl: url });
  const error: unknown = await groups.mintToken("acme", "prod", {}).catch((reason) => reason);
  if (!(error instanceof TursoError)) expect.unreachable("the call should have failed with a TursoError");
  expect(error.message).toContain(problem);
  const shown = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), error.stack];
  expect(shown.join("\n")).not.toContain("minted-jwt");
});
