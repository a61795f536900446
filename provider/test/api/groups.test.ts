/**
 * Operations on a group: locations, delete protection, unarchive, rename, transfer. client.test.ts has the
 * basic ones.
 */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, type GroupsApi, TursoApiError, TursoResponseError } from "../../src/api/index.js";

const forms = [
  { form: "personal account", organization: undefined, base: "/v1/groups" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups" },
];

/** An emulator with these groups, and a client. */
async function start(organization: string | undefined, ...groups: { name: string; location: string }[]) {
  const emulator = await emulate();
  const account = emulator.store.account(organization);
  for (const group of groups) account.createGroup(group);
  return { emulator, account, ...createClient({ token: TOKEN, baseUrl: emulator.url }) };
}

const prod = { name: "prod", location: "lhr" };

test("groups are listed completely if the API paginates", async () => {
  const { emulator, groups } = await start("acme");
  const page = (name: string, next: string | null) => ({ groups: [{ name }], pagination: { next } });
  emulator.fail({ path: /groups$/, status: 200, body: page("prod", "a") });
  emulator.fail({ path: /groups\?cursor=a$/, status: 200, body: page("dev", "b") });
  emulator.fail({ path: /groups\?cursor=b$/, status: 200, body: page("test", null) });
  expect(await groups.list("acme")).toEqual([{ name: "prod" }, { name: "dev" }, { name: "test" }]);
  emulator.fail({ path: /groups/, times: 3, status: 200, body: page("prod", "a") });
  await expect(groups.list("acme")).rejects.toThrow(TursoResponseError);
  expect(emulator.requests).toHaveLength(5);
});

describe.each(forms)("a group of a $form", ({ organization, base }) => {
  test.each(["all" as const, ["vector", "uuid"]])("is created with the extensions %j", async (extensions) => {
    const { emulator, account, groups } = await start(organization);
    await groups.create(organization, { ...prod, extensions });
    expect(account.group("prod").extensions).toEqual(extensions);
    expect(emulator.requests[0]?.body).toEqual({ ...prod, extensions });
  });

  test("adds and removes locations", async () => {
    const { emulator, account, groups } = await start(organization, prod);
    expect(await groups.addLocation(organization, "prod", "ams")).toMatchObject({
      locations: ["lhr", "ams"],
    });
    expect(account.group("prod").locations).toEqual(["lhr", "ams"]);
    expect(await groups.removeLocation(organization, "prod", "ams")).toMatchObject({ locations: ["lhr"] });
    expect(account.group("prod").locations).toEqual(["lhr"]);
    expect(requestsOf(emulator)).toEqual([
      `POST ${base}/prod/locations/ams`,
      `DELETE ${base}/prod/locations/ams`,
    ]);
  });

  test("cannot add unknown locations or any on AWS, and cannot remove the primary", async () => {
    const { groups } = await start(organization, prod, { name: "cloud", location: "aws-us-east-1" });
    const refused = (detail: string) => ({ status: 400, detail });
    await expect(groups.addLocation(organization, "prod", "moon")).rejects.toMatchObject(
      refused("invalid location: moon"),
    );
    await expect(groups.addLocation(organization, "cloud", "lhr")).rejects.toMatchObject(
      refused("replication is not supported"),
    );
    await expect(groups.removeLocation(organization, "prod", "lhr")).rejects.toMatchObject(
      refused("cannot remove primary location: lhr"),
    );
  });

  test("turns delete protection on and off", async () => {
    const { emulator, account, groups } = await start(organization, prod);
    expect(await groups.getDeleteProtection(organization, "prod")).toBe(false);
    expect(await groups.setDeleteProtection(organization, "prod", true)).toBe(true);
    expect(account.group("prod").deleteProtection).toBe(true);
    expect(await groups.getDeleteProtection(organization, "prod")).toBe(true);
    await expect(groups.delete(organization, "prod")).rejects.toMatchObject({
      status: 403,
      detail: "group prod is delete-protected and cannot be deleted",
    });
    expect(await groups.setDeleteProtection(organization, "prod", false)).toBe(false);
    await groups.delete(organization, "prod");
    expect(account.groups.size).toBe(0);
    expect(emulator.requests[1]).toMatchObject({
      method: "PATCH",
      path: `${base}/prod/configuration`,
      body: { delete_protection: true },
    });
  });

  test("is unarchived; if it is not archived, nothing changes", async () => {
    const { emulator, account, groups } = await start(organization, prod);
    account.archiveGroup("prod");
    for (let i = 0; i < 2; i++) {
      expect(await groups.unarchive(organization, "prod")).toMatchObject({ name: "prod", archived: false });
      expect(account.group("prod").archived).toBe(false);
    }
    expect(requestsOf(emulator)[0]).toBe(`POST ${base}/prod/unarchive`);
    expect(emulator.requests[0]).not.toHaveProperty("body");
  });

  test("is renamed and keeps its uuid, but not to a name that is taken", async () => {
    const { account, groups } = await start(organization, prod, { name: "taken", location: "lhr" });
    const { uuid } = account.group("prod");
    expect(await groups.rename(organization, "prod", "live")).toMatchObject({ name: "live", uuid });
    expect(account.group("live").uuid).toBe(uuid);
    await expect(groups.rename(organization, "live", "taken")).rejects.toMatchObject({ status: 409 });
  });

  test("is transferred and keeps its uuid", async () => {
    const { emulator, account, groups } = await start(organization, prod);
    const { uuid } = account.group("prod");
    expect(await groups.transfer(organization, "prod", "umbrella")).toMatchObject({ name: "prod", uuid });
    expect(account.groups.size).toBe(0);
    expect(emulator.store.account("umbrella").group("prod").uuid).toBe(uuid);
    expect(emulator.requests[0]).toMatchObject({
      method: "POST",
      path: `${base}/prod/transfer`,
      body: { organization: "umbrella" },
    });
  });

  test("is not transferred if its name is taken there, or without an organization", async () => {
    const { emulator, groups } = await start(organization, prod);
    emulator.store.account("umbrella").createGroup(prod);
    await expect(groups.transfer(organization, "prod", "umbrella")).rejects.toMatchObject({ status: 409 });
    await expect(groups.transfer(organization, "prod", "")).rejects.toMatchObject({
      status: 400,
      detail: "organization is required",
    });
  });

  const calls: [string, (groups: GroupsApi) => Promise<unknown>][] = [
    ["addLocation", (groups) => groups.addLocation(organization, "prod", "ams")],
    ["removeLocation", (groups) => groups.removeLocation(organization, "prod", "ams")],
    ["getDeleteProtection", (groups) => groups.getDeleteProtection(organization, "prod")],
    ["setDeleteProtection", (groups) => groups.setDeleteProtection(organization, "prod", true)],
    ["unarchive", (groups) => groups.unarchive(organization, "prod")],
    ["rename", (groups) => groups.rename(organization, "prod", "live")],
    ["transfer", (groups) => groups.transfer(organization, "prod", "umbrella")],
  ];
  test.each(calls)("that does not exist makes %s fail with 404", async (_name, call) => {
    const { groups } = await start(organization);
    const error = await call(groups).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TursoApiError);
    expect(error).toMatchObject({ isNotFound: true, detail: "group not found", saysArchived: false });
  });

  test("that is archived is reported as archived when a location is added", async () => {
    const { account, groups } = await start(organization, prod);
    account.archiveGroup("prod");
    await expect(groups.addLocation(organization, "prod", "ams")).rejects.toMatchObject({
      status: 400,
      saysArchived: true,
    });
  });
});

