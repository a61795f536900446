/**
 * provider/schema.json says of the package what the code says: the names, types and necessity of everything that goes in
 * and comes out, what is secret, and what a change replaces.
 */

import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as turso from "pulumi-turso";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { outputsThat } from "../../provider/src/lifecycle/inputs.js";
import { SETTINGS } from "../../provider/src/lifecycle/settings.js";
import { lifecycles } from "../../provider/src/resources/list.js";
import { contextFor, placeOf } from "../../provider/test/context.ts";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { describeEngine, temporaryFolder } from "../support/engine.ts";

interface Type {
  type?: string;
  $ref?: string;
  items?: Type;
  additionalProperties?: Type;
  oneOf?: Type[];
}

interface Property extends Type {
  description?: string;
  secret?: boolean;
  replaceOnChanges?: boolean;
  willReplaceOnChanges?: boolean;
  defaultInfo?: { environment: string[] };
}

interface Properties {
  properties?: Record<string, Property>;
  required?: string[];
}

interface Described {
  description?: string;
}

interface Resource extends Properties, Described {
  inputProperties: Record<string, Property>;
  requiredInputs?: string[];
  aliases?: { type: string }[];
}

interface Schema {
  name: string;
  version: string;
  config: { variables: Record<string, Property> };
  provider: Resource;
  types: Record<string, Properties & Described & { enum?: ({ value: string } & Described)[] }>;
  resources: Record<string, Resource>;
  functions: Record<string, Described & { inputs: Properties; outputs: Properties }>;
}

const FILE = "provider/schema.json";
const text = readFileSync(FILE, "utf8");
const schema: Schema = JSON.parse(text);

/** What a class or an interface of the package declares: property → type, with a `?` in front where there may be none. */
function declared(file: string, name: string): Record<string, string> {
  const [path = ""] = globSync(`provider/dist/**/${file}.d.ts`);
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
  const found = source.statements.find(
    (statement) =>
      (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) &&
      statement.name?.text === name,
  ) as ts.ClassDeclaration | ts.InterfaceDeclaration | undefined;
  if (found === undefined) throw new Error(`${path} has no ${name}`);
  const properties: Record<string, string> = {};
  for (const member of found.members) {
    if (!ts.isPropertyDeclaration(member) && !ts.isPropertySignature(member)) continue;
    if (
      member.type === undefined ||
      member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword)
    )
      continue;
    const parts = partsOf(member.type, source);
    const optional = member.questionToken !== undefined || parts.includes("undefined");
    const known = parts.filter((part) => part !== "undefined").sort();
    properties[member.name.getText(source)] = `${optional ? "?" : ""}${known.join(" | ")}`;
  }
  return properties;
}

/** The members of a union, or the one type; as if there were no `Input` and no `Output`. */
function partsOf(node: ts.TypeNode, source: ts.SourceFile): string[] {
  if (ts.isUnionTypeNode(node)) return node.types.flatMap((part) => partsOf(part, source));
  if (ts.isArrayTypeNode(node)) return [`${partsOf(node.elementType, source).join(" | ")}[]`];
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText(source);
    const argument = node.typeArguments?.at(-1);
    if (argument && /^pulumi\.(Input|Output)$/.test(name)) return partsOf(argument, source);
    if (argument && name === "Record") return [`{${partsOf(argument, source).join(" | ")}}`];
  }
  return [node.getText(source)];
}

/** What a schema cannot say as exactly as TypeScript does. */
const WIDER: Record<string, string> = {
  "string | string[]": '"all" | string[]',
  unknown: "unknown[] | {unknown}",
  integer: "number",
};

/** The same of properties in the schema. */
function described(properties: Record<string, Property> = {}, required: string[] = []) {
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(required));
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const type = typeOf(property);
      return [name, `${required.includes(name) ? "" : "?"}${WIDER[type] ?? type}`];
    }),
  );
}

function typeOf({ type, $ref, items, additionalProperties, oneOf }: Type): string {
  if (oneOf) return oneOf.map(typeOf).sort().join(" | ");
  if ($ref === "pulumi.json#/Any") return "unknown";
  if ($ref !== undefined) {
    const token = $ref.replace("#/types/", "");
    const values = schema.types[token]?.enum?.map(({ value }) => JSON.stringify(value));
    return values?.sort().join(" | ") ?? token.replace(/.*:/, "");
  }
  if (items) return `${typeOf(items)}[]`;
  if (additionalProperties) return `{${typeOf(additionalProperties)}}`;
  return String(type);
}

