import { expect, test } from "vitest";
import { start } from "../help.ts";

const ROOT = "/v2/organizations/acme/invites";
const BOB = encodeURIComponent("bob+turso@example.com");

test("an invite is created, replaced by a second one and deleted", async () => {
  const { store, call } = await start();
  expect((await call("POST", ROOT, { email: "bob+turso@example.com", role: "viewer" })).body).toEqual({
    invited: { email: "bob+turso@example.com", role: "viewer", organization: "acme" },
  });
  expect((await call("POST", ROOT, { email: "Bob+turso@example.com" })).status).toBe(200);
  expect((await call("GET", ROOT)).body).toMatchObject({
    invites: [{ id: 2, email: "Bob+turso@example.com", role: "member" }],
  });
  expect(await call("DELETE", `${ROOT}/${BOB}`)).toMatchObject({ status: 200, text: "" });
  expect(store.account("acme").invites.size).toBe(0);
  expect(await call("DELETE", `${ROOT}/${BOB}`)).toMatchObject({
    status: 404,
    body: { error: "invite not found" },
  });
});

test("an accepted invite is a member with its address, who cannot be invited again", async () => {
  const { store, call } = await start();
  const acme = store.account("acme");
  acme.invite("bob@example.com", "admin");
  acme.acceptInvite("bob@example.com", "bobby");
  expect((await call("GET", ROOT)).body).toEqual({ invites: [] });
  expect(acme.member("bobby")).toMatchObject({ email: "bob@example.com", role: "admin" });
  expect((await call("POST", ROOT, { email: "BOB@example.com" })).status).toBe(409);
  expect(() => acme.acceptInvite("bob@example.com")).toThrow("invite not found");
});

test("an invite needs an address or a username, and a role other than owner", async () => {
  const { store, call } = await start();
  store.addUser({ username: "carol", email: "carol@acme.test" });
  expect((await call("POST", ROOT, { username: "carol" })).body).toMatchObject({
    invited: { email: "carol@acme.test" },
  });
  const refused = [
    {},
    { email: "a@b.c", username: "carol" },
    { email: "a" },
    { email: "a@b.c", role: "owner" },
  ];
  for (const body of refused) expect((await call("POST", ROOT, body)).status).toBe(400);
});

test("the personal account and the plan starter have no invites", async () => {
  const { store, call } = await start();
  store.account("acme").plan = "starter";
  expect(await call("POST", ROOT, { email: "a@b.c" })).toMatchObject({
    status: 400,
    body: { error: "organization acme can't invite users because plan starter doesn't support it" },
  });
  expect((await call("POST", "/v2/organizations/personal/invites", { email: "a@b.c" })).status).toBe(400);
});

test("a token that the organization does not accept is refused", async () => {
  const { store, call } = await start();
  store.apiTokens.set("acme", "another");
  expect((await call("GET", ROOT)).status).toBe(401);
});

test("a state has the pending invites", async () => {
  const { store } = await start();
  const invites = [{ email: "bob@example.com", role: "admin" }] as const;
  store.load({ organizations: { acme: { invites } } });
  expect(store.save().organizations?.acme).toMatchObject({ invites });
  expect(() => store.load({ organizations: { acme: { invites: [...invites, ...invites] } } })).toThrow(
    "already invited",
  );
});
