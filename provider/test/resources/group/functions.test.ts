import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { serve } from "../../../../test/support/server.ts";
import { TursoApiError } from "../../../src/api/index.js";
import { getLocationsFunction } from "../../../src/resources/getLocations.js";
import { getGroupFunction } from "../../../src/resources/group/getGroup.js";
import { getGroupsFunction } from "../../../src/resources/group/getGroups.js";
import { contextFor } from "../../context.ts";

describe.each([
  { account: "the personal account", organization: undefined, base: "/v1/groups", prefix: "" },
  {
    account: "an organization",
    organization: "acme",
    base: "/v1/organizations/acme/groups",
    prefix: "acme/",
  },
])("in $account", ({ organization, base, prefix }) => {
  async function start() {
    const emulator = await emulate();
    const account = emulator.store.account(organization);
    const group = account.createGroup({ name: "prod", location: "aws-us-east-1", deleteProtection: true });
    return { emulator, account, group, context: contextFor(emulator.url, organization) };
  }

  test("getGroup returns everything that the API reports, with one request", async () => {
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

  test("getGroup fails if the group does not exist, and names it", async () => {
    const { context } = await start();
    const title = `Group 'staging'${organization === undefined ? "" : " in organization 'acme'"}`;
    await expect(getGroupFunction.run(context, { name: "staging" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      text: expect.stringContaining(title),
    });
  });

  test("getGroups returns every group, with one request", async () => {
    const { emulator, account, context } = await start();
    account.createGroup({ name: "dev", location: "lhr", replicas: ["ams"] });
    const { groups } = await getGroupsFunction.run(context, {});
    expect(groups).toMatchObject([
      { id: `${prefix}prod`, location: "aws-us-east-1" },
      { id: `${prefix}dev`, location: "lhr", locations: ["lhr", "ams"] },
    ]);
    expect(requestsOf(emulator)).toEqual([`GET ${base}`]);
  });

  test("getLocations returns codes and descriptions, with one request", async () => {
    const { emulator, context } = await start();
    const { locations } = await getLocationsFunction.run(context, {});
    expect(locations).toEqual(emulator.store.locations);
    expect(requestsOf(emulator)).toEqual(["GET /v1/locations"]);
  });
});

test("the argument organization wins over the default one", async () => {
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

test("properties that the API leaves out are absent", async () => {
  const { url } = await serve({ body: { group: { name: "prod", locations: ["lhr"], primary: "lhr" } } });
  expect(await getGroupFunction.run(contextFor(url), { name: "prod" })).toStrictEqual({
    id: "prod",
    name: "prod",
    location: "lhr",
    locations: ["lhr"],
    primary: "lhr",
  });
});

test("an invalid argument is refused without a request", async () => {
  const context = contextFor("http://127.0.0.1:1");
  await expect(getGroupFunction.run(context, { name: "acme/prod" })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    text: expect.stringMatching(/`name`.*slashes/),
  });
  await expect(getGroupsFunction.run(context, { organization: "" })).rejects.toMatchObject({
    code: "INVALID_INPUT",
    text: expect.stringMatching(/`organization`.*empty/),
  });
  const mistyped = { name: "prod", organisation: "acme" };
  await expect(getGroupFunction.run(context, mistyped)).rejects.toMatchObject({
    code: "UNKNOWN_ARGUMENT",
    text: expect.stringMatching(/'organisation'.*'organization'/),
  });
});

test("a 404 that is not from the API does not mean that the group does not exist", async () => {
  const emulator = await emulate();
  emulator.fail({ status: 404, body: "<html>nothing here</html>" });
  const error = await getGroupFunction
    .run(contextFor(emulator.url), { name: "prod" })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TursoApiError);
  expect(error).toMatchObject({ status: 404 });
});