test("locations and groups are encoded and cannot change the path", async () => {
  const { url, seen } = await serve({ body: { group: { name: "x" } } });
  const { groups } = createClient({ token: TOKEN, baseUrl: url });
  await groups.addLocation("acme", "a?b", "l#r");
  expect(seen[0]?.path).toBe("/v1/organizations/acme/groups/a%3Fb/locations/l%23r");
  await expect(groups.removeLocation("acme", "prod", "..")).rejects.toThrow(TypeError);
  await expect(groups.invalidateTokens("acme", "a/b")).rejects.toThrow(TypeError);
  expect(seen).toHaveLength(1);
});

describe("unusual responses", () => {
  const groupsOf = async (body: unknown) => {
    const { url } = await serve({ body });
    return createClient({ token: TOKEN, baseUrl: url }).groups;
  };

  test.each([{}, { delete_protection: null }])(
    "a configuration of %j does not report delete protection",
    async (response) => {
      const groups = await groupsOf(response);
      expect(await groups.getDeleteProtection("acme", "prod")).toBeUndefined();
      expect(await groups.setDeleteProtection("acme", "prod", true)).toBe(true);
      expect(await groups.setDeleteProtection("acme", "prod", false)).toBe(false);
    },
  );

  test("delete protection that the server did not change is returned as it is", async () => {
    const groups = await groupsOf({ delete_protection: false });
    expect(await groups.setDeleteProtection("acme", "prod", true)).toBe(false);
  });

  test.each([
    [{ delete_protection: "yes" }, ": body.delete_protection "],
    [[], ": body "],
    ["", ": body "],
    ["<html>", "HTML"],
  ])("%j is not a configuration, and the error names the field", async (response, problem) => {
    const groups = await groupsOf(response);
    const error: unknown = await groups.setDeleteProtection("acme", "prod", true).catch((reason) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(problem), mayHaveBeenApplied: true });
  });

  test("a transfer responds with the group itself, other requests with { group }", async () => {
    const bare = await groupsOf({ name: "prod" });
    expect(await bare.transfer("acme", "prod", "umbrella")).toEqual({ name: "prod" });
    await expect(bare.unarchive("acme", "prod")).rejects.toThrow(": group ");
    const wrapped = await groupsOf({ group: { name: "prod" } });
    expect(await wrapped.addLocation("acme", "prod", "ams")).toEqual({ name: "prod" });
    await expect(wrapped.transfer("acme", "prod", "umbrella")).rejects.toThrow(": group.name ");
  });
});

describe("saysArchived", () => {
  test.each([
    [400, { error: "group prod is archived" }, true],
    [409, { error: "Archived groups must be unarchived first" }, true],
    [400, { error: "group archived-logs is delete-protected" }, false],
    [400, { error: "group could not be unarchived" }, false],
    [502, "<html>archived</html>", false],
  ])("of %i with %j is %j", async (status, body, expected) => {
    const { url } = await serve({ status, body });
    const { groups } = createClient({ token: TOKEN, baseUrl: url });
    await expect(groups.retrieve("acme", "prod")).rejects.toMatchObject({ status, saysArchived: expected });
  });
});
