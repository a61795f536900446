import { randomBytes, randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type Env, mount, objectField, readBody, stringsField } from "../http.js";
import { Refusal } from "../refusal.js";
import type { AccountBase, StoreBase } from "../store/base.js";
import { defineSeed } from "../store/seed.js";
import { stateOf } from "../store/stateOf.js";
import { findAwakeGroup, findGroup, followGroups, type Group, groupByUuid, groupsOf } from "./group.js";
import { isAws } from "./location.js";

export type Authorization = "full-access" | "read-only";

/** A token for all databases of a group. */
export type GroupToken = {
  readonly jwt: string;
  /** Uuid of its group: a renamed or transferred group keeps its tokens. */
  readonly group: string;
  readonly authorization: Authorization;
  /** Names of the databases that other databases can attach, read-only. */
  readonly readAttach: readonly string[];
  /** Unix seconds. Absent: the token never expires. */
  readonly expiresAt?: number;
};

export type MintOptions = {
  /**
   * `never`, or a duration such as `2w1d30m` (units `w`, `d`, `h`, `m`, `s`, `ms`, `us`, `ns`).
   * @default "never"
   */
  expiration?: string;
  /**
   * `full-access` or `read-only`.
   * @default "full-access"
   */
  authorization?: string;
  /**
   * Names of databases to attach. Groups on AWS refuse even an empty list.
   * @default none
   */
  readAttach?: readonly string[];
};

/** JWT → token. Kept for the whole store, because a group that is transferred keeps its tokens. */
export const tokensOf = stateOf((_: StoreBase) => new Map<string, GroupToken>());

followGroups({ deleted: (account, group) => removeTokens(account.store, group) });

/** Whether a token gives access to its group at `now` (Unix milliseconds). */
export function tokenIsValid(store: StoreBase, jwt: string, now: number): boolean {
  const token = tokensOf(store).get(jwt);
  if (!token || !groupByUuid(store, token.group)) return false;
  return token.expiresAt === undefined || now < token.expiresAt * 1000;
}

const methods = {
  /**
   * Mints a group token.
   * @throws {@link Refusal} `missing` if the group does not exist; `invalid` for bad options, and if the
   * group is archived.
   */
  mintToken(this: AccountBase, name: string, options: MintOptions = {}): GroupToken {
    const group = findAwakeGroup(this, name);
    if (options.readAttach !== undefined && isAws(group.primary))
      throw new Refusal("invalid", "Permissions are not supported for db-api controlled databases");
    const token = newToken(group, options, this.store.clock.now());
    tokensOf(this.store).set(token.jwt, token);
    return token;
  },

  /**
   * Invalidates all tokens of a group at once.
   * @throws {@link Refusal} `missing` if the group does not exist; `invalid` if it is archived.
   */
  invalidateTokens(this: AccountBase, name: string): void {
    removeTokens(this.store, findAwakeGroup(this, name));
  },
};

function removeTokens(store: StoreBase, group: Group): void {
  const tokens = tokensOf(store);
  for (const { jwt } of [...tokens.values()].filter((token) => token.group === group.uuid))
    tokens.delete(jwt);
}

const SECONDS: Readonly<Record<string, number>> = {
  w: 604_800,
  d: 86_400,
  h: 3_600,
  m: 60,
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  ns: 1e-9,
};

/** In seconds, about 292 years: Turso is written in Go, which keeps a duration as 64-bit nanoseconds. */
const MAX_DURATION = 2 ** 63 / 1e9;

/** The seconds of an `expiration`; undefined for `never` and, as in the API, for an empty one. */
function parseExpiration(expiration = "never"): number | undefined {
  if (expiration === "never" || expiration === "") return undefined;
  const part = /(\d+(?:\.\d+)?)(ms|us|ns|[wdhms])/g;
  const seconds = [...expiration.matchAll(part)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ""] ?? 0),
    0,
  );
  const isDuration = expiration.replace(part, "") === "" && seconds > 0 && seconds < MAX_DURATION;
  if (!isDuration) throw new Refusal("invalid", "Invalid expiration format");
  return seconds;
}

