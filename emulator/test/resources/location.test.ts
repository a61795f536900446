import { describe, expect, test } from "vitest";
import { DEFAULT_LOCATIONS } from "../../src/index.ts";
import { FORMS, start } from "../help.ts";

test("the locations are 2023's 31 three-letter codes and today's AWS regions", async () => {
  const { call } = await start();
  const answer = await call("GET", "/v1/locations");
  expect(answer).toMatchObject({ status: 200, body: { locations: { ams: "Amsterdam, Netherlands" } } });
  expect(answer.body).toEqual({ locations: DEFAULT_LOCATIONS });
  const codes = Object.keys(DEFAULT_LOCATIONS);
  expect(codes.filter((code) => /^[a-z]{3}$/.test(code))).toHaveLength(31);
  expect(codes.filter((code) => code.startsWith("aws-"))).toHaveLength(10);
});

test("locations can be given", async () => {
  const { call } = await start({ locations: { moon: "Tranquility" } });
  expect((await call("GET", "/v1/locations")).body).toEqual({ locations: { moon: "Tranquility" } });
  expect((await call("POST", "/v1/groups", { name: "a", location: "moon" })).status).toBe(200);
  expect((await call("POST", "/v1/groups", { name: "b", location: "lhr" })).status).toBe(400);
});

describe.each(FORMS)("a group's locations, $form form", ({ root, organization }) => {
  test("one is added once, however often it is asked for", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    for (let i = 0; i < 2; i += 1) {
      const answer = await call("POST", `${root}/groups/prod/locations/ams`);
      expect(answer).toMatchObject({
        status: 200,
        body: { group: { primary: "lhr", locations: ["lhr", "ams"] } },
      });
    }
  });

  test("one is removed; again is a success too", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr", replicas: ["ams", "bos"] });
    for (let i = 0; i < 2; i += 1) {
      const answer = await call("DELETE", `${root}/groups/prod/locations/ams`);
      expect(answer).toMatchObject({ status: 200, body: { group: { locations: ["lhr", "bos"] } } });
    }
  });

  test("the primary stays", async () => {
    const { store, call } = await start();
    const group = store.account(organization).createGroup({ name: "prod", location: "lhr" });
    expect((await call("DELETE", `${root}/groups/prod/locations/lhr`)).status).toBe(400);
    expect(group.locations).toEqual(["lhr"]);
  });

  test.each(["POST", "DELETE"])("%s of an unknown location answers 400", async (method) => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "prod", location: "lhr" });
    const answer = await call(method, `${root}/groups/prod/locations/amss`);
    expect(answer).toMatchObject({ status: 400, body: { error: "invalid location: amss" } });
  });

  test.each(["aws-us-east-1", "us-east-1"])(
    "a group in %s shows its primary without aws-",
    async (location) => {
      const { call } = await start();
      const { body } = await call("POST", `${root}/groups`, { name: "prod", location });
      expect(body).toMatchObject({ group: { primary: "us-east-1", locations: ["aws-us-east-1"] } });
    },
  );

  test("groups on AWS have no replicas, and no replica is on AWS", async () => {
    const { store, call } = await start();
    store.account(organization).createGroup({ name: "aws", location: "aws-us-east-1" });
    store.account(organization).createGroup({ name: "fly", location: "lhr" });
    const refused = { status: 400, body: { error: "replication is not supported" } };
    expect(await call("POST", `${root}/groups/aws/locations/aws-eu-west-1`)).toMatchObject(refused);
    expect(await call("DELETE", `${root}/groups/aws/locations/aws-us-east-1`)).toMatchObject(refused);
    expect(await call("POST", `${root}/groups/aws/locations/lhr`)).toMatchObject(refused);
    expect(await call("POST", `${root}/groups/fly/locations/aws-us-east-1`)).toMatchObject(refused);
  });
});
