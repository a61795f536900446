import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono, HonoRequest } from "hono";
import { Refusal } from "./refusal.js";
import type { AccountBase, StoreBase } from "./store/base.js";

/** A request that the emulator received. The `Authorization` header is not recorded. */
export type RecordedRequest = {
  readonly method: string;
  /** Path and query, exactly as sent. */
  readonly path: string;
  /** Parsed JSON, or the text if it is not JSON. Absent if the body is empty. */
  readonly body?: unknown;
  /** The `User-Agent` header. */
  readonly userAgent?: string;
  /**
   * Whether the request reached the routes, which may still have refused it. False without a valid token, and
   * if a fault came first.
   */
  applied: boolean;
  /** Status of the response. 0 while there is none, and if the connection broke. */
  status: number;
};

/** What a route finds in its context. `Account` has the properties and methods that the route uses. */
export type Env<Account extends AccountBase = AccountBase> = {
  Bindings: HttpBindings;
  Variables: {
    store: StoreBase;
    account: Account;
    request: RecordedRequest;
    /** What the request's API token is limited to: an organization's slug, a group's uuid. */
    limits?: { readonly organization?: string; readonly group?: string };
  };
};

/** Adds routes to the app below a path. */
export type Mount = (app: Hono<Env>, path: string) => void;

/**
 * Account routes in a form that does not depend on the methods they use, so that a list can hold all of them.
 */
export function mount<Account extends AccountBase>(routes: Hono<Env<Account>>): Mount {
  return (app, path) => {
    app.route(path, routes);
  };
}

/** Path and query of a request, exactly as sent. */
export function rawPath(c: Context<Env>): string {
  return c.env.incoming.url ?? "/";
}

/** A JSON object with keys in lowercase: like Turso, the emulator accepts keys in any case. */
export type Fields = ReadonlyMap<string, unknown>;

/** The body of a request as JSON, whatever its content type: `@tursodatabase/api` sends `text/plain`. */
export async function readBody(request: HonoRequest, { optional = false } = {}): Promise<Fields> {
  const text = await request.text();
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

// In the functions below, a field that is null counts as absent.

/** A field that must be an object. An absent one is an empty object. */
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
