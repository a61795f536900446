import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { GroupInputs, GroupOutputs } from "../../../src/resources/group/group.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { thingOf } from "../../../src/resources/group/state.js";
import { contextFor } from "../../context.ts";

const diff = (olds: GroupOutputs, news: GroupInputs) =>
  groupLifecycle.diff(contextFor("http://127.0.0.1:1"), olds, news);

describe("diff", () => {
  const olds: GroupOutputs = {
    name: "prod",
    location: "lhr",
    organization: "acme",
    locations: ["lhr"],
    primary: "lhr",
    uuid: "u1",
  };
  const news: GroupInputs = { name: "prod", location: "lhr", organization: "acme" };
  const same = { changes: false, replaces: [], deleteBeforeReplace: false };

  test("shows no change of an unchanged group, whatever the API reports of it", () => {
    expect(diff(olds, news)).toEqual(same);
    expect(diff({ ...olds, archived: true, version: "v9", locations: ["lhr", "ams"] }, news)).toEqual(same);
    expect(diff({ name: "prod", location: "lhr" }, { name: "prod", location: "lhr" })).toEqual(same);
  });

  test.each([
    ["name", { name: "other" }, false],
    ["location", { location: "ams" }, true],
    ["organization", { organization: "beta" }, false],
  ])("a changed %s replaces: %j", (property, change, deleteBeforeReplace) => {
    expect(diff(olds, { ...news, ...change })).toEqual({
      changes: true,
      replaces: [property],
      deleteBeforeReplace,
    });
  });

  test.each([
    ["name", { name: UNKNOWN }, false],
    ["location", { location: UNKNOWN }, true],
  ])(
    "an unknown %s replaces only after the check of the group: %j",
    (property, change, deleteBeforeReplace) => {
      const context = contextFor("http://127.0.0.1:1");
      // Before the engine deletes a dependency, it calls diff with unknown inputs: a replacement would delete
      // this group, too.
      expect(groupLifecycle.diff(context, olds, { ...news, ...change }).replaces).toEqual([]);
      context.ownership.declare("urn", news, [thingOf(news)]);
      expect(groupLifecycle.diff(context, olds, { ...news, ...change })).toMatchObject({
        replaces: [property],
        deleteBeforeReplace,
      });
    },
  );

  test("changed extensions replace; another order is no change", () => {
    const some: GroupOutputs = { ...olds, extensions: ["vector", "regexp"] };
    expect(diff(some, { ...news, extensions: ["regexp", "vector"] })).toEqual(same);
    for (const extensions of ["all" as const, ["vector"]]) {
      expect(diff(some, { ...news, extensions })).toEqual({
        changes: true,
        replaces: ["extensions"],
        deleteBeforeReplace: true,
      });
    }
  });

  test("removing extensions is an update", () => {
    const some: GroupOutputs = { ...olds, extensions: ["vector"] };
    expect(diff(some, news)).toEqual({ changes: true, replaces: [], deleteBeforeReplace: false });
  });

  test("another spelling of the same location is an update", () => {
    const aws = { ...olds, location: "aws-us-east-1", primary: "us-east-1" };
    expect(diff(aws, { ...news, location: "us-east-1" })).toEqual({ ...same, changes: true });
  });

  test("a group that was renamed outside Pulumi keeps its new name, and setting that is an update", () => {
    const renamed = { ...olds, name: "prod2", __declaredName: "prod" };
    expect(diff(renamed, news)).toEqual(same);
    expect(diff(renamed, { ...news, name: "prod2" })).toEqual({ ...same, changes: true });
    expect(diff(renamed, { ...news, name: "third" })).toMatchObject({ replaces: ["name"] });
    expect(diff(renamed, { ...news, location: "ams" })).toMatchObject({
      replaces: ["location"],
      deleteBeforeReplace: false,
    });
  });

  test("a group that was moved outside Pulumi keeps its new location, and setting that is an update", () => {
    const moved = { ...olds, primary: "ams", locations: ["ams"] };
    expect(diff(moved, news)).toEqual(same);
    expect(diff(moved, { ...news, location: "ams" })).toEqual({ ...same, changes: true });
    expect(diff(moved, { ...news, location: "fra" })).toMatchObject({
      replaces: ["location"],
    });
  });
});
