/** Which groups count as empty, when they are deleted and when they are replaced. */
import type { Fault, Pagination } from "turso-emulator";
import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

const GROUP = { name: "prod", location: "lhr", organization: "acme" };
const resource = placeOf("prod");
const always = { times: Number.POSITIVE_INFINITY };

/** The group prod of the organization acme, and as many databases in another group that were there first. */
async function start({ others = 1, pagination = "with limit" as Pagination } = {}) {
  const emulator = await emulate({ pagination });
  const acme = emulator.store.account("acme");
  acme.createGroup({ name: "others", location: "lhr" });
  for (let i = 1; i <= others; i++) acme.createDatabase({ name: `other-${i}`, group: "others" });
  const { outputs } = await groupLifecycle.create(contextFor(emulator.url, "acme"), GROUP);
  emulator.requests.length = 0;
  /** What the preview of prod's replacement and its deletion refuse. */
  const refusals = async () => {
    const destroy = await groupLifecycle.delete(contextFor(emulator.url, "acme"), outputs).then(
      () => undefined,
      (error: unknown) => error,
    );
    const { failures } = await groupLifecycle.check(contextFor(emulator.url, "acme"), {
      olds: GROUP,
      news: { ...GROUP, location: "ams" },
      resource,
      preview: true,
    });
    return { destroy, replacement: failures[0] };
  };
  /** The response to requests for databases, or for those of one group. */
  const respond = (databases: object[], path = /databases/, body: object = {}) => {
    const fault: Fault = { ...always, path, status: 200, body: { databases, ...body } };
    emulator.fail(fault);
  };
  return { emulator, acme, refusals, respond };
}

/** Both refused with a code, and with a text about what may be lost. */
const refused = (code: string, text: string) => ({
  destroy: expect.objectContaining({ code, message: expect.stringContaining(text) }),
  replacement: expect.objectContaining({ code, reason: expect.stringContaining(text) }),
});

const databasesOf = (requests: string[]) => [
  ...new Set(requests.filter((one) => one.includes("/databases"))),
];

describe.each<Pagination>(["always", "with limit", "never"])("with pagination: %s", (pagination) => {
  test("a database after the first 1,000 counts", async () => {
    const { acme, refusals } = await start({ others: 1_005, pagination });
    acme.createDatabase({ name: "ours", group: "prod" });
    expect(await refusals()).toEqual(refused("HOLDS_DATA", "1 database (ours)"));
    expect(acme.groups.has("prod")).toBe(true);
  });

  test("a group without databases is empty, however many others there are", async () => {
    const { acme, refusals } = await start({ others: 1_005, pagination });
    expect(await refusals()).toEqual({});
    expect(acme.groups.has("prod")).toBe(false);
  });
});

test("the group's own databases are listed only if the list of all may be cut", async () => {
  const { emulator, refusals } = await start();
  await refusals();
  const path = "GET /v1/organizations/acme/databases";
  expect(databasesOf(requestsOf(emulator))).toEqual([`${path}?limit=1000`]);

  const { emulator: another, refusals: others } = await start({ pagination: "never" });
  await others();
  expect(databasesOf(requestsOf(another))).toEqual([`${path}?limit=1000`, `${path}?group=prod&limit=1000`]);
});

const other = { Name: "other", group: "others" };

describe("without pagination", () => {
  test.each([1, 1_000])(
    "the response of a server that ignores the filter proves nothing, with %i records",
    async (count) => {
      const { acme, refusals, respond } = await start();
      respond(Array<object>(count).fill(other));
      expect(await refusals()).toEqual(refused("MAY_HOLD_DATA", "incomplete list of databases"));
      expect(acme.groups.has("prod")).toBe(true);
    },
  );

  test("a response without records proves that there are none", async () => {
    const { refusals, respond } = await start();
    respond([], /group=prod/);
    respond([other]);
    expect(await refusals()).toEqual({});
  });
});

test("a filter that is ignored does not matter if the response is complete", async () => {
  const { refusals, respond } = await start();
  respond([other], /group=prod/, { pagination: { next: null } });
  respond([other]);
  expect(await refusals()).toEqual({});
});

test("a group whose own databases cannot be listed is not proven empty", async () => {
  const { emulator, acme, refusals } = await start({ pagination: "never" });
  emulator.fail({ ...always, path: /group=prod/, status: 403, body: { error: "no" } });
  await expect(refusals()).rejects.toThrow("403 no");
  expect(acme.groups.has("prod")).toBe(true);
});

const complete = { pagination: { next: null } };

test("a database whose group is not reported counts as in the group", async () => {
  const { acme, refusals, respond } = await start();
  respond([{ Name: "orders" }, { Name: "users", group: "" }, other], /databases/, complete);
  expect(await refusals()).toEqual(refused("MAY_HOLD_DATA", "2 databases (orders, users)"));
  expect(acme.groups.has("prod")).toBe(true);
});

test("the case of a group's name does not count", async () => {
  const { acme, refusals, respond } = await start();
  respond([{ Name: "orders", group: "Prod" }], /databases/, complete);
  expect(await refusals()).toEqual(refused("HOLDS_DATA", "1 database (orders)"));
  expect(acme.groups.has("prod")).toBe(true);
});

describe("a group that was renamed outside Pulumi", () => {
  test("holds what is still listed under its former name", async () => {
    const { acme, refusals, respond } = await start();
    acme.renameGroup("prod", "live");
    respond([{ Name: "orders", group: "prod" }], /databases/, complete);
    expect((await refusals()).destroy).toMatchObject({
      code: "HOLDS_DATA",
      message: expect.stringContaining("Group 'live' in organization 'acme'"),
    });
    expect(acme.groups.has("live")).toBe(true);
  });

  test("does not hold the databases of another group that has its former name", async () => {
    const { acme, refusals } = await start();
    acme.renameGroup("prod", "live");
    acme.createGroup({ name: "prod", location: "lhr" });
    acme.createDatabase({ name: "orders", group: "prod" });
    expect((await refusals()).destroy).toBeUndefined();
    expect([...acme.groups.keys()]).toEqual(["others", "prod"]);
  });
});
