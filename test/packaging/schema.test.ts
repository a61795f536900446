/**
 * provider/schema.json and the tables of docs/reference are what `npm run schema` generates from the rows and
 * the TSDoc.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import * as turso from "pulumi-turso";
import * as native from "pulumi-turso/native";
import { describe, expect, test } from "vitest";
import { handlerOf } from "../../provider/src/lifecycle/resourceType.js";
import { SETTINGS } from "../../provider/src/lifecycle/settings.js";
import { functions, lifecycles } from "../../provider/src/resources/list.js";
import { contextFor, placeOf } from "../../provider/test/context.ts";
import { getPulumi, pulumiEnv, pulumiPath } from "../../tools/pulumi.ts";
import { generated } from "../../tools/schema.ts";
import { describeEngine, temporaryFolder } from "../support/engine.ts";

interface Property {
  description?: string;
  secret?: boolean;
  replaceOnChanges?: boolean;
  willReplaceOnChanges?: boolean;
  defaultInfo?: { environment: string[] };
}
type Properties = Record<string, Property>;

interface Schema {
  name: string;
  version: string;
  config: { variables: Properties };
  provider: { inputProperties: Properties };
  resources: Record<
    string,
    { inputProperties: Properties; properties: Properties; aliases?: { type: string }[] }
  >;
  functions: object;
}

const FILE = "provider/schema.json";
const schema: Schema = JSON.parse(readFileSync(FILE, "utf8"));

test.each([...generated()].map(([file, content]) => [relative(process.cwd(), file), content] as const))(
  "%s is up to date (`npm run schema`)",
  (file, content) => {
    expect(readFileSync(file, "utf8")).toBe(content);
  },
);

test("the list, both entry points and the schema have the same resources and functions", () => {
  const resources = lifecycles.map(({ resource }) => resource.name).sort();
  const names = functions.map(({ name }) => name).sort();
  // Classes of the package alone: the engine knows no inputs of theirs.
  const others = ["Organization", "Provider"];
  for (const exported of [turso, native].map((module) => Object.keys(module))) {
    expect(exported.filter((name) => /^[A-Z]/.test(name) && !others.includes(name)).sort()).toEqual(
      resources,
    );
    expect(exported.filter((name) => /^get.*(?<!Output)$/.test(name)).sort()).toEqual(names);
    expect(exported.filter((name) => name.endsWith("Output")).sort()).toEqual(
      names.map((name) => `${name}Output`).sort(),
    );
  }
  const tokens = (all: string[]) => all.map((name) => `turso:index:${name}`);
  expect(Object.keys(schema.resources).sort()).toEqual(tokens(resources));
  expect(Object.keys(schema.functions).sort()).toEqual(tokens(names));
});

test("the entry point of the dynamic provider has the handlers that users' states name", async () => {
  const handlers = Object.keys(await import("pulumi-turso/provider"));
  expect(handlers).toEqual(
    expect.arrayContaining(lifecycles.map(({ resource }) => handlerOf(resource.name))),
  );
  expect(handlers).toEqual(
    expect.arrayContaining(["groupProvider", "groupTokenProvider", "groupTokenInvalidationProvider"]),
  );
});

describe("settings", () => {
  test("are those of an explicit provider and of stack configuration, and tokens are secrets", () => {
    for (const properties of [schema.provider.inputProperties, schema.config.variables]) {
      expect(Object.keys(properties)).toEqual(Object.keys(SETTINGS));
      const secrets = Object.entries(properties).filter(([, { secret }]) => secret);
      expect(secrets.map(([name]) => name)).toEqual(["apiToken", "apiTokens"]);
    }
  });

  test("of an explicit provider take no token from a variable, because a generated SDK would put it into state", () => {
    const variables = (properties: Properties) =>
      Object.entries(properties).flatMap(([name, { defaultInfo }]) =>
        (defaultInfo?.environment ?? []).map((variable) => `${name} ${variable}`),
      );
    const [token, ...others] = variables(schema.config.variables);
    expect(token).toBe("apiToken TURSO_API_TOKEN");
    expect(variables(schema.provider.inputProperties)).toEqual(others);
  });
});

test("every description is made of sentences", () => {
  const poor: string[] = [];
  const visit = (path: string, value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    const description: unknown = Reflect.get(value, "description");
    const [text] = typeof description === "string" ? description.split("\n\n{{% examples %}}") : [];
    if (text !== undefined && !/^\S.*(\.|See https:\S+)$/s.test(text)) poor.push(path);
    for (const [key, item] of Object.entries(value)) visit(`${path}.${key}`, item);
  };
  visit("", schema);
  expect(poor).toEqual([]);
});

describe.each(lifecycles.map((lifecycle) => [lifecycle.resource.name, lifecycle] as const))(
  "%s",
  (name, lifecycle) => {
    const { inputProperties, properties, aliases } = schema.resources[`turso:index:${name}`] ?? {
      inputProperties: {},
      properties: {},
    };

    test("is checked for exactly its inputs", async () => {
      const names = [...Object.keys(properties), "id", "urn", "nonsense"];
      const { failures } = await lifecycle.check(contextFor("http://127.0.0.1:1"), {
        olds: undefined,
        news: Object.fromEntries(names.map((name) => [name, {}])),
        resource: placeOf("prod", name),
      });
      const unknown = failures.filter(({ code }) => code === "UNKNOWN_INPUT").map(({ property }) => property);
      expect(names.filter((name) => !unknown.includes(name))).toEqual(Object.keys(inputProperties));
    });

    test("is replaced exactly by the inputs that the schema marks, and by none that the engine would force", () => {
      const marked = Object.keys(inputProperties).filter((key) => inputProperties[key]?.willReplaceOnChanges);
      const olds = Object.fromEntries(Object.keys(inputProperties).map((key) => [key, "a"]));
      const replacing = Object.keys(olds).filter((key) =>
        lifecycle
          .diff(contextFor("http://127.0.0.1:1"), { ...olds, jwt: "x" }, { ...olds, [key]: "b" })
          .replaces.includes(key),
      );
      expect(replacing).toEqual(marked);
      // `replaceOnChanges` makes the engine replace, whatever the provider says.
      expect(Object.values({ ...inputProperties, ...properties }).some((one) => one.replaceOnChanges)).toBe(
        false,
      );
    });

    test("takes over a resource of the dynamic provider", () => {
      expect(aliases).toEqual([{ type: `pulumi-nodejs:dynamic/turso:${name}` }]);
    });
  },
);

describeEngine("the Pulumi CLI", () => {
  const pulumi = async (...args: string[]) => {
    const command = await getPulumi({ offline: true, log: () => {} });
    const env = { ...process.env, ...pulumiEnv({ pulumi: command, dir: temporaryFolder() }) };
    return promisify(execFile)(pulumiPath(command), args, { env });
  };

  test("accepts the schema", async () => {
    expect(await pulumi("schema", "check", FILE)).toEqual({ stdout: "", stderr: "" });
  });

  test("gets the same schema from the plugin", async () => {
    const plugin = join(process.cwd(), "provider", "dist", "plugin", "pulumi-resource-turso");
    const { stdout } = await pulumi("package", "get-schema", plugin);
    expect(JSON.parse(stdout)).toEqual(schema);
  });
});
