import { expect, test } from "vitest";
import { type EmulatorState, loadText, StateTextError, Store } from "../../src/index.ts";

function load(text: string): Store {
  const store = new Store();
  loadText(text, "seed.yaml", (state: EmulatorState) => store.load(state));
  return store;
}

/** The lines of the error, in the order of the file. */
function problemsOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof StateTextError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const YAML = `# yaml-language-server: $schema=./seed.schema.json
organizations:
  acme:
    groups:
      - &prod { name: prod, location: lhr }
      - name: edge
        location: aws-us-east-1
        deleteProtection: true
    databases:
      - { name: orders, group: prod }
`;

test("YAML and JSON load into the same state", () => {
  const acme = load(YAML).account("acme");
  expect([...acme.groups.keys()]).toEqual(["prod", "edge"]);
  expect(acme.database("orders").group).toBe("prod");
  const json = JSON.stringify(load(YAML).save(), undefined, 2);
  expect(load(json).save()).toEqual(JSON.parse(json));
});

test.each([
  [
    "a value",
    YAML.replace("deleteProtection: true", "deleteProtection: maybe"),
    [8, "groups[1].deleteProtection"],
  ],
  ["an unknown key", YAML.replace("deleteProtection", "deleteProtektion"), [8, "groups[1].deleteProtektion"]],
  ["an item that is refused", YAML.replace("group: prod", "group: none"), [10, "databases[0]"]],
  ["a missing key", YAML.replace("location: lhr", "uuid: a"), [5, "groups[0]"]],
])("the line of %s is reported", (_, text, [line, path]) => {
  expect(problemsOf(text)).toEqual([
    expect.stringContaining(`seed.yaml:${line}: organizations.acme.${path}: `),
  ]);
});

test("the line in JSON, and behind an alias", () => {
  const json = '{\n "organizations": {\n  "acme": {\n   "plan": "free"\n  }\n }\n}';
  expect(problemsOf(json)).toEqual([
    expect.stringMatching(/^seed\.yaml:4: organizations\.acme\.plan: must be/),
  ]);
  const alias = "organizations:\n  a: &a\n    plan: free\n  b: *a\n";
  expect(problemsOf(alias).map((problem) => problem.split(":").slice(0, 2).join(":"))).toEqual([
    "seed.yaml:3",
    "seed.yaml:3",
  ]);
});

test("every problem is reported", () => {
  const text = "version: 7\nlocatoins: {}\norganizations: { acme: { plan: free } }\n";
  expect(
    problemsOf(text)
      .map((problem) => problem.split(": ")[1])
      .sort(),
  ).toEqual(["locatoins", "organizations.acme.plan", "version"]);
});

test.each([
  ["nothing", "", "seed.yaml:1: state: must be object"],
  ["half a file", '{\n "organizations": {\n  "acme": {', "seed.yaml:3: "],
  ["bad YAML", "organizations:\n\t- a", "seed.yaml:2: "],
  ["two documents", "version: 1\n---\nversion: 1\n", "seed.yaml:2: "],
  ["a key twice", "organizations:\n  a: {}\n  a: {}\n", "seed.yaml:3: Map keys must be unique"],
  ["an alias of nothing", "organizations: *none", "seed.yaml:1: "],
  ["a loop", "organizations: &a { acme: *a }", "seed.yaml:1: "],
  ["a version of the future", '{ "version": 2 }', "seed.yaml:1: version: must be 1"],
])("%s is refused", (_, text, problem) => {
  expect(problemsOf(text)[0]).toContain(problem);
});

test("aliases cannot make a small file huge", () => {
  const bomb = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 10; i++)
    bomb.push(
      `b${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(", ")}]`,
    );
  expect(problemsOf(bomb.join("\n"))[0]).toContain("alias");
});

test("__proto__ is a name like any other", () => {
  const store = load("organizations:\n  __proto__:\n    groups: [{ name: prod, location: lhr }]\n");
  expect(store.account("__proto__").groups.has("prod")).toBe(true);
  expect(Object.prototype).not.toHaveProperty("groups");
  const inherited = "organizations: { constructor: { groups: [{ name: constructor, location: lhr }] } }";
  expect(load(inherited).account("constructor").group("constructor").primary).toBe("lhr");
});
