import { allPages } from "./http/pages.js";
import { boolean, list, object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/**
 * A group as the API describes it. Only the name is certain: the API of 2023 sends `name`, `locations` and
 * `primary`, today's sends all of it, and what a server leaves out is absent here.
 */
export interface Group {
  name: string;
  /** Identifies the group for good: it stays when the group is renamed, moved or transferred. */
  uuid?: string;
  /** Codes of every location, e.g. `["lhr", "ams"]`. */
  locations?: string[];
  /** Code of the primary location. For a group created in `aws-us-east-1` it may read `us-east-1`. */
  primary?: string;
  /** Version of the libSQL server, e.g. `v0.23.7`. */
  version?: string;
  /** Whether the group sleeps after days without use. */
  archived?: boolean;
  deleteProtection?: boolean;
}

export interface NewGroup {
  name: string;
  /** Code of the primary location, e.g. `aws-us-east-1` or `lhr`. */
  location: string;
  /** SQLite extensions of its databases: all of them, or names such as `["vector", "uuid"]`; absent: the server's choice. */
  extensions?: "all" | string[];
}

/** What a new token of a group may do, and for how long. */
export interface NewGroupToken {
  /** How long it is valid: `never`, or a duration with weeks and days such as `2w1d30m`; absent: the server's `never`. */
  expiration?: string;
  /** Absent: the server's `full-access`. */
  authorization?: "full-access" | "read-only";
  /**
   * Names of the databases that it may attach, read-only; an empty list is like none. Groups on AWS refuse it, and a token
   * that has it loses its other rights.
   *
   * @see https://github.com/tursodatabase/libsql/issues/1581
   */
  readAttach?: string[];
}

/** Makes a Group of what a server sent, or says what is wrong with it. Unknown fields are ignored. */
export function parseGroup(value: unknown, where = "group"): Group {
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

const groupsIn = (answer: unknown): Group[] =>
  list(object(answer, "the answer").groups, "groups").map((group, i) => parseGroup(group, `groups[${i}]`));

const groupIn = (answer: unknown): Group => parseGroup(object(answer, "the answer").group);

const protectionIn = (answer: unknown): boolean | undefined =>
  optional(object(answer, "the answer"), "delete_protection", boolean, "the answer").delete_protection;

/**
 * The Groups operations. `organization` undefined: the user form `/v1/groups…`. Each call but `list` is one request.
 * Where a group is named that is not there, the error is a TursoApiError whose `isNotFound` is true.
 */
export class GroupsApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Every group of the account. One request, or one for each page if the server paginates. */
  async list(organization: string | undefined): Promise<Group[]> {
    const { items } = await allPages({}, groupsIn, (page) =>
      this.#send("GET", organization, ["groups"], page),
    );
    return items;
  }

  /** Creates a group; a 409 TursoApiError when the name is taken, a 400 when the location is unknown. */
  async create(organization: string | undefined, { name, location, extensions }: NewGroup): Promise<Group> {
    const body = { name, location, ...(extensions !== undefined && { extensions }) };
    return this.#send("POST", organization, ["groups"], { body, parse: groupIn });
  }

  /** One group. `doubtful`: when it is not there, look once more after a second, for a new group may not be shown at once. */
  async retrieve(
    organization: string | undefined,
    group: string,
    { doubtful = false }: { doubtful?: boolean } = {},
  ): Promise<Group> {
    return this.#send("GET", organization, ["groups", group], { doubtful, parse: groupIn });
  }

  /**
   * Deletes a group **and every database in it**; a 403 TursoApiError when it is protected. Of the answer's body nothing is
   * needed: any 200 is a deletion that is empty or JSON. `guard` runs right before each attempt, retries included: if
   * it throws, nothing is sent, and the call fails with its error.
   */
  async delete(
    organization: string | undefined,
    group: string,
    { guard }: { guard?: (() => Promise<void>) | undefined } = {},
  ): Promise<void> {
    return this.#send("DELETE", organization, ["groups", group], { guard });
  }

  /**
   * Adds a location, by its code, to a group outside AWS; a 400 TursoApiError when the location is unknown or the
   * group is on AWS, which has no replication.
   */
  async addLocation(organization: string | undefined, group: string, location: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "locations", location], {
      repeatable: true,
      parse: groupIn,
    });
  }

  /** Removes a location from a group; a 400 TursoApiError where adding it is one, and for the primary. */
  async removeLocation(organization: string | undefined, group: string, location: string): Promise<Group> {
    return this.#send("DELETE", organization, ["groups", group, "locations", location], {
      repeatable: true,
      parse: groupIn,
    });
  }

  /**
   * Mints a token that opens every database of a group, and gives it: a secret, which no error holds. The API cannot
   * show it again, nor revoke it alone. When an answer is lost, another one is minted. A 400 TursoApiError when the
   * expiration is no duration, or the group is on AWS and `readAttach` is set.
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
      parse: (answer) => text(object(answer, "the answer").jwt, "jwt"),
    });
  }

  /**
   * Invalidates every token of a group. Clients that use one lose access; Turso does not document how soon. A 200 comes with
   * an empty body.
   */
  async invalidateTokens(organization: string | undefined, group: string): Promise<void> {
    return this.#send("POST", organization, ["groups", group, "auth", "rotate"], { repeatable: true });
  }

  /** Turns a group's delete protection on or off, and gives what it is then: what was asked, if the answer is silent. */
  async setDeleteProtection(organization: string | undefined, group: string, on: boolean): Promise<boolean> {
    return this.#send("PATCH", organization, ["groups", group, "configuration"], {
      repeatable: true,
      body: { delete_protection: on },
      parse: (answer) => protectionIn(answer) ?? on,
    });
  }

  /** Whether a group is protected from deletion; undefined when the server does not say. */
  async getDeleteProtection(organization: string | undefined, group: string): Promise<boolean | undefined> {
    return this.#send("GET", organization, ["groups", group, "configuration"], { parse: protectionIn });
  }

  /** Wakes an archived group; one that is awake stays so. */
  async unarchive(organization: string | undefined, group: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "unarchive"], {
      repeatable: true,
      parse: groupIn,
    });
  }

  /**
   * Renames a group, which keeps its uuid, its databases and its tokens; a 409 TursoApiError when the name is taken. Turso's
   * OpenAPI description lacks this call, but `turso group rename` makes it.
   */
  async rename(organization: string | undefined, group: string, name: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "rename"], {
      // The official CLI's spelling, the only one that has been seen.
      body: { Name: name },
      parse: groupIn,
    });
  }

  /**
   * Moves a group with its databases to another organization, of which the token's owner is a member too. It keeps
   * its uuid and its name.
   */
  async transfer(organization: string | undefined, group: string, to: string): Promise<Group> {
    return this.#send("POST", organization, ["groups", group, "transfer"], {
      body: { organization: to },
      // Unlike its siblings, this answer is the group itself.
      parse: (answer) => parseGroup(answer),
    });
  }
}
