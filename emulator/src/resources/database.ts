import { Hono } from "hono";
import { type Env, readBody, stringField } from "../http.js";
import { pageOf } from "../pages.js";
import type { Holdings } from "../store/collection.js";
import type { Store } from "../store/store.js";
import type { Database } from "./name.js";

/** List, create, retrieve and delete databases. */
export function databaseRoutes(store: Store): Hono<Env> {
  const routes = new Hono<Env>();

  routes.get("/databases", (c) => {
    const { group, parent, limit, cursor } = c.req.query();
    const holdings = c.var.account.sight.holdings();
    // No database here is a branch of another, so a `parent` selects none.
    const databases = [...holdings.databases.values()].filter(
      (database) => !parent && (!group || database.group === group),
    );
    const { items, pagination } = pageOf(databases, { limit, cursor }, store.pagination);
    return c.json({ databases: items.map((database) => databaseView(holdings, database)), pagination });
  });

  routes.post("/databases", async (c) => {
    const body = await readBody(c);
    const database = c.var.account.createDatabase({
      name: stringField(body, "name") ?? "",
      group: stringField(body, "group") ?? "",
    });
    return c.json({ database: { DbId: database.uuid, Hostname: database.hostname, Name: database.name } });
  });

  routes.get("/databases/:database", (c) => {
    const { account } = c.var;
    return c.json({ database: databaseView(account, account.database(c.req.param("database"))) });
  });

  routes.delete("/databases/:database", (c) =>
    c.json({ database: c.var.account.deleteDatabase(c.req.param("database")).name }),
  );

  return routes;
}

/** A database as the API shows it. Only its oldest keys are capitalised, and `primaryRegion` keeps its `aws-`. */
function databaseView({ groups }: Holdings, database: Database) {
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
