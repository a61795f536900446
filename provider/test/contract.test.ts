/**
 * Every request and answer of the Platform API reference of 2023, as facts: what our client sends, and what it makes
 * of the documented answer. Three slips of those pages are set right: the organization form of Retrieve is a GET (its
 * example says POST), Delete answers with the deleted group (an example shows another one), `primary` is a string.
 */
import { describe, expect, test } from "vitest";
import { serve } from "../../test/support/server.ts";
import { createClient, type GroupsApi } from "../src/api/index.js";

const lhr = { locations: ["lhr"], name: "group2", primary: "lhr" };
const fra = { name: "default", locations: ["fra"], primary: "fra" };

interface Case {
  page: string;
  organization?: string;
  call: (groups: GroupsApi, organization: string | undefined) => Promise<unknown>;
  request: { method: string; path: string; body?: unknown };
  answer: unknown;
  result: unknown;
}

const cases: Case[] = [
  {
    page: "List Groups, user",
    call: (groups, organization) => groups.list(organization),
    request: { method: "GET", path: "/v1/groups" },
    answer: { groups: [{ locations: ["bos", "lhr"], name: "default", primary: "lhr" }] },
    result: [{ locations: ["bos", "lhr"], name: "default", primary: "lhr" }],
  },
  {
    page: "List Groups, organization",
    organization: "some_org",
    call: (groups, organization) => groups.list(organization),
    request: { method: "GET", path: "/v1/organizations/some_org/groups" },
    answer: { groups: [{ locations: ["lhr"], name: "default", primary: "lhr" }] },
    result: [{ locations: ["lhr"], name: "default", primary: "lhr" }],
  },
  {
    page: "Create Group, user",
    call: (groups, organization) => groups.create(organization, { name: "group2", location: "lhr" }),
    request: { method: "POST", path: "/v1/groups", body: { name: "group2", location: "lhr" } },
    answer: { group: lhr },
    result: lhr,
  },
  {
    page: "Create Group, organization",
    organization: "some_org",
    call: (groups, organization) => groups.create(organization, { name: "group2", location: "lhr" }),
    request: {
      method: "POST",
      path: "/v1/organizations/some_org/groups",
      body: { name: "group2", location: "lhr" },
    },
    answer: { group: lhr },
    result: lhr,
  },
  {
    page: "Retrieve Group, user",
    call: (groups, organization) => groups.retrieve(organization, "default"),
    request: { method: "GET", path: "/v1/groups/default" },
    answer: { group: fra },
    result: fra,
  },
  {
    page: "Retrieve Group, organization",
    organization: "some_org",
    call: (groups, organization) => groups.retrieve(organization, "default"),
    request: { method: "GET", path: "/v1/organizations/some_org/groups/default" },
    answer: { group: fra },
    result: fra,
  },
  {
    page: "Delete Group, user",
    call: (groups, organization) => groups.delete(organization, "group2"),
    request: { method: "DELETE", path: "/v1/groups/group2" },
    answer: { group: { name: "foo", locations: ["fra"], primary: "fra" } },
    result: undefined,
  },
  {
    page: "Delete Group, organization",
    organization: "some_org",
    call: (groups, organization) => groups.delete(organization, "group2"),
    request: { method: "DELETE", path: "/v1/organizations/some_org/groups/group2" },
    answer: { group: lhr },
    result: undefined,
  },
];

describe.each(cases)("$page", ({ call, organization, request, answer, result }) => {
  test("sends the documented request and understands the documented answer", async () => {
    const { url, seen } = await serve({ body: answer });
    const { groups } = createClient({ token: "TOKEN", baseUrl: url });
    expect(await call(groups, organization)).toEqual(result);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: request.method, path: request.path });
    expect(seen[0]?.headers).toMatchObject({ authorization: "Bearer TOKEN", accept: "application/json" });
    if (request.body === undefined) {
      expect(seen[0]?.body).toBe("");
    } else {
      expect(seen[0]?.headers["content-type"]).toBe("application/json");
      expect(JSON.parse(seen[0]?.body ?? "")).toEqual(request.body);
    }
  });
});
