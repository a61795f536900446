import { allPages } from "./http/pages.js";
import { type JsonObject, list, object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";

/**
 * A database, as in the list of databases. Only the name is certain: what a server does not send is absent.
 */
export interface Database {
  name: string;
  /** Name of its group. */
  group?: string;
  /** Its `DbId`. */
  uuid?: string;
  /** Hostname for SQL clients, e.g. `orders-acme.turso.io`. */
  hostname?: string;
}

/** Selects databases. What is absent does not restrict the list. */
export interface DatabaseFilter {
  /** Name of their group. */
  group?: string;
  /** `DbId` of the database that they are branches of. */
  parent?: string;
}

export interface DatabaseList {
  databases: Database[];
  /**
   * Whether the list is complete. False if the server does not paginate: Turso truncates such lists after
   * 1,000 databases, so a database that is missing here may exist.
   */
  isComplete: boolean;
}

/** Maximum number of records in one response. */
const PAGE = "1000";

/**
 * The databases of an organization. Only the requests that groups need.
 *
 * @see https://docs.turso.tech/api-reference/databases
 */
export class DatabasesApi {
  readonly #send: Send;

  constructor(send: Send) {
    this.#send = send;
  }

  /**
   * Lists all databases, or those that `filter` selects. One request for each 1,000 databases. `urgent`
   * requests do not queue for `maxRequestsPerSecond`.
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

const parseDatabases = (body: unknown): Database[] =>
  list(object(body, "body").databases, "databases").map((database, i) =>
    parseDatabase(database, `databases[${i}]`),
  );

/**
 * Some keys are capitalized (`Name`, `DbId`, `Hostname`) and may not stay so: keys are compared without their
 * case.
 */
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