const resourceOf = (type: string): Resource => {
  const resource = schema.resources[`turso:index:${type}`];
  if (resource === undefined) throw new Error(`${FILE} has no ${type}`);
  return resource;
};

const fileOf = (name: string) => name.replace(/^./, (letter) => letter.toLowerCase());

describe("the package", () => {
  test("has the version of the npm package", () => {
    const { version } = JSON.parse(readFileSync("provider/package.json", "utf8"));
    expect(schema).toMatchObject({ name: "turso", version });
  });

  test("has the resources and functions that `pulumi-turso` exports", () => {
    const names = Object.keys(turso);
    const tokens = (pattern: RegExp) =>
      names.filter((name) => pattern.test(name)).map((name) => `turso:index:${name}`);
    expect(Object.keys(schema.resources).sort()).toEqual(tokens(/^[A-Z]/).sort());
    expect(Object.keys(schema.functions).sort()).toEqual(tokens(/^get.*(?<!Output)$/).sort());
    expect(lifecycles.map(({ resource }) => `turso:index:${resource.name}`)).toEqual(
      Object.keys(schema.resources),
    );
  });

  test("has the settings that an explicit provider takes, and variables for some of them", () => {
    const settings = declared("native", "ProviderArgs");
    expect(described(schema.provider.inputProperties)).toEqual(settings);
    expect(described(schema.config.variables)).toEqual(settings);
    expect(Object.keys(settings)).toEqual(SETTINGS);
    for (const properties of [schema.provider.inputProperties, schema.config.variables]) {
      const secrets = Object.entries(properties).filter(([, { secret }]) => secret);
      expect(secrets.map(([name]) => name)).toEqual(["apiToken", "apiTokens"]);
    }
    const variables = (properties: Record<string, Property>) =>
      Object.entries(properties).flatMap(([name, { defaultInfo }]) =>
        (defaultInfo?.environment ?? []).map((variable) => `${name} ${variable}`),
      );
    const [token, ...others] = variables(schema.config.variables);
    expect(token).toBe("apiToken TURSO_API_TOKEN");
    expect(others).toEqual(["organization TURSO_ORGANIZATION", "baseUrl TURSO_API_BASEURL"]);
    // A generated SDK puts what a variable holds into the provider's inputs, and so into state: never a token.
    expect(variables(schema.provider.inputProperties)).toEqual(others);
  });

  test("describes everything in sentences", () => {
    const all: [string, Described][] = [];
    const add = (path: string, value: Described) => all.push([path, value]);
    const properties = (path: string, values: Record<string, Described> = {}) => {
      for (const [name, value] of Object.entries(values)) add(`${path}.${name}`, value);
    };
    properties("config", schema.config.variables);
    for (const [token, resource] of Object.entries({ provider: schema.provider, ...schema.resources })) {
      add(token, resource);
      properties(`${token} inputs`, resource.inputProperties);
      properties(`${token} outputs`, resource.properties);
    }
    for (const [token, fn] of Object.entries(schema.functions)) {
      add(token, fn);
      properties(`${token} inputs`, fn.inputs.properties);
      properties(`${token} outputs`, fn.outputs.properties);
    }
    for (const [token, type] of Object.entries(schema.types)) {
      add(token, type);
      properties(token, type.properties);
      for (const value of type.enum ?? []) add(`${token} ${value.value}`, value);
    }
    const poor = all.filter(([, { description }]) => !/^\S.*(\.|: https:\S+)$/s.test(description ?? ""));
    expect(poor.map(([path]) => path)).toEqual([]);
  });
});

