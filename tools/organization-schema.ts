/**
 * Generates provider/organization.schema.json, the JSON Schema of organization files, from the kinds of
 * entries and the rows of their resources.
 */
import { createRequire } from "node:module";
import type * as Kinds from "../provider/src/components/organization/kinds.js";
import type { TypeSchema, ValueType } from "../provider/src/lifecycle/valueTypes.js";

const require = createRequire(import.meta.url);
const { KINDS, inputsOf }: typeof Kinds = require("../provider/dist/components/organization/kinds.js");

/** The TSDoc of a member of an interface, and without its default. */
export type Description = (owner: string, member: string) => { text: string; withoutDefault: string };

/** A value as JSON Schema describes it. */
function schemaOf({ schema, enumeration }: Pick<ValueType<unknown>, "schema" | "enumeration">): object {
  const values = Object.keys(enumeration?.values ?? {});
  // A placeholder is possible in any text. The values come first, so that editors offer them.
  const text = { anyOf: [{ enum: values }, { type: "string", pattern: "\\{\\w+\\}" }] };
  const plain = ({ type, $ref, items, additionalProperties, oneOf }: TypeSchema): object => {
    if (oneOf) return { anyOf: oneOf.map(plain) };
    if ($ref !== undefined && $ref === `#/types/turso:index:${enumeration?.name}`) return text;
    return {
      ...(type && { type }),
      ...(items && { items: plain(items) }),
      ...(additionalProperties && { additionalProperties: plain(additionalProperties) }),
    };
  };
  return plain(schema);
}

/** The entry of a kind: its name, the inputs of its resource, and what every entry can have. */
function entryOf(kind: Kinds.Kind, describe: Description): object {
  const { resource, address, references = {} } = kind;
  const owner = `${resource.name}Args`;
  const inputs = inputsOf(kind).map((key) => {
    const row = resource.inputs[key];
    const to = references[key];
    const { text } = describe(owner, key);
    const description =
      to === undefined
        ? text
        : `A key under \`${to}\`, or the ID \`organization/name\` of one outside the file.`;
    return [key, { description, ...(row && schemaOf(row.type)) }];
  });
  const name = address && {
    name: { description: `${describe(owner, address).withoutDefault} Default: the key.`, type: "string" },
  };
  const required = inputsOf(kind).filter((key) => resource.inputs[key]?.required);
  return {
    type: required.length === 0 ? ["object", "null"] : "object",
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: { ...name, ...Object.fromEntries(inputs), ...entryOptions(describe) },
  };
}

function entryOptions(describe: Description): object {
  const description = (member: string) => describe("EntryOptions", member).text;
  return {
    for: {
      description: description("for"),
      type: "object",
      propertyNames: { pattern: "^[A-Za-z_]\\w*$" },
      additionalProperties: {
        type: "array",
        minItems: 1,
        uniqueItems: true,
        items: { type: ["string", "number"] },
      },
    },
    renamedFrom: { description: description("renamedFrom"), type: "string" },
  };
}

export function organizationSchema(describe: Description): string {
  const description = (key: string) => describe("OrganizationDeclaration", key).text;
  const kinds = Object.entries(KINDS);
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Organization file of pulumi-turso",
    type: "object",
    additionalProperties: false,
    patternProperties: { "^x-": { description: "Anything, for example values with an anchor (`&name`)." } },
    properties: {
      $schema: { description: "The schema of this file, for editors.", type: "string" },
      organization: { description: description("organization"), type: "string" },
      ...Object.fromEntries(
        kinds.map(([key, { resource }]) => [
          key,
          {
            description: description(key),
            type: ["object", "null"],
            additionalProperties: { $ref: `#/definitions/${resource.name}` },
          },
        ]),
      ),
    },
    definitions: Object.fromEntries(kinds.map(([, kind]) => [kind.resource.name, entryOf(kind, describe)])),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
