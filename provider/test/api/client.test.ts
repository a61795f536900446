import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { type Answer, serve } from "../../../test/support/server.ts";
import {
  createClient,
  TursoApiError,
  TursoConnectionError,
  type TursoError,
  TursoResponseError,
} from "../../src/api/index.js";

/** The error of retrieving a group from a server that answers so. */
async function errorOf(answer: Answer): Promise<TursoError> {
  const { url } = await serve(answer);
  const error: TursoError = await createClient({ token: TOKEN, baseUrl: url, maxRetries: 0 })
    .groups.retrieve("acme", "prod")
    .then(
      () => expect.unreachable("the call should have failed"),
      (reason) => reason,
    );
  return error;
}

describe.each([
  { form: "user", organization: undefined, base: "/v1/groups" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups" },
])("groups of the $form form", ({ organization, base }) => {
  test("are created, listed, retrieved and deleted, one request each", async () => {
    const emulator = await emulate();
    const { groups } = createClient({ token: TOKEN, baseUrl: emulator.url });
    const created = await groups.create(organization, { name: "prod", location: "lhr" });
    expect(created).toMatchObject({ name: "prod", primary: "lhr", locations: ["lhr"], archived: false });
    expect(await groups.list(organization)).toEqual([created]);
    expect(await groups.retrieve(organization, "prod")).toEqual(created);
    await groups.delete(organization, "prod");
    expect(emulator.store.account(organization).groups.size).toBe(0);
    expect(requestsOf(emulator)).toEqual([
      `POST ${base}`,
      `GET ${base}`,
      `GET ${base}/prod`,
      `DELETE ${base}/prod`,
    ]);
  });
});

test("a name is encoded, and never reaches another path", async () => {
  const { url, seen } = await serve({ body: { group: { name: "x" } } });
  const { groups } = createClient({ token: TOKEN, baseUrl: url });
  await groups.retrieve("größe", "a?b#c%2Fd");
  expect(seen[0]?.path).toBe("/v1/organizations/gr%C3%B6%C3%9Fe/groups/a%3Fb%23c%252Fd");
  for (const name of ["", ".", "..", "a/b", "a\\b", "a b", "a\nb", "\ud800"]) {
    await expect(groups.retrieve("acme", name), JSON.stringify(name)).rejects.toThrow(TypeError);
  }
  expect(seen).toHaveLength(1);
});

test("the base URL may have a path", async () => {
  const { url, seen } = await serve({ body: { groups: [] } });
  await createClient({ token: TOKEN, baseUrl: `${url}/turso` }).groups.list(undefined);
  expect(seen[0]?.path).toBe("/turso/v1/groups");
});

describe("what a server sends", () => {
  const retrieve = async (group: unknown) => {
    const { url } = await serve({ body: { group } });
    return createClient({ token: TOKEN, baseUrl: url }).groups.retrieve("acme", "prod");
  };

  test("unknown fields are ignored, missing, null and empty ones absent", async () => {
    expect(await retrieve({ name: "prod", status: { libsql: "ok" }, uuid: null, version: "" })).toEqual({
      name: "prod",
    });
    expect(await retrieve({ name: "prod", delete_protection: true, locations: null })).toEqual({
      name: "prod",
      deleteProtection: true,
    });
  });

  test("a list that is null is empty", async () => {
    const { url } = await serve({ body: { groups: null } });
    expect(await createClient({ token: TOKEN, baseUrl: url }).groups.list("acme")).toEqual([]);
  });

  test.each([
    [{}, "group.name should be a string, but is missing"],
    [{ name: 7 }, "group.name should be a string, but is a number"],
    [{ name: "" }, "group.name is empty"],
    [{ name: "a\u001b[2J" }, "group.name holds control characters"],
    [{ name: "a\ud83d" }, "group.name contains a lone surrogate"],
    [{ name: "prod", locations: "lhr" }, "group.locations should be a list, but is a string"],
    [{ name: "prod", locations: ["lhr", 3] }, "group.locations[1] should be a string, but is a number"],
    [{ name: "prod", archived: "no" }, "group.archived should be true or false, but is a string"],
    [undefined, "group should be an object, but is missing"],
    [["prod"], "group should be an object, but is a list"],
  ])("%j is no group, and the error names what is wrong", async (group, problem) => {
    const error = await retrieve(group).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect((error as Error).message).toContain(problem);
  });

  test.each([
    ["<html>hello</html>", "an HTML page"],
    ["", "should be an object, but is missing"],
    ["{", "not the API's JSON"],
  ])("a 200 with the body %j is an error", async (body, problem) => {
    const error = await errorOf({ body });
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error.message).toContain(problem);
    expect(error.mayHaveBeenApplied).toBe(true);
  });

  test.each(["", "{}", '{"group":{"name":"foo"}}'])("a 200 with the body %j is a deletion", async (body) => {
    const { url } = await serve({ body });
    await createClient({ token: TOKEN, baseUrl: url }).groups.delete("acme", "prod");
  });

  test("a 200 with a page of some other server is no deletion", async () => {
    const { url } = await serve({ body: "<html>" });
    const { groups } = createClient({ token: TOKEN, baseUrl: url });
    await expect(groups.delete("acme", "prod")).rejects.toBeInstanceOf(TursoResponseError);
  });
});

