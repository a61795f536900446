import { Hono } from "hono";
import { type Env, readBody, stringField, stringsField } from "../http.js";
import { Refusal } from "../refusal.js";
import type { Group } from "../resources/name.js";

/** List, create, retrieve, rename, delete, unarchive and transfer groups. */
export function groupRoutes(): Hono<Env> {
  const routes = new Hono<Env>();

  routes.get("/groups", (c) => c.json({ groups: c.var.account.sight.groups().map(groupView) }));

  routes.post("/groups", async (c) => {
    const body = await readBody(c);
    const extensions = body.get("extensions") === "all" ? "all" : stringsField(body, "extensions");
    const group = c.var.account.createGroup({
      name: stringField(body, "name") ?? "",
      location: stringField(body, "location") ?? "",
      ...(extensions === undefined ? {} : { extensions }),
    });
    return c.json({ group: groupView(group) });
  });

  routes.get("/groups/:group", (c) =>
    c.json({ group: groupView(c.var.account.seenGroup(c.req.param("group"))) }),
  );

  routes.delete("/groups/:group", (c) =>
    c.json({ group: groupView(c.var.account.deleteGroup(c.req.param("group"))) }),
  );

  routes.post("/groups/:group/unarchive", (c) =>
    c.json({ group: groupView(c.var.account.unarchiveGroup(c.req.param("group"))) }),
  );

  // Not in Turso's OpenAPI description: the official CLI makes this call.
  routes.post("/groups/:group/rename", async (c) => {
    const { name } = c.var.account.group(c.req.param("group"));
    const newName = stringField(await readBody(c), "name") ?? "";
    return c.json({ group: groupView(c.var.account.renameGroup(name, newName)) });
  });

  // Unlike its siblings, transfer answers with a bare group.
  routes.post("/groups/:group/transfer", async (c) => {
    const organization = stringField(await readBody(c), "organization");
    if (!organization) throw new Refusal("invalid", "organization is required");
    return c.json(groupView(c.var.account.transferGroup(c.req.param("group"), organization)));
  });

  return routes;
}

/** A group as the API shows it: `primary` loses the `aws-` that `locations` keeps. */
export function groupView(group: Group) {
  return {
    name: group.name,
    uuid: group.uuid,
    version: group.version,
    locations: group.locations,
    primary: group.primary.replace(/^aws-/, ""),
    archived: group.archived,
    delete_protection: group.deleteProtection,
  };
}
