/**
 * Generates provider/schema.json, provider/organization.schema.json and the tables of docs/reference, from
 * the rows of every resource, function and setting (`provider/src/resources/list.ts`) and from the TSDoc of
 * their types. Also generates emulator/seed.schema.json, from the seeds of
 * `emulator/src/resources/list.ts`.
 *
 * How TSDoc becomes a description: the text comes first, then `@default X` as "Default: X.", `@throws if X`
 * as "Fails if X." and `@see X` as "See X.". Code blocks are left out, because other languages have the
 * schema as well.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import type { AnyFunction } from "../provider/src/lifecycle/function.js";
import type { AnyLifecycle, LIST_ARGS as ListRows } from "../provider/src/lifecycle/lifecycle.js";
import type { Input, Output } from "../provider/src/lifecycle/resourceType.js";
import type { SETTINGS as Settings } from "../provider/src/lifecycle/settings.js";
import type { TypeSchema, ValueType } from "../provider/src/lifecycle/valueTypes.js";
import { organizationSchema } from "./organization-schema.ts";
import { EXAMPLES } from "./schema-examples.ts";

const ROOT = join(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

const {
  lifecycles,
  functions,
}: { lifecycles: AnyLifecycle[]; functions: AnyFunction[] } = require("../provider/dist/resources/list.js");
const { LIST_ARGS }: { LIST_ARGS: typeof ListRows } = require("../provider/dist/lifecycle/lifecycle.js");
const { SETTINGS }: { SETTINGS: typeof Settings } = require("../provider/dist/lifecycle/settings.js");
const { stateSchema }: { stateSchema: () => object } = require("../emulator/dist/index.js");
const { version, license }: { version: string; license: string } = require("../provider/package.json");

/** What the schema says besides resources, functions and settings. */
const PACKAGE = {
  name: "turso",
  displayName: "Turso",
  version,
  description: "Create and manage Turso groups and their tokens.",
  keywords: ["pulumi", "turso", "libsql", "sqlite", "category/database", "kind/native"],
  homepage: "https://turso.tech",
  license,
  publisher: "pulumi-turso",
  language: {
    nodejs: { packageName: "pulumi-turso-native", respectSchemaVersion: true },
    python: { packageName: "pulumi_turso", respectSchemaVersion: true, pyproject: { enabled: true } },
    go: {
      importBasePath: "pulumi-turso/sdk/go/turso",
      rootPackageName: "turso",
      respectSchemaVersion: true,
      generateResourceContainerTypes: true,
    },
    csharp: { namespaces: { turso: "Turso" }, respectSchemaVersion: true },
  },
};

/** A row of any table. */
type Row = Partial<Pick<Input, "required" | "change" | "secret"> & Pick<Output, "always">> & {
  type: ValueType<unknown>;
};
type Rows = Readonly<Record<string, Row>>;

/** The description of a declaration, and of its members by their names. */
interface Doc {
  text: string;
  /** What `@default` says. */
  byDefault: string | undefined;
  members: Map<string, Doc>;
}

/** The documentation of the public interfaces, classes and functions, by name. */
const docs = new Map(
  globSync(join(ROOT, "provider/src/{native,lifecycle/lifecycle,resources/**/*,components/**/*}.ts")).flatMap(
    (file) => {
      const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
      return source.statements.flatMap((statement): [string, Doc][] => {
        if (ts.isFunctionDeclaration(statement) && statement.name)
          return [[statement.name.text, docOf(statement, [])]];
        if (!ts.isInterfaceDeclaration(statement) && !ts.isClassDeclaration(statement)) return [];
        return statement.name ? [[statement.name.text, docOf(statement, statement.members)]] : [];
      });
    },
  ),
);

function docOf(node: ts.Node, members: Iterable<ts.ClassElement | ts.TypeElement>): Doc {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  const tag = (name: string) => {
    const found = comment?.tags?.find(({ tagName }) => tagName.text === name);
    return found && plain(ts.getTextOfJSDocComment(found.comment));
  };
  const [byDefault, throws, see] = [tag("default"), tag("throws"), seeIn(comment)];
  const sentences = [
    plain(ts.getTextOfJSDocComment(comment?.comment)),
    ...(byDefault === undefined ? [] : [`Default: ${byDefault}.`]),
    ...(throws === undefined ? [] : [`Fails ${throws}.`]),
  ];
  return {
    text: sentences.join(" ").trim() + (see === undefined ? "" : `\n\nSee ${see}`),
    byDefault,
    members: new Map(
      [...members].flatMap((member): [string, Doc][] =>
        member.name && ts.isIdentifier(member.name) ? [[member.name.text, docOf(member, [])]] : [],
      ),
    ),
  };
}

/** TypeScript parses the beginning of a URL after `@see` as a name. */
function seeIn(comment: ts.JSDoc | undefined): string | undefined {
  return /@see (\S+)/.exec(comment?.getText() ?? "")?.[1];
}

