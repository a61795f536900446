import { Hono } from "hono";
import { booleanField, type Env, readBody } from "../http.js";
import type { Group } from "../resources/name.js";

/** Read and change a group's configuration. */
export function groupConfigurationRoutes(): Hono<Env> {
  const routes = new Hono<Env>();
  const path = "/groups/:group/configuration";

  routes.get(path, (c) => c.json(configurationView(c.var.account.group(c.req.param("group")))));

  routes.patch(path, async (c) => {
    const group = c.var.account.group(c.req.param("group"));
    const deleteProtection = booleanField(await readBody(c), "delete_protection");
    c.var.account.protectGroup(group.name, deleteProtection ?? group.deleteProtection);
    return c.json(configurationView(group));
  });

  return routes;
}

function configurationView(group: Group) {
  return { delete_protection: group.deleteProtection };
}
