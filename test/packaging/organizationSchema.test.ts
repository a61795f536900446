/** The JSON Schema of organization files, as an editor uses it: without the program. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

type Schema = {
  description?: string;
  properties?: Record<string, Schema>;
  definitions?: Record<string, Schema>;
};
const schema: Schema = createRequire(import.meta.url)("pulumi-turso/organization.schema.json");
// With `strict`, a misspelt keyword of the schema is an error.
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

const accepts = (text: string) => validate(parse(text, { merge: true }));

test("accepts the example", () => {
  expect(accepts(readFileSync("examples/organization/acme.yaml", "utf8"))).toBe(true);
});

describe("marks a mistake in", () => {
  test.each([
    ["a kind", "group: {}"],
    ["a property of a group", "groups: { a: { locaton: lhr, location: lhr } }"],
    ["a property of a group's token", "tokens: { a: { group: x, expires: 3d } }"],
    ["a property of an API token", "apiTokens: { a: { scope: [read] } }"],
    ["a property of a member", "members: { a: { rol: admin, role: admin } }"],
    ["a property of an invite", "invites: { a: { mail: a, role: admin } }"],
    ["a value of an enumeration", "members: { a: { role: admn } }"],
    ["an item of a list", "apiTokens: { a: { scopes: [raed] } }"],
    ["the type of a value", "groups: { a: { location: lhr, adopt: maybe } }"],
    ["a missing property", "groups: { a: {} }"],
    ["for", "groups: { a: { for: { x: 1 }, location: lhr } }"],
  ])("%s", (_, text) => {
    expect(accepts(text)).toBe(false);
  });
});

test.each([
  ["placeholders", 'members: { "{u}": { for: { u: [a], r: [admin] }, role: "{r}" } }'],
  ["an API token without properties", "apiTokens: { ci: }"],
  ["a word in place of a list", "apiTokens: { ci: { group: a, scopes: read-only } }"],
])("accepts %s", (_, text) => {
  expect(accepts(text)).toBe(true);
});

test("describes every property, for hovers and completions", () => {
  const without = Object.entries({ file: schema, ...schema.definitions }).flatMap(
    ([owner, { properties = {} }]) =>
      Object.keys(properties)
        .filter((key) => !/^[A-Z].*\.$/s.test(properties[key]?.description ?? ""))
        .map((key) => `${owner}.${key}`),
  );
  expect(without).toEqual([]);
});
