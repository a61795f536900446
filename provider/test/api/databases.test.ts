/** The list of databases. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../../test/support/emulator.ts";
import { serve } from "../../../test/support/server.ts";
import { createClient, TursoResponseError } from "../../src/api/index.js";

const clientOf = (baseUrl: string) => createClient({ token: TOKEN, baseUrl });

describe.each([
  { form: "user", organization: undefined, path: "/v1/databases" },
  { form: "organization", organization: "acme", path: "/v1/organizations/acme/databases" },
])("databases of the $form form", ({ organization, path }) => {
  test("are listed, of every group, in one request", async () => {
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

  test("are listed to the end, 1,000 with each request", async () => {
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

  test("are those of one group, or none where there is no branch of a database", async () => {
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

  test("are not called complete where the server does not paginate", async () => {
    const emulator = await emulate({ pagination: "never" });
    const account = emulator.store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    for (let i = 0; i < 1_005; i++) account.createDatabase({ name: `db-${i}`, group: "prod" });
    const { databases, isComplete } = await clientOf(emulator.url).databases.list(organization);
    expect(databases).toHaveLength(1_000);
    expect(isComplete).toBe(false);
  });

  test("are none where there are none", async () => {
    const emulator = await emulate();
    const none = { databases: [], isComplete: true };
    expect(await clientOf(emulator.url).databases.list(organization)).toEqual(none);
  });
});

test("databases of an organization that is not one's own are a 403, of a wrong token a 401", async () => {
  const emulator = await emulate({ organizations: ["acme"] });
  await expect(clientOf(emulator.url).databases.list("umbrella")).rejects.toMatchObject({ status: 403 });
  const stranger = createClient({ token: "another", baseUrl: emulator.url });
  await expect(stranger.databases.list("acme")).rejects.toMatchObject({ status: 401 });
});

describe("what a server sends of databases", () => {
  const list = async (body: unknown) => clientOf((await serve({ body })).url).databases.list("acme");

  test("the case of a key does not count, and what is missing is absent", async () => {
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

  test("a list that is null is empty", async () => {
    expect(await list({ databases: null })).toMatchObject({ databases: [] });
  });

  test.each([
    [undefined, false],
    [null, false],
    [{}, false],
    [{ page: 1, total_pages: 1 }, false],
    [{ next: null }, true],
    [{ next: "" }, true],
  ])("with the pagination %j, that the list is complete is %j", async (pagination, isComplete) => {
    expect(await list({ databases: [{ Name: "a" }], pagination })).toMatchObject({ isComplete });
  });

  test.each([
    [{}, "databases should be a list, but is missing"],
    [{ databases: ["orders"] }, "databases[0] should be an object, but is a string"],
    [{ databases: [{ Name: "a" }, { DbId: "1" }] }, "databases[1].name should be a string, but is missing"],
    [{ databases: [{ Name: "a", group: 7 }] }, "databases[0].group should be a string, but is a number"],
    [{ databases: [], pagination: [] }, "the answer.pagination should be an object, but is a list"],
    [{ databases: [], pagination: { next: 7 } }, "pagination.next should be a string, but is a number"],
    // The server gives the same with every cursor.
    [{ databases: [], pagination: { next: "a" } }, "pagination.next repeats a cursor"],
    ["<html>", "an HTML page"],
  ])("%j is no list, and the error names what is wrong", async (body, problem) => {
    const error: unknown = await list(body).catch((reason) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(problem) });
  });
});
