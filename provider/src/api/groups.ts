import type { Send } from "./client.js";
import { boolean, list, object, optional, text } from "./parse.js";
import { pathOf } from "./paths.js";

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

const groupIn = (answer: unknown): Group => parseGroup(object(answer, "the answer").group);

/** The Groups operations. `organization` undefined: the user form `/v1/groups…`. Each call is one request. */
export class GroupsApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Every group of the account; the API does not paginate. */
  async list(organization: string | undefined): Promise<Group[]> {
    return this.#send("GET", pathOf(organization, "groups"), {
      parse: (answer) =>
        list(object(answer, "the answer").groups, "groups").map((group, i) =>
          parseGroup(group, `groups[${i}]`),
        ),
    });
  }

  /** Creates a group; a 409 TursoApiError when the name is taken, a 400 when the location is unknown. */
  async create(organization: string | undefined, { name, location }: NewGroup): Promise<Group> {
    return this.#send("POST", pathOf(organization, "groups"), { body: { name, location }, parse: groupIn });
  }

  /** One group; a TursoApiError whose `isNotFound` is true when there is none of that name. */
  async retrieve(organization: string | undefined, name: string): Promise<Group> {
    return this.#send("GET", pathOf(organization, "groups", name), { parse: groupIn });
  }

  /**
   * Deletes a group **and every database in it**. The answer's body is not looked at: a 200 is a deletion, and
   * nothing in the body is needed.
   */
  async delete(organization: string | undefined, name: string): Promise<void> {
    return this.#send("DELETE", pathOf(organization, "groups", name));
  }
}
