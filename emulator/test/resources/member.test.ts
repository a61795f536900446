import { expect, test } from "vitest";
import { start } from "../help.ts";

const ROOT = "/v1/organizations/acme/members";

test("the owner is a member who cannot be changed or removed", async () => {
  const { store, call } = await start();
  const owner = { username: "personal", email: "personal@example.com", role: "owner" };
  expect(await call("GET", ROOT)).toMatchObject({ status: 200, body: { members: [owner] } });
  expect(await call("PATCH", `${ROOT}/personal`, { role: "viewer" })).toMatchObject({ status: 403 });
  expect(await call("DELETE", `${ROOT}/personal`)).toMatchObject({ status: 403 });
  expect([...store.account("acme").members.values()]).toMatchObject([{ role: "owner" }]);
});

test("a member is added, retrieved, changed and removed; the case of usernames is ignored", async () => {
  const { store, call } = await start();
  expect(await call("POST", ROOT, { username: "Alice", role: "admin" })).toMatchObject({
    status: 200,
    body: { member: "Alice", role: "admin" },
  });
  expect(await call("POST", ROOT, { username: "alice" })).toMatchObject({
    status: 409,
    body: { error: "user alice is already a member of organization acme" },
  });
  const alice = { username: "Alice", email: "alice@example.com" };
  expect((await call("GET", `${ROOT}/ALICE`)).body).toEqual({ member: { ...alice, role: "admin" } });
  expect((await call("PATCH", `${ROOT}/alice`, { role: "viewer" })).body).toEqual({
    member: { ...alice, role: "viewer" },
  });
  expect((await call("DELETE", `${ROOT}/alice`)).body).toEqual({ member: "Alice" });
  expect(store.account("acme").members.size).toBe(1);
  for (const [method, error] of [
    ["GET", "could not find member"],
    ["PATCH", "could not find user alice"],
    ["DELETE", "user alice is not a member of org acme"],
  ] as const) {
    const body = method === "PATCH" ? { role: "viewer" } : undefined;
    expect(await call(method, `${ROOT}/alice`, body)).toMatchObject({ status: 404, body: { error } });
  }
});

test("the role is member by default, and never owner", async () => {
  const { call } = await start();
  expect((await call("POST", ROOT, { username: "alice" })).body).toEqual({ member: "alice", role: "member" });
  for (const role of ["owner", "boss"]) {
    expect((await call("POST", ROOT, { username: "bob", role })).status).toBe(400);
    expect((await call("PATCH", `${ROOT}/alice`, { role })).status).toBe(400);
  }
});

test("after addUser, only the users that were added exist", async () => {
  const { store, call } = await start();
  store.addUser({ username: "alice", email: "alice@acme.test" });
  expect((await call("POST", ROOT, { username: "alice" })).status).toBe(200);
  expect((await call("GET", `${ROOT}/alice`)).body).toMatchObject({ member: { email: "alice@acme.test" } });
  expect(await call("POST", ROOT, { username: "bob" })).toMatchObject({
    status: 404,
    body: { error: "could not find user bob" },
  });
});

test("the personal account and the plan starter have no members", async () => {
  const { store, call } = await start();
  store.account("acme").plan = "starter";
  expect((await call("POST", ROOT, { username: "alice" })).status).toBe(400);
  expect((await call("POST", "/v1/organizations/personal/members", { username: "alice" })).status).toBe(400);
});

test("a state has the members; the default owner is not written", async () => {
  const { store } = await start();
  store.account("acme").addMember("alice", "admin");
  expect(store.save().organizations?.acme).toMatchObject({
    members: [{ username: "alice", role: "admin", email: "alice@example.com" }],
  });
  const members = [
    { username: "boss", role: "owner", email: "boss@acme.test" },
    { username: "personal", role: "admin", email: "personal@example.com" },
  ] as const;
  store.load({ organizations: { acme: { members } } });
  expect(store.save().organizations?.acme).toMatchObject({ members });
  expect(() => store.load({ organizations: { acme: { members: [members[0], members[0]] } } })).toThrow(
    "already a member",
  );
});
