import { allPages } from "./http/pages.js";
import { type JsonObject, list, object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/** A database as the list of databases describes it. Only the name is certain; what a server leaves out is absent. */
export interface Database {
  name: string;
  /** Name of the group it is in. */
  group?: string;
  uuid?: string;
  /** Where it answers, e.g. `orders-acme.turso.io`. */
  hostname?: string;
}

/** Which databases are listed; absent: all. */
export interface DatabaseFilter {
  /** Name of the group they are in. */
  group?: string;
  /** `DbId` of the database they are branches of. */
  parent?: string;
}

export interface DatabaseList {
  databases: Database[];
  /**
   * Whether these are all. False when the server does not paginate: it may have cut the list, as Turso does after 1,000
   * databases, so a database that is missing here may exist.
   */
  isComplete: boolean;
}

/** The most records that a response can have. */
const PAGE = "1000";

/** The Databases operations, as far as groups need them. */
export class DatabasesApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /**
   * Every database of the account, or those that `filter` selects. One request for each 1,000 of them. `urgent`: they do
   * not queue for `maxRequestsPerSecond`.
   */
  async list(
    organization: string | undefined,
    filter: DatabaseFilter = {},
    { urgent = false }: { urgent?: boolean } = {},
  ): Promise<DatabaseList> {
    const { items, isComplete } = await allPages({ ...filter, limit: PAGE }, parseDatabases, (page) =>
      this.#send("GET", organization, ["databases"], { ...page, urgent }),
    );
    return { databases: items, isComplete };
  }
}

const parseDatabases = (answer: unknown): Database[] =>
  list(object(answer, "the answer").databases, "databases").map((database, i) =>
    parseDatabase(database, `databases[${i}]`),
  );

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
