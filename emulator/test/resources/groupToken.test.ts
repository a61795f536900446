import { describe, expect, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { ACCOUNTS, start } from "../help.ts";

const DAY = 24 * 60 * 60;

function jwtOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "jwt" in body && typeof body.jwt === "string")
    return body.jwt;
  throw new Error(`no jwt in ${JSON.stringify(body)}`);
}

function claims(jwt: string): unknown {
  const [header = "", payload = "", signature, ...rest] = jwt.split(".");
  expect(rest).toEqual([]);
  expect(signature).toMatch(/^[\w-]+$/);
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toMatchObject({ typ: "JWT" });
  return JSON.parse(Buffer.from(payload, "base64url").toString());
}

function lifetime(store: Store, jwt: string): number {
  return Math.round((store.tokens.get(jwt)?.expiresAt ?? Number.NaN) - Date.now() / 1000);
}

describe.each(ACCOUNTS)("group tokens, $account", ({ root, organization }) => {
  test("by default, a token never expires and has full access", async () => {
    const { store, call } = await start();
    const { uuid } = store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const response = await call("POST", `${root}/groups/prod/auth/tokens`);
    expect(response.status).toBe(200);
    expect(Object.keys(Object(response.body))).toEqual(["jwt"]);
    const payload = claims(jwtOf(response.body));
    expect(payload).toMatchObject({ a: "rw", gid: uuid, iat: expect.any(Number), rid: expect.any(String) });
    expect(payload).not.toHaveProperty("exp");
    expect(payload).not.toHaveProperty("p");
    expect(store.tokenIsValid(jwtOf(response.body), Date.now() + 1000 * DAY * 1000)).toBe(true);
  });

  test("a token has the expiration, authorization and permissions of the request", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const { body } = await call(
      "POST",
      `${root}/groups/prod/auth/tokens?expiration=2w1d30m&authorization=read-only`,
      JSON.stringify({ permissions: { read_attach: { databases: ["orders"] } } }),
      { "content-type": "text/plain;charset=UTF-8" },
    );
    const jwt = jwtOf(body);
    expect(claims(jwt)).toMatchObject({ a: "ro", exp: expect.any(Number), p: { roa: { ns: ["orders"] } } });
    expect(store.tokens.get(jwt)).toMatchObject({ authorization: "read-only", readAttach: ["orders"] });
    expect(Math.abs(lifetime(store, jwt) - (15 * DAY + 1800))).toBeLessThan(5);
    expect(store.tokenIsValid(jwt)).toBe(true);
    expect(store.tokenIsValid(jwt, Date.now() + 16 * DAY * 1000)).toBe(false);
  });

  test.each([
    { permissions: { read_attach: { databases: ["orders"] } } },
    { permissions: { read_attach: { databases: [] } } },
    { permissions: {} },
  ])("a group on AWS refuses %j", async (body) => {
    const { store, call } = await start();
    for (const [name, location] of [
      ["aws", "aws-us-east-1"],
      ["fly", "lhr"],
    ] as const)
      store.account(organization).createGroup({ name, location });
    const error = "Permissions are not supported for db-api controlled databases";
    const mint = (group: string, body?: object) => call("POST", `${root}/groups/${group}/auth/tokens`, body);
    expect(await mint("aws", body)).toMatchObject({ status: 400, body: { error } });
    for (const allowed of [undefined, {}, { permissions: null }])
      expect((await mint("aws", allowed)).status).toBe(200);
    expect((await mint("fly", body)).status).toBe(200);
    expect(store.tokens.size).toBe(4);
  });

  test("two tokens of a group differ", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const mint = async () => jwtOf((await call("POST", `${root}/groups/prod/auth/tokens`)).body);
    expect(await mint()).not.toBe(await mint());
  });

  test.each([
    ["1h30m", 5400],
    ["1.5h", 5400],
    ["7d", 7 * DAY],
    ["90s", 90],
    ["60000ms", 60],
  ])("an expiration of %s is %d seconds", async (expiration, seconds) => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const { body } = await call("POST", `${root}/groups/prod/auth/tokens?expiration=${expiration}`);
    expect(Math.abs(lifetime(store, jwtOf(body)) - seconds)).toBeLessThan(5);
  });

  test.each(["1", "w", "1y", "-1d", "0s", "1d x", "Never", "20000w", "9".repeat(400).concat("s")])(
    "an expiration of %s returns 400",
    async (expiration) => {
      const { store, call } = await start();
      store.account(organization).createGroup({ name: "prod", location: "lhr" });
      const query = new URLSearchParams({ expiration });
      const response = await call("POST", `${root}/groups/prod/auth/tokens?${query}`);
      expect(response).toMatchObject({ status: 400, body: { error: "Invalid expiration format" } });
    },
  );

  test.each([
    ["?authorization=write", undefined],
    ["", "{"],
    ["", "[]"],
    ["", { permissions: "all" }],
    ["", { permissions: { read_attach: { databases: "orders" } } }],
    ["", { permissions: { read_attach: { databases: [1] } } }],
  ])("the query '%s' with the body %j returns 400 and mints no token", async (query, body) => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    expect((await call("POST", `${root}/groups/prod/auth/tokens${query}`, body)).status).toBe(400);
    expect(store.tokens.size).toBe(0);
  });

  test("an invalidation covers all tokens of its group, and returns an empty body", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    account.createGroup({ name: "test", location: "lhr" });
    const [one, two, other] = ["prod", "prod", "test"].map((group) => account.mintToken(group).jwt);
    const response = await call("POST", `${root}/groups/prod/auth/rotate`);
    expect(response).toMatchObject({ status: 200, text: "" });
    expect([one, two, other].map((jwt) => store.tokenIsValid(jwt ?? ""))).toEqual([false, false, true]);
    expect(store.tokenIsValid(account.mintToken("prod").jwt)).toBe(true);
  });

  test("tokens of a deleted group are invalid, even if a new group has its name", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    const { jwt } = account.mintToken("prod");
    await call("DELETE", `${root}/groups/prod`);
    expect(store.tokens.size).toBe(0);
    account.createGroup({ name: "prod", location: "lhr" });
    expect(store.tokenIsValid(jwt)).toBe(false);
  });
});
