import { type JsonObject, list, object, optional, text } from "./parse.js";
import type { Send } from "./send.js";

/** A database as the list of databases describes it. Only the name is certain; what a server leaves out is absent. */
export interface Database {
  name: string;
  /** Name of the group it is in. */
  group?: string;
  uuid?: string;
  /** Where it answers, e.g. `orders-acme.turso.io`. */
  hostname?: string;
}

/** The Databases operations, as far as groups need them. */
export class DatabasesApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Every database of the account, whatever its group; the API does not paginate. One request. */
  async list(organization: string | undefined): Promise<Database[]> {
    return this.#send("GET", organization, ["databases"], {
      parse: (answer) =>
        list(object(answer, "the answer").databases, "databases").map((database, i) =>
          parseDatabase(database, `databases[${i}]`),
        ),
    });
  }
}

/** The oldest keys are capitalised (`Name`, `DbId`, `Hostname`), and may not stay so: their case does not count. */
function parseDatabase(value: unknown, where: string): Database {
  const fields = lowerCased(object(value, where));
  const { dbid: uuid } = optional(fields, "dbid", text, where);
  return {
    name: text(fields.name, `${where}.name`),
    ...optional(fields, "group", text, where),
    ...(uuid !== undefined && { uuid }),
    ...optional(fields, "hostname", text, where),
  };
}

const lowerCased = (source: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(source).map(([key, value]) => [key.toLowerCase(), value]));
