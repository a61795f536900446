import { describe, expect, test } from "vitest";
import { FORMS, start } from "./help.ts";

// The five pages of the Platform API reference of 2023, both forms. They name a group's `name`, `locations` and
// `primary`; a server may say more. Slips of the pages, which the emulator does not repeat: the user example of
// Delete asks for group2 and is answered with foo in fra; the organization example of Retrieve sends a POST;
// `primary` is called a string[string].

describe.each(FORMS)("the pages of 2023, $form form", ({ root, organization }) => {
  test("list groups: every group with its locations and primary", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "default", location: "lhr", replicas: ["bos"] });
    const answer = await call("GET", `${root}/groups`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      groups: [expect.objectContaining({ name: "default", primary: "lhr", locations: ["lhr", "bos"] })],
    });
  });

  test("list groups: an empty list where there is none", async () => {
    const { call } = await start();
    expect(await call("GET", `${root}/groups`)).toMatchObject({ status: 200, body: { groups: [] } });
  });

  test("create group: from a name and a location, answering 200", async () => {
    const { store, call } = await start();
    const body = { name: "group2", location: "lhr" };
    const answer = await call("POST", `${root}/groups`, body, { "content-type": "application/json" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      group: expect.objectContaining({ name: "group2", primary: "lhr", locations: ["lhr"] }),
    });
    expect([...store.account(organization).groups.keys()]).toEqual(["group2"]);
  });

  test("retrieve group: one group by its name", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "default", location: "fra" });
    const answer = await call("GET", `${root}/groups/default`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      group: expect.objectContaining({ name: "default", primary: "fra", locations: ["fra"] }),
    });
  });

  test("retrieve group: the method is GET, whatever the organization example says", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "default", location: "fra" });
    expect((await call("POST", `${root}/groups/default`)).status).toBe(404);
  });

  test("delete group: answers with the group that was deleted, and no other", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "group2", location: "lhr" });
    store.account(organization).createGroup({ name: "foo", location: "fra" });
    const answer = await call("DELETE", `${root}/groups/group2`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      group: expect.objectContaining({ name: "group2", primary: "lhr", locations: ["lhr"] }),
    });
    expect([...store.account(organization).groups.keys()]).toEqual(["foo"]);
  });

  test("the overview: primary is a string", async () => {
    const { call } = await start();
    const answer = await call("POST", `${root}/groups`, { name: "default", location: "ams" });
    expect(answer.body).toMatchObject({ group: { primary: expect.any(String) } });
  });
});
