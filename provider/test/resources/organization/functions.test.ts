import { expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { getOrganizationFunction } from "../../../src/resources/organization/getOrganization.js";
import { getOrganizationMembersFunction } from "../../../src/resources/organization/getOrganizationMembers.js";
import { getOrganizationsFunction } from "../../../src/resources/organization/getOrganizations.js";
import { contextFor } from "../../context.ts";

const ACME = {
  slug: "acme",
  name: "acme",
  type: "team",
  plan: "scaler",
  overages: false,
  requireMfa: false,
};

async function start(organization?: string) {
  const emulator = await emulate({ organizations: ["acme"], plan: "scaler" });
  return { emulator, acme: emulator.store.account("acme"), context: contextFor(emulator.url, organization) };
}

test("getOrganization reads an organization with one request", async () => {
  const { emulator, context } = await start("acme");
  expect(await getOrganizationFunction.run(context, {})).toEqual(ACME);
  expect(await getOrganizationFunction.run(context, { organization: "acme" })).toEqual(ACME);
  expect(requestsOf(emulator)).toEqual(Array(2).fill("GET /v1/organizations/acme"));
  await expect(getOrganizationFunction.run(context, { organization: "none" })).rejects.toMatchObject({
    code: "NOT_FOUND",
  });
});

test("getOrganization finds the personal account, if the token gives access to it", async () => {
  const { emulator, context } = await start();
  expect(await getOrganizationFunction.run(context, {})).toMatchObject({
    slug: "personal",
    type: "personal",
  });
  emulator.fail({ status: 200, body: [{ slug: "acme", type: "team" }] });
  await expect(getOrganizationFunction.run(context, {})).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("getOrganizations lists all, also where the list is wrapped", async () => {
  const { emulator, context } = await start("acme");
  expect(await getOrganizationsFunction.run(context, {})).toMatchObject({
    organizations: [{ slug: "personal" }, ACME],
  });
  emulator.fail({ status: 200, body: { organizations: [{ slug: "beta" }] } });
  expect(await getOrganizationsFunction.run(context, {})).toEqual({ organizations: [{ slug: "beta" }] });
});

test("getOrganizationMembers lists the members, also without addresses; a personal account has none", async () => {
  const { emulator, acme, context } = await start("acme");
  acme.addMember("alice", "viewer");
  expect(await getOrganizationMembersFunction.run(context, {})).toEqual({
    members: [
      { username: "personal", role: "owner", email: "personal@example.com" },
      { username: "alice", role: "viewer", email: "alice@example.com" },
    ],
  });
  emulator.fail({ status: 200, body: { members: [{ username: "bob", role: "auditor" }] } });
  expect(await getOrganizationMembersFunction.run(context, {})).toEqual({
    members: [{ username: "bob", role: "auditor" }],
  });
  const personal = contextFor(emulator.url);
  await expect(getOrganizationMembersFunction.run(personal, {})).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});
