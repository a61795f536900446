/** Any JSON value of the wrong type is refused, and the refusal names the input or argument. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CheckFailure } from "../../src/lifecycle/errors.js";
import type { AnyLifecycle, CheckRequest, Context } from "../../src/lifecycle/lifecycle.js";
import { UNKNOWN } from "../../src/lifecycle/unknown.js";
import { apiTokenLifecycle } from "../../src/resources/apiToken/lifecycle.js";
import { getLocationsFunction } from "../../src/resources/getLocations.js";
import { getGroupFunction } from "../../src/resources/group/getGroup.js";
import { getGroupsFunction } from "../../src/resources/group/getGroups.js";
import { groupTokenLifecycle } from "../../src/resources/group/groupToken.js";
import { groupTokenInvalidationLifecycle } from "../../src/resources/group/groupTokenInvalidation.js";
import { groupLifecycle } from "../../src/resources/group/lifecycle.js";
import { lifecycles } from "../../src/resources/list.js";
import { getOrganizationFunction } from "../../src/resources/organization/getOrganization.js";
import { getOrganizationMembersFunction } from "../../src/resources/organization/getOrganizationMembers.js";
import { getOrganizationsFunction } from "../../src/resources/organization/getOrganizations.js";
import { organizationInviteLifecycle } from "../../src/resources/organization/invite.js";
import { organizationMemberLifecycle } from "../../src/resources/organization/member.js";
import { contextFor, placeOf } from "../context.ts";

type Is = (value: unknown) => boolean;

const isText: Is = (value) => typeof value === "string";
const isBoolean: Is = (value) => typeof value === "boolean" || value === UNKNOWN;
const isList: Is = (value) => Array.isArray(value) || value === UNKNOWN;
const isTextList: Is = (value) => value === UNKNOWN || (Array.isArray(value) && value.every(isText));
const isMap: Is = (value) =>
  value === UNKNOWN || (typeof value === "object" && value !== null && !Array.isArray(value));
const oneOf =
  (...values: unknown[]): Is =>
  (value) =>
    value === UNKNOWN || values.includes(value);
const either =
  (...types: Is[]): Is =>
  (value) =>
    types.some((is) => is(value));
const isRole = oneOf("admin", "member", "viewer");

interface Checked {
  check(context: Context, request: CheckRequest): Promise<{ failures: CheckFailure[] }>;
}

const resources: [
  lifecycle: Checked & Pick<AnyLifecycle, "resource">,
  rest: object,
  inputs: Record<string, Is>,
][] = [
  [
    groupLifecycle,
    { location: "lhr" },
    {
      name: isText,
      location: isText,
      organization: isText,
      replicas: isTextList,
      extensions: either(isTextList, oneOf("all")),
      deleteProtection: isBoolean,
      forceDestroy: isBoolean,
      adopt: isBoolean,
    },
  ],
  [
    groupTokenLifecycle,
    { group: "prod" },
    {
      group: isText,
      organization: isText,
      expiration: isText,
      authorization: oneOf("full-access", "read-only"),
      readAttach: isTextList,
      renewBefore: isText,
      keepers: isMap,
    },
  ],
  [
    groupTokenInvalidationLifecycle,
    { group: "prod" },
    { group: isText, organization: isText, triggers: either(isMap, isList), onCreate: isBoolean },
  ],
  [
    apiTokenLifecycle,
    { organization: "acme", group: "prod", scopes: "read-only" },
    {
      name: isText,
      organization: isText,
      group: isText,
      scopes: either(isTextList, oneOf("read-only", "full-access")),
      keepers: isMap,
    },
  ],
  [
    organizationMemberLifecycle,
    { username: "alice", role: "admin", organization: "acme" },
    { username: isText, role: isRole, organization: isText, adopt: isBoolean },
  ],
  [
    organizationInviteLifecycle,
    { email: "bob@example.com", role: "admin", organization: "acme" },
    { email: isText, role: isRole, organization: isText, adopt: isBoolean },
  ],
];

/** Values that look valid, and unknown values at any depth. */
const text = fc.constantFrom(
  "",
  "prod",
  "lhr",
  "all",
  "read-only",
  "full-access",
  "admin",
  "90d",
  "true",
  UNKNOWN,
);
const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "length", "constructor"), tie("value"), { maxKeys: 2 }),
  ),
}));

test("every input of every resource is tested", () => {
  const inputsOf = (all: { resource: AnyLifecycle["resource"]; names: string[] }[]) =>
    Object.fromEntries(all.map(({ resource, names }) => [resource.name, names]));
  expect(
    inputsOf(resources.map(([{ resource }, , inputs]) => ({ resource, names: Object.keys(inputs) }))),
  ).toEqual(inputsOf(lifecycles.map(({ resource }) => ({ resource, names: Object.keys(resource.inputs) }))));
});

const cases = resources.flatMap(([lifecycle, rest, inputs]) =>
  Object.entries(inputs).map(([input, is]) => ({
    type: lifecycle.resource.name,
    input,
    is,
    lifecycle,
    rest,
  })),
);

describe("an input of the wrong type is refused", () => {
  test.for(cases)("$type: $input", async ({ lifecycle, rest, input, is }) => {
    const resource = placeOf("it");
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const context = contextFor("http://127.0.0.1:1");
        const news = { ...rest, [input]: value };
        const { failures } = await lifecycle.check(context, { olds: undefined, news, resource });
        const refused = failures.map(({ property, code }) => ({ property, code }));
        // A value of the right type may be refused for other reasons.
        if (!is(value)) expect(refused).toContainEqual({ property: input, code: "INVALID_INPUT" });
      }),
      { numRuns: 300 },
    );
  });
});

describe("an argument of the wrong type is refused", () => {
  const functions = [
    { name: "getGroup", fn: getGroupFunction, argument: "name", rest: {} },
    { name: "getGroup", fn: getGroupFunction, argument: "organization", rest: { name: "prod" } },
    { name: "getGroups", fn: getGroupsFunction, argument: "organization", rest: {} },
    { name: "getLocations", fn: getLocationsFunction, argument: "organization", rest: {} },
    ...[getOrganizationFunction, getOrganizationsFunction, getOrganizationMembersFunction].map((fn) => ({
      name: fn.name,
      fn,
      argument: "organization",
      rest: {},
    })),
  ];
  test.for(functions)("$name: $argument", async ({ fn, argument, rest }) => {
    const run = fn.run as (context: Context, args: object) => Promise<unknown>;
    await fc.assert(
      fc.asyncProperty(
        anything.filter((value) => !isText(value)),
        async (value) => {
          const called = run(contextFor("http://127.0.0.1:1"), { ...rest, [argument]: value });
          const text = expect.stringContaining(`${fn.name}: \`${argument}\``);
          await expect(called).rejects.toMatchObject({ code: "INVALID_INPUT", text });
        },
      ),
    );
  });
});
