/**
 * Every request and response that the Platform API reference of 2023 and today's pages about groups document.
 * Three mistakes of those pages are corrected: Retrieve in an organization is a GET (its example says POST),
 * Delete responds with the deleted group (an example shows another one), `primary` is a string.
 */
import { describe, expect, test } from "vitest";
import { serve } from "../../../test/support/server.ts";
import { createClient, type TursoClient } from "../../src/api/index.js";

const lhr = { locations: ["lhr"], name: "group2", primary: "lhr" };
const fra = { name: "default", locations: ["fra"], primary: "fra" };

interface Case {
  page: string;
  organization?: string;
  call: (turso: TursoClient, organization: string | undefined) => Promise<unknown>;
  request: { method: string; path: string; body?: unknown };
  response: unknown;
  result: unknown;
}

const of2023: Case[] = [
  {
    page: "List Groups, user",
    call: ({ groups }, organization) => groups.list(organization),
    request: { method: "GET", path: "/v1/groups" },
    response: { groups: [{ locations: ["bos", "lhr"], name: "default", primary: "lhr" }] },
    result: [{ locations: ["bos", "lhr"], name: "default", primary: "lhr" }],
  },
  {
    page: "List Groups, organization",
    organization: "some_org",
    call: ({ groups }, organization) => groups.list(organization),
    request: { method: "GET", path: "/v1/organizations/some_org/groups" },
    response: { groups: [{ locations: ["lhr"], name: "default", primary: "lhr" }] },
    result: [{ locations: ["lhr"], name: "default", primary: "lhr" }],
  },
  {
    page: "Create Group, user",
    call: ({ groups }, organization) => groups.create(organization, { name: "group2", location: "lhr" }),
    request: { method: "POST", path: "/v1/groups", body: { name: "group2", location: "lhr" } },
    response: { group: lhr },
    result: lhr,
  },
  {
    page: "Create Group, organization",
    organization: "some_org",
    call: ({ groups }, organization) => groups.create(organization, { name: "group2", location: "lhr" }),
    request: {
      method: "POST",
      path: "/v1/organizations/some_org/groups",
      body: { name: "group2", location: "lhr" },
    },
    response: { group: lhr },
    result: lhr,
  },
  {
    page: "Retrieve Group, user",
    call: ({ groups }, organization) => groups.retrieve(organization, "default"),
    request: { method: "GET", path: "/v1/groups/default" },
    response: { group: fra },
    result: fra,
  },
  {
    page: "Retrieve Group, organization",
    organization: "some_org",
    call: ({ groups }, organization) => groups.retrieve(organization, "default"),
    request: { method: "GET", path: "/v1/organizations/some_org/groups/default" },
    response: { group: fra },
    result: fra,
  },
  {
    page: "Delete Group, user",
    call: ({ groups }, organization) => groups.delete(organization, "group2"),
    request: { method: "DELETE", path: "/v1/groups/group2" },
    response: { group: { name: "foo", locations: ["fra"], primary: "fra" } },
    result: undefined,
  },
  {
    page: "Delete Group, organization",
    organization: "some_org",
    call: ({ groups }, organization) => groups.delete(organization, "group2"),
    request: { method: "DELETE", path: "/v1/organizations/some_org/groups/group2" },
    response: { group: lhr },
    result: undefined,
  },
];

const prod = {
  name: "prod",
  uuid: "f1dec998-8f7f-11ee-907d-a2a821fd08b9",
  locations: ["aws-us-east-1"],
  primary: "us-east-1",
  version: "v0.23.7",
  archived: false,
};
const path = "/v1/organizations/acme/groups/prod";

