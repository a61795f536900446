import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";

/**
 * Validates answers against Turso's OpenAPI description. Its schemas require nothing and allow everything, so that
 * any object would pass: here, an object that has properties must have them all, and no others.
 */
const file = join(__dirname, "../../test/data/turso-openapi.json");
const document: unknown = JSON.parse(readFileSync(file, "utf8"));

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(Object(tighten(document)), "turso");

export type Operation = { id: string; path: string; method: string; statuses: number[] };

/** The operations that the description has. */
export const operations: Operation[] = entries(at(document, "paths")).flatMap(([path, methods]) =>
  entries(methods).map(([method, operation]) => ({
    id: String(at(operation, "operationId")),
    path,
    method,
    statuses: entries(at(operation, "responses")).map(([status]) => Number(status)),
  })),
);

/** What is wrong with an answer; an empty list if nothing is. */
export function problems(operationId: string, status: number, body: unknown): string[] {
  const operation = operations.find(({ id }) => id === operationId);
  if (!operation?.statuses.includes(status)) return [`${operationId} has no answer ${status}`];
  const keys = ["paths", operation.path, operation.method, "responses", String(status)];
  const reference = at(at(document, ...keys), "$ref");
  const response = typeof reference === "string" ? reference.slice(2).split("/") : keys;
  const schema = [...response, "content", "application/json", "schema"];
  if (at(document, ...schema) === undefined)
    return body === undefined ? [] : ["the answer must have no body"];
  const pointer = schema
    .map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1"))
    .map(encodeURIComponent);
  const validate = ajv.compile({ $ref: `turso#/${pointer.join("/")}` });
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || "the answer"} ${error.message}`);
}

/** The description with OpenAPI's `nullable` put in JSON Schema's terms, and with objects taken at their word. */
function tighten(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => tighten(item));
  if (typeof value !== "object" || value === null) return value;
  const result = Object.fromEntries(entries(value).map(([key, item]) => [key, tighten(item, key)]));
  // Inside `properties`, keys are names of fields and not of the schema language.
  if (key === "properties") return result;
  if (result.nullable === true) result.type = [result.type, "null"];
  if (typeof result.properties === "object" && result.properties !== null) {
    result.required = Object.keys(result.properties);
    // The schema of a group forgets `archived`, which its examples and its clients know.
    if (key === "BaseGroup") result.properties = { ...result.properties, archived: { type: "boolean" } };
    result.additionalProperties = false;
  }
  return result;
}

function entries(value: unknown): [string, unknown][] {
  return Object.entries(Object(value));
}

function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((inner, key) => Object(inner)[key], value);
}
