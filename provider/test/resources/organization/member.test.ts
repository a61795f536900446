import type { Fault } from "turso-emulator";
import { describe, expect, test } from "vitest";
import { PartialError } from "../../../src/lifecycle/errors.js";
import { organizationMemberLifecycle as lifecycle } from "../../../src/resources/organization/member.js";
import { contextFor, nextRun, placeOf } from "../../context.ts";
import { world } from "./help.ts";

const ALICE = { username: "alice", role: "admin", organization: "acme" };
const URN = placeOf("it", "OrganizationMember").urn;
const { update } = lifecycle;
if (update === undefined) throw new Error("a member is updated in place");

async function start() {
  const started = await world(lifecycle);
  const roles = () =>
    Object.fromEntries([...started.acme.members.values()].map(({ name, role }) => [name, role]));
  return { ...started, roles };
}

/** A 429, during which something happens. */
const busyUntil = (method: string, happens: () => void): Fault => ({
  method,
  headers: { "retry-after": "0.05" },
  get status() {
    happens();
    return 429;
  },
});

describe("check", () => {
  test("takes the default organization, and refuses a personal account", async () => {
    const { context, emulator } = await start();
    const news = { username: "alice", role: "admin" };
    const request = { olds: undefined, news, resource: placeOf("it", "OrganizationMember") };
    expect(await lifecycle.check(context, request)).toEqual({ inputs: ALICE, failures: [] });
    expect(await lifecycle.check(contextFor(emulator.url), request)).toMatchObject({
      failures: [{ property: "organization", code: "INVALID_INPUT" }],
    });
  });

  test.each([
    [{ username: "alice" }, "role"],
    [{ username: "alice", role: "owner" }, "role"],
    [{ username: "alice@example.com", role: "admin" }, "username"],
    [{ role: "admin" }, "username"],
  ])("refuses %j: %s", async (news, property) => {
    const { check, context, requests } = await start();
    expect(await check(context, news)).toMatchObject([{ property, code: "INVALID_INPUT" }]);
    expect(requests()).toEqual([]);
  });

  test("refuses an existing member, in any case of the name, unless it is adopted", async () => {
    const { check, context, acme, requests } = await start();
    acme.addMember("Alice", "viewer");
    expect(await check(context, ALICE)).toMatchObject([{ property: "username", code: "NAME_TAKEN" }]);
    const other = { resource: placeOf("other", "OrganizationMember") };
    expect(await check(context, { ...ALICE, username: "bob" }, other)).toEqual([]);
    expect(requests()).toEqual(["GET /members"]);
    expect(await check(context, { ...ALICE, adopt: true })).toEqual([]);
    expect(context.warnings).toEqual([expect.stringContaining("adopted")]);
  });

  test("never adopts an owner, and says when there is nobody to adopt", async () => {
    const { check, context } = await start();
    const owner = { ...ALICE, username: "personal", adopt: true };
    expect(await check(context, owner)).toMatchObject([{ property: "username", code: "MEMBER_PROTECTED" }]);
    expect(await check(context, { ...ALICE, adopt: true })).toEqual([]);
    expect(context.warnings).toEqual([expect.stringContaining("does not exist")]);
  });

  test("refuses an adoption that would demote the user of the token", async () => {
    const { check, context, emulator, acme } = await start();
    acme.addMember("alice", "admin");
    emulator.store.tokenUser = "alice";
    const demoted = { ...ALICE, role: "viewer", adopt: true };
    expect(await check(context, demoted)).toMatchObject([{ property: "role", code: "MEMBER_PROTECTED" }]);
    expect(await check(context, { ...ALICE, adopt: true })).toEqual([]);
  });

  test.each([
    ["the user of the token", "admin", "alice", true],
    ["an owner", "owner", "personal", true],
    ["anybody else", "admin", "personal", false],
  ] as const)(
    "sees whether a replacement removes somebody who must stay: %s",
    async (_, role, tokenUser, isRefused) => {
      const { check, context, emulator, acme } = await start();
      acme.addMember("alice", "admin").role = role;
      emulator.store.tokenUser = tokenUser;
      const failures = isRefused ? [{ property: "username", code: "MEMBER_PROTECTED" }] : [];
      const olds = { ...ALICE, role };
      expect(await check(context, { ...ALICE, username: "bob" }, { olds })).toMatchObject(failures);
      // What another resource takes over stays.
      const run = nextRun(context);
      const resource = placeOf("new", "OrganizationMember");
      if (role !== "owner") expect(await check(run, { ...ALICE, adopt: true }, { resource })).toEqual([]);
      expect(await check(run, { ...ALICE, username: "bob" }, { olds })).toMatchObject(
        role === "owner" ? failures : [],
      );
    },
  );

  test("refuses two resources for one member", async () => {
    const { check, context } = await start();
    expect(await check(context, ALICE)).toEqual([]);
    const other = { resource: placeOf("other", "OrganizationMember") };
    expect(await check(context, { ...ALICE, username: "ALICE" }, other)).toMatchObject([
      { property: "username", code: "DUPLICATE_RESOURCE" },
    ]);
  });

  test("without a network, a preview warns once and goes on", async () => {
    const { check } = await start();
    const context = contextFor("http://127.0.0.1:1");
    expect(await check(context, ALICE)).toEqual([]);
    expect(context.warnings).toEqual([expect.stringContaining("may be incomplete")]);
  });
});

