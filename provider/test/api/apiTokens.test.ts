/** Creating, listing, checking and revoking API tokens. No error contains a token. */
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { findSecret, shownOf } from "../../../test/support/secrets.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, type TursoApiError, TursoError } from "../../src/api/index.js";

const MINTED = "eyJ-a-minted-api-token-0123456789";

async function start() {
  const emulator = await emulate();
  const account = emulator.store.account("acme");
  account.createGroup({ name: "prod", location: "lhr" });
  return { emulator, account, ...createClient({ token: TOKEN, baseUrl: emulator.url }) };
}

test("a token is created, accepted, listed and revoked", async () => {
  const { emulator, account, apiTokens } = await start();
  const limits = { organization: "acme", group: "prod", scopes: ["read-only"] };
  const { id, token } = await apiTokens.create("ci", limits);
  expect(account.listApiTokens()).toMatchObject([{ name: "ci", uuid: id, token }]);
  expect(emulator.requests[0]?.body).toEqual(limits);
  const listed = { id, name: "ci", organization: "acme", group: "prod", scopes: ["read"] };
  const createdAt = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
  expect(await apiTokens.list("acme")).toEqual([{ ...listed, owner: "personal", createdAt }]);
  expect(await apiTokens.list(undefined)).toEqual([{ ...listed, createdAt }]);
  expect(await apiTokens.isAccepted(token)).toBe(true);
  await apiTokens.revoke("acme", id);
  expect(await apiTokens.isAccepted(token)).toBe(false);
  await expect(apiTokens.revoke("acme", id)).rejects.toMatchObject({ isNotFound: true });
  expect(requestsOf(emulator)).toEqual([
    "POST /v1/auth/api-tokens/ci",
    "GET /v1/organizations/acme/api-tokens",
    "GET /v1/auth/api-tokens",
    "GET /v1/auth/validate",
    `DELETE /v1/organizations/acme/api-tokens/${id}`,
    "GET /v1/auth/validate",
    `DELETE /v1/organizations/acme/api-tokens/${id}`,
  ]);
});

test("the tokens of an organization are sent for it, also where the path does not name it", async () => {
  const { emulator } = await start();
  emulator.store.apiTokens.set("acme", "of-acme");
  const { apiTokens } = createClient({ token: (slug) => `of-${slug}`, baseUrl: emulator.url });
  await apiTokens.create("ci", { organization: "acme" });
  expect(apiTokens.isInUse("acme", "of-acme")).toBe(true);
  expect(apiTokens.isInUse("beta", "of-acme")).toBe(false);
});

test("a token that is taken, an unknown group and an unknown scope are refused", async () => {
  const { account, apiTokens } = await start();
  account.createApiToken("ci");
  const refused = async (name: string, more: object) =>
    apiTokens.create(name, { organization: "acme", ...more }).catch((error: TursoApiError) => error.status);
  expect(await refused("ci", {})).toBe(409);
  expect(await refused("new", { group: "none", scopes: ["read"] })).toBe(404);
  expect(await refused("new", { group: "prod", scopes: ["write"] })).toBe(400);
});

test("a creation is sent once, because each creates a token", async () => {
  const { emulator } = await start();
  const { apiTokens } = createClient({ token: TOKEN, baseUrl: emulator.url, maxRetries: 3, pause: 1 });
  emulator.fail({ method: "POST", drop: "after" });
  await expect(apiTokens.create("ci", { organization: "acme" })).rejects.toMatchObject({
    mayHaveBeenApplied: true,
  });
  expect(requestsOf(emulator)).toHaveLength(1);
});

test("only the API's own 401 says that a token is not accepted", async () => {
  for (const response of [
    { status: 401, body: "<html>" },
    { status: 403, body: { error: "no" } },
    { status: 500, body: { error: "no" } },
    { status: 200, body: "<html>" },
  ]) {
    const { url: baseUrl } = await serve(response);
    const { apiTokens } = createClient({ token: TOKEN, baseUrl, maxRetries: 0 });
    const error: unknown = await apiTokens.isAccepted(MINTED).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TursoError);
  }
});

test.each([
  { status: 401, body: `who is ${MINTED}?` },
  { status: 403, body: { error: `no ${MINTED}, ${btoa(MINTED)}` } },
  { status: 200, body: { id: 5, name: "ci", token: MINTED } },
  { status: 200, body: { id: "x", name: "ci", token: [MINTED] } },
  { status: 200, body: `<html>${MINTED}` },
])("no error contains a token: %j", async (response) => {
  const { url: baseUrl, seen } = await serve(response);
  const { apiTokens } = createClient({ token: TOKEN, baseUrl, maxRetries: 0 });
  const calls = [apiTokens.isAccepted(MINTED)];
  // An error text that repeats a token is only known for the token that was sent.
  if (response.status === 200) calls.push(apiTokens.create("ci", { organization: "acme" }).then(() => true));
  for (const call of calls) {
    const error: unknown = await call.then(String, (error: unknown) => error);
    for (const secret of [TOKEN, MINTED]) expect(findSecret(shownOf(error), secret)).toBeUndefined();
  }
  expect(seen[0]?.headers.authorization).toBe(`Bearer ${MINTED}`);
});
