import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { serve } from "../../../../test/support/server.ts";
import { getLocationsFunction } from "../../../src/resources/getLocations.js";
import { getGroupFunction } from "../../../src/resources/group/getGroup.js";
import { getGroupsFunction } from "../../../src/resources/group/getGroups.js";
import { contextFor } from "../../context.ts";

describe.each([
  { form: "user", organization: undefined, base: "/v1/groups", prefix: "" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups", prefix: "acme/" },
])("in the $form form", ({ organization, base, prefix }) => {
  async function start() {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    const group = account.createGroup({ name: "prod", location: "aws-us-east-1", deleteProtection: true });
    return { emulator, account, group, context: contextFor(emulator.url, organization) };
  }

  test("getGroup tells of a group what there is to tell, with one request", async () => {
    const { emulator, group, context } = await start();
    expect(await getGroupFunction.run(context, { name: "prod" })).toStrictEqual({
      id: `${prefix}prod`,
      name: "prod",
      ...(organization !== undefined && { organization }),
      location: "aws-us-east-1",
      locations: ["aws-us-east-1"],
      primary: "us-east-1",
      uuid: group.uuid,
      version: group.version,
      archived: false,
      protected: true,
    });
    expect(requestsOf(emulator)).toEqual([`GET ${base}/prod`]);
  });

  test("getGroup of a group that is not there names it", async () => {
    const { context } = await start();
    await expect(getGroupFunction.run(context, { name: "staging" })).rejects.toThrow(
      `Group 'staging'${organization === undefined ? "" : " in organization 'acme'"} does not exist.`,
    );
  });

  test("getGroups lists all, with one request", async () => {
    const { emulator, account, context } = await start();
    account.createGroup({ name: "dev", location: "lhr", replicas: ["ams"] });
    const { groups } = await getGroupsFunction.run(context, {});
    expect(groups).toMatchObject([
      { id: `${prefix}prod`, location: "aws-us-east-1" },
      { id: `${prefix}dev`, location: "lhr", locations: ["lhr", "ams"] },
    ]);
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
  });

  test("getLocations tells codes and descriptions, with one request", async () => {
    const { emulator, context } = await start();
    const { locations } = await getLocationsFunction.run(context, {});
    expect(locations).toEqual(emulator.store.locations);
    expect(requestsOf(emulator)).toEqual(["GET /v1/locations"]);
  });
});

test("an organization that is given goes before the default one", async () => {
  const emulator = await emulate();
  emulator.store.account("beta").createGroup({ name: "prod", location: "lhr" });
  const context = contextFor(emulator.url, "acme");
  expect(await getGroupFunction.run(context, { name: "prod", organization: "beta" })).toMatchObject({
    id: "beta/prod",
    organization: "beta",
  });
  expect((await getGroupsFunction.run(context, { organization: "beta" })).groups).toHaveLength(1);
  expect((await getGroupsFunction.run(context, {})).groups).toEqual([]);
});

test("what the API leaves out is absent", async () => {
  const { url } = await serve({ body: { group: { name: "prod", locations: ["lhr"], primary: "lhr" } } });
  expect(await getGroupFunction.run(contextFor(url), { name: "prod" })).toStrictEqual({
    id: "prod",
    name: "prod",
    location: "lhr",
    locations: ["lhr"],
    primary: "lhr",
  });
});

test("a name or slug that cannot be one is refused without a request", async () => {
  const context = contextFor("http://127.0.0.1:1");
  await expect(getGroupFunction.run(context, { name: "acme/prod" })).rejects.toThrow(
    "getGroup: `name` must not contain slashes (e.g. prod)",
  );
  await expect(getGroupsFunction.run(context, { organization: "" })).rejects.toThrow(
    "getGroups: `organization` is empty",
  );
});

test("an error that is no absence stays what it is", async () => {
  const emulator = await emulate();
  emulator.fail({ status: 404, body: "<html>nothing here</html>" });
  await expect(getGroupFunction.run(contextFor(emulator.url), { name: "prod" })).rejects.not.toThrow(
    "does not exist",
  );
});
