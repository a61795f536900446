/** What an organization file means, and what is wrong with it: the parser, the schema, `for` and references. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { declared } from "../../../src/components/organization/declared.js";
import { UserError } from "../../../src/lifecycle/errors.js";

const folder = mkdtempSync(join(tmpdir(), "pulumi-turso-organization-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const FILE = join(folder, "acme.yaml");

function read(text: string | Uint8Array) {
  writeFileSync(FILE, text);
  return declared("Organization 'acme'", { file: FILE });
}

/** The problems of a file, each as `LINE:COLUMN text`. */
function problems(text: string | Uint8Array): string[] {
  return refusal(() => read(text)).map((line) => line.replace(`${FILE}:`, ""));
}

function refusal(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.code).toBe("INVALID_INPUT");
    return error.text.split("\n").slice(1);
  }
  return [];
}

/** Matches the one problem at a place that has every part. */
const one = (place: string, ...parts: string[]) => [
  expect.toSatisfy(
    (text: string) => text.startsWith(`${place}: `) && parts.every((part) => text.includes(part)),
    `${place} with ${parts.join(", ")}`,
  ),
];

const keysOf = (entries: readonly { key: string }[]) => entries.map(({ key }) => key);

describe("a file", () => {
  test("declares entries with their keys as names, and references by key", () => {
    const { organization, entries } = read(`
organization: acme
groups:
  prod: { location: lhr }
  dev: { location: lhr, name: development, renamedFrom: test }
tokens:
  api: { group: prod, expiration: 90d }
  other: { group: acme/legacy }
apiTokens:
  ci: { group: prod, scopes: [read] }
  all:
members: { alice: { role: admin } }
invites: { bob: { name: bob@example.com, role: member }, eve@example.com: { role: viewer } }
`);
    expect(organization).toBe("acme");
    expect(entries.groups).toEqual([
      { key: "prod", inputs: { location: "lhr", name: "prod" }, references: [] },
      { key: "dev", inputs: { location: "lhr", name: "development" }, references: [], renamedFrom: "test" },
    ]);
    expect(entries.tokens).toEqual([
      {
        key: "api",
        inputs: { expiration: "90d" },
        references: [{ input: "group", to: "groups", key: "prod" }],
      },
      { key: "other", inputs: { group: "acme/legacy" }, references: [] },
    ]);
    const reference = { input: "group", to: "groups", key: "prod" };
    expect(entries.apiTokens).toEqual([
      { key: "ci", inputs: { name: "ci", scopes: ["read"] }, references: [reference] },
      { key: "all", inputs: { name: "all" }, references: [] },
    ]);
    expect(entries.members.map(({ inputs }) => inputs)).toEqual([{ username: "alice", role: "admin" }]);
    expect(entries.invites.map(({ inputs }) => inputs)).toEqual([
      { email: "bob@example.com", role: "member" },
      { email: "eve@example.com", role: "viewer" },
    ]);
  });

  test.each([
    ["JSON with tabs", '{\n\t"groups": {\n\t\t"prod": { "location": "lhr" }\n\t}\n}'],
    ["a byte order mark and CRLF", "\ufeffgroups:\r\n  prod:\r\n    location: lhr\r\n"],
    ["anchors and merged maps", "x-lhr: &lhr { location: lhr }\ngroups:\n  prod: { <<: *lhr }\n"],
    ["$schema", '{ "$schema": "./s.json", "groups": { "prod": { "location": "lhr" } } }'],
    ["kinds without entries", "groups:\n  prod: { location: lhr }\ntokens:\n"],
    ["a directive", "%YAML 1.2\n---\ngroups: { prod: { location: lhr } }\n...\n"],
  ])("may have %s", (_, text) => {
    expect(read(text).entries.groups).toEqual([
      { key: "prod", inputs: { location: "lhr", name: "prod" }, references: [] },
    ]);
  });

  test("may use words that other YAML versions read as booleans, and names of every object, as keys", () => {
    const keys = ["no", "on", "true", "__proto__", "constructor", "toString", "gruppe-ä"];
    const { groups } = read(
      `groups:\n${keys.map((key) => `  ${key}: { location: lhr }\n`).join("")}`,
    ).entries;
    expect(keysOf(groups)).toEqual(keys);
    expect(groups.map(({ inputs }) => inputs.name)).toEqual(keys);
  });

  test.each([
    ["an unknown kind", "group: {}", one("1:1", "'groups'")],
    [
      "an unknown property",
      "groups:\n  a: { location: lhr, replica: [] }",
      one("2:23", "groups.a.replica", "'replicas'"),
    ],
    ["a missing property", "groups:\n  a: {}", one("2:3", "groups.a.location", "required")],
    ["a value of another type", "groups:\n  a: { location: 5 }", one("2:8", 'quotes: "5"')],
    ["a name that is no text", "groups:\n  a: { location: x, name: 2024 }", one("2:21", 'quotes: "2024"')],
    ["an item of another type", "groups:\n  a: { location: lhr, replicas: [5] }", one("2:23", "item 1")],
    ["an entry that is no map", "groups:\n  a: lhr", one("2:3", "a map", "a string")],
    ["an entry without properties", "groups:\n  a:", one("2:3", "a map", "nothing", "indent")],
    ["a kind that is no map", "groups: [a]", one("1:1", "groups", "a list")],
    ["a file that is no map", "- a", one("1:1", "a map", "a list")],
    ["an empty file", "", one("1:1", "a map", "nothing")],
    ["only a comment", "# nothing\n", one("1:1", "a map", "nothing")],
    ["an invalid duration", "tokens:\n  a: { group: x/y, expiration: 3 days }", one("2:20", '"3 days"')],
    ["an unknown value", "tokens:\n  a: { group: x/y, authorization: all }", one("2:20", "read-only")],
    ["a misspelt role", "members: { alice: { role: admn } }", one("1:21", "admin")],
    [
      "a misspelt property of a member",
      "members: { alice: { rol: admin, role: admin } }",
      one("1:21", "'role'"),
    ],
    ["a misspelt scope", "apiTokens: { a: { group: x/y, scopes: [raed] } }", one("1:31", "raed")],
    [
      "an unknown group of an API token",
      "groups: { prod: { location: l } }\napiTokens: { a: { group: prdo } }",
      one("2:19", "'prod'"),
    ],
    [
      "an invite without a role",
      "invites: { a: { name: a@b.c } }",
      one("1:12", "invites.a.role", "required"),
    ],
    [
      "an unknown reference",
      "groups: { prod: { location: lhr } }\ntokens: { a: { group: prdo } }",
      one("2:16", "'prod'"),
    ],
    [
      "an invite to no address",
      "invites: { bob: { role: member } }",
      one("1:12", "invites.bob must be an email"),
    ],
    ["a missing reference", "tokens: { a: {} }", one("1:11", "a key under groups")],
    ["a reference to nothing", "tokens: { a: { group: prod } }", one("1:16", "organization/name")],
    [
      "a name twice",
      "groups:\n  a: { location: x }\n  b: { location: x, name: a }",
      one("3:21", "'a'", "groups.a"),
    ],
    ["a placeholder as a key", "groups:\n  {region}: { location: x }", one("2:3", '"{region}-prod"')],
    ["a key twice", "groups:\n  a: { location: x }\n  a: { location: x }", one("3:3", "repeated")],
    [
      "a key twice, once as a number",
      "groups:\n  1: { location: x }\n  '1': { location: x }",
      one("3:3", "repeated"),
    ],
    ["a key with a space", 'groups: { "a b": { location: x } }', one("1:11", "spaces")],
    ["a key with a slash", 'groups: { "a/b": { location: x } }', one("1:11", "slashes")],
    ["a key that is read as a number", "groups: { 1.0: { location: x } }", one("1:11", "quotes")],
    ["a key that is no text", "groups: { [a]: { location: x } }", one("1:11", "text")],
    ["an empty key", "groups: { ? : { location: x } }", one("1:13", "empty")],
    [
      "a rename from a key that stays",
      "groups:\n  a: { location: x }\n  b: { location: x, renamedFrom: a }",
      one("3:21", "'a'"),
    ],
    [
      "two renames from one key",
      "groups:\n  a: { location: x, renamedFrom: z }\n  b: { location: x, renamedFrom: z }",
      one("3:21", "'z'", "groups.a"),
    ],
    ["a tab", "groups:\n\ta: {}", one("2:1", "Tabs")],
    ["an unclosed quote", 'a: "x', one("1:6", "quote")],
    ["an unknown alias", "groups: *all", one("1:9", "all")],
    ["an unknown tag", "groups: !env x", expect.arrayContaining(one("1:9", "!env"))],
    ["two documents", "groups: {}\n---\ngroups: {}", one("2:1", "multiple documents")],
    ["a map that contains itself", "groups: &all { a: *all }", one("1:16", "contains itself")],
    [
      "a value of a merged map",
      "x-a: &a { location: 5 }\ngroups:\n  a: *a",
      one("1:11", "groups.a.location"),
    ],
  ])("with %s is refused at the line", (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test("shows all problems in the order of the file", () => {
    const found = problems("tokens:\n  t: { grup: a }\ngroups:\n  a: { locaton: lhr }\nmember: {}\n");
    expect(found.map((text) => text.split(": ")[0])).toEqual(["2:3", "2:8", "4:3", "4:8", "5:1"]);
  });

  test("that expands without end is refused", () => {
    const layers = ["x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"];
    for (const [above, name] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].map((pair) => [...pair]))
      layers.push(`x-${name}: &${name} [${Array(10).fill(`*${above}`).join(", ")}]`);
    expect(problems(layers.join("\n"))).toEqual([expect.stringContaining("alias")]);
  });

  test("that does not exist, is a folder or no UTF-8 text is refused", () => {
    const refused = (file: string) => refusal(() => declared("Organization 'acme'", { file })).join("\n");
    expect(refused(join(folder, "none.yaml"))).toContain("does not exist");
    expect(refused("none.yaml")).toContain(process.cwd());
    expect(refused(folder)).toContain("EISDIR");
    expect(problems(new Uint8Array([0x61, 0x3a, 0xff]))).toEqual([expect.stringContaining("UTF-8")]);
  });
});

describe("`for`", () => {
  test("stands for every combination, in keys, names, references and other texts", () => {
    const { groups, tokens } = read(`
groups:
  "app-{region}-{n}":
    for: { region: [lhr, ams], n: [1, 2] }
    location: "{region}"
    name: "{n}-app-{region}"
    renamedFrom: "old-{region}-{n}"
tokens:
  "app-{region}":
    for: { region: [lhr, ams] }
    group: "app-{region}-1"
    keepers: { region: ["{region}"], braces: "{}" }
`).entries;
    expect(keysOf(groups)).toEqual(["app-lhr-1", "app-lhr-2", "app-ams-1", "app-ams-2"]);
    expect(groups[3]).toEqual({
      key: "app-ams-2",
      inputs: { location: "ams", name: "2-app-ams" },
      references: [],
      renamedFrom: "old-ams-2",
    });
    expect(tokens[1]).toEqual({
      key: "app-ams",
      inputs: { keepers: { region: ["ams"], braces: "{}" } },
      references: [{ input: "group", to: "groups", key: "app-ams-1" }],
    });
  });

  test.each([
    ["an unknown placeholder", '  "a-{x}": { for: { x: [1] }, location: "{z}" }', one("2:31", "{z}", "{x}")],
    [
      "an unknown placeholder in the key",
      '  "a-{x}-{y}": { for: { x: [1] }, location: l }',
      one("2:3", "{y}"),
    ],
    [
      "a variable that the key lacks",
      '  "a-{x}": { for: { x: [1], y: [1] }, location: l }',
      one("2:29", "for.y"),
    ],
    ["placeholders without for", '  "a-{x}": { location: l }', one("2:3", "{x}", "`for`")],
    ["a placeholder in a value without for", '  a: { location: "{x}" }', one("2:8", "{x}", "`for`")],
    ["no values", '  "a-{x}": { for: { x: [] }, location: l }', one("2:21", "at least one")],
    ["a value twice", '  "a-{x}": { for: { x: [1, 1] }, location: l }', one("2:21", "twice")],
    ["a value that is no list", '  "a-{x}": { for: { x: 1 }, location: l }', one("2:21", "a list")],
    ["values that are no text", '  "a-{x}": { for: { x: [true] }, location: l }', one("2:25", '"true"')],
    [
      "two combinations of one key",
      '  "{x}{y}": { for: { x: [a, aa], y: [a, aa] }, location: l }',
      one("2:3", "'aaa'"),
    ],
    [
      "too many values",
      `  "{x}{y}": { for: { x: [${[...Array(200).keys()]}], y: [${[...Array(51).keys()]}] }, location: l }`,
      one("2:15", "10200"),
    ],
    [
      "an invalid value in all of them",
      '  "{x}": { for: { x: [a, b, c] }, location: "" }',
      one("2:35", "empty"),
    ],
  ])("with %s is refused at the line", (_, entry, expected) => {
    expect(problems(`groups:\n${entry}\n`)).toEqual(expected);
  });

  test("that is malformed does not make references wrong", () => {
    const text = 'groups:\n  "a-{x}": { for: { x: [] }, location: l }\ntokens:\n  t: { group: a-1 }\n';
    expect(problems(text)).toEqual(one("2:21", "for.x"));
  });

  test("can stand for 10,000 entries", () => {
    const list = [...Array(100).keys()].join(", ");
    const text = `groups:\n  "g-{x}-{y}": { for: { x: [${list}], y: [${list}] }, location: lhr }\ntokens:\n  "t-{x}-{y}": { for: { x: [${list}], y: [${list}] }, group: "g-{x}-{y}" }\n`;
    const { entries } = read(text);
    expect(entries.groups).toHaveLength(10_000);
    expect(entries.tokens.at(-1)?.references).toEqual([{ input: "group", to: "groups", key: "g-99-99" }]);
  });
});

describe("an object", () => {
  const problemsOf = (args: object) => refusal(() => declared("Organization 'acme'", args));

  test("has the same problems, without lines", () => {
    expect(problemsOf({ groups: { prod: { locaton: "lhr" } }, tokens: { api: { group: "prd" } } })).toEqual([
      expect.stringMatching(/^groups\.prod\.locaton .*'location'/),
      expect.stringMatching(/^groups\.prod\.location .*required/),
      expect.stringMatching(/^tokens\.api\.group .*'prod'/),
    ]);
  });

  test("may have Outputs and promises as values, and undefined ones", () => {
    const location = pulumi.output("lhr");
    const args = {
      organization: pulumi.output("acme"),
      groups: {
        prod: { location, deleteProtection: Promise.resolve(true), replicas: undefined },
        "app-{n}": { for: { n: [1] }, location, replicas: [location] },
      },
      tokens: { api: { group: location, keepers: { location } } },
    };
    const { organization, entries } = declared("Organization 'acme'", args);
    expect(organization).toBe(args.organization);
    expect(entries.groups[1]?.inputs.location).toBe(location);
    expect(entries.tokens[0]?.inputs.group).toBe(location);
  });

  test("is not possible beside a file", () => {
    expect(problemsOf({ file: FILE, groups: {} })).toEqual([expect.stringContaining("groups")]);
  });

  test("that contains itself, or is none, is refused", () => {
    const keepers: Record<string, unknown> = {};
    keepers.self = keepers;
    expect(problemsOf({ tokens: { t: { group: "a/b", keepers } } })).toEqual([
      expect.stringContaining("tokens.t.keepers.self"),
    ]);
    expect(() => Reflect.apply(declared, undefined, ["Organization 'acme'", undefined])).toThrow(
      /INVALID_INPUT/,
    );
  });
});

describe("whatever a file holds", () => {
  /** Pieces of files, which often are nearly right. */
  const piece = fc.constantFrom(
    ...'groups: |tokens: |organization: |for: |location: |name: |group: |renamedFrom: |\n|\n  |\n    |\t|{ |} |[ |] |, |- |? |: |<<: |&a |*a |!x |\'|"|"a-{x}": |x: |a: |1|~|lhr|prod|__proto__: |# |---\n|\ufeff|\u0000|ä|\ud800'.split(
      "|",
    ),
  );

  test("it declares something, or is refused with a place", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 40 }).map((all) => all.join("")),
        ),
        (text) => {
          for (const line of problems(text)) expect(line).toMatch(/^\d+:\d+: |^.*could not be read/);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("any value of any property is accepted or refused, and what is accepted has all its entries", () => {
    const list = fc.array(fc.oneof(fc.string({ minLength: 1 }), fc.integer()), { maxLength: 3 });
    const entry = fc.dictionary(
      fc.constantFrom("location", "name", "for", "replicas", "renamedFrom", "group", "keepers"),
      fc.oneof(fc.constantFrom("lhr", "{x}", "a"), fc.jsonValue(), fc.record({ x: list })),
    );
    const entries = fc.dictionary(
      fc.constantFrom("a", "{x}", "a-{x}", "{x}{y}", "__proto__"),
      fc.oneof(entry, fc.jsonValue()),
    );
    fc.assert(
      fc.property(fc.record({ groups: entries, tokens: entries }, { requiredKeys: [] }), (value) => {
        const found = problems(JSON.stringify(value));
        if (found.length > 0) return;
        const { groups } = declared("Organization 'acme'", { file: FILE }).entries;
        expect(groups.length).toBeGreaterThanOrEqual(Object.keys(value.groups ?? {}).length);
        expect(new Set(keysOf(groups)).size).toBe(groups.length);
        for (const { inputs } of groups) expect(JSON.stringify(inputs.name)).not.toMatch(/\{[a-z]\w*\}/);
      }),
      { numRuns: 300 },
    );
  });
});