function parseAuthorization(authorization = "full-access"): Authorization {
  if (authorization === "full-access" || authorization === "") return "full-access";
  if (authorization === "read-only") return "read-only";
  throw new Refusal("invalid", `invalid authorization: ${authorization}`);
}

function newToken(group: Group, options: MintOptions, now: number): GroupToken {
  const lifetime = parseExpiration(options.expiration);
  const authorization = parseAuthorization(options.authorization);
  const readAttach = options.readAttach ?? [];
  const iat = Math.floor(now / 1000);
  const expiry = lifetime === undefined ? {} : { exp: Math.floor(iat + lifetime) };
  const payload = {
    a: authorization === "read-only" ? "ro" : "rw",
    ...expiry,
    gid: group.uuid,
    iat,
    // `roa` is libSQL's key for read-only attach. Turso lists namespaces here, the emulator lists names.
    ...(readAttach.length > 0 ? { p: { roa: { ns: readAttach } } } : {}),
    rid: randomUUID(),
  };
  return {
    jwt: unsignedJwt(payload),
    group: group.uuid,
    authorization,
    readAttach,
    ...(expiry.exp === undefined ? {} : { expiresAt: expiry.exp }),
  };
}

/** A JWT of the same form as Turso's. Its signature is random. */
export function unsignedJwt(payload: object): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signature = randomBytes(64).toString("base64url");
  return [encode({ alg: "EdDSA", typ: "JWT" }), encode(payload), signature].join(".");
}

/** A group token in a state. */
export type GroupTokenState = Omit<GroupToken, "readAttach"> & Partial<Pick<GroupToken, "readAttach">>;

export const seed = defineSeed({
  key: "groupTokens",
  description: "Tokens that were minted for groups. They are secrets.",
  schema: {
    type: "object",
    required: ["jwt", "group", "authorization"],
    additionalProperties: false,
    properties: {
      jwt: { type: "string", minLength: 1 },
      group: { description: "Name of its group, which must be listed in `groups`.", type: "string" },
      authorization: { enum: ["full-access", "read-only"] },
      readAttach: {
        description: "Names of the databases that other databases can attach.",
        type: "array",
        items: { type: "string" },
      },
      expiresAt: { description: "Unix seconds. Left out: the token never expires.", type: "number" },
    },
  },
  load(account, { readAttach = [], ...token }: GroupTokenState) {
    const { uuid } = findGroup(account, token.group);
    tokensOf(account.store).set(token.jwt, { ...token, readAttach, group: uuid });
  },
  save(account): GroupTokenState[] {
    const names = new Map([...groupsOf(account).values()].map(({ uuid, name }) => [uuid, name]));
    return [...tokensOf(account.store).values()].flatMap((token) => {
      const group = names.get(token.group);
      return group === undefined ? [] : { ...token, group };
    });
  },
});

export function accountProperties() {
  return methods;
}

const routes = new Hono<Env<AccountBase & typeof methods>>();
export const accountRoutes = mount(routes);

routes.post("/groups/:group/auth/tokens", async (c) => {
  const body = await readBody(c.req, { optional: true });
  const permissions = body.get("permissions") ?? undefined;
  const readAttach = objectField(objectField(body, "permissions"), "read_attach");
  const { jwt } = c.var.account.mintToken(c.req.param("group"), {
    expiration: c.req.query("expiration") ?? "never",
    authorization: c.req.query("authorization") ?? "full-access",
    ...(permissions !== undefined && { readAttach: stringsField(readAttach, "databases") ?? [] }),
  });
  return c.json({ jwt });
});

// The body of the response is empty, not even `{}`.
routes.post("/groups/:group/auth/rotate", (c) => {
  c.var.account.invalidateTokens(c.req.param("group"));
  return c.body(null, 200);
});
