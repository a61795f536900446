/** No name changes the path of a request. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TOKEN } from "../../../../test/support/https.ts";
import { segmentProblem } from "../../../src/api/http/paths.js";
import { createClient, type GroupsApi } from "../../../src/api/index.js";
import { idOf, parseId } from "../../../src/lifecycle/resourceId.js";

/** The requests that arrived: the request line as it was sent, and the body. */
const seen: { method: string; target: string; body: string }[] = [];
const server = createServer({ maxHeaderSize: 1_000_000 }, async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  seen.push({ method: request.method ?? "", target: request.url ?? "", body });
  response.end('{"groups":[],"group":{"name":"x"},"name":"x","jwt":"x"}');
});
let groups: GroupsApi;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  groups = createClient({ token: TOKEN, baseUrl, maxRetries: 0 }).groups;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const nasty = [
  [
    "",
    ".",
    "..",
    "...",
    "/",
    "\\",
    "//",
    "a/b",
    "a\\b",
    "a/../b",
    "../..",
    "/..",
    "../",
    "..\\",
    "..;",
    "..;/x",
  ],
  [
    "%2F",
    "a%2Fb",
    "%2f..%2f",
    "%2e",
    "%2e%2e",
    ".%2e",
    "%252e%252e",
    "%",
    "%%",
    "%zz",
    "%C3%A4",
    "%00",
    "%u002e",
  ],
  [
    "?x=1",
    "#",
    "a?b#c",
    ";a=1",
    "a&b=c",
    "@evil.example",
    "evil.example:80",
    "http://evil.example/",
    "~",
    "*",
    "'",
  ],
  [
    " ",
    "a b",
    "\t",
    "a\nb",
    "a\r\nHost: evil.example",
    "\0",
    "a\0b",
    "\x7f",
    "\u0085",
    "\u00a0",
    "\u2028",
    "\ufeff",
  ],
  [
    "größe",
    "🦊",
    "e\u0301",
    "\u202egpj",
    "عربى",
    "\u2024\u2024",
    "．．",
    "／",
    "∕",
    "\ud800",
    "a\udc00b",
    "__proto__",
  ],
  ["x".repeat(1_000), "🦊".repeat(1_000), "..".repeat(1_000)],
].flat();

const name = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(".", "/", "\\", "%", "2", "e", "F", ";", "?", "#", "a"), maxLength: 6 }),
  // UTF-16 with lone surrogates.
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.stringMatching(/^[a-z][a-z0-9-]*$/),
);

/** Every operation: its call, its method, and the segments that it should have after `groups`. */
const operations: Record<
  keyof GroupsApi,
  (
    organization: string | undefined,
    group: string,
    location: string,
  ) => [Promise<unknown>, string, ...string[]]
> = {
  list: (org) => [groups.list(org), "GET"],
  create: (org, name, location) => [groups.create(org, { name, location }), "POST"],
  retrieve: (org, group) => [groups.retrieve(org, group), "GET", group],
  delete: (org, group) => [groups.delete(org, group), "DELETE", group],
  addLocation: (org, group, at) => [groups.addLocation(org, group, at), "POST", group, "locations", at],
  removeLocation: (org, group, at) => [
    groups.removeLocation(org, group, at),
    "DELETE",
    group,
    "locations",
    at,
  ],
  mintToken: (org, group) => [groups.mintToken(org, group, {}), "POST", group, "auth", "tokens"],
  invalidateTokens: (org, group) => [groups.invalidateTokens(org, group), "POST", group, "auth", "rotate"],
  setDeleteProtection: (org, group) => [
    groups.setDeleteProtection(org, group, true),
    "PATCH",
    group,
    "configuration",
  ],
  getDeleteProtection: (org, group) => [
    groups.getDeleteProtection(org, group),
    "GET",
    group,
    "configuration",
  ],
  unarchive: (org, group) => [groups.unarchive(org, group), "POST", group, "unarchive"],
  rename: (org, group, to) => [groups.rename(org, group, to), "POST", group, "rename"],
  transfer: (org, group, to) => [groups.transfer(org, group, to), "POST", group, "transfer"],
};

/** The error of a call; undefined if it succeeds. */
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (reason: unknown) => reason,
  );

test("every operation of the client is tested", () => {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(groups));
  expect(methods.filter((method) => method !== "constructor").sort()).toEqual(Object.keys(operations).sort());
});

