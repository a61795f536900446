/** Checks a declaration against the schema that editors use. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type * as Ajv from "ajv";
import { nearest } from "../../lifecycle/nearest.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { describe } from "../../lifecycle/values.js";
import { isMap } from "./expand.js";
import { KIND_NAMES, KINDS, propertiesOf } from "./kinds.js";
import type { Path, Problem } from "./problems.js";

/** The schema as it is in the package. Its folder is the same above `src` and `dist`. */
const SCHEMA = join(__dirname, "../../../organization.schema.json");

let compiled: Ajv.ValidateFunction | undefined;

function validator(): Ajv.ValidateFunction {
  if (compiled === undefined) {
    const { Ajv } = require("ajv") as typeof import("ajv");
    const schema: object = JSON.parse(readFileSync(SCHEMA, "utf8"));
    compiled = new Ajv({ allErrors: true, verbose: true, strict: false, ownProperties: true }).compile(
      schema,
    );
  }
  return compiled;
}

/**
 * What is wrong with the structure: keys, maps and lists. The rows of the resources say what is wrong with
 * the value of an input, in the same words as without a file.
 *
 * @param value without Outputs, see `known`
 */
export function structureProblems(value: unknown): Problem[] {
  const validate = validator();
  if (validate(value)) return [];
  return (validate.errors ?? []).flatMap((error) => {
    const path = pathOf(error.instancePath, value);
    // What is wrong with a key is reported twice, the second time with the key.
    if (isAboutInput(path, error) || error.propertyName !== undefined) return [];
    return [{ path: [...path, ...added(error)], text: textOf(error) }];
  });
}

function isAboutInput([kindName, , input]: Path, { keyword }: Ajv.ErrorObject): boolean {
  const name = KIND_NAMES.find((one) => one === kindName);
  if (name === undefined) return false;
  return input === undefined
    ? keyword === "required"
    : propertiesOf(KINDS[name]).some((one) => one === input);
}

/** The keys of a JSON pointer; those of lists as numbers. */
function pathOf(pointer: string, value: unknown): Path {
  let parent = value;
  return pointer
    .split("/")
    .slice(1)
    .map((part) => {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(parent) ? Number(key) : key;
      parent = typeof parent === "object" && parent !== null ? Reflect.get(parent, step) : undefined;
      return step;
    });
}

/** The key that an error is about, where that is none of its path. */
function added({ keyword, params }: Ajv.ErrorObject): Path {
  if (keyword === "additionalProperties") return [String(params.additionalProperty)];
  return keyword === "propertyNames" ? [String(params.propertyName)] : [];
}

const TYPES: Readonly<Record<string, string>> = {
  object: "a map",
  array: "a list",
  string: "a string",
  number: "a number",
};

const INDENTATION = " If its content is on the next lines, indent them further.";

function textOf({ keyword, params, parentSchema, data, instancePath }: Ajv.ErrorObject): string {
  switch (keyword) {
    case "additionalProperties":
      return `is not a known key; ${hint(String(params.additionalProperty), keysOf(parentSchema))}`;
    case "type": {
      const wanted = [params.type].flat().flatMap((type) => TYPES[String(type)] ?? []);
      return `must be ${wanted.join(" or ")}, got ${describe(data)}.${wanted[0] === "a string" ? quotesHint(data) : ""}${data === null && instancePath !== "" ? INDENTATION : ""}`;
    }
    case "minItems":
      return "must have at least one value.";
    case "uniqueItems":
      return "has a value twice.";
    case "propertyNames":
      return "must consist of letters, digits and underscores, and begin with a letter.";
    default:
      return "is not valid.";
  }
}

/** What YAML reads as a number or as a boolean may be meant as text. */
export function quotesHint(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean" ? ` Put it in quotes: "${value}".` : "";
}

/** The keys that a user may have meant. */
function keysOf(schema: Ajv.AnySchemaObject | undefined): string[] {
  return Object.keys(schema?.properties ?? {}).filter((key) => key !== "$schema");
}

/** "did you mean 'groups'?", or else all keys. */
export function hint(given: string, names: readonly string[]): string {
  const meant = nearest(given, names);
  if (meant !== undefined) return `did you mean '${meant}'?`;
  return names.length === 0 ? "there are none." : `the keys are ${listed(names)}.`;
}

const MOST_LISTED = 12;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  return more > 0 ? `${names.slice(0, MOST_LISTED).join(", ")} and ${more} more` : names.join(", ");
}

/** The value with `UNKNOWN` in place of Outputs and promises, and where it contains itself. */
export function known(
  value: unknown,
  path: Path = [],
  above: readonly unknown[] = [],
): { value: unknown; problems: Problem[] } {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return { value: UNKNOWN, problems: [] };
  if (!Array.isArray(value) && !isMap(value)) return { value, problems: [] };
  if (above.includes(value)) return { value: null, problems: [{ path, text: "contains itself." }] };
  const items = Object.entries(value).map(([key, item]) => ({
    key,
    ...known(item, [...path, Array.isArray(value) ? Number(key) : key], [...above, value]),
  }));
  return {
    value: Array.isArray(value)
      ? items.map((item) => item.value)
      : Object.fromEntries(items.map((item) => [item.key, item.value])),
    problems: items.flatMap((item) => item.problems),
  };
}
