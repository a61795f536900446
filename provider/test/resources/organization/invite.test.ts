import { describe, expect, test } from "vitest";
import { PartialError } from "../../../src/lifecycle/errors.js";
import { organizationInviteLifecycle as lifecycle } from "../../../src/resources/organization/invite.js";
import { nextRun, placeOf } from "../../context.ts";
import { world } from "./help.ts";

const EMAIL = "bob+turso@example.com";
const BOB = { email: EMAIL, role: "member", organization: "acme" };
const PENDING = { ...BOB, accepted: false };
const ACCEPTED = { ...BOB, accepted: true };
const LISTS = ["GET /invites", "GET /members"];
const { update } = lifecycle;
if (update === undefined) throw new Error("an invite is updated in place");

async function start() {
  const started = await world(lifecycle);
  const { acme, requests } = started;
  const pending = () => Object.fromEntries([...acme.invites.values()].map(({ name, role }) => [name, role]));
  const writes = () => requests().filter((one) => !one.startsWith("GET"));
  return { ...started, pending, writes };
}

describe("check", () => {
  test.each(["bob", "bob@", "@example.com", "a@b@c", "a b@c.d", "a/b@c.d", 5])(
    "refuses the address %j",
    async (email) => {
      const { check, context, requests } = await start();
      expect(await check(context, { ...BOB, email })).toMatchObject([
        { property: "email", code: "INVALID_INPUT" },
      ]);
      expect(requests()).toEqual([]);
    },
  );

  test("refuses a pending or accepted invite unless it is adopted, with two lists for all", async () => {
    const { check, context, acme, requests } = await start();
    acme.invite("Bob+turso@example.com");
    acme.addMember("carol");
    const carol = { ...BOB, email: "carol@example.com" };
    const place = (name: string) => ({ resource: placeOf(name, "OrganizationInvite") });
    expect(await check(context, BOB)).toMatchObject([{ property: "email", code: "NAME_TAKEN" }]);
    expect(await check(context, carol, place("carol"))).toMatchObject([
      { property: "email", code: "NAME_TAKEN", reason: expect.stringContaining("accepted") },
    ]);
    expect(await check(context, { ...BOB, email: "new@example.com" }, place("new"))).toEqual([]);
    expect(requests()).toEqual(LISTS);
    expect(await check(context, { ...BOB, adopt: true })).toEqual([]);
    expect(await check(context, { ...carol, adopt: true }, place("carol"))).toEqual([]);
    expect(context.warnings).toEqual([
      expect.stringContaining("will be adopted"),
      expect.stringContaining("No email will be sent"),
    ]);
  });
});

test("diff: another address or organization replaces, another case does not", async () => {
  const { check, context } = await start();
  await check(context, BOB, { olds: BOB });
  const diff = (news: object) => lifecycle.diff(context, PENDING, { ...BOB, ...news });
  expect(diff({})).toMatchObject({ changes: false, replaces: [] });
  expect(diff({ email: EMAIL.toUpperCase() })).toMatchObject({ changes: true, replaces: [] });
  expect(diff({ role: "admin" })).toMatchObject({ changes: true, replaces: [] });
  expect(diff({ email: "carol@example.com" })).toMatchObject({ replaces: ["email"] });
  expect(diff({ organization: "beta" })).toMatchObject({ replaces: ["organization"] });
});

