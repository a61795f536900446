/** Listing locations, which belong to no organization, and which token a request carries. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, TursoResponseError } from "../../src/api/index.js";

test.each([undefined, "acme"])(
  "locations are listed with the token of the organization %j",
  async (organization) => {
    const locations = { lhr: "London", "aws-us-east-1": "Virginia" };
    const emulator = await emulate({ locations });
    const turso = createClient({ token: TOKEN, baseUrl: emulator.url });
    expect(await turso.locations.list(organization)).toEqual(locations);
    expect(requestsOf(emulator)).toEqual(["GET /v1/locations"]);
  },
);

test("listing fails with 401 for a wrong token, with 404 if the server has no locations", async () => {
  const emulator = await emulate();
  const stranger = createClient({ token: "another", baseUrl: emulator.url });
  await expect(stranger.locations.list("acme")).rejects.toMatchObject({ status: 401 });
  emulator.fail({ status: 404, body: { error: "not found" } });
  const turso = createClient({ token: TOKEN, baseUrl: emulator.url });
  await expect(turso.locations.list("acme")).rejects.toMatchObject({ isNotFound: true });
});

describe("parsing locations", () => {
  const list = async (body: unknown) => {
    const { url } = await serve({ body });
    return createClient({ token: TOKEN, baseUrl: url }).locations.list("acme");
  };

  test("accepts a missing description, and any code", async () => {
    const response = '{"locations":{"lhr":"London","ams":"","fra":null,"__proto__":"odd"}}';
    const locations = await list(response);
    expect(Object.entries(locations)).toEqual([
      ["lhr", "London"],
      ["ams", ""],
      ["fra", ""],
      ["__proto__", "odd"],
    ]);
  });

  test.each([
    [{}, ": locations "],
    [{ locations: ["lhr"] }, ": locations "],
    [{ locations: { lhr: 7 } }, ": locations.lhr "],
    [{ locations: { "lhr\ud83d": 7 } }, "surrogate"],
    [{ locations: { "lhr\u001b": "" } }, "control characters"],
    ["", ": body "],
  ])("%j is not a map of locations, and the error names the field", async (body, problem) => {
    const error: unknown = await list(body).catch((reason) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(problem) });
  });
});

describe("with a token for each organization", () => {
  const tokens = (organization: string | undefined) => `token-of-${organization ?? "the-user"}`;

  test("a request carries the token of its organization", async () => {
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

  test("an error names the organization of the request, without its token", async () => {
    const { url } = await serve({ status: 401, body: { error: "bad: token-of-acme" } });
    const turso = createClient({ token: tokens, baseUrl: url });
    const error = { detail: "bad: [token]", organization: "acme" };
    await expect(turso.groups.list("acme")).rejects.toMatchObject(error);
    await expect(turso.locations.list("acme")).rejects.toMatchObject(error);
  });

  test("an organization without a token makes no request", async () => {
    const { url, seen } = await serve({ body: { groups: [] } });
    const token = () => {
      throw new Error("no token for acme");
    };
    const turso = createClient({ token, baseUrl: url });
    await expect(turso.groups.list("acme")).rejects.toThrow("no token for acme");
    expect(seen).toEqual([]);
  });

  test("an empty token does not change the text of an error", async () => {
    const { url } = await serve({ status: 401, body: { error: "no token" } });
    const turso = createClient({ token: "", baseUrl: url });
    await expect(turso.groups.list("acme")).rejects.toMatchObject({ detail: "no token" });
  });
});
