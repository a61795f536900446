/** Organizations, members and invites. Most of their methods are tested with the resources. */
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient } from "../../src/api/index.js";

const clientOf = (baseUrl: string) => createClient({ token: TOKEN, baseUrl, maxRetries: 0 }).organizations;

test("names are encoded in paths, and invites are in version 2 of the API", async () => {
  const emulator = await emulate();
  const client = clientOf(emulator.url);
  await client.invite("acme", { email: "a+b@example.com", role: "viewer" });
  expect(await client.invites("acme")).toEqual([{ email: "a+b@example.com", role: "viewer" }]);
  await client.deleteInvite("acme", "a+b@example.com");
  await expect(client.deleteInvite("acme", "a+b@example.com")).rejects.toMatchObject({ isNotFound: true });
  await client.addMember("acme", { username: "x?y", role: "admin" });
  expect(await client.member("acme", "x?y")).toMatchObject({ username: "x?y", role: "admin" });
  expect(await client.updateMember("acme", "x?y", "viewer")).toMatchObject({ role: "viewer" });
  await client.removeMember("acme", "x?y");
  expect(await client.members("acme")).toHaveLength(1);
  expect(await client.currentUser("acme")).toEqual({ username: "personal" });
  expect(new Set(requestsOf(emulator))).toEqual(
    new Set([
      "POST /v2/organizations/acme/invites",
      "GET /v2/organizations/acme/invites",
      "DELETE /v2/organizations/acme/invites/a%2Bb%40example.com",
      "POST /v1/organizations/acme/members",
      "GET /v1/organizations/acme/members/x%3Fy",
      "PATCH /v1/organizations/acme/members/x%3Fy",
      "DELETE /v1/organizations/acme/members/x%3Fy",
      "GET /v1/organizations/acme/members",
      "GET /v1/user",
    ]),
  );
});

test.each([
  ["members", { members: [{ role: "admin" }] }, "members[0].username is missing"],
  ["members", { members: [{ username: "a" }] }, "members[0].role is missing"],
  ["members", {}, "members is missing"],
  ["invites", { invites: [{ email: "", role: "admin" }] }, "invites[0].email is empty"],
  ["list", { organizations: [{ name: "a" }] }, "organizations[0].slug is missing"],
  ["list", "text", "body must be an object"],
] as const)("%s refuses %j", async (method, body, problem) => {
  const { url } = await serve({ body: JSON.stringify(body) });
  await expect(clientOf(url)[method]("acme")).rejects.toThrow(problem);
});

test("members are listed to the last page, if the server paginates", async () => {
  const emulator = await emulate();
  const page = (username: string, next: string | null) =>
    emulator.fail({ status: 200, body: { members: [{ username, role: "admin" }], pagination: { next } } });
  page("a", "c2");
  page("b", null);
  expect(await clientOf(emulator.url).members("acme")).toMatchObject([{ username: "a" }, { username: "b" }]);
  expect(requestsOf(emulator).at(-1)).toBe("GET /v1/organizations/acme/members?cursor=c2");
});
