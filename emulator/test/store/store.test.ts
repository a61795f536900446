import { expect, test } from "vitest";
import { Refusal, Store } from "../../src/index.ts";

test("a renamed group keeps its uuid, databases and tokens", () => {
  const store = new Store();
  const acme = store.account("acme");
  const { uuid } = acme.createGroup({ name: "prod", location: "lhr" });
  acme.createDatabase({ name: "orders", group: "prod" });
  const { jwt } = acme.mintToken("prod");
  acme.renameGroup("prod", "live");
  expect([...acme.groups.keys()]).toEqual(["live"]);
  expect(acme.group("live").uuid).toBe(uuid);
  expect(acme.databasesIn("live").map(({ name }) => name)).toEqual(["orders"]);
  expect(store.tokenIsValid(jwt)).toBe(true);
  expect(store.groupByUuid(uuid)?.name).toBe("live");
});

test("a group is not renamed to a name that is taken", () => {
  const acme = new Store().account("acme");
  acme.createGroup({ name: "prod", location: "lhr" });
  acme.createGroup({ name: "live", location: "lhr" });
  expect(() => acme.renameGroup("prod", "live")).toThrow("group already exists");
  expect(() => acme.renameGroup("prod", "Live")).toThrow(Refusal);
  expect([...acme.groups.keys()]).toEqual(["prod", "live"]);
});

test("a group's primary moves, and its uuid stays", () => {
  const acme = new Store().account("acme");
  const { uuid } = acme.createGroup({ name: "prod", location: "lhr", replicas: ["ams"] });
  expect(acme.movePrimary("prod", "ams")).toMatchObject({ uuid, primary: "ams", locations: ["ams", "lhr"] });
  expect(acme.movePrimary("prod", "aws-eu-west-1")).toMatchObject({
    uuid,
    primary: "aws-eu-west-1",
    locations: ["aws-eu-west-1"],
  });
});

test("a group is archived and protected without a call", () => {
  const acme = new Store().account("acme");
  acme.createGroup({ name: "prod", location: "lhr" });
  acme.archiveGroup("prod");
  acme.protectGroup("prod");
  expect(acme.group("prod")).toMatchObject({ archived: true, deleteProtection: true });
});

test("a group that was deleted and made again has another uuid", () => {
  const acme = new Store().account("acme");
  const before = acme.createGroup({ name: "prod", location: "lhr" });
  acme.deleteGroup("prod");
  const after = acme.createGroup({ name: "prod", location: "lhr" });
  expect(after.uuid).not.toBe(before.uuid);
});

test("a refusal has a reason", () => {
  const acme = new Store().account("acme");
  expect(() => acme.group("none")).toThrow(
    expect.objectContaining({ name: "Refusal", reason: "missing", message: "group not found" }),
  );
});
