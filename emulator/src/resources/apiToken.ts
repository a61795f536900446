/** API tokens: how they are created, listed and revoked. */
import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { type Env, type Fields, readBody, stringField, stringsField } from "../http.js";
import { Refusal } from "../refusal.js";
import type { AccountBase, StoreBase } from "../store/base.js";
import { Collection } from "../store/collection.js";
import { defineSeed } from "../store/seed.js";
import { stateOf } from "../store/stateOf.js";
import { findGroup, followGroups, type Group, groupByUuid } from "./group.js";
import { unsignedJwt } from "./groupToken.js";
import { findUser, usersOf } from "./user.js";

/** What a token that is limited to a group can be allowed to do. */
export const API_TOKEN_SCOPES = [
  "read",
  "db:create",
  "db:delete",
  "db:configure",
  "db:mint-token",
  "db:rotate-creds",
  "group:configure",
  "group:mint-token",
  "group:rotate-creds",
] as const;

export type ApiTokenScope = (typeof API_TOKEN_SCOPES)[number];

/** What a new token is limited to. */
export type ApiTokenLimits = {
  /** Name of a group. Needs at least one scope. */
  group?: string | undefined;
  /** Scopes, or the presets `read-only` and `full-access`. Only for a token that is limited to a group. */
  scopes?: readonly string[] | undefined;
};

/** An API token that was created here. */
export type ApiToken = {
  readonly name: string;
  /** The API calls it `id`. */
  readonly uuid: string;
  /** The bearer token. The API shows it only when it is created. */
  readonly token: string;
  /** Slug of the organization that it is limited to. Absent: it is not limited to one. */
  readonly organization?: string;
  /** Uuid of the group that it is limited to: a renamed group keeps its tokens. */
  readonly group?: string;
  readonly scopes?: readonly ApiTokenScope[];
  /** Such as `2026-05-21`. */
  readonly createdAt: string;
};

/** A token in a state. What is left out is random, or has no limit; a seed has no `token`. */
export type ApiTokenState = ApiTokenLimits & {
  readonly name: string;
  readonly id?: string;
  readonly token?: string;
  readonly createdAt?: string;
};

/** The tokens of the emulator's only user, by name: the names of a user's tokens are unique. */
const apiTokensOf = stateOf((store: StoreBase) => new Collection<ApiToken>(store));

const revokedOf = stateOf((_: StoreBase) => new Set<string>());

followGroups({
  deleted: ({ store }, group) => revokeAll(store, group),
  transferred: ({ store }, _to, group) => revokeAll(store, group),
});

const methods = {
  /**
   * Creates an API token that is limited to this organization.
   * @throws {@link Refusal} `conflict` if the name is taken; `invalid` for bad scopes, and for a group without
   * scopes; `missing` if the group does not exist.
   */
  createApiToken(this: AccountBase, name: string, limits: ApiTokenLimits = {}): ApiToken {
    return create(this.store, name, { ...limits, organization: this.slug });
  },

  /** The API tokens that are limited to this organization, as they are now. */
  listApiTokens(this: AccountBase): ApiToken[] {
    return [...apiTokensOf(this.store).values()].filter(({ organization }) => organization === this.slug);
  },

  /**
   * Revokes an API token of this organization. Requests with it return 401 from then on.
   * @throws {@link Refusal} `missing` if there is none with this id.
   */
  revokeApiToken(this: AccountBase, id: string): ApiToken {
    const token = methods.listApiTokens.call(this).find(({ uuid }) => uuid === id);
    if (!token) throw new Refusal("missing", "token not found");
    return revoke(this.store, token);
  },
};

