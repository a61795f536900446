import { allPages } from "./http/pages.js";
import { boolean, list, object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/** A group. Only the name is certain: what a server does not send is absent. */
export interface Group {
  name: string;
  /** Unique ID. It does not change when the group is renamed, moved or transferred. */
  uuid?: string;
  /** Codes of all locations, e.g. `["lhr", "ams"]`. */
  locations?: string[];
  /** Code of the primary location. For a group created in `aws-us-east-1` it may be `us-east-1`. */
  primary?: string;
  /** Version of the libSQL server, e.g. `v0.23.7`. */
  version?: string;
  /** Whether the group is archived (suspended after inactivity). */
  archived?: boolean;
  /** Whether delete protection is enabled. */
  deleteProtection?: boolean;
}

/** A group to create. */
export interface NewGroup {
  /** Unique in its organization. */
  name: string;
  /** Code of the primary location, e.g. `aws-us-east-1` or `lhr`. */
  location: string;
  /**
   * SQLite extensions of its databases: `"all"`, or names such as `["vector", "uuid"]`. Absent: the server
   * decides.
   */
  extensions?: "all" | string[];
}

/** A token to create for a group. */
export interface NewGroupToken {
  /**
   * Lifetime: `never`, or a duration with weeks and days such as `2w1d30m`.
   *
   * @default "never"
   */
  expiration?: string;
  /** @default "full-access" */
  authorization?: "full-access" | "read-only";
  /**
   * Names of the databases that the token may attach, read-only. Groups on AWS reject it, and a token with it
   * loses its other permissions.
   *
   * @default []
   * @see https://github.com/tursodatabase/libsql/issues/1581
   */
  readAttach?: string[];
}

/** Parses a group that a server sent. Unknown fields are ignored. */
function parseGroup(value: unknown, where = "group"): Group {
  const group = object(value, where);
  const { delete_protection: deleteProtection } = optional(group, "delete_protection", boolean, where);
  return {
    name: text(group.name, `${where}.name`),
    ...optional(group, "uuid", text, where),
    ...optional(group, "locations", texts, where),
    ...optional(group, "primary", text, where),
    ...optional(group, "version", text, where),
    ...optional(group, "archived", boolean, where),
    ...(deleteProtection !== undefined && { deleteProtection }),
  };
}

const texts = (value: unknown, where: string) =>
  list(value, where).map((item, i) => text(item, `${where}[${i}]`));

const groupsIn = (body: unknown): Group[] =>
  list(object(body, "body").groups, "groups").map((group, i) => parseGroup(group, `groups[${i}]`));

const groupIn = (body: unknown): Group => parseGroup(object(body, "body").group);

const protectionIn = (body: unknown): boolean | undefined =>
  optional(object(body, "body"), "delete_protection", boolean, "body").delete_protection;

/**
 * The groups of an organization. Every method but `list` makes one request. A method that names a group fails
 * with a `TursoApiError` whose `isNotFound` is true if that does not exist.
 *
 * @see https://docs.turso.tech/api-reference/groups
 */
export class GroupsApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Lists all groups. One request, or one for each page if the server paginates. */
  async list(organization: string | undefined): Promise<Group[]> {
    const { items } = await allPages({}, groupsIn, (page) =>
      this.#send("GET", organization, ["groups"], page),
    );
    return items;
  }

  /**
   * Creates a group.
   *
   * @throws TursoApiError with status 409 if the name is taken, 400 if the location is unknown
   * @see https://docs.turso.tech/api-reference/groups/create
   */
  async create(organization: string | undefined, { name, location, extensions }: NewGroup): Promise<Group> {
    const body = { name, location, ...(extensions !== undefined && { extensions }) };
    return this.#send("POST", organization, ["groups"], { body, parse: groupIn });
  }

  /**
   * Retrieves a group. `retryNotFound`: retry a 404 once, after a second, because a new group may not be
   * visible immediately.
   */
  async retrieve(
    organization: string | undefined,
    group: string,
    { retryNotFound = false }: { retryNotFound?: boolean } = {},
  ): Promise<Group> {
    return this.#send("GET", organization, ["groups", group], { retryNotFound, parse: groupIn });
  }

  /**
   * Deletes a group **and all its databases**. `guard` runs right before each attempt, including retries: if
   * it throws, nothing is sent, and this method throws its error.
   *
   * @throws TursoApiError with status 403 if the group has delete protection enabled
   */
  async delete(
    organization: string | undefined,
    group: string,
    { guard }: { guard?: (() => Promise<void>) | undefined } = {},
  ): Promise<void> {
    return this.#send("DELETE", organization, ["groups", group], { guard });
  }

  /**
   * Adds a location, by its code, to a group on Fly.
   *
   * @throws TursoApiError with status 400 if the location is unknown, or if the group is on AWS, which has no
   * replication
   */
  async addLocation(organization: string | undefined, group: string, location: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "locations", location], {
      repeatable: true,
      parse: groupIn,
    });
  }

  /**
   * Removes a location, by its code, from a group on Fly.
   *
   * @throws TursoApiError with status 400 if the location is unknown or the primary, or if the group is on
   * AWS
   */
  async removeLocation(organization: string | undefined, group: string, location: string): Promise<Group> {
    return this.#send("DELETE", organization, ["groups", group, "locations", location], {
      repeatable: true,
      parse: groupIn,
    });
  }

  /**
   * Creates a token for all databases of a group, and returns it. The token is a secret: no error contains
   * it. The API can neither show it again nor revoke it alone. If the response is lost, another token is
   * created.
   *
   * @throws TursoApiError with status 400 if the expiration is not a duration, or if `readAttach` is set for
   * a group on AWS
   * @see https://docs.turso.tech/api-reference/groups/create-token
   */
  async mintToken(
    organization: string | undefined,
    group: string,
    { expiration, authorization, readAttach = [] }: NewGroupToken,
  ): Promise<string> {
    return this.#send("POST", organization, ["groups", group, "auth", "tokens"], {
      repeatable: true,
      query: { expiration, authorization },
      ...(readAttach.length > 0 && { body: { permissions: { read_attach: { databases: readAttach } } } }),
      parse: (body) => text(object(body, "body").jwt, "jwt"),
    });
  }

  /**
   * Invalidates all tokens of a group. Clients that use one lose access; Turso does not document how soon.
   *
   * @see https://docs.turso.tech/api-reference/groups/invalidate-tokens
   */
  async invalidateTokens(organization: string | undefined, group: string): Promise<void> {
    return this.#send("POST", organization, ["groups", group, "auth", "rotate"], { repeatable: true });
  }

  /** Turns delete protection on or off. Returns what the server reports, or `on` if it does not report it. */
  async setDeleteProtection(organization: string | undefined, group: string, on: boolean): Promise<boolean> {
    return this.#send("PATCH", organization, ["groups", group, "configuration"], {
      repeatable: true,
      body: { delete_protection: on },
      parse: (body) => protectionIn(body) ?? on,
    });
  }

  /** Whether a group has delete protection enabled; undefined if the server does not report it. */
  async getDeleteProtection(organization: string | undefined, group: string): Promise<boolean | undefined> {
    return this.#send("GET", organization, ["groups", group, "configuration"], { parse: protectionIn });
  }

  /** Unarchives a group. A group that is not archived does not change. */
  async unarchive(organization: string | undefined, group: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "unarchive"], {
      repeatable: true,
      parse: groupIn,
    });
  }

  /**
   * Renames a group. Its uuid, databases and tokens do not change. Turso's OpenAPI description lacks this
   * request, but `turso group rename` makes it.
   *
   * @throws TursoApiError with status 409 if the name is taken
   */
  async rename(organization: string | undefined, group: string, name: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "rename"], {
      // Capitalized, as the official CLI sends it.
      body: { Name: name },
      parse: groupIn,
    });
  }

  /**
   * Transfers a group and its databases to the organization `to`, which the token's owner must be a member
   * of. The group's uuid and name do not change.
   */
  async transfer(organization: string | undefined, group: string, to: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "transfer"], {
      body: { organization: to },
      // This response is the group itself, without `{ "group": … }`.
      parse: (body) => parseGroup(body),
    });
  }
}
