/** The list of locations, which belongs to no organization, and whose token goes with which request. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, TursoResponseError } from "../../src/api/index.js";

test.each([undefined, "acme"])("locations are the same for the organization %j", async (organization) => {
  const locations = { lhr: "London", "aws-us-east-1": "Virginia" };
  const emulator = await emulate({ locations });
  const turso = createClient({ token: TOKEN, baseUrl: emulator.url });
  expect(await turso.locations.list(organization)).toEqual(locations);
  expect(requestsOf(emulator)).toEqual(["GET /v1/locations"]);
});

test("locations are a 401 of a wrong token, a 404 of a server that has none", async () => {
  const emulator = await emulate();
  const stranger = createClient({ token: "another", baseUrl: emulator.url });
  await expect(stranger.locations.list("acme")).rejects.toMatchObject({ status: 401 });
  emulator.fail({ status: 404, body: { error: "not found" } });
  const turso = createClient({ token: TOKEN, baseUrl: emulator.url });
  await expect(turso.locations.list("acme")).rejects.toMatchObject({ isNotFound: true });
});

describe("what a server sends of locations", () => {
  const list = async (body: unknown) => {
    const { url } = await serve({ body });
    return createClient({ token: TOKEN, baseUrl: url }).locations.list("acme");
  };

  test("a description may be missing, and a code may be any word", async () => {
    const answer = '{"locations":{"lhr":"London","ams":"","fra":null,"__proto__":"odd"}}';
    const locations = await list(answer);
    expect(Object.entries(locations)).toEqual([
      ["lhr", "London"],
      ["ams", ""],
      ["fra", ""],
      ["__proto__", "odd"],
    ]);
  });

  test.each([
    [{}, "locations should be an object, but is missing"],
    [{ locations: ["lhr"] }, "locations should be an object, but is a list"],
    [{ locations: { lhr: 7 } }, "locations.lhr should be a string, but is a number"],
    [{ locations: { "lhr\ud83d": 7 } }, "a code in locations contains a lone surrogate"],
    [{ locations: { "lhr\u001b": "" } }, "a code in locations holds control characters"],
    ["", "the answer should be an object, but is missing"],
  ])("%j is no list, and the error names what is wrong", async (body, problem) => {
    const error: unknown = await list(body).catch((reason) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(problem) });
  });
});

describe("with a token for each organization", () => {
  const tokens = (organization: string | undefined) => `token-of-${organization ?? "the-user"}`;

  test("a request carries that of its organization, locations that of the organization asked for", async () => {
    const { url, seen } = await serve({ body: { groups: [], databases: [], locations: {}, jwt: "a.b.c" } });
    const turso = createClient({ token: tokens, baseUrl: url });
    await turso.groups.list("acme");
    await turso.groups.mintToken("umbrella", "prod", {});
    await turso.databases.list(undefined);
    await turso.locations.list("acme");
    await turso.locations.list(undefined);
    expect(seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ["/v1/organizations/acme/groups", "Bearer token-of-acme"],
      ["/v1/organizations/umbrella/groups/prod/auth/tokens", "Bearer token-of-umbrella"],
      ["/v1/databases?limit=1000", "Bearer token-of-the-user"],
      ["/v1/locations", "Bearer token-of-acme"],
      ["/v1/locations", "Bearer token-of-the-user"],
    ]);
  });

  test("an error leaves out the token of its own request", async () => {
    const { url } = await serve({ status: 401, body: { error: "bad: token-of-acme" } });
    const turso = createClient({ token: tokens, baseUrl: url });
    await expect(turso.groups.list("acme")).rejects.toMatchObject({ detail: "bad: [token]" });
    await expect(turso.locations.list("acme")).rejects.toMatchObject({ detail: "bad: [token]" });
  });

  test("an organization without one makes no request", async () => {
    const { url, seen } = await serve({ body: { groups: [] } });
    const token = () => {
      throw new Error("no token for acme");
    };
    const turso = createClient({ token, baseUrl: url });
    await expect(turso.groups.list("acme")).rejects.toThrow("no token for acme");
    expect(seen).toEqual([]);
  });

  test("an empty token leaves an error's text alone", async () => {
    const { url } = await serve({ status: 401, body: { error: "no token" } });
    const turso = createClient({ token: "", baseUrl: url });
    await expect(turso.groups.list("acme")).rejects.toMatchObject({ detail: "no token" });
  });
});