/** In an organization: today the user endpoint is not documented. */
const ofToday: Case[] = [
  {
    page: "Create Group with extensions",
    call: ({ groups }) =>
      groups.create("acme", { name: "prod", location: "aws-us-east-1", extensions: ["vector"] }),
    request: {
      method: "POST",
      path: "/v1/organizations/acme/groups",
      body: { name: "prod", location: "aws-us-east-1", extensions: ["vector"] },
    },
    response: { group: { ...prod, delete_protection: false } },
    result: { ...prod, deleteProtection: false },
  },
  {
    page: "Add Location to Group",
    call: ({ groups }) => groups.addLocation("acme", "prod", "ams"),
    request: { method: "POST", path: `${path}/locations/ams` },
    response: { group: prod },
    result: prod,
  },
  {
    page: "Remove Location from Group",
    call: ({ groups }) => groups.removeLocation("acme", "prod", "ams"),
    request: { method: "DELETE", path: `${path}/locations/ams` },
    response: { group: prod },
    result: prod,
  },
  {
    page: "Create Group Auth Token",
    call: ({ groups }) =>
      groups.mintToken("acme", "prod", {
        expiration: "2w1d30m",
        authorization: "read-only",
        readAttach: ["orders"],
      }),
    request: {
      method: "POST",
      path: `${path}/auth/tokens?expiration=2w1d30m&authorization=read-only`,
      body: { permissions: { read_attach: { databases: ["orders"] } } },
    },
    response: { jwt: "a.b.c" },
    result: "a.b.c",
  },
  {
    page: "Invalidate All Group Auth Tokens",
    call: ({ groups }) => groups.invalidateTokens("acme", "prod"),
    request: { method: "POST", path: `${path}/auth/rotate` },
    response: "",
    result: undefined,
  },
  {
    page: "Retrieve Group Configuration",
    call: ({ groups }) => groups.getDeleteProtection("acme", "prod"),
    request: { method: "GET", path: `${path}/configuration` },
    response: { delete_protection: true },
    result: true,
  },
  {
    page: "Update Group Configuration",
    call: ({ groups }) => groups.setDeleteProtection("acme", "prod", false),
    request: { method: "PATCH", path: `${path}/configuration`, body: { delete_protection: false } },
    response: { delete_protection: false },
    result: false,
  },
  {
    page: "Unarchive Group",
    call: ({ groups }) => groups.unarchive("acme", "prod"),
    request: { method: "POST", path: `${path}/unarchive` },
    response: { group: prod },
    result: prod,
  },
  {
    page: "Rename Group (`turso group rename`, without a page)",
    call: ({ groups }) => groups.rename("acme", "prod", "live"),
    request: { method: "POST", path: `${path}/rename`, body: { Name: "live" } },
    response: { group: { ...prod, name: "live" } },
    result: { ...prod, name: "live" },
  },
  {
    page: "Transfer Group",
    call: ({ groups }) => groups.transfer("acme", "prod", "umbrella"),
    request: { method: "POST", path: `${path}/transfer`, body: { organization: "umbrella" } },
    response: prod,
    result: prod,
  },
  {
    page: "List Databases",
    call: ({ databases }) => databases.list("acme"),
    request: { method: "GET", path: "/v1/organizations/acme/databases?limit=1000" },
    response: {
      databases: [
        {
          Name: "my-db",
          DbId: "0eb771dd-6906-11ee-8553-eaa7715aeaf2",
          Hostname: "my-db-acme.turso.io",
          block_reads: false,
          regions: ["aws-us-east-1"],
          primaryRegion: "aws-us-east-1",
          group: "prod",
          parent: null,
        },
      ],
    },
    result: {
      databases: [
        {
          name: "my-db",
          group: "prod",
          uuid: "0eb771dd-6906-11ee-8553-eaa7715aeaf2",
          hostname: "my-db-acme.turso.io",
        },
      ],
      // The page's example has no `pagination`.
      isComplete: false,
    },
  },
  {
    page: "List Locations",
    call: ({ locations }) => locations.list("acme"),
    request: { method: "GET", path: "/v1/locations" },
    response: { locations: { "aws-us-east-1": "AWS US East (Virginia)", lhr: "London, United Kingdom" } },
    result: { "aws-us-east-1": "AWS US East (Virginia)", lhr: "London, United Kingdom" },
  },
];

describe.each([...of2023, ...ofToday])("$page", ({ call, organization, request, response, result }) => {
  test("sends the documented request and parses the documented response", async () => {
    const { url, seen } = await serve({ body: response });
    const turso = createClient({ token: "TOKEN", baseUrl: url });
    expect(await call(turso, organization)).toEqual(result);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: request.method, path: request.path });
    expect(seen[0]?.headers).toMatchObject({ authorization: "Bearer TOKEN", accept: "application/json" });
    if (request.body === undefined) {
      expect(seen[0]?.body).toBe("");
      expect(seen[0]?.headers).not.toHaveProperty("content-type");
    } else {
      expect(seen[0]?.headers["content-type"]).toBe("application/json");
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual(request.body);
    }
  });
});