test("diff: a role is changed in place, a user and an organization are replaced, a case is no other user", async () => {
  const { context } = await start();
  const diff = (news: object) => lifecycle.diff(context, { ...ALICE, email: "a@b.c" }, { ...ALICE, ...news });
  expect(diff({})).toMatchObject({ changes: false, replaces: [] });
  expect(diff({ role: "viewer" })).toMatchObject({ changes: true, replaces: [] });
  expect(diff({ username: "Alice" })).toMatchObject({ changes: true, replaces: [] });
  expect(diff({ adopt: true })).toMatchObject({ changes: true, replaces: [] });
  expect(lifecycle.diff(context, ALICE, { ...ALICE, username: "bob" })).toMatchObject({ changes: true });
  await lifecycle.check(context, {
    olds: ALICE,
    news: { ...ALICE },
    resource: placeOf("it", "OrganizationMember"),
  });
  expect(diff({ username: "bob" })).toMatchObject({ replaces: ["username"], deleteBeforeReplace: false });
  expect(diff({ organization: "beta" })).toMatchObject({ replaces: ["organization"] });
});

describe("create", () => {
  test("adds the user with one POST, and reads the email address", async () => {
    const { create, context, requests, roles } = await start();
    const { id, outputs } = await create(context, ALICE);
    expect({ id, outputs }).toEqual({
      id: "acme/alice",
      outputs: { ...ALICE, email: "alice@example.com" },
    });
    expect(requests()).toEqual(["GET /members", "POST /members", "GET /members/alice"]);
    expect(roles()).toEqual({ personal: "owner", alice: "admin" });
  });

  test("adopts a member and gives it the role", async () => {
    const { create, context, acme, requests, roles } = await start();
    acme.addMember("alice", "viewer");
    const { outputs } = await create(context, { ...ALICE, adopt: true });
    expect(outputs).toEqual({ ...ALICE, adopt: true, email: "alice@example.com" });
    expect(roles()).toEqual({ personal: "owner", alice: "admin" });
    expect(requests().filter((one) => !one.startsWith("GET"))).toEqual(["PATCH /members/alice"]);
  });

  test("makes no write for a member who has the role already", async () => {
    const { create, context, acme, requests } = await start();
    acme.addMember("Alice", "admin");
    const { outputs } = await create(context, { ...ALICE, adopt: true });
    expect(outputs).toMatchObject({ username: "alice", email: "alice@example.com" });
    expect(requests().filter((one) => !one.startsWith("GET"))).toEqual([]);
  });

  test("fails for a user who does not exist, and on the free plan", async () => {
    const { create, process, acme, emulator } = await start();
    emulator.store.addUser({ username: "somebody" });
    await expect(create(process(), ALICE)).rejects.toMatchObject({ code: "CREATE_FAILED" });
    acme.plan = "starter";
    const somebody = { ...ALICE, username: "somebody" };
    await expect(create(process(), somebody)).rejects.toMatchObject({ code: "CREATE_FAILED" });
  });

  test("refuses a member who was added since the check", async () => {
    const { check, context, acme, roles } = await start();
    expect(await check(context, ALICE)).toEqual([]);
    acme.addMember("alice", "viewer");
    await expect(lifecycle.create(context, ALICE)).rejects.toMatchObject({ code: "NAME_TAKEN" });
    expect(roles()).toMatchObject({ alice: "viewer" });
  });

  test("names the invite as the way out if Turso refuses the user, not if the API is down", async () => {
    const { context, emulator } = await start();
    emulator.store.addUser({ username: "somebody" });
    await expect(lifecycle.create(context, ALICE)).rejects.toThrow("OrganizationInvite");
    emulator.fail({ method: "POST", status: 503, times: Number.POSITIVE_INFINITY });
    const down = await lifecycle.create(context, ALICE).catch(String);
    expect(down).toMatch(/503(?!.*OrganizationInvite)/s);
  });

  test("a lost response is resolved by reading; without the list before, the outcome is unknown", async () => {
    const { create, process, emulator, requests } = await start();
    emulator.fail({ method: "POST", drop: "after" });
    const { outputs } = await create(process(), ALICE);
    expect(outputs).toMatchObject({ username: "alice" });
    expect(requests().filter((one) => one === "POST /members")).toHaveLength(1);
    emulator.fail({ method: "POST", drop: "after" });
    const bob = { ...ALICE, username: "bob" };
    await expect(lifecycle.create(process(), bob)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  });

  test("an owner is not adopted if the check did not see it", async () => {
    const { process, roles } = await start();
    const owner = { ...ALICE, username: "personal", adopt: true };
    await expect(lifecycle.create(process(), owner)).rejects.toMatchObject({ code: "MEMBER_PROTECTED" });
    expect(roles()).toEqual({ personal: "owner" });
  });
});

describe("read", () => {
  test("one list serves a refresh; a role changed outside Pulumi is found", async () => {
    const { context, acme, requests } = await start();
    for (const name of ["alice", "bob"]) acme.addMember(name, "viewer");
    const read = (name: string) => lifecycle.read(context, `acme/${name}`, { ...ALICE, username: name });
    const [alice] = await Promise.all(["alice", "bob"].map(read));
    expect(alice).toEqual({
      id: "acme/alice",
      inputs: { ...ALICE, role: "viewer" },
      outputs: { ...ALICE, role: "viewer", email: "alice@example.com" },
    });
    expect(requests()).toEqual(["GET /members"]);
  });

  test("a member who was removed is removed from state, after a 404", async () => {
    const { context, requests } = await start();
    expect(await lifecycle.read(context, "acme/alice", ALICE)).toBeUndefined();
    expect(requests()).toEqual(["GET /members", "GET /members/alice"]);
  });

  test("imports a member by its ID, but no owner, and none of a personal account", async () => {
    const { context, acme, emulator } = await start();
    acme.addMember("alice", "admin");
    expect(await lifecycle.read(context, "acme/alice", undefined)).toMatchObject({ inputs: ALICE });
    expect(await lifecycle.read(context, "alice", undefined)).toMatchObject({ id: "acme/alice" });
    await expect(lifecycle.read(context, "acme/personal", undefined)).rejects.toMatchObject({
      code: "MEMBER_PROTECTED",
    });
    await expect(lifecycle.read(contextFor(emulator.url), "alice", undefined)).rejects.toMatchObject({
      code: "INVALID_ID",
    });
  });

  test("an ID identifies the member, whatever arguments a program passes with it", async () => {
    const { context, acme } = await start();
    acme.addMember("alice", "viewer");
    for (const args of [{ username: "bob", organization: "acme" }, { username: "alice" }])
      expect(await lifecycle.read(context, "acme/alice", { ...args, role: "admin" })).toMatchObject({
        id: "acme/alice",
        outputs: { username: "alice", organization: "acme", role: "viewer" },
      });
  });

  test("a member who became an owner outside Pulumi keeps the role: the preview refuses to take it", async () => {
    const { context, check, acme } = await start();
    acme.addMember("alice", "admin").role = "owner";
    const found = await lifecycle.read(context, "acme/alice", ALICE);
    expect(found).toMatchObject({ inputs: { role: "owner" }, outputs: { role: "owner" } });
    expect(await check(context, ALICE, { olds: { ...found?.inputs } })).toMatchObject([
      { property: "role", code: "MEMBER_PROTECTED" },
    ]);
  });
});

describe("update", () => {
  test("changes the role with one PATCH", async () => {
    const { create, context, requests, roles } = await start();
    const { outputs } = await create(context, ALICE);
    requests();
    const demoted = await update(context, "acme/alice", outputs, { ...ALICE, role: "viewer" });
    expect(demoted).toEqual({ ...outputs, role: "viewer" });
    expect(requests()).toEqual(["GET /members/alice", "GET /v1/user", "PATCH /members/alice"]);
    expect(roles()).toMatchObject({ alice: "viewer" });
    await update(context, "acme/alice", demoted, ALICE);
    expect(requests()).toEqual(["GET /members/alice", "PATCH /members/alice"]);
  });

  test("makes no request where the role stays", async () => {
    const { context, requests } = await start();
    const news = { ...ALICE, username: "Alice", adopt: true };
    expect(await update(context, "acme/alice", { ...ALICE, email: "a@b.c" }, news)).toEqual({
      ...news,
      email: "a@b.c",
    });
    expect(requests()).toEqual([]);
  });

  test("never demotes an owner or the user of the token", async () => {
    const { check, context, process, emulator, acme, roles } = await start();
    acme.addMember("alice", "admin");
    emulator.store.tokenUser = "Alice";
    const demotion = { ...ALICE, role: "viewer" };
    expect(await check(context, demotion, { olds: ALICE })).toMatchObject([
      { property: "role", code: "MEMBER_PROTECTED" },
    ]);
    await expect(update(context, "acme/alice", ALICE, demotion)).rejects.toMatchObject({
      code: "MEMBER_PROTECTED",
    });
    acme.member("alice").role = "owner";
    emulator.store.tokenUser = "personal";
    await expect(update(process(), "acme/alice", ALICE, demotion)).rejects.toMatchObject({
      code: "MEMBER_PROTECTED",
    });
    expect(roles()).toMatchObject({ alice: "owner" });
  });

  test("an owner is not demoted by a retry", async () => {
    const { process, acme, emulator, requests } = await start();
    const member = acme.addMember("alice", "admin");
    emulator.fail(
      busyUntil("PATCH", () => {
        member.role = "owner";
      }),
    );
    const demotion = update(process({ maxRetries: 2 }), "acme/alice", ALICE, { ...ALICE, role: "viewer" });
    await expect(demotion).rejects.toMatchObject({ code: "MEMBER_PROTECTED" });
    expect(requests().filter((one) => one.startsWith("PATCH"))).toHaveLength(1);
  });

  test("a lost response is resolved by reading", async () => {
    const { create, process, emulator, roles } = await start();
    const { outputs } = await create(process(), ALICE);
    emulator.fail({ method: "PATCH", drop: "after" });
    expect(await update(process(), "acme/alice", outputs, { ...ALICE, role: "viewer" })).toMatchObject({
      role: "viewer",
    });
    expect(roles()).toMatchObject({ alice: "viewer" });
  });

  test("after a failure the next update reads the member, also if the program has the old role again", async () => {
    const { create, process, emulator, acme } = await start();
    const { outputs } = await create(process(), ALICE);
    emulator.fail({ method: "PATCH", status: 503, times: Number.POSITIVE_INFINITY });
    const failed = await update(process(), "acme/alice", outputs, { ...ALICE, role: "viewer" }).catch(
      (error: unknown) => error,
    );
    if (!(failed instanceof PartialError)) return expect.unreachable("the update should fail");
    expect(failed).toMatchObject({ code: "UPDATE_FAILED", outputs: { role: "admin" } });
    emulator.heal();
    // The API carried it out late.
    acme.setRole("alice", "viewer");
    const settled = await update(process(), "acme/alice", failed.outputs as typeof outputs, ALICE);
    expect(settled).toEqual(outputs);
    expect(acme.member("alice").role).toBe("admin");
  });

  test("a member who was removed is an error", async () => {
    const { context } = await start();
    await expect(update(context, "acme/alice", ALICE, { ...ALICE, role: "viewer" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("delete", () => {
  test("removes the member with one DELETE", async () => {
    const { create, process, requests, roles } = await start();
    const { outputs } = await create(process(), ALICE);
    requests();
    await lifecycle.delete(process(), outputs);
    expect(requests()).toEqual(["GET /members", "GET /v1/user", "DELETE /members/alice"]);
    expect(roles()).toEqual({ personal: "owner" });
  });

  test("never removes an owner or the user of the token", async () => {
    const { process, acme, emulator, roles } = await start();
    acme.addMember("alice", "admin");
    emulator.store.tokenUser = "ALICE";
    await expect(lifecycle.delete(process(), ALICE)).rejects.toMatchObject({ code: "MEMBER_PROTECTED" });
    emulator.store.tokenUser = "personal";
    acme.member("alice").role = "owner";
    await expect(lifecycle.delete(process(), ALICE)).rejects.toMatchObject({ code: "MEMBER_PROTECTED" });
    expect(roles()).toMatchObject({ alice: "owner" });
  });

  test.each([403, 404, 500])("if the token's user is not known (%d), admins are kept", async (status) => {
    const { process, acme, emulator, roles } = await start();
    acme.addMember("alice", "admin");
    acme.addMember("bob", "member");
    emulator.fail({ path: /\/user$/, status, body: { error: "no" }, times: Number.POSITIVE_INFINITY });
    await expect(lifecycle.delete(process(), ALICE)).rejects.toMatchObject({ code: "MEMBER_PROTECTED" });
    await lifecycle.delete(process(), { ...ALICE, username: "bob" });
    expect(roles()).toEqual({ personal: "owner", alice: "admin" });
  });

  test("a member who has become an owner when a DELETE is retried is kept", async () => {
    const { process, acme, emulator, requests } = await start();
    const member = acme.addMember("alice", "admin");
    emulator.fail(
      busyUntil("DELETE", () => {
        member.role = "owner";
      }),
    );
    const deletion = lifecycle.delete(process({ maxRetries: 2 }), ALICE);
    await expect(deletion).rejects.toMatchObject({ code: "MEMBER_PROTECTED" });
    expect(requests().filter((one) => one.startsWith("DELETE"))).toHaveLength(1);
  });

  test("a member whom the API does not list is removed nevertheless", async () => {
    const { context, requests } = await start();
    await lifecycle.delete(context, ALICE);
    expect(requests().at(-1)).toBe("DELETE /members/alice");
    expect(context.warnings).toEqual([]);
  });

  test("a lost response is resolved by reading, and a member of another spelling is deleted", async () => {
    const { process, acme, emulator, roles } = await start();
    acme.addMember("Alice", "viewer");
    emulator.fail({ method: "DELETE", drop: "before" });
    await lifecycle.delete(process({ maxRetries: 2 }), ALICE);
    expect(roles()).toEqual({ personal: "owner" });
  });
});

test("a member that is handed to another resource is not removed", async () => {
  const { create, check, context, acme, roles } = await start();
  const { outputs } = await create(context, ALICE);
  const run = nextRun(context);
  const adopting = { ...ALICE, adopt: true };
  const resource = placeOf("new", "OrganizationMember");
  expect(await check(run, adopting, { resource })).toEqual([]);
  await lifecycle.delete(run, outputs);
  expect(run.warnings.at(-1)).toContain("manages it");
  await lifecycle.create(run, adopting);
  expect(roles()).toMatchObject({ alice: "admin" });
  expect(acme.members.size).toBe(2);
});

test("while another resource of the program keeps a member, it is not adopted", async () => {
  const { create, check, context } = await start();
  await create(context, ALICE);
  const run = nextRun(context);
  expect(await check(run, ALICE, { olds: ALICE })).toEqual([]);
  const resource = placeOf("new", "OrganizationMember");
  expect(await check(run, { ...ALICE, adopt: true }, { resource })).toMatchObject([
    { code: "DUPLICATE_RESOURCE" },
  ]);
});

test("a forced replacement of the same member is no taken name", async () => {
  const { create, check, context } = await start();
  await create(context, ALICE);
  const run = nextRun(context);
  expect(await check(run, ALICE, { olds: ALICE })).toEqual([]);
  expect(await check(run, ALICE)).toEqual([]);
  expect(run.warnings.at(-1)).toContain("deleteBeforeReplace");
  expect(run.ownership.inState(URN)).toBeDefined();
});