/** Text without code blocks and hard line breaks. */
function plain(text = ""): string {
  return text
    .replace(/```.*?```/gs, "")
    .replace(/\{@link (\w+)\}/g, "$1")
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
    .filter((paragraph) => !paragraph.endsWith(":"))
    .join("\n\n");
}

function docFor(name: string): Doc {
  const doc = docs.get(name);
  if (doc === undefined || doc.text === "") throw new Error(`${name} has no TSDoc.`);
  return doc;
}

/** The description of a member with and without its default. */
function memberTexts(owner: string, member: string): { text: string; withoutDefault: string } {
  const text = memberText(owner, member);
  const byDefault = docs.get(owner)?.members.get(member)?.byDefault;
  return { text, withoutDefault: text.replace(` Default: ${byDefault}.`, "") };
}

/** The description of an interface's or class's member. */
function memberText(owner: string, member: string): string {
  const text = docs.get(owner)?.members.get(member)?.text;
  if (text === undefined || text === "") throw new Error(`${owner}.${member} has no TSDoc.`);
  return text;
}

const capitalized = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Rows as the schema has properties. `owner` is the interface or class whose members document them. */
function properties(rows: Rows, owner: string): Record<string, object> {
  return Object.fromEntries(
    Object.entries(rows).map(([key, { type, change, secret }]) => [
      key,
      {
        ...type.schema,
        description: memberText(owner, key),
        ...(secret && { secret }),
        ...(change === "replace" && { willReplaceOnChanges: true }),
      },
    ]),
  );
}

const keysThat = (rows: Rows, match: (row: Row) => boolean) =>
  Object.keys(rows).filter((key) => rows[key] !== undefined && match(rows[key]));

/** `required`, left out where nothing is. */
const required = (key: string, rows: Rows) => {
  const keys = keysThat(rows, (row) => row.required === true || row.always === true);
  return keys.length === 0 ? {} : { [key]: keys };
};

function objectOf(rows: Rows, owner: string): object {
  return { type: "object", properties: properties(rows, owner), ...required("required", rows) };
}

function resourceOf({ resource: { name, inputs, outputs }, list }: AnyLifecycle): [string, object] {
  const inputRows: Rows = inputs;
  const all: Rows = { ...inputs, ...outputs };
  const needed = keysThat(inputRows, (row) => row.required === true);
  return [
    `turso:index:${name}`,
    {
      description: `${docFor(name).text}${examplesOf(name)}`,
      inputProperties: properties(inputRows, `${name}Args`),
      ...(needed.length > 0 && { requiredInputs: needed }),
      properties: properties(all, name),
      ...required("required", all),
      // What `pulumi do … list` takes.
      ...(list && { listInputs: objectOf(LIST_ARGS, "ListArgs") }),
      aliases: [{ type: `pulumi-nodejs:dynamic/turso:${name}` }],
    },
  ];
}

/** The examples in provider/schema-examples, as Pulumi's registry and its generators of SDKs read them. */
function examplesOf(name: string): string {
  const folder = join(ROOT, "provider/schema-examples", name);
  if (!existsSync(folder)) return "";
  const blocks = Object.entries(EXAMPLES).map(([language, file]) => {
    const program = readFileSync(join(folder, file), "utf8");
    return `\`\`\`${language}\n${program.trimEnd()}\n\`\`\``;
  });
  const example = `{{% example %}}\n${blocks.join("\n")}\n{{% /example %}}`;
  return `\n\n{{% examples %}}\n## Example Usage\n${example}\n{{% /examples %}}`;
}

function functionOf({ name, args, result }: AnyFunction): [string, object] {
  return [
    `turso:index:${name}`,
    {
      description: docFor(name).text,
      inputs: objectOf(args, `${capitalized(name)}Args`),
      outputs: objectOf(result.fields, result.name),
    },
  ];
}

/** The types that rows refer to. */
function typesOf(types: ValueType<unknown>[]): Record<string, object> {
  const found: Record<string, object> = {};
  for (const { enumeration, object } of types) {
    if (enumeration) {
      const values = Object.entries(enumeration.values).map(([value, description]) => ({
        name: value.split(/[-:]/).map(capitalized).join(""),
        value,
        description,
      }));
      found[`turso:index:${enumeration.name}`] = {
        type: "string",
        description: enumeration.description,
        enum: values,
      };
    }
    if (object) {
      found[`turso:index:${object.name}`] = {
        type: "object",
        description: docFor(object.name).text,
        ...objectOf(object.fields, object.name),
      };
    }
  }
  return found;
}

/**
 * The settings. `withToken`: whether `apiToken` names its variable. Generated SDKs copy what a variable holds
 * into the inputs of an explicit provider, and so into state: never a token.
 */
