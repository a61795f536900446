import { describe, expect, test } from "vitest";
import { FORMS, start } from "../help.ts";

describe.each(FORMS)("databases, $form form", ({ root, organization }) => {
  test("one is created in a group", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    const answer = await call("POST", `${root}/databases`, { name: "orders", group: "prod" });
    const { uuid, hostname } = account.database("orders");
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ database: { Name: "orders", DbId: uuid, Hostname: hostname } });
    expect(hostname).toBe(`orders-${account.slug}.turso.io`);
  });

  test("one is retrieved, with the locations of its group", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "us-east-1" });
    store.account(organization).createDatabase({ name: "orders", group: "prod" });
    const answer = await call("GET", `${root}/databases/orders`);
    expect(answer).toMatchObject({
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

  test("they are listed, all or one group's", async () => {
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

  test("a response has at most 1,000 of them, and pages lead to the rest", async () => {
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

  test.each(["limit=0", "limit=-1", "limit=many", "limit=1&cursor=none"])("%s is a 400", async (query) => {
    const { call } = await start();
    expect((await call("GET", `${root}/databases?${query}`)).status).toBe(400);
  });

  test("one is deleted, answering with its name", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr" });
    account.createDatabase({ name: "orders", group: "prod" });
    const answer = await call("DELETE", `${root}/databases/orders`);
    expect(answer).toMatchObject({ status: 200, body: { database: "orders" } });
    expect(account.databases.size).toBe(0);
  });

  test("none is deleted from a protected group", async () => {
    const { store, call } = await start();
    const account = store.account(organization);
    account.createGroup({ name: "prod", location: "lhr", deleteProtection: true });
    account.createDatabase({ name: "orders", group: "prod" });
    expect((await call("DELETE", `${root}/databases/orders`)).status).toBe(403);
    expect(account.databases.size).toBe(1);
  });

  test.each(["GET", "DELETE"])("%s of one that is not there answers 404", async (method) => {
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
  ])("creating %j answers %d", async (body, status, error) => {
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
