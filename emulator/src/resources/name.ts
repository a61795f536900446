import { Refusal } from "../refusal.js";

const EXTENSIONS = ["vector", "crypto", "fuzzy", "math", "stats", "text", "unicode", "uuid", "regexp", "vec"];

/** SQLite extensions of a group's new databases. */
export type Extensions = "all" | readonly string[];

/** A group. Only its uuid is its own for life: name, organization and primary can change. */
export type Group = {
  name: string;
  readonly uuid: string;
  version: string;
  /** Codes as `GET /v1/locations` lists them, the primary's among them. */
  locations: string[];
  /** As in `locations`: `aws-us-east-1`, although the API answers `us-east-1`. */
  primary: string;
  archived: boolean;
  deleteProtection: boolean;
  extensions?: Extensions;
};

/** A database, in the group of that name in the same account. */
export type Database = {
  readonly name: string;
  readonly uuid: string;
  group: string;
  hostname: string;
  deleteProtection: boolean;
};

/**
 * The name, if it may be one. Turso documents this rule for databases and none for groups: here it holds for both,
 * as a group's name ends up in the same URLs.
 */
export function checkName(kind: "group" | "database", name: string | undefined): string {
  if (name !== undefined && /^[a-z0-9-]{1,64}$/.test(name)) return name;
  throw new Refusal(
    "invalid",
    `${kind} name must be 1 to 64 characters long and have only lowercase letters, numbers and dashes`,
  );
}

/** The extensions, if Turso has them. */
export function checkExtensions(extensions: Extensions): Extensions {
  const unknown = extensions === "all" ? undefined : extensions.find((name) => !EXTENSIONS.includes(name));
  if (unknown !== undefined) throw new Refusal("invalid", `invalid extension: ${unknown}`);
  return extensions;
}