describe("create", () => {
  test("sends one POST", async () => {
    const { create, context, requests, pending } = await start();
    expect(await create(context, BOB)).toEqual({ id: `acme/${EMAIL}`, outputs: PENDING });
    expect(requests()).toEqual([...LISTS, "POST /invites"]);
    expect(pending()).toEqual({ [EMAIL]: "member" });
  });

  test("does not replace an invite that was sent since the check", async () => {
    const { acme, process, pending } = await start();
    acme.invite(EMAIL, "admin");
    await expect(lifecycle.create(process(), BOB)).rejects.toMatchObject({ code: "NAME_TAKEN" });
    expect(pending()).toEqual({ [EMAIL]: "admin" });
  });

  test("sends nothing if what exists cannot be read", async () => {
    const { process, emulator, writes } = await start();
    emulator.fail({ path: /\/members$/, status: 500, times: Number.POSITIVE_INFINITY });
    await expect(lifecycle.create(process(), BOB)).rejects.toMatchObject({ code: "CREATE_FAILED" });
    expect(writes()).toEqual([]);
  });

  test("adopts a pending invite; another role sends a new one", async () => {
    const { acme, create, process, writes, pending } = await start();
    acme.invite(EMAIL, "admin");
    const admin = { ...BOB, role: "admin", adopt: true };
    expect((await create(process(), admin)).outputs).toEqual({ ...admin, accepted: false });
    expect(writes()).toEqual([]);
    expect((await create(process(), { ...BOB, adopt: true })).outputs).toEqual({ ...PENDING, adopt: true });
    expect(writes()).toEqual(["POST /invites"]);
    expect(pending()).toEqual({ [EMAIL]: "member" });
  });

  test("adopts an accepted invite without a write, whatever the member's role", async () => {
    const { acme, create, process, writes } = await start();
    acme.invite(EMAIL, "admin");
    acme.acceptInvite(EMAIL);
    expect((await create(process(), { ...BOB, adopt: true })).outputs).toEqual({ ...ACCEPTED, adopt: true });
    expect(writes()).toEqual([]);
  });

  test("a lost response is resolved by reading", async () => {
    const { create, process, emulator, acme, writes } = await start();
    emulator.fail({ method: "POST", drop: "after" });
    expect((await create(process(), BOB)).outputs).toEqual(PENDING);
    expect(writes()).toEqual(["POST /invites"]);
    emulator.fail({ method: "POST", drop: "before" });
    const other = { ...BOB, email: "carol@example.com" };
    expect((await create(process({ maxRetries: 2 }), other)).outputs.email).toBe("carol@example.com");
    expect(acme.invites.size).toBe(2);
  });

  test("fails on the free plan", async () => {
    const { create, process, acme } = await start();
    acme.plan = "starter";
    await expect(create(process(), BOB)).rejects.toMatchObject({
      code: "CREATE_FAILED",
      message: expect.stringContaining("paid plan"),
    });
  });
});

describe("read", () => {
  test("a pending invite, with one of each list for all", async () => {
    const { acme, context, requests } = await start();
    acme.invite(EMAIL, "admin");
    acme.invite("carol@example.com");
    const read = (email: string) => lifecycle.read(context, `acme/${email}`, { ...PENDING, email });
    const [bob] = await Promise.all([EMAIL, "carol@example.com"].map(read));
    expect(bob).toEqual({
      id: `acme/${EMAIL}`,
      inputs: { ...BOB, role: "admin" },
      outputs: { ...PENDING, role: "admin" },
    });
    expect(requests()).toEqual(LISTS);
  });

  test("an accepted invite stays, with the role of the invite", async () => {
    const { acme, context } = await start();
    acme.invite(EMAIL);
    acme.acceptInvite(EMAIL, "bob");
    acme.setRole("bob", "viewer");
    expect(await lifecycle.read(context, `acme/${EMAIL}`, PENDING)).toEqual({
      id: `acme/${EMAIL}`,
      inputs: BOB,
      outputs: ACCEPTED,
    });
  });

  test("a new invite that is not visible yet stays in state", async () => {
    const { acme, context, emulator } = await start();
    emulator.store.createLag = 900;
    acme.invite(EMAIL);
    expect(await lifecycle.read(context, `acme/${EMAIL}`, PENDING)).toMatchObject({ outputs: PENDING });
  });

  test("an invite that was deleted outside Pulumi is removed from state", async () => {
    const { context } = await start();
    expect(await lifecycle.read(context, `acme/${EMAIL}`, PENDING)).toBeUndefined();
  });

  test("without the addresses of all members, an invite that is missing stays in state, with a warning", async () => {
    const { context, emulator } = await start();
    emulator.fail({
      path: /\/members$/,
      status: 200,
      body: { members: [{ username: "personal", role: "owner" }] },
      times: Number.POSITIVE_INFINITY,
    });
    expect(await lifecycle.read(context, `acme/${EMAIL}`, PENDING)).toMatchObject({ outputs: PENDING });
    expect(context.warnings).toEqual([expect.stringContaining("may have been accepted or deleted")]);
    expect(await lifecycle.read(context, `acme/${EMAIL}`, undefined)).toBeUndefined();
  });

  test("imports a pending and an accepted invite by the ID", async () => {
    const { acme, context, process } = await start();
    acme.invite(EMAIL);
    expect(await lifecycle.read(context, `acme/${EMAIL}`, undefined)).toMatchObject({
      inputs: BOB,
      outputs: PENDING,
    });
    acme.acceptInvite(EMAIL);
    expect(await lifecycle.read(process(), EMAIL, undefined)).toMatchObject({
      id: `acme/${EMAIL}`,
      outputs: ACCEPTED,
    });
  });
});