export const seed = defineSeed({
  key: "apiTokens",
  description: "API tokens that are limited to the organization.",
  schema: {
    type: "object",
    required: ["name"],
    additionalProperties: false,
    properties: {
      name: { description: "Name, unique among all API tokens.", type: "string", minLength: 1 },
      id: { description: "Identity of the token. Default: random.", type: "string", minLength: 1 },
      group: {
        description: "Name of the group that it is limited to, which must be listed in `groups`.",
        type: "string",
      },
      scopes: {
        description: "What it can do in the group.",
        type: "array",
        items: { enum: [...API_TOKEN_SCOPES, "read-only", "full-access"] },
      },
      token: { description: "The token itself, a secret. Default: random.", type: "string", minLength: 8 },
      createdAt: { description: "Default: today.", type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\d$" },
    },
  },
  load(account, { name, group, scopes, ...state }: ApiTokenState) {
    const tokens = apiTokensOf(account.store);
    if (tokens.has(name)) throw new Refusal("conflict", `api token with name ${name} already exists`);
    const limits = { organization: account.slug, ...groupLimits(account, group, scopes) };
    tokens.set(name, newToken(account.store, name, limits, state));
  },
  save: (account): ApiTokenState[] =>
    methods.listApiTokens.call(account).map(({ name, uuid: id, token, group, scopes, createdAt }) => ({
      name,
      id,
      token,
      ...(group !== undefined && { group: groupByUuid(account.store, group)?.name, scopes }),
      createdAt,
    })),
});

export function accountProperties() {
  return methods;
}

/** A token of the user, whatever it is limited to. */
function create(
  store: StoreBase,
  name: string,
  { organization, group, scopes }: ApiTokenLimits & { organization?: string | undefined },
): ApiToken {
  const limits =
    organization === undefined
      ? unlimited(group, scopes)
      : { organization, ...groupLimits(store.account(organization), group, scopes) };
  const token = newToken(store, name, limits);
  const tokens = apiTokensOf(store);
  if (tokens.has(name)) throw new Refusal("conflict", `api token with name ${name} already exists`);
  tokens.beforeChange();
  tokens.set(name, token);
  tokens.showLater(token);
  return token;
}

function newToken(
  store: StoreBase,
  name: string,
  limits: Limits,
  { id = randomBytes(16).toString("base64url"), token, createdAt }: Partial<ApiTokenState> = {},
): ApiToken {
  return {
    name,
    uuid: id,
    token: token ?? unsignedJwt({ jti: id, group_uuid: limits.group, scopes: limits.scopes }),
    ...limits,
    createdAt: createdAt ?? new Date(store.clock.now()).toISOString().slice(0, 10),
  };
}

type Limits = Pick<ApiToken, "organization" | "group" | "scopes">;

function unlimited(group: unknown, scopes: readonly string[] = []): Limits {
  if (group !== undefined) throw new Refusal("invalid", "organization is required when group is set");
  return groupLimits(undefined, undefined, scopes);
}

function groupLimits(
  account: AccountBase | undefined,
  group: string | undefined,
  scopes: readonly string[] = [],
): Limits {
  const expanded = expand(scopes);
  if (account === undefined || group === undefined) {
    if (scopes.length > 0) throw new Refusal("invalid", "group is required when scopes is set");
    return {};
  }
  if (scopes.length === 0) throw new Refusal("invalid", "scopes is required when group is set");
  return { group: findGroup(account, group).uuid, scopes: expanded };
}

/** The scopes, each once, with those of the presets. */
function expand(scopes: readonly string[]): ApiTokenScope[] {
  const all = scopes.flatMap((scope): readonly ApiTokenScope[] => {
    if (scope === "full-access") return API_TOKEN_SCOPES;
    const known = API_TOKEN_SCOPES.find((one) => one === scope.replace(/^read-only$/, "read"));
    if (known === undefined) throw new Refusal("invalid", `invalid scope: ${scope}`);
    return [known];
  });
  return [...new Set(all)];
}

function revoke(store: StoreBase, token: ApiToken): ApiToken {
  const tokens = apiTokensOf(store);
  tokens.beforeChange();
  tokens.delete(token.name);
  tokens.hideLater(token);
  revokedOf(store).add(token.token);
  return token;
}

function revokeAll(store: StoreBase, group: Group): void {
  const tokens = [...apiTokensOf(store).values()];
  for (const token of tokens.filter((one) => one.group === group.uuid)) revoke(store, token);
}

/** Removes all tokens, as a reset does. */
export function forgetApiTokens(store: StoreBase): void {
  apiTokensOf(store).clear();
  revokedOf(store).clear();
}

/** The token that was created here with this value; `revoked` if it was; undefined for any other value. */
export function findApiToken(store: StoreBase, value: string): ApiToken | "revoked" | undefined {
  if (revokedOf(store).has(value)) return "revoked";
  return [...apiTokensOf(store).values()].find(({ token }) => token === value);
}

export const globalRoutes = new Hono<Env>();

globalRoutes.get("/v1/auth/api-tokens", (c) => {
  const { store, limits } = c.var;
  const isShown = ({ organization }: ApiToken) =>
    limits?.organization === undefined || organization === limits.organization;
  return c.json({
    tokens: apiTokensOf(store)
      .list()
      .filter(isShown)
      .map((one) => view(store, one)),
  });
});

globalRoutes.post("/v1/auth/api-tokens/:name", async (c) => {
  const { name, uuid: id, token } = createAsked(c.var, c.req.param("name"), await limitsIn(c.req));
  return c.json({ name, id, token });
});

// Not in Turso's OpenAPI description. The official CLI sends this request.
globalRoutes.post("/v2/auth/api-tokens/:name", async (c) => {
  const { name, uuid: id, token } = createAsked(c.var, c.req.param("name"), await limitsIn(c.req));
  return c.json({ token: { name, id, value: token } });
});

globalRoutes.delete("/v1/auth/api-tokens/:name", (c) => {
  const { store, limits } = c.var;
  const token = apiTokensOf(store).get(c.req.param("name"));
  const isOthers = limits?.organization !== undefined && token?.organization !== limits.organization;
  if (!token || isOthers) throw new Refusal("missing", "token not found");
  return c.json({ token: revoke(store, token).name });
});

globalRoutes.get("/v1/organizations/:organization/api-tokens", (c) => {
  const { store } = c.var;
  const { slug } = store.account(c.req.param("organization"));
  const tokens = apiTokensOf(store)
    .list()
    .filter(({ organization }) => organization === slug);
  const owner = findUser(store, usersOf(store).current);
  return c.json({ tokens: tokens.map((one) => ({ ...view(store, one), owner })) });
});

globalRoutes.delete("/v1/organizations/:organization/api-tokens/:id", (c) => {
  const account = c.var.store.account(c.req.param("organization"));
  return c.json({ token: methods.revokeApiToken.call(account, c.req.param("id")).uuid });
});

async function limitsIn(request: Parameters<typeof readBody>[0]) {
  const body: Fields = await readBody(request, { optional: true });
  return {
    organization: stringField(body, "organization") || undefined,
    group: stringField(body, "group") || undefined,
    scopes: stringsField(body, "scopes"),
  };
}

/** A token that is limited to an organization can only create tokens of that organization. */
function createAsked(
  { store, limits: own }: Env["Variables"],
  name: string,
  limits: Awaited<ReturnType<typeof limitsIn>>,
): ApiToken {
  if (own?.organization !== undefined && limits.organization !== own.organization)
    throw new Refusal("forbidden", `token is restricted to organization ${own.organization}`);
  return create(store, name, limits);
}

/** A token as the API lists it, without its value. */
function view(store: StoreBase, { name, uuid, organization, group, scopes, createdAt }: ApiToken) {
  return {
    name,
    id: uuid,
    ...(organization !== undefined && { organization }),
    ...(group !== undefined && { group: groupByUuid(store, group)?.name, scopes }),
    created_at: createdAt,
  };
}
