import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { Refusal } from "./refusal.js";
import type { Account } from "./resources/group.js";
import type { RecordedRequest } from "./server.js";

/** What every route finds in its context: the account that the path names, and the record of the request. */
export type Env = { Bindings: HttpBindings; Variables: { account: Account; request: RecordedRequest } };

/** The path with its query, as it was sent. */
export function rawPath(c: Context<Env>): string {
  return c.env.incoming.url ?? "/";
}

/** A JSON object whose keys are looked up in lowercase: Turso decodes them whatever their case. */
export type Fields = ReadonlyMap<string, unknown>;

/** The request's body, whatever its content type (`@tursodatabase/api` sends text/plain). */
export async function readBody(c: Context<Env>, { optional = false } = {}): Promise<Fields> {
  const text = await c.req.text();
  if (optional && text.trim() === "") return new Map();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new Refusal("invalid", `the body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  return asFields(body, "the body");
}

function asFields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal("invalid", `${what} must be a JSON object`);
  }
  return new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field]));
}

/** A field that is an object; an empty one if it is absent or null. */
export function objectField(fields: Fields, key: string): Fields {
  return asFields(fields.get(key) ?? {}, key);
}

export function stringField(fields: Fields, key: string): string | undefined {
  const value = fields.get(key) ?? undefined;
  if (value !== undefined && typeof value !== "string") {
    throw new Refusal("invalid", `${key} must be a string`);
  }
  return value;
}

export function booleanField(fields: Fields, key: string): boolean | undefined {
  const value = fields.get(key) ?? undefined;
  if (value !== undefined && typeof value !== "boolean") {
    throw new Refusal("invalid", `${key} must be a boolean`);
  }
  return value;
}

export function stringsField(fields: Fields, key: string): string[] | undefined {
  const value = fields.get(key) ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new Refusal("invalid", `${key} must be a list of strings`);
  return value.map((item: unknown) => {
    if (typeof item !== "string") throw new Refusal("invalid", `${key} must be a list of strings`);
    return item;
  });
}