describe("a refusal", () => {
  test.each([
    [
      401,
      "`turso auth api-tokens mint NAME --org ORGANIZATION` (for a personal account, ORGANIZATION is its slug",
    ],
    [402, "turso plan show"],
    [403, "token's scope"],
    [404, "check the name and the organization"],
    [409, "already there"],
    [429, "fewer requests"],
    [500, "in trouble"],
    [503, "in trouble"],
    [302, "Redirects are not followed"],
  ])("of status %i says what was tried, the API's words and what to do", async (status, hint) => {
    const error = await errorOf({ status, body: { error: "because of this" } });
    expect(error).toBeInstanceOf(TursoApiError);
    expect(error).toMatchObject({ status, detail: "because of this", method: "GET" });
    expect(error.message).toContain(`GET /v1/organizations/acme/groups/prod: ${status} because of this\n`);
    expect(error.message).toContain(hint);
    expect(error.mayHaveBeenApplied).toBe(status >= 500);
  });

  test.each([
    ["<html>Bad Gateway</html>", "an HTML page"],
    ["", "an empty answer"],
    ["oops", "not the API's JSON"],
    [{ message: "oops" }, "not the API's JSON"],
  ])("that is not the API's is named as such: %j", async (body, description) => {
    const error = await errorOf({ status: 404, body });
    expect(error.message).toContain(description);
    expect(error).toMatchObject({ detail: undefined, isNotFound: false });
  });

  test("of status 201 is one too: the API's success is exactly 200", async () => {
    expect(await errorOf({ status: 201, body: { group: { name: "prod" } } })).toMatchObject({ status: 201 });
  });

  test("redirects are not followed, so that no other host gets the token", async () => {
    const other = await serve({ body: { group: { name: "prod" } } });
    await errorOf({ status: 307, headers: { location: `${other.url}/v1/groups` }, body: "" });
    expect(other.seen).toEqual([]);
  });
});

describe("no answer", () => {
  test("a server that is not there cannot have done anything", async () => {
    const error = await createClient({ token: TOKEN, baseUrl: "http://127.0.0.1:1", maxRetries: 0 })
      .groups.list("acme")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect(error).toMatchObject({ code: "ECONNREFUSED", mayHaveBeenApplied: false });
    expect((error as Error).message).toContain("no answer from http://127.0.0.1:1");
    expect((error as Error).message).toContain("base URL");
  });

  test("a connection that breaks may have", async () => {
    const error = await errorOf({});
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect(error.mayHaveBeenApplied).toBe(true);
  });

  test("an answer of more than 10 MB is cut off", async () => {
    expect(await errorOf({ body: "x".repeat(10_000_001) })).toBeInstanceOf(TursoConnectionError);
  });

  test("a server that takes too long is given up", async () => {
    const emulator = await emulate({ latency: 5_000 });
    const { groups } = createClient({ token: TOKEN, baseUrl: emulator.url, timeout: 0.05, maxRetries: 0 });
    await expect(groups.list("acme")).rejects.toThrow("(not within 0.05 s)");
  });
});

test("no error holds the token, not even where the server repeats it", async () => {
  const errors = [
    await errorOf({ status: 401, body: { error: `bad token ${TOKEN}` } }),
    await errorOf({ status: 500, body: TOKEN }),
    await errorOf({ body: TOKEN }),
    await errorOf({}),
  ];
  for (const error of errors) {
    const shown = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), error.stack];
    expect(shown.join("\n")).not.toContain(TOKEN);
  }
});

test("requests carry the user agent, and the token of the moment", async () => {
  const { url, seen } = await serve({ body: { groups: [] } });
  const tokens = ["one", "two"];
  const { groups } = createClient({ token: () => tokens.shift() ?? "", baseUrl: url, userAgent: "me/1" });
  await groups.list("acme");
  await groups.list("acme");
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer one", "Bearer two"]);
  expect(seen[0]?.headers["user-agent"]).toBe("me/1");
});

test.each([
  "http://api.turso.tech",
  "https://me:secret@api.turso.tech",
  "ftp://127.0.0.1",
  "turso",
  "https://x/v1",
])("a client of %s is not made", (baseUrl) => {
  const make = () => createClient({ token: TOKEN, baseUrl });
  expect(make).toThrow(TypeError);
  expect(make).not.toThrow("secret");
});

test("what a server says does not move the cursor of a terminal", async () => {
  const error = await errorOf({ status: 400, body: { error: "no\u001b[2J\r\nyes\u009b1m" } });
  expect(error.message).toContain("400 no [2J yes 1m");
});

test.each([
  ["a lone surrogate", "no \ud83d way", "no \ufffd way"],
  ["a character at the cut", `${"x".repeat(499)}😀 and more`, `${"x".repeat(499)}😀`],
  ["characters of two units", "😀".repeat(600), "😀".repeat(500)],
])("what a server says stays whole characters: %s", async (_, error, detail) => {
  const refusal = await errorOf({ status: 400, body: { error } });
  expect(refusal).toMatchObject({ detail });
  expect(refusal.message.isWellFormed()).toBe(true);
});

test("createClient says which option it needs", () => {
  for (const options of [undefined, {}, { token: 5 }])
    expect(() => Reflect.apply(createClient, undefined, [options])).toThrow(
      'createClient needs an API token: createClient({ token: "…" }).',
    );
});
