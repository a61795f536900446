/** The list of databases. */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../../test/support/emulator.ts";
import { serve } from "../../test/support/server.ts";
import { createClient, TursoResponseError } from "../src/api/index.js";

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
    expect(await clientOf(emulator.url).databases.list(organization)).toEqual([
      { name: "orders", group: "prod", uuid: orders.uuid, hostname: orders.hostname },
      { name: "users", group: "dev", uuid: users.uuid, hostname: users.hostname },
    ]);
    expect(requestsOf(emulator)).toEqual([`GET ${path}`]);
  });

  test("are none where there are none", async () => {
    const emulator = await emulate();
    expect(await clientOf(emulator.url).databases.list(organization)).toEqual([]);
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
    expect(await list({ databases })).toEqual([
      { name: "a", uuid: "1", hostname: "h", group: "prod" },
      { name: "b", uuid: "2" },
      { name: "c" },
    ]);
  });

  test("a list that is null is empty", async () => {
    expect(await list({ databases: null })).toEqual([]);
  });

  test.each([
    [{}, "databases should be a list, but is missing"],
    [{ databases: ["orders"] }, "databases[0] should be an object, but is a string"],
    [{ databases: [{ Name: "a" }, { DbId: "1" }] }, "databases[1].name should be a string, but is missing"],
    [{ databases: [{ Name: "a", group: 7 }] }, "databases[0].group should be a string, but is a number"],
    ["<html>", "an HTML page"],
  ])("%j is no list, and the error names what is wrong", async (body, problem) => {
    const error: unknown = await list(body).catch((reason) => reason);
    expect(error).toBeInstanceOf(TursoResponseError);
    expect(error).toMatchObject({ message: expect.stringContaining(problem) });
  });
});
