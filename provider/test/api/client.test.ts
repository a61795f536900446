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

/** The error of retrieving a group from a server with this response. */
async function errorOf(response: Answer): Promise<TursoError> {
  const { url } = await serve(response);
  const error: TursoError = await createClient({ token: TOKEN, baseUrl: url, maxRetries: 0 })
    .groups.retrieve("acme", "prod")
    .then(
      () => expect.unreachable("the call should have failed"),
      (reason) => reason,
    );
  return error;
}

describe.each([
  { form: "personal account", organization: undefined, base: "/v1/groups" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups" },
])("groups of a $form", ({ organization, base }) => {
  test("are created, listed, retrieved and deleted with one request each", async () => {
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

test("a name is encoded and cannot change the path", async () => {
  const { url, seen } = await serve({ body: { group: { name: "x" } } });
  const { groups } = createClient({ token: TOKEN, baseUrl: url });
  await groups.retrieve("größe", "a?b#c%2Fd");
  expect(seen[0]?.path).toBe("/v1/organizations/gr%C3%B6%C3%9Fe/groups/a%3Fb%23c%252Fd");
  for (const name of ["", ".", "..", "a/b", "a\\b", "a b", "a\nb", "\ud800"]) {
    await expect(groups.retrieve("acme", name), JSON.stringify(name)).rejects.toThrow(TypeError);
  }
  expect(seen).toHaveLength(1);
});

test("the base URL can have a path", async () => {
  const { url, seen } = await serve({ body: { groups: [] } });
  await createClient({ token: TOKEN, baseUrl: `${url}/turso` }).groups.list(undefined);
  expect(seen[0]?.path).toBe("/turso/v1/groups");
});

describe("parsing a response", () => {
  const retrieve = async (group: unknown) => {
    const { url } = await serve({ body: { group } });
    return createClient({ token: TOKEN, baseUrl: url }).groups.retrieve("acme", "prod");
  };

  test("unknown fields are ignored; missing, null and empty fields are absent", async () => {
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
    [{}, "group.name"],
    [{ name: 7 }, "group.name"],
    [{ name: "" }, "group.name"],
    [{ name: "a\u001b[2J" }, "group.name"],
    [{ name: "a\ud83d" }, "group.name"],
    [{ name: "prod", locations: "lhr" }, "group.locations"],
    [{ name: "prod", locations: ["lhr", 3] }, "group.locations[1]"],
    [{ name: "prod", archived: "no" }, "group.archived"],
    [undefined, "group"],
    [["prod"], "group"],
  ])("%j is not a group, and the error names the field", async (group, field) => {
    const error = await retrieve(group).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(`: ${field} `) });
  });

  test.each(["<html>hello</html>", "", "{"])("a 200 with the body %j is an error", async (body) => {
    const error = await errorOf({ body });
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({
      method: "GET",
      path: "/v1/organizations/acme/groups/prod",
      organization: "acme",
      mayHaveBeenApplied: true,
      isTransient: false,
    });
  });

  test.each(["", "{}", '{"group":{"name":"foo"}}'])(
    "a 200 with the body %j means that the group was deleted",
    async (body) => {
      const { url } = await serve({ body });
      await createClient({ token: TOKEN, baseUrl: url }).groups.delete("acme", "prod");
    },
  );

  test("a 200 with the HTML page of another server does not mean that the group was deleted", async () => {
    const { url } = await serve({ body: "<html>" });
    const { groups } = createClient({ token: TOKEN, baseUrl: url });
    await expect(groups.delete("acme", "prod")).rejects.toBeInstanceOf(TursoResponseError);
  });
});

describe("an error status", () => {
  test.each([
    [302, { isTransient: false, mayHaveBeenApplied: false }],
    [400, { isTransient: false, mayHaveBeenApplied: false, hint: "" }],
    [401, { isTransient: false, mayHaveBeenApplied: false }],
    [402, { isTransient: false, mayHaveBeenApplied: false }],
    [403, { isTransient: false, mayHaveBeenApplied: false }],
    [404, { isTransient: false, mayHaveBeenApplied: false, isNotFound: true }],
    [408, { isTransient: true, mayHaveBeenApplied: true }],
    [409, { isTransient: false, mayHaveBeenApplied: false }],
    [429, { isTransient: true, mayHaveBeenApplied: false }],
    [500, { isTransient: true, mayHaveBeenApplied: true }],
    [501, { isTransient: false, mayHaveBeenApplied: true }],
    [503, { isTransient: true, mayHaveBeenApplied: true }],
  ])("%i is an error with the request, the API's message and a hint", async (status, properties) => {
    const error = await errorOf({ status, body: { error: "because of this" } });
    expect(error).toBeInstanceOf(TursoApiError);
    expect(error).toMatchObject({
      status,
      detail: "because of this",
      method: "GET",
      path: "/v1/organizations/acme/groups/prod",
      organization: "acme",
      attempts: 1,
      summary: `GET /v1/organizations/acme/groups/prod: ${status} because of this`,
      isNotFound: false,
      ...properties,
    });
    const { summary, hint } = error as TursoApiError;
    expect(error.message).toBe(hint === "" ? summary : `${summary}\n${hint}`);
  });

  test.each(["<html>Bad Gateway</html>", "", "oops", { message: "oops" }])(
    "404 with the body %j does not come from the API",
    async (body) => {
      const error = await errorOf({ status: 404, body });
      expect(error).toMatchObject({ status: 404, detail: undefined, isNotFound: false });
    },
  );

  test("201 is an error: the API responds to every success with 200", async () => {
    expect(await errorOf({ status: 201, body: { group: { name: "prod" } } })).toMatchObject({ status: 201 });
  });

  test("redirects are not followed, so no other host gets the token", async () => {
    const other = await serve({ body: { group: { name: "prod" } } });
    await errorOf({ status: 307, headers: { location: `${other.url}/v1/groups` }, body: "" });
    expect(other.seen).toEqual([]);
  });
});

describe("no response", () => {
  test("a server that cannot be reached has done nothing", async () => {
    const error = await createClient({ token: TOKEN, baseUrl: "http://127.0.0.1:1", maxRetries: 0 })
      .groups.list("acme")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect(error).toMatchObject({
      code: "ECONNREFUSED",
      mayHaveBeenApplied: false,
      isTransient: true,
      reason: expect.stringContaining("http://127.0.0.1:1"),
    });
  });

  test("a connection that breaks may have carried the request out", async () => {
    const error = await errorOf({});
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect(error.mayHaveBeenApplied).toBe(true);
  });

  test("a response of more than 10 MB is rejected", async () => {
    const error = await errorOf({ body: "x".repeat(10_000_001) });
    expect(error).toBeInstanceOf(TursoConnectionError);
    expect(error).toMatchObject({ code: "ERR_TOO_LARGE", isTransient: false });
  });

  test("a request that takes too long times out", async () => {
    const emulator = await emulate({ latency: 5_000 });
    const { groups } = createClient({ token: TOKEN, baseUrl: emulator.url, timeout: 0.05, maxRetries: 0 });
    await expect(groups.list("acme")).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });
});

test("no error contains the token, even if the server repeats it", async () => {
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

test("requests carry the user agent and the current token", async () => {
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
])("the base URL %s is refused", (baseUrl) => {
  const make = () => createClient({ token: TOKEN, baseUrl });
  expect(make).toThrow(TypeError);
  expect(make).not.toThrow("secret");
});

test("the API's message cannot move the cursor of a terminal", async () => {
  const error = await errorOf({ status: 400, body: { error: "no\u001b[2J\r\nyes\u009b1m" } });
  expect(error).toMatchObject({ detail: "no [2J yes 1m" });
});

test.each([
  ["a lone surrogate", "no \ud83d way", "no \ufffd way"],
  ["a character at the cut", `${"x".repeat(499)}😀 and more`, `${"x".repeat(499)}😀`],
  ["characters of two units", "😀".repeat(600), "😀".repeat(500)],
])("the API's message contains whole characters only: %s", async (_, error, detail) => {
  const refusal = await errorOf({ status: 400, body: { error } });
  expect(refusal).toMatchObject({ detail });
  expect(refusal.message.isWellFormed()).toBe(true);
});

test("createClient requires a token", () => {
  for (const options of [undefined, {}, { token: 5 }])
    expect(() => Reflect.apply(createClient, undefined, [options])).toThrow(TypeError);
});
