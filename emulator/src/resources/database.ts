import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type Env, mount, readBody, stringField } from "../http.js";
import { pageOf } from "../pages.js";
import { Refusal } from "../refusal.js";
import type { AccountBase } from "../store/base.js";
import { Collection } from "../store/collection.js";
import { defineSeed } from "../store/seed.js";
import { stateOf } from "../store/stateOf.js";
import { findAwakeGroup, followGroups, type Group, groupsOf } from "./group.js";
import { checkName } from "./name.js";

/** A database. */
export type Database = {
  readonly name: string;
  readonly uuid: string;
  /** Name of its group, which is in the same account. */
  group: string;
  hostname: string;
  deleteProtection: boolean;
};

/** A database in a state. What is left out has its default; a uuid is random. */
export type DatabaseState = Pick<Database, "name" | "group"> & Partial<Database>;

export const databasesOf = stateOf((account: AccountBase) => new Collection<Database>(account.store));

followGroups({
  deleted(account, group) {
    const databases = databasesOf(account);
    databases.beforeChange();
    for (const { name } of databasesIn(account, group.name)) databases.delete(name);
  },

  renamed(account, oldName, newName) {
    databasesOf(account).beforeChange();
    for (const database of databasesIn(account, oldName)) database.group = newName;
  },

  checkTransfer(from, to, group) {
    const taken = databasesIn(from, group.name).find(({ name }) => databasesOf(to).has(name));
    if (taken) throw new Refusal("conflict", `database with name ${taken.name} already exists`);
  },

  transferred(from, to, group) {
    for (const account of [from, to]) databasesOf(account).beforeChange();
    for (const database of databasesIn(from, group.name)) {
      databasesOf(from).delete(database.name);
      database.hostname = hostnameOf(to, database.name);
      databasesOf(to).set(database.name, database);
    }
  },
});

const methods = {
  /**
   * The database with this name.
   * @throws {@link Refusal} `missing` if there is none.
   */
  database(this: AccountBase, name: string): Database {
    return findDatabase(this, name);
  },

  /** The databases in a group. Empty if the group does not exist. */
  databasesIn(this: AccountBase, group: string): Database[] {
    return databasesIn(this, group);
  },

  /**
   * Creates a database.
   * @param database `name`: 1 to 64 characters of `[a-z0-9-]`. `group`: name of an existing group.
   * @throws {@link Refusal} `invalid` for a bad or taken name, and if the group does not exist or is
   * archived.
   */
  createDatabase(this: AccountBase, { name, group }: { name: string; group: string }): Database {
    const database = newDatabase(this, { name, group });
    findAwakeGroup(this, group);
    const databases = databasesOf(this);
    databases.beforeChange();
    databases.set(name, database);
    return database;
  },

  /**
   * Deletes a database.
   * @throws {@link Refusal} `missing` if it does not exist; `forbidden` if it or its group has delete
   * protection.
   */
  deleteDatabase(this: AccountBase, name: string): Database {
    const database = findDatabase(this, name);
    if (database.deleteProtection || groupsOf(this).get(database.group)?.deleteProtection) {
      throw new Refusal("forbidden", `database ${name} is delete-protected and cannot be deleted`);
    }
    databasesOf(this).beforeChange();
    databasesOf(this).delete(name);
    return database;
  },
};

function newDatabase(account: AccountBase, { name, group, ...options }: DatabaseState): Database {
  checkName("database", name);
  // Turso returns 400 here, not 404, because the request is not for the group.
  if (!groupsOf(account).has(group)) throw new Refusal("invalid", "group not found");
  // Turso's OpenAPI description says 409. The live API has returned this since 2026-07-30.
  if (databasesOf(account).has(name)) throw new Refusal("invalid", "database with same name already exists");
  return {
    name,
    uuid: options.uuid ?? randomUUID(),
    group,
    hostname: options.hostname ?? hostnameOf(account, name),
    deleteProtection: options.deleteProtection ?? false,
  };
}

function findDatabase(account: AccountBase, name: string): Database {
  const database = databasesOf(account).get(name);
  if (!database) {
    throw new Refusal("missing", `could not find database with name [${name}]: record not found`);
  }
  return database;
}

function databasesIn(account: AccountBase, group: string): Database[] {
  return [...databasesOf(account).values()].filter((database) => database.group === group);
}

function hostnameOf(account: AccountBase, name: string): string {
  return `${name}-${account.slug}.turso.io`;
}

export const seed = defineSeed({
  key: "databases",
  description: "Databases of the organization.",
  schema: {
    type: "object",
    required: ["name", "group"],
    additionalProperties: false,
    properties: {
      name: { description: "Name, unique in the organization.", type: "string" },
      group: { description: "Name of its group, which must be listed in `groups`.", type: "string" },
      uuid: { description: "Identity of the database. Default: random.", type: "string", minLength: 1 },
      hostname: { description: "Default: `NAME-ORGANIZATION.turso.io`.", type: "string" },
      deleteProtection: {
        description: "Whether the database cannot be deleted. Default: false.",
        type: "boolean",
      },
    },
  },
  load: (account, state: DatabaseState) => {
    databasesOf(account).set(state.name, newDatabase(account, state));
  },
  save: (account): DatabaseState[] => [...databasesOf(account).values()],
});

type DatabaseProperties = typeof methods & {
  /** Databases by name, as they are now. The lags delay only what the API shows. */
  readonly databases: Map<string, Database>;
};

export function accountProperties(account: AccountBase): DatabaseProperties {
  return { ...methods, databases: databasesOf(account) };
}

const routes = new Hono<Env<AccountBase & DatabaseProperties>>();
export const accountRoutes = mount(routes);

routes.get("/databases", (c) => {
  const { group, parent, limit, cursor } = c.req.query();
  // No database here is a branch of another, so a request with a `parent` matches none.
  const groups = groupsOf(c.var.account).listed();
  const only = c.var.limits?.group;
  const databases = databasesOf(c.var.account)
    .list()
    .filter((database) => !parent && (!group || database.group === group))
    .filter((database) => only === undefined || groups.get(database.group)?.uuid === only);
  const { items, pagination } = pageOf(databases, { limit, cursor }, c.var.store.pagination);
  return c.json({ databases: items.map((database) => databaseView(database, groups)), pagination });
});

routes.post("/databases", async (c) => {
  const body = await readBody(c.req);
  const database = c.var.account.createDatabase({
    name: stringField(body, "name") ?? "",
    group: stringField(body, "group") ?? "",
  });
  return c.json({ database: { DbId: database.uuid, Hostname: database.hostname, Name: database.name } });
});

routes.get("/databases/:database", (c) => {
  const database = c.var.account.database(c.req.param("database"));
  return c.json({ database: databaseView(database, groupsOf(c.var.account)) });
});

routes.delete("/databases/:database", (c) =>
  c.json({ database: c.var.account.deleteDatabase(c.req.param("database")).name }),
);

/**
 * A database as the API returns it. Only the oldest keys are capitalized, and `primaryRegion` has its `aws-`.
 */
function databaseView(database: Database, groups: ReadonlyMap<string, Group>) {
  const group = groups.get(database.group);
  return {
    Name: database.name,
    DbId: database.uuid,
    Hostname: database.hostname,
    block_reads: false,
    block_writes: false,
    regions: group?.locations ?? [],
    primaryRegion: group?.primary ?? "",
    group: database.group,
    delete_protection: database.deleteProtection,
    parent: null,
  };
}
