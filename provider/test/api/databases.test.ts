/** Listing databases. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, TursoResponseError } from "../../src/api/index.js";

const clientOf = (baseUrl: string) => createClient({ token: TOKEN, baseUrl });

describe.each([
  { form: "personal account", organization: undefined, path: "/v1/databases" },
  { form: "organization", organization: "acme", path: "/v1/organizations/acme/databases" },
])("databases of a $form", ({ organization, path }) => {
  test("of all groups are listed with one request", async () => {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    for (const name of ["prod", "dev"]) account.createGroup({ name, location: "lhr" });
    const orders = account.createDatabase({ name: "orders", group: "prod" });
    const users = account.createDatabase({ name: "users", group: "dev" });
    expect(await clientOf(emulator.url).databases.list(organization)).toEqual({
      databases: [
        { name: "orders", group: "prod", uuid: orders.uuid, hostname: orders.hostname },
        { name: "users", group: "dev", uuid: users.uuid, hostname: users.hostname },
      ],
      isComplete: true,
    });
    expect(requestsOf(emulator)).toEqual([`GET ${path}?limit=1000`]);
  });

  test("are listed completely, 1,000 with each request", async () => {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    for (const name of ["prod", "dev"]) account.createGroup({ name, location: "lhr" });
    const names = Array.from({ length: 2_001 }, (_, i) => `db-${i}`);
    for (const name of names) account.createDatabase({ name, group: "prod" });
    account.createDatabase({ name: "users", group: "dev" });
    const { databases, isComplete } = await clientOf(emulator.url).databases.list(organization);
    expect(databases.map(({ name }) => name)).toEqual([...names, "users"]);
    expect(isComplete).toBe(true);
    expect(requestsOf(emulator)).toEqual([
      `GET ${path}?limit=1000`,
      expect.stringMatching(/\?limit=1000&cursor=./),
      expect.stringMatching(/\?limit=1000&cursor=./),
    ]);
  });

  test("are filtered by group and by parent", async () => {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    for (const name of ["prod", "dev"]) account.createGroup({ name, location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    account.createDatabase({ name: "users", group: "dev" });
    const { databases } = clientOf(emulator.url);
    expect(await databases.list(organization, { group: "dev" })).toMatchObject({
      databases: [{ name: "users" }],
    });
    expect(await databases.list(organization, { parent: "some-id" })).toMatchObject({ databases: [] });
    expect(requestsOf(emulator)).toEqual([
      `GET ${path}?group=dev&limit=1000`,
      `GET ${path}?parent=some-id&limit=1000`,
    ]);
  });

  test("are not reported as complete if the server does not paginate", async () => {
    const emulator = await emulate({ pagination: "never" });
    const account = emulator.store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    for (let i = 0; i < 1_005; i++) account.createDatabase({ name: `db-${i}`, group: "prod" });
    const { databases, isComplete } = await clientOf(emulator.url).databases.list(organization);
    expect(databases).toHaveLength(1_000);
    expect(isComplete).toBe(false);
  });

  test("are an empty list if there are none", async () => {
    const emulator = await emulate();
    const none = { databases: [], isComplete: true };
    expect(await clientOf(emulator.url).databases.list(organization)).toEqual(none);
  });
});

test("listing fails with 403 for an organization of others, with 401 for a wrong token", async () => {
  const emulator = await emulate({ organizations: ["acme"] });
  await expect(clientOf(emulator.url).databases.list("umbrella")).rejects.toMatchObject({ status: 403 });
  const stranger = createClient({ token: "another", baseUrl: emulator.url });
  await expect(stranger.databases.list("acme")).rejects.toMatchObject({ status: 401 });
});

describe("parsing a list of databases", () => {
  const list = async (body: unknown) => clientOf((await serve({ body })).url).databases.list("acme");

  test("ignores the case of keys, and leaves out missing fields", async () => {
    const databases = [
      { name: "a", dbId: "1", hostname: "h", group: "prod" },
      { name: "b", dbid: "2", Hostname: "", group: null },
      { Name: "c", parent: null },
    ];
    expect(await list({ databases, pagination: { next: null } })).toEqual({
      databases: [
        { name: "a", uuid: "1", hostname: "h", group: "prod" },
        { name: "b", uuid: "2" },
        { name: "c" },
      ],
      isComplete: true,
    });
  });

  test("treats null as an empty list", async () => {
    expect(await list({ databases: null })).toMatchObject({ databases: [] });
  });

  test.each([
    [undefined, false],
    [null, false],
    [{}, false],
    [{ page: 1, total_pages: 1 }, false],
    [{ next: null }, true],
    [{ next: "" }, true],
  ])("with the pagination %j has isComplete: %j", async (pagination, isComplete) => {
    expect(await list({ databases: [{ Name: "a" }], pagination })).toMatchObject({ isComplete });
  });

  test.each([
    [{}, ": databases "],
    [{ databases: ["orders"] }, ": databases[0] "],
    [{ databases: [{ Name: "a" }, { DbId: "1" }] }, ": databases[1].name "],
    [{ databases: [{ Name: "a", group: 7 }] }, ": databases[0].group "],
    [{ databases: [], pagination: [] }, ": body.pagination "],
    [{ databases: [], pagination: { next: 7 } }, ": pagination.next "],
    // The server responds to every cursor with the same cursor.
    [{ databases: [], pagination: { next: "a" } }, ": pagination.next "],
    ["<html>", "HTML"],
  ])("%j is not a list, and the error names the field", async (body, problem) => {
    const error: unknown = await list(body).catch((reason) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(problem) });
  });
});