describe.each(lifecycles.map((lifecycle) => [lifecycle.resource.name, lifecycle] as const))(
  "%s",
  (type, lifecycle) => {
    const resource = resourceOf(type);

    test("has the inputs of its arguments and the outputs of its class", () => {
      const { inputProperties, requiredInputs, properties, required } = resource;
      expect(described(inputProperties, requiredInputs)).toEqual(declared(fileOf(type), `${type}Args`));
      expect(described(properties, required)).toEqual(declared(fileOf(type), type));
    });

    test("has the inputs that check lets through, and no others", async () => {
      const inputs = Object.keys(resource.inputProperties);
      const names = [...inputs, ...Object.keys(resource.properties ?? {}), "id", "urn", "nonsense"];
      const { failures } = await lifecycle.check(contextFor("http://127.0.0.1:1"), {
        olds: undefined,
        news: Object.fromEntries(names.map((name) => [name, {}])),
        resource: placeOf("prod", type),
      });
      const refused = failures.filter(({ reason }) => reason.includes("has no such input"));
      expect(names.filter((name) => !refused.some(({ property }) => property === name))).toEqual(
        names.filter((name) => inputs.includes(name)),
      );
      // A name that is near to none of them is told all of them.
      const nonsense = refused.find(({ property }) => property === "nonsense");
      expect(nonsense?.reason.replace(/.*it has /, "").split(/, | and /)).toEqual(inputs);
    });

    test("has the secrets of its lifecycle", () => {
      const secrets = (properties: Record<string, Property> = {}) =>
        Object.entries(properties).filter(([, { secret }]) => secret);
      expect(secrets(resource.properties).map(([name]) => name)).toEqual(
        outputsThat(lifecycle.resource, ({ secret }) => secret === true),
      );
      expect(secrets(resource.inputProperties)).toEqual([]);
    });

    test("tells which inputs replace it", () => {
      const samples = (property: Property): [unknown, unknown] => {
        const kind = typeOf(property);
        if (kind === "boolean") return [true, false];
        if (kind.endsWith("[]")) return [["a"], ["b"]];
        return kind === "unknown" || kind.startsWith("{") ? [{ a: 1 }, { a: 2 }] : ["a", "b"];
      };
      const values = (which: 0 | 1) =>
        Object.fromEntries(
          Object.entries(resource.inputProperties).map(([name, input]) => [name, samples(input)[which]]),
        );
      const [olds, news] = [values(0), values(1)];
      const diff = (name: string) =>
        lifecycle.diff(
          contextFor("http://127.0.0.1:1"),
          { ...olds, jwt: "x" },
          { ...olds, [name]: news[name] },
        );

      for (const properties of [resource.inputProperties, resource.properties ?? {}]) {
        const told = Object.entries(properties)
          .filter(([, property]) => property.willReplaceOnChanges || property.replaceOnChanges)
          .map(([name]) => name);
        expect(told).toEqual(Object.keys(olds).filter((name) => diff(name).replaces.includes(name)));
        // replaceOnChanges makes the engine replace whatever the provider says, for a list in another order too. Nothing that holds
        // data is replaced like that.
        if (lifecycle.update === undefined) continue;
        const forced = Object.entries(properties).filter(([, { replaceOnChanges }]) => replaceOnChanges);
        expect(forced.map(([name]) => name)).toEqual([]);
      }
    });

    test("takes over what the dynamic host has made", () => {
      expect(resource.aliases).toEqual([{ type: `pulumi-nodejs:dynamic/turso:${type}` }]);
    });
  },
);

test.each([
  ["getGroup", "GroupResult"],
  ["getGroups", "GetGroupsResult"],
  ["getLocations", "GetLocationsResult"],
])("%s takes its arguments and returns a %s", (name, result) => {
  const fn = schema.functions[`turso:index:${name}`];
  const args = name.replace(/^g/, "G");
  const file = result === "GroupResult" ? "getGroup" : name;
  expect(described(fn?.inputs.properties, fn?.inputs.required)).toEqual(declared(name, `${args}Args`));
  expect(described(fn?.outputs.properties, fn?.outputs.required)).toEqual(declared(file, result));
});

test("the type GroupResult is what the functions return", () => {
  const { properties, required } = schema.types["turso:index:GroupResult"] ?? {};
  expect(described(properties, required)).toEqual(declared("getGroup", "GroupResult"));
});

describeEngine("the Pulumi CLI", () => {
  const pulumi = async (...args: string[]) => {
    const command = await getPulumi({ offline: true, log: () => {} });
    const env = { ...process.env, ...pulumiEnv({ pulumi: command, dir: temporaryFolder() }) };
    return promisify(execFile)(pulumiPath(command), args, { env });
  };

  test("finds nothing wrong with the schema", async () => {
    expect(await pulumi("schema", "check", FILE)).toEqual({ stdout: "", stderr: "" });
  });

  test("gets the same schema from the plugin", async () => {
    const plugin = join(process.cwd(), "provider", "dist", "plugin", "pulumi-resource-turso");
    const { stdout } = await pulumi("package", "get-schema", plugin);
    expect(JSON.parse(stdout)).toEqual(schema);
  });
});