test.each(Object.entries(operations))(
  "%s is refused, or has exactly the names in its path",
  async (_operation, start) => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(name, { nil: undefined }),
        name,
        name,
        async (organization, group, third) => {
          seen.length = 0;
          const [call, method, ...segments] = start(organization, group, third);
          const error = await errorOf(call);
          const account = organization === undefined ? [] : ["organizations", organization];
          const expected = ["v1", ...account, "groups", ...segments];
          if (expected.some((segment) => segmentProblem(segment) !== undefined)) {
            expect(error).toBeInstanceOf(TypeError);
            expect(seen).toEqual([]);
            return;
          }
          expect(error).toBeUndefined();
          expect(seen).toHaveLength(1);
          const target = seen[0]?.target ?? "";
          expect(seen[0]?.method).toBe(method);
          expect(target.split("/").map(decodeURIComponent)).toEqual(["", ...expected]);
          const { origin, href } = new URL(target, "http://server.example");
          expect(href, "as a server that normalizes paths reads it").toBe(origin + target);
        },
      ),
      { numRuns: 60 },
    );
  },
);

test("an encoded name is a name like any other: %2F is sent as %252F", async () => {
  seen.length = 0;
  await groups.retrieve("%2e%2e", "a%2Fb");
  expect(seen[0]?.target).toBe("/v1/organizations/%252e%252e/groups/a%252Fb");
});

test("a name in a body arrives unchanged, and changes nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(name, name, async (group, location) => {
      seen.length = 0;
      await groups.create("acme", { name: group, location });
      expect(seen[0]?.target).toBe("/v1/organizations/acme/groups");
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ name: group, location });
      await groups.transfer("acme", "prod", group);
      expect(JSON.parse(seen[1]?.body ?? "")).toEqual({ organization: group });
      await groups.mintToken("acme", "prod", { readAttach: [group] });
      expect(JSON.parse(seen[2]?.body ?? "")).toEqual({
        permissions: { read_attach: { databases: [group] } },
      });
    }),
  );
});

test("a name in the query arrives unchanged, and adds no parameter", async () => {
  await fc.assert(
    fc.asyncProperty(fc.option(name, { nil: undefined }), name, async (expiration, authorization) => {
      seen.length = 0;
      const asked = {
        authorization: authorization as "read-only",
        ...(expiration !== undefined && { expiration }),
      };
      await groups.mintToken("acme", "prod", asked);
      const target = seen[0]?.target ?? "";
      const { origin, href, pathname, searchParams } = new URL(target, "http://server.example");
      expect(href).toBe(origin + target);
      expect(pathname).toBe("/v1/organizations/acme/groups/prod/auth/tokens");
      // A lone surrogate cannot be encoded, so it is sent as the replacement character.
      const parameters = { authorization: authorization.toWellFormed() };
      expect(Object.fromEntries(searchParams)).toEqual(
        expiration === undefined ? parameters : { ...parameters, expiration: expiration.toWellFormed() },
      );
      expect([...searchParams]).toHaveLength(Object.keys(asked).length);
    }),
    { numRuns: 200 },
  );
});

const segment = name.filter((text) => segmentProblem(text) === undefined);
const nothing = fc.constant(undefined);

test("an ID leads back to the name and organization that it was built from", () => {
  fc.assert(
    fc.property(fc.option(segment, { nil: undefined }), segment, (organization, group) => {
      const id = idOf({ organization, name: group });
      expect(parseId("Group", id, undefined)).toEqual({ organization, name: group });
      expect(idOf(parseId("Group", id, undefined))).toBe(id);
    }),
    { numRuns: 500 },
  );
});

test("the default organization applies only to IDs without one", () => {
  fc.assert(
    fc.property(segment, segment, segment, (organization, group, other) => {
      expect(parseId("Group", group, other)).toEqual({ organization: other, name: group });
      expect(parseId("Group", `${organization}/${group}`, other)).toEqual({ organization, name: group });
    }),
    { numRuns: 500 },
  );
});

test("any text is a valid ID that keeps its meaning, or is refused", () => {
  const text = fc.oneof(
    name,
    fc.array(name, { maxLength: 4 }).map((names) => names.join("/")),
  );
  fc.assert(
    fc.property(text, fc.oneof(nothing, segment), (id, organization) => {
      const parts = id.split("/");
      const possible = parts.length <= 2 && parts.every((part) => segmentProblem(part) === undefined);
      if (!possible) {
        expect(() => parseId("Group", id, organization)).toThrow(
          expect.objectContaining({ code: "INVALID_ID" }),
        );
        return;
      }
      const whole = parts.length === 1 && organization !== undefined ? `${organization}/${id}` : id;
      expect(idOf(parseId("Group", id, organization))).toBe(whole);
      expect(idOf(parseId("Group", whole, "another"))).toBe(whole.includes("/") ? whole : `another/${whole}`);
    }),
    { numRuns: 1_000 },
  );
});
