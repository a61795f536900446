import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";

/**
 * Validates responses against Turso's OpenAPI description. Its schemas require no property and allow any
 * other, so every object would be valid. Here, an object must have all properties of its schema and no
 * others.
 */
const file = join(__dirname, "../../test/data/turso-openapi.json");
const document: unknown = JSON.parse(readFileSync(file, "utf8"));

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(Object(tighten(document)), "turso");

export type Operation = { id: string; path: string; method: string; statuses: number[] };

/** The operations of the description. */
export const operations: Operation[] = entries(at(document, "paths")).flatMap(([path, methods]) =>
  entries(methods).map(([method, operation]) => ({
    id: String(at(operation, "operationId")),
    path,
    method,
    statuses: entries(at(operation, "responses")).map(([status]) => Number(status)),
  })),
);

/** How a response differs from the description. Empty if it is valid. */
export function problems(operationId: string, status: number, body: unknown): string[] {
  const operation = operations.find(({ id }) => id === operationId);
  if (!operation?.statuses.includes(status)) return [`${operationId} has no response ${status}`];
  const keys = ["paths", operation.path, operation.method, "responses", String(status)];
  const reference = at(at(document, ...keys), "$ref");
  const response = typeof reference === "string" ? reference.slice(2).split("/") : keys;
  const schema = [...response, "content", "application/json", "schema"];
  if (at(document, ...schema) === undefined)
    return body === undefined ? [] : ["the response must have no body"];
  const pointer = schema
    .map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1"))
    .map(encodeURIComponent);
  const validate = ajv.compile({ $ref: `turso#/${pointer.join("/")}` });
  if (validate(body)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath || "the response"} ${error.message}`);
}

/** Turns OpenAPI's `nullable` into JSON Schema, requires all properties and forbids others. */
function tighten(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => tighten(item));
  if (typeof value !== "object" || value === null) return value;
  const result = Object.fromEntries(entries(value).map(([key, item]) => [key, tighten(item, key)]));
  // The keys of `properties` are names of fields, not keywords of JSON Schema.
  if (key === "properties") return result;
  if (result.nullable === true) result.type = [result.type, "null"];
  if (typeof result.properties === "object" && result.properties !== null) {
    result.required = Object.keys(result.properties);
    // The schema of a group lacks `archived`. Its examples and public clients have it.
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
