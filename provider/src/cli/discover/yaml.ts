/** The Pulumi YAML program, and the organization file. Both keep the comments of a file that exists. */
import { type Document, isMap, isScalar, parseDocument } from "yaml";
import { KINDS as FILE_KINDS } from "../../components/organization/kinds.js";
import { CommandError } from "../command.js";
import { declaredInputs, type Entry } from "./entries.js";
import type { Found } from "./inventory.js";

/** The Pulumi.yaml with these resources: a new one, or the given one with them added. */
export function yamlProgram(
  existing: string | undefined,
  entries: readonly Entry[],
  { project, description }: { project: string; description: string },
): string {
  const document = parse("Pulumi.yaml", existing ?? "{}\n");
  if (existing === undefined) {
    document.set("name", project);
    document.set("runtime", "yaml");
    document.set("description", description);
  }
  const runtime = document.get("runtime");
  if (runtime !== "yaml" && !(isMap(runtime) && runtime.get("name") === "yaml"))
    throw new CommandError(
      "Pulumi.yaml is not a YAML program. Choose another folder with --out, or another --language.",
    );
  for (const { found, name, identifier } of entries) {
    const properties = declaredInputs(found).map(([key, value]) => [key, escaped(value)]);
    setIn(
      document,
      ["resources", identifier],
      document.createNode({
        type: `turso:${found.kind.lifecycle.resource.name}`,
        ...(name !== identifier && { name }),
        properties: Object.fromEntries(properties),
      }),
    );
  }
  return textOf(document);
}

/** Pulumi YAML replaces `${…}` in texts, and `$$` with `$`. */
function escaped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(escaped);
  return typeof value === "string" ? value.replaceAll("$", () => "$$") : value;
}

/** The keys that a YAML file has in one of its maps. */
export function yamlKeys(file: string, text: string | undefined, map: string): string[] {
  const value: unknown = parse(file, text ?? "{}\n").toJS();
  const keys: unknown = typeof value === "object" && value !== null ? Reflect.get(value, map) : undefined;
  return Object.keys(typeof keys === "object" && keys !== null ? keys : {});
}

/** Why an organization file cannot hold something; undefined if it can. */
export function fileProblem({ kind, name }: Found): string | undefined {
  if (!Object.hasOwn(FILE_KINDS, kind.plural)) return `An organization file has no ${kind.plural}.`;
  return /\{\w+\}/.test(name) ? "In an organization file, its name would be a placeholder." : undefined;
}

const SCHEMA = " yaml-language-server: $schema=./node_modules/pulumi-turso/organization.schema.json";

/** The organization file with these entries: a new one, or the given one with them added. */
export function organizationFile(
  existing: string | undefined,
  entries: readonly Entry[],
  organization: string,
): string {
  const document = parse("organization.yaml", existing ?? "{}\n");
  if (existing === undefined) {
    document.commentBefore = SCHEMA;
    document.set("organization", organization);
  }
  if (document.get("organization") !== organization)
    throw new CommandError(
      `organization.yaml is not that of organization '${organization}'. Choose another folder with --out.`,
    );
  for (const { found, name } of entries) {
    const { kind } = found;
    const inputs = declaredInputs(found).filter(([key]) => key !== "organization" && key !== kind.nameInput);
    const entry = { ...(name !== found.name && { name: found.name }), ...Object.fromEntries(inputs) };
    const node = document.createNode(entry, { flow: true });
    setIn(document, [kind.plural, name], node);
  }
  return textOf(document);
}

function setIn(document: Document, [map, key]: [string, string], node: unknown): void {
  const value = document.get(map, true);
  // A key without a value, which may have a comment.
  if (isScalar(value) && value.value === null) {
    const { comment, commentBefore } = value;
    document.set(map, Object.assign(document.createNode({}), { comment, commentBefore }));
  }
  document.setIn([map, key], node);
}

function parse(file: string, text: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw new CommandError(`Failed to read ${file}: ${error.message}`);
  // A new map would otherwise be written in braces, like the text that it comes from.
  if (isMap(document.contents) && document.contents.items.length === 0) document.contents.flow = false;
  return document;
}

const textOf = (document: Document) => document.toString({ lineWidth: 0 });
