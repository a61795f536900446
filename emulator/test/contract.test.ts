import { describe, expect, test } from "vitest";
import { ACCOUNTS, start } from "./help.ts";

// The five pages on groups of the Platform API reference of 2023, for organizations and the personal account.
// Their groups have `name`, `locations` and `primary`; a server may return more. The pages have mistakes that
// the emulator does not copy: the personal Delete example asks for group2 and returns foo in fra, the
// organization's Retrieve example sends a POST, and the type of `primary` is string[string].

describe.each(ACCOUNTS)("the API reference of 2023, $account", ({ root, organization }) => {
  test("List returns every group with its locations and primary", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "default", location: "lhr", replicas: ["bos"] });
    const response = await call("GET", `${root}/groups`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      groups: [expect.objectContaining({ name: "default", primary: "lhr", locations: ["lhr", "bos"] })],
    });
  });

  test("List returns an empty list without groups", async () => {
    const { call } = await start();
    expect(await call("GET", `${root}/groups`)).toMatchObject({ status: 200, body: { groups: [] } });
  });

  test("Create takes a name and a location and returns 200", async () => {
    const { store, call } = await start();
    const body = { name: "group2", location: "lhr" };
    const response = await call("POST", `${root}/groups`, body, { "content-type": "application/json" });
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      group: expect.objectContaining({ name: "group2", primary: "lhr", locations: ["lhr"] }),
    });
    expect([...store.account(organization).groups.keys()]).toEqual(["group2"]);
  });

  test("Retrieve returns a group by its name", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "default", location: "fra" });
    const response = await call("GET", `${root}/groups/default`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      group: expect.objectContaining({ name: "default", primary: "fra", locations: ["fra"] }),
    });
  });

  test("Retrieve is a GET: a POST returns 404", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "default", location: "fra" });
    expect((await call("POST", `${root}/groups/default`)).status).toBe(404);
  });

  test("Delete returns the deleted group and deletes no other", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "group2", location: "lhr" });
    store.account(organization).createGroup({ name: "foo", location: "fra" });
    const response = await call("DELETE", `${root}/groups/group2`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      group: expect.objectContaining({ name: "group2", primary: "lhr", locations: ["lhr"] }),
    });
    expect([...store.account(organization).groups.keys()]).toEqual(["foo"]);
  });
});