describe("update", () => {
  test("a role is changed by a new invite", async () => {
    const { create, process, requests, pending } = await start();
    const { outputs } = await create(process(), BOB);
    requests();
    const changed = await update(process(), `acme/${EMAIL}`, outputs, { ...BOB, role: "admin" });
    expect(changed).toEqual({ ...PENDING, role: "admin" });
    expect(requests()).toEqual([...LISTS, "POST /invites"]);
    expect(pending()).toEqual({ [EMAIL]: "admin" });
  });

  test("makes no request where the role stays", async () => {
    const { context, requests } = await start();
    const news = { ...BOB, email: EMAIL.toUpperCase(), adopt: true };
    expect(await update(context, `acme/${EMAIL}`, PENDING, news)).toEqual({ ...news, accepted: false });
    expect(requests()).toEqual([]);
  });

  test("of an accepted invite, the role is only recorded, with a warning", async () => {
    const { acme, process, writes } = await start();
    acme.invite(EMAIL);
    acme.acceptInvite(EMAIL, "bob");
    const context = process();
    const admin = { ...BOB, role: "admin" };
    expect(await update(context, `acme/${EMAIL}`, PENDING, admin)).toEqual({ ...ACCEPTED, role: "admin" });
    expect(context.warnings).toEqual([expect.stringContaining("no effect")]);
    expect(writes()).toEqual([]);
    expect(acme.member("bob").role).toBe("member");

    const preview = process();
    lifecycle.warnInPreview?.(preview, ACCEPTED, admin);
    lifecycle.warnInPreview?.(preview, ACCEPTED, BOB);
    lifecycle.warnInPreview?.(preview, PENDING, admin);
    expect(preview.warnings).toEqual(context.warnings);
  });

  test("after a failure, the next update sends the invite", async () => {
    const { create, process, emulator, pending } = await start();
    const { outputs } = await create(process(), BOB);
    emulator.fail({ method: "POST", status: 503, times: Number.POSITIVE_INFINITY });
    const admin = { ...BOB, role: "admin" };
    const failed = await update(process(), `acme/${EMAIL}`, outputs, admin).catch((error: unknown) => error);
    if (!(failed instanceof PartialError)) return expect.unreachable("the update should fail");
    expect(failed).toMatchObject({ code: "UPDATE_FAILED", outputs: { role: "member" } });
    emulator.heal();
    expect(await update(process(), `acme/${EMAIL}`, failed.outputs as typeof outputs, admin)).toEqual({
      ...PENDING,
      role: "admin",
    });
    expect(pending()).toEqual({ [EMAIL]: "admin" });
  });

  test("an invite that was deleted is an error", async () => {
    const { context } = await start();
    const admin = { ...BOB, role: "admin" };
    await expect(update(context, `acme/${EMAIL}`, PENDING, admin)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});

describe("delete", () => {
  test("deletes a pending invite with one DELETE, also after a lost response", async () => {
    const { create, process, emulator, requests, pending } = await start();
    const { outputs } = await create(process(), BOB);
    requests();
    await lifecycle.delete(process(), outputs);
    expect(requests()).toEqual([...LISTS, "DELETE /invites/bob%2Bturso%40example.com"]);
    expect(pending()).toEqual({});
    await create(process(), BOB);
    emulator.fail({ method: "DELETE", drop: "after" });
    await lifecycle.delete(process(), outputs);
    expect(pending()).toEqual({});
  });

  test("an accepted invite removes nobody, and says so", async () => {
    const { acme, process, writes } = await start();
    acme.invite(EMAIL);
    acme.acceptInvite(EMAIL, "bob");
    const context = process();
    await lifecycle.delete(context, PENDING);
    expect(context.warnings).toEqual([expect.stringContaining("stays in the organization")]);
    expect(writes()).toEqual([]);
    expect(acme.member("bob").role).toBe("member");
  });
});

test("an invite that is handed to another resource is not deleted", async () => {
  const { create, check, context, pending } = await start();
  const { outputs } = await create(context, BOB);
  const run = nextRun(context);
  const adopting = { ...BOB, adopt: true };
  expect(await check(run, adopting, { resource: placeOf("new", "OrganizationInvite") })).toEqual([]);
  await lifecycle.delete(run, outputs);
  expect(run.warnings.at(-1)).toContain("manages it");
  expect((await lifecycle.create(run, adopting)).outputs).toEqual({ ...PENDING, adopt: true });
  expect(pending()).toEqual({ [EMAIL]: "member" });
});
