/** What comes from names that strangers have chosen. */
import fc from "fast-check";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { entriesOf } from "../../../src/cli/discover/entries.js";
import type { Found } from "../../../src/cli/discover/inventory.js";
import { KINDS } from "../../../src/cli/discover/kinds.js";
import { freeName, identifierOf, nameFilter, resourceName } from "../../../src/cli/discover/names.js";
import { literal, typescriptProgram } from "../../../src/cli/discover/typescript.js";
import { organizationFile, yamlProgram } from "../../../src/cli/discover/yaml.js";
import { codeSpan, printable } from "../../../src/cli/text.js";

const NASTY = [
  "prod",
  "eu-1",
  "eu1",
  "eu_1",
  "new",
  "class",
  "turso",
  "organization",
  "1st",
  "__proto__",
  "constructor",
  "toString",
  "",
  '"); process.exit(1); ("',
  "`\u0024{process.exit(1)}`",
  "\u0024{prod.uuid}",
  "$\u0024{prod}",
  "a\nb: c",
  "a # b",
  "*anchor",
  "yes",
  "1.0",
  "null",
  "{region}",
  "<img src=x onerror=alert(1)> @team | `",
  "\u202egnp.exe",
  "\u2028",
  "\u{1f642}",
  "\ud800",
];

const anyName = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary", maxLength: 20 }));

const [groups] = KINDS;
if (groups === undefined) throw new Error("There is no kind");
const foundOf = (name: string): Found => {
  const inputs = { name, location: "lhr", organization: "acme", replicas: [name] };
  return { kind: groups, name, id: `acme/${name}`, inputs, outputs: inputs };
};
const nothingTaken = {
  isNameTaken: () => false,
  identifier: (name: string) => identifierOf(name, "group"),
  isIdentifierTaken: () => false,
};

/** The resources that the program declares: name and inputs. */
function declaredBy(program: string): [string, object][] {
  const declared: [string, object][] = [];
  class Group {
    constructor(name: string, inputs: object) {
      declared.push([name, inputs]);
    }
  }
  new Function("turso", `"use strict";${program.replace(/^import .*$/m, "")}`)({ Group });
  return declared;
}

describe("a TypeScript program", () => {
  test("declares exactly what was found, whatever the names are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyName, { maxLength: 15 }), (names) => {
        const found = names.map(foundOf);
        const text = typescriptProgram(undefined, entriesOf(found, nothingTaken), {
          organization: "acme",
          host: "dynamic",
        });
        expect(text).toMatch(/^[\x20-\x7e\n]*$/);
        const declared = declaredBy(text);
        expect(declared.map(([, inputs]) => inputs)).toEqual(found.map(({ inputs }) => inputs));
        expect(new Set(declared.map(([name]) => name)).size).toBe(names.length);
      }),
    );
  });

  test("compiles", () => {
    const entries = entriesOf(NASTY.map(foundOf), nothingTaken);
    for (const host of ["dynamic", "native"] as const) {
      const text = typescriptProgram(undefined, entries, { organization: "acme", host });
      expect(problemsOf(text)).toEqual([]);
    }
    expect(problemsOf("const a: string = 1;")).not.toEqual([]);
  });

  test("is extended at its end, with what it calls the package", () => {
    const first = 'import * as t from "pulumi-turso";\n// Mine.\nconst prod = 1;\n';
    const entries = entriesOf([foundOf("prod")], {
      ...nothingTaken,
      isIdentifierTaken: (id) => id === "prod",
    });
    const options = { organization: "acme", host: "dynamic" } as const;
    const text = typescriptProgram(first, entries, options);
    expect(text.startsWith(first)).toBe(true);
    expect(text).toContain('const prod2 = new t.Group("prod", {');
    expect(text).toContain('organization: "acme"');
    expect(() => typescriptProgram("", entries, options)).toThrow("does not import");
  });
});

/** A text as Pulumi YAML reads it. */
function interpolated(text: string): string {
  return text.replace(/\$\$|\$\{/g, (found) => (found === "$$" ? "$" : "another value"));
}

/** What the compiler says of a program in this repository. */
function problemsOf(text: string): string[] {
  const file = `${process.cwd()}/test/discovered.ts`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    types: ["node"],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("YAML", () => {
  const wellFormed = anyName.filter((name) => name.isWellFormed());

  test("a program declares exactly what was found", () => {
    fc.assert(
      fc.property(fc.uniqueArray(wellFormed, { maxLength: 8 }), (names) => {
        const entries = entriesOf(names.map(foundOf), nothingTaken);
        const text = yamlProgram(undefined, entries, { project: "shop", description: "d" });
        const { resources = {} } = parse(text);
        const values = Object.values<{ properties: { name: string } }>(resources);
        expect(values.map(({ properties }) => interpolated(properties.name))).toEqual(names);
      }),
    );
  });

  test("an organization file declares exactly what was found, and keeps what it has", () => {
    fc.assert(
      fc.property(fc.uniqueArray(wellFormed, { maxLength: 8 }), (names) => {
        const entries = entriesOf(names.map(foundOf), nothingTaken);
        const text = organizationFile("organization: acme # mine\ngroups:\n  Ä: {}\n", entries, "acme");
        expect(text).toContain("organization: acme # mine");
        const { groups } = parse(text) as { groups: Record<string, { name?: string }> };
        const declared = Object.entries(groups).map(([key, { name = key }]) => name);
        expect(new Set(declared)).toEqual(new Set(["Ä", ...names]));
      }),
    );
  });
});

test("a variable has a valid name that no other has", () => {
  fc.assert(
    fc.property(fc.array(anyName), (names) => {
      const taken = new Set<string>();
      for (const name of names) {
        const identifier = freeName(identifierOf(name, "group"), (free) => taken.has(free));
        taken.add(identifier);
        expect(() => new Function(`"use strict"; const ${identifier} = 1;`)).not.toThrow();
      }
      expect(taken.size).toBe(names.length);
    }),
  );
});

test("a resource has the name of the thing, where a URN can", () => {
  expect(resourceName("eu-1", "group")).toBe("eu-1");
  expect(resourceName("bob@example.com", "invite")).toBe("bob@example.com");
  expect(resourceName("a::b", "group")).toBe("aB");
});

test("source code shows names as they are", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => JSON.parse(literal(text)) === text));
});

test("Markdown shows names as they are: as one line of code", () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const [, fence = "", inner = ""] = /^(`+)(.*?)\1$/s.exec(codeSpan(name)) ?? [];
      expect(fence).not.toBe("");
      expect(inner).not.toContain("\n");
      expect(inner.match(/`+/g) ?? []).not.toContain(fence);
    }),
  );
});

test("a terminal is sent no control characters", () => {
  expect(printable("a\u001b[31m\u202eb\n")).toBe(String.raw`a\u001b[31m\u202eb\u000a`);
});

test.each([
  { include: [], exclude: [], names: ["a.b", "ab", "b"] },
  { include: ["a*"], exclude: [], names: ["a.b", "ab"] },
  { include: ["a?b", "b"], exclude: [], names: ["a.b", "b"] },
  { include: [], exclude: ["*b"], names: [] },
  { include: ["a*"], exclude: ["a.b"], names: ["ab"] },
])("--include $include --exclude $exclude", ({ include, exclude, names }) => {
  expect(["a.b", "ab", "b"].filter(nameFilter(include, exclude))).toEqual(names);
});
