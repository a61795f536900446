/** What a request needs of the API token that it carries. */
import { type AccountBase, PERSONAL, type StoreBase } from "../store/base.js";
import type { ApiToken, ApiTokenScope } from "./apiToken.js";
import { databasesOf } from "./database.js";
import { groupsOf } from "./group.js";

/**
 * Request, below `/v1` or `/v1/organizations/{organization}` → what a token that is limited to a group needs
 * for it: a scope, or nothing (`any`). What is not listed needs a token that is not limited to a group.
 */
export const API_TOKEN_PERMISSIONS: Readonly<Record<string, ApiTokenScope | "any">> = {
  "GET /auth/validate": "any",
  "GET /locations": "any",
  "GET /groups": "read",
  "GET /groups/:group": "read",
  "POST /groups/:group/rename": "group:configure",
  "POST /groups/:group/update": "group:configure",
  "POST /groups/:group/unarchive": "group:configure",
  "POST /groups/:group/locations/:location": "group:configure",
  "DELETE /groups/:group/locations/:location": "group:configure",
  "GET /groups/:group/configuration": "read",
  "PATCH /groups/:group/configuration": "group:configure",
  "POST /groups/:group/auth/tokens": "group:mint-token",
  "POST /groups/:group/auth/rotate": "group:rotate-creds",
  "GET /databases": "read",
  "POST /databases": "db:create",
  "GET /databases/:database": "read",
  "DELETE /databases/:database": "db:delete",
  "GET /databases/:database/configuration": "read",
  "PATCH /databases/:database/configuration": "db:configure",
  "GET /databases/:database/instances": "read",
  "GET /databases/:database/usage": "read",
  "GET /databases/:database/stats": "read",
  "POST /databases/:database/auth/tokens": "db:mint-token",
  "POST /databases/:database/auth/rotate": "db:rotate-creds",
};

/**
 * Why a token may not make a request; undefined if it may. Turso's texts are not known, except that for
 * requests which are never open to a token that is limited to a group.
 * @param path As sent, with or without its query.
 */
export function forbiddenTo(
  store: StoreBase,
  token: ApiToken,
  { method, path, body }: { method: string; path: string; body: unknown },
): string | undefined {
  if (token.organization === undefined) return undefined;
  const [, slug, below = ""] =
    /^\/v\d+(?:\/organizations\/([^/]+))?(\/.*)?$/.exec(path.replace(/\?.*/s, "")) ?? [];
  const isGlobal =
    slug === undefined && /^\/(auth|locations|organizations|user|current-user)(\/|$)/.test(below);
  if (!isGlobal && (slug ?? PERSONAL) !== token.organization)
    return `token is restricted to organization ${token.organization}`;
  if (token.group === undefined) return undefined;
  const operation = operationOf(method, below);
  if (operation === undefined) return "group-scoped token cannot access org-level resources";
  const { needs, parameters } = operation;
  if (needs !== "any" && !token.scopes?.includes(needs)) return `token is missing the scope ${needs}`;
  const account = store.account(token.organization);
  const group = groupOfRequest(account, parameters, `${method} ${below}` === "POST /databases" ? body : {});
  const isIts = group === undefined || groupsOf(account).get(group)?.uuid === token.group;
  return isIts ? undefined : "token is restricted to another group";
}

const operations = Object.entries(API_TOKEN_PERMISSIONS).map(([request, needs]) => {
  const [method, path = ""] = request.split(" ");
  return { method, pattern: new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`), needs };
});

function operationOf(method: string, path: string) {
  const asked = method === "HEAD" ? "GET" : method;
  for (const { method, pattern, needs } of operations) {
    const match = method === asked ? pattern.exec(path) : null;
    if (match) return { needs, parameters: decoded(match.groups) };
  }
  return undefined;
}

/** The routes accept escaped letters, so a name that is compared must have none. */
function decoded(parameters: Record<string, string> = {}): Record<string, string> {
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  return Object.fromEntries(Object.entries(parameters).map(([key, text]) => [key, decode(text)]));
}

/** Name of the group that a request is for; undefined if it is for none, or for a database that does not exist. */
function groupOfRequest(
  account: AccountBase,
  { group, database }: Readonly<Record<string, string>>,
  body: unknown,
): string | undefined {
  if (group !== undefined) return group;
  if (database !== undefined) return databasesOf(account).get(database)?.group;
  const field = Object.entries(Object(body)).find(([key]) => key.toLowerCase() === "group");
  return field && String(field[1]);
}
