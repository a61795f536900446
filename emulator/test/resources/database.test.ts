import { describe, expect, test } from "vitest";
import { ACCOUNTS, start } from "../help.ts";

describe.each(ACCOUNTS)("databases, $account", ({ root, organization }) => {
  test("a database is created in a group", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    const response = await call("POST", `${root}/databases`, { name: "orders", group: "prod" });
    const { uuid, hostname } = account.database("orders");
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ database: { Name: "orders", DbId: uuid, Hostname: hostname } });
    expect(hostname).toBe(`orders-${account.slug}.turso.io`);
  });

  test("a database is returned with the locations of its group", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "us-east-1" });
    store.account(organization).createDatabase({ name: "orders", group: "prod" });
    const response = await call("GET", `${root}/databases/orders`);
    expect(response).toMatchObject({
      status: 200,
      body: {
        database: {
          Name: "orders",
          group: "prod",
          regions: ["aws-us-east-1"],
          primaryRegion: "aws-us-east-1",
          delete_protection: false,
        },
      },
    });
  });

  test("all databases are listed, or those of one group", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    for (const group of ["prod", "test"]) {
      account.createGroup({ name: group, location: "lhr" });
      account.createDatabase({ name: `${group}-db`, group });
    }
    const list = async (query: string) => (await call("GET", `${root}/databases${query}`)).body;
    expect(await list("")).toMatchObject({ databases: [{ Name: "prod-db" }, { Name: "test-db" }] });
    expect(await list("?group=test")).toMatchObject({ databases: [{ Name: "test-db", group: "test" }] });
    expect(await list("?group=none")).toEqual({ databases: [] });
  });

  test("a response lists at most 1,000 databases, and a cursor leads to the next page", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    for (let i = 1; i <= 1_005; i++) account.createDatabase({ name: `db-${i}`, group: "prod" });
    const list = async (query: string) => {
      const { body } = await call("GET", `${root}/databases${query}`);
      return body as { databases: { Name: string }[]; pagination?: { next: string | null } };
    };
    const first = await list("?limit=5000");
    expect(first.databases).toHaveLength(1_000);
    const rest = await list(`?limit=1000&cursor=${first.pagination?.next}`);
    expect(rest.databases.map(({ Name }) => Name)).toEqual(
      Array.from({ length: 5 }, (_, i) => `db-${1_001 + i}`),
    );
    expect(rest.pagination).toEqual({ next: null });
    expect((await list("?limit=2&group=prod")).databases).toHaveLength(2);
    expect(await list("?limit=2&group=none")).toEqual({ databases: [], pagination: { next: null } });
    expect(await list("?limit=2&parent=some-id")).toMatchObject({ databases: [] });

    const cut = await list("");
    expect(cut.databases).toHaveLength(1_000);
    expect(cut).not.toHaveProperty("pagination");
    store.pagination = "always";
    expect((await list("")).pagination).toEqual({ next: expect.any(String) });
    store.pagination = "never";
    expect(await list("?limit=2")).toEqual(cut);
  });

  test.each(["limit=0", "limit=-1", "limit=many", "limit=1&cursor=none"])("%s returns 400", async (query) => {
    const { call } = await start();
    expect((await call("GET", `${root}/databases?${query}`)).status).toBe(400);
  });

  test("deleting a database returns its name", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    const response = await call("DELETE", `${root}/databases/orders`);
    expect(response).toMatchObject({ status: 200, body: { database: "orders" } });
    expect(account.databases.size).toBe(0);
  });

  test("a database in a group with delete protection is not deleted", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr", deleteProtection: true });
    account.createDatabase({ name: "orders", group: "prod" });
    expect((await call("DELETE", `${root}/databases/orders`)).status).toBe(403);
    expect(account.databases.size).toBe(1);
  });

  test.each(["GET", "DELETE"])("%s of a database that does not exist returns 404", async (method) => {
    const { call } = await start();
    const error = "could not find database with name [none]: record not found";
    expect(await call(method, `${root}/databases/none`)).toMatchObject({ status: 404, body: { error } });
  });

  test.each([
    [{ name: "orders", group: "none" }, 400, "group not found"],
    [{ name: "orders" }, 400, "group not found"],
    [{ name: "taken", group: "prod" }, 400, "database with same name already exists"],
    [{ name: "Orders", group: "prod" }, 400, /^database name must be/],
    [{ group: "prod" }, 400, /^database name must be/],
    [{ name: "x".repeat(65), group: "prod" }, 400, /^database name must be/],
  ])("creating %j returns %d", async (body, status, error) => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    store.account(organization).createDatabase({ name: "taken", group: "prod" });
    const expected = typeof error === "string" ? error : expect.stringMatching(error);
    expect(await call("POST", `${root}/databases`, body)).toMatchObject({
      status,
      body: { error: expected },
    });
  });
});