function settings({ withToken }: { withToken: boolean }): Record<string, object> {
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([key, setting]) => {
      const variable =
        "variable" in setting && setting.type.schema.type === "string" ? setting.variable : undefined;
      const isToken = "secret" in setting;
      return [
        key,
        {
          ...setting.type.schema,
          description: memberText("ProviderArgs", key),
          ...(isToken && { secret: true }),
          ...(variable && (withToken || !isToken) && { defaultInfo: { environment: [variable] } }),
        },
      ];
    }),
  );
}

export function generateSchema(): string {
  const rows: Row[] = [
    ...lifecycles.flatMap(({ resource }) => [
      ...Object.values(resource.inputs),
      ...Object.values(resource.outputs),
    ]),
    ...functions.flatMap(({ result }): Row[] => Object.values(result.fields)),
  ];
  const schema = {
    ...PACKAGE,
    config: { variables: settings({ withToken: true }) },
    provider: { description: docFor("ProviderArgs").text, inputProperties: settings({ withToken: false }) },
    types: typesOf(rows.map(({ type }) => type)),
    resources: Object.fromEntries(lifecycles.map(resourceOf)),
    functions: Object.fromEntries(functions.map(functionOf)),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

const CHANGES = {
  replace: "replaces the resource",
  update: "updates it in place",
  local: "is recorded in state; makes no API request",
};

/** A table of docs/reference. */
function table(head: string[], lines: string[][]): string {
  const row = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n\n", " ")).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...lines.map(row)].join("\n");
}

function nameOf({ type, $ref, items, additionalProperties, oneOf }: TypeSchema): string {
  if (oneOf) return oneOf.map(nameOf).join(" or ");
  if ($ref === "pulumi.json#/Any") return "any";
  if ($ref) return $ref.replace(/.*:/, "");
  if (items) return `list of ${nameOf(items)}`;
  return additionalProperties ? `map of ${nameOf(additionalProperties)}` : String(type);
}

/** The tables of a resource by their markers: `<!-- begin inputs -->` … `<!-- end inputs -->`. */
function resourceTables({ resource: { name, inputs, outputs } }: AnyLifecycle): Record<string, string> {
  const inputLines = Object.entries(inputs).map(([key, { type, change, required }]) => [
    `\`${key}\`${required ? " (required)" : ""}`,
    nameOf(type.schema),
    CHANGES[change],
    memberText(`${name}Args`, key),
  ]);
  const outputLines = Object.entries(outputs).map(([key, { type, secret }]) => [
    `\`${key}\`${secret ? " (secret)" : ""}`,
    nameOf(type.schema),
    memberText(name, key),
  ]);
  return {
    inputs: table(["Input", "Type", "A change", "Description"], inputLines),
    outputs: table(["Output", "Type", "Description"], outputLines),
  };
}

/** The tables of every function: `<!-- begin getGroup arguments -->`, `<!-- begin GroupResult -->`. */
function functionTables(): Record<string, string> {
  const lines = (rows: Rows, owner: string, mark: "always" | "required") =>
    Object.entries(rows).map(([key, { type, always }]) => [
      `\`${key}\`${always ? ` (${mark})` : ""}`,
      nameOf(type.schema),
      memberText(owner, key),
    ]);
  return Object.fromEntries(
    functions.flatMap(({ name, args, result }) => [
      [
        `${name} arguments`,
        table(["Argument", "Type", "Description"], lines(args, `${capitalized(name)}Args`, "required")),
      ],
      [result.name, table(["Property", "Type", "Description"], lines(result.fields, result.name, "always"))],
    ]),
  );
}

/** A page of docs/reference with its tables replaced. */
function pageWith(tables: Record<string, string>, file: string): string {
  return Object.entries(tables).reduce(
    (page, [name, content]) => {
      const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
      const [from, to] = [page.indexOf(begin), page.indexOf(end)];
      if (from < 0 || to < 0) throw new Error(`${file} needs the lines ${begin} and ${end}.`);
      return `${page.slice(0, from)}${begin}\n${content}\n${page.slice(to)}`;
    },
    readFileSync(file, "utf8"),
  );
}

const uncapitalized = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

/** Every generated file with its content. */
export function generated(): Map<string, string> {
  const page = (name: string) => join(ROOT, "docs/reference", `${name}.md`);
  const pages = new Map([
    ...lifecycles.map((lifecycle): [string, Record<string, string>] => [
      page(uncapitalized(lifecycle.resource.name)),
      resourceTables(lifecycle),
    ]),
    [page("functions"), functionTables()],
  ]);
  return new Map([
    [join(ROOT, "provider/schema.json"), generateSchema()],
    [join(ROOT, "emulator/seed.schema.json"), `${JSON.stringify(stateSchema(), undefined, 2)}\n`],
    [join(ROOT, "provider/organization.schema.json"), organizationSchema(memberTexts)],
    ...[...pages].map(([file, tables]): [string, string] => [file, pageWith(tables, file)]),
  ]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [file, content] of generated()) writeFileSync(file, content);
}
