import { randomBytes, randomUUID } from "node:crypto";
import { Refusal } from "../refusal.js";

export type Authorization = "full-access" | "read-only";

/** A token that a group was given. */
export type GroupToken = {
  readonly jwt: string;
  /** The uuid of the group it opens: a renamed or transferred group keeps its tokens. */
  readonly group: string;
  readonly authorization: Authorization;
  /** Names of the databases that it may attach, read-only. */
  readonly readAttach: readonly string[];
  /** Unix seconds; absent: it never expires. */
  readonly expiresAt?: number;
};

export type MintOptions = {
  /** `never` (default) or a duration such as `2w1d30m`. */
  expiration?: string;
  /** `full-access` (default) or `read-only`. */
  authorization?: string;
  /** Groups on AWS take none, not even an empty list. */
  readAttach?: readonly string[];
};

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

/** Go keeps a duration as 64-bit nanoseconds: about 292 years is as long as one can be. */
const LONGEST = 2 ** 63 / 1e9;

/** Seconds that an `expiration` stands for, undefined for `never`. The API names an empty one like an absent one. */
export function parseExpiration(expiration = "never"): number | undefined {
  if (expiration === "never" || expiration === "") return undefined;
  const part = /(\d+(?:\.\d+)?)(ms|us|ns|[wdhms])/g;
  const seconds = [...expiration.matchAll(part)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? ""] ?? 0),
    0,
  );
  const isDuration = expiration.replace(part, "") === "" && seconds > 0 && seconds < LONGEST;
  if (!isDuration) throw new Refusal("invalid", "Invalid expiration format");
  return seconds;
}

function parseAuthorization(authorization = "full-access"): Authorization {
  if (authorization === "full-access" || authorization === "") return "full-access";
  if (authorization === "read-only") return "read-only";
  throw new Refusal("invalid", `invalid authorization: ${authorization}`);
}

/** A new token for the group with this uuid. It is shaped like Turso's, but signed by nobody. */
export function mintToken(group: string, options: MintOptions): GroupToken {
  const lifetime = parseExpiration(options.expiration);
  const authorization = parseAuthorization(options.authorization);
  const readAttach = options.readAttach ?? [];
  const iat = Math.floor(Date.now() / 1000);
  const expiry = lifetime === undefined ? {} : { exp: Math.floor(iat + lifetime) };
  const payload = {
    a: authorization === "read-only" ? "ro" : "rw",
    ...expiry,
    gid: group,
    iat,
    // libSQL's name for "read-only attach". Turso lists namespaces here; the emulator, names.
    ...(readAttach.length > 0 ? { p: { roa: { ns: readAttach } } } : {}),
    rid: randomUUID(),
  };
  const jwt = [encode({ alg: "EdDSA", typ: "JWT" }), encode(payload), randomBytes(64).toString("base64url")];
  return {
    jwt: jwt.join("."),
    group,
    authorization,
    readAttach,
    ...(expiry.exp === undefined ? {} : { expiresAt: expiry.exp }),
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
