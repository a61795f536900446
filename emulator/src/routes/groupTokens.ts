import { Hono } from "hono";
import { type Env, objectField, readBody, stringsField } from "../http.js";

/** Mint a group's tokens, invalidate all of them. */
export function groupTokenRoutes(): Hono<Env> {
  const routes = new Hono<Env>();

  routes.post("/groups/:group/auth/tokens", async (c) => {
    const body = await readBody(c, { optional: true });
    const permissions = body.get("permissions") ?? undefined;
    const readAttach = objectField(objectField(body, "permissions"), "read_attach");
    const { jwt } = c.var.account.mintToken(c.req.param("group"), {
      expiration: c.req.query("expiration") ?? "never",
      authorization: c.req.query("authorization") ?? "full-access",
      ...(permissions !== undefined && { readAttach: stringsField(readAttach, "databases") ?? [] }),
    });
    return c.json({ jwt });
  });

  // The answer has no body at all, not even `{}`.
  routes.post("/groups/:group/auth/rotate", (c) => {
    c.var.account.invalidateTokens(c.req.param("group"));
    return c.body(null, 200);
  });

  return routes;
}
