import { Hono } from "hono";
import type { Env } from "../http.js";
import { Refusal } from "../refusal.js";
import { PERSONAL, type StoreBase } from "../store/base.js";
import { stateOf } from "../store/stateOf.js";

/** Somebody who has an account at Turso. */
export type User = { readonly username: string; readonly email: string };

type Users = {
  /** Username in lowercase → user; undefined: every username exists. */
  known: Map<string, User> | undefined;
  /** Username of the user that API tokens belong to. At Turso it is the slug of the personal account. */
  current: string;
};

export const usersOf = stateOf((_: StoreBase): Users => ({ known: undefined, current: PERSONAL }));

/** What identifies users and invites, whose case Turso is assumed to ignore. */
export const keyOf = (name: string) => name.toLowerCase();

/** From the first call on, only users exist that were added. */
export function addUser(store: StoreBase, { username, email = emailOf(username) }: NewUser): User {
  const users = usersOf(store);
  users.known ??= new Map();
  const user = { username, email };
  users.known.set(keyOf(username), user);
  return user;
}

export type NewUser = {
  readonly username: string;
  /** @default the username at example.com */
  readonly email?: string;
};

export const emailOf = (username: string) => `${keyOf(username)}@example.com`;

/** The user with this name. */
export function findUser(store: StoreBase, username: string): User {
  const { known, current } = usersOf(store);
  const user = known?.get(keyOf(username));
  if (user) return user;
  if (known && keyOf(username) !== keyOf(current)) {
    throw new Refusal("missing", `could not find user ${username}`);
  }
  return { username, email: emailOf(username) };
}

export const globalRoutes = new Hono<Env>();

// The path in Turso's OpenAPI description, and the one that the official CLI requests.
for (const path of ["/v1/user", "/v1/current-user"]) {
  globalRoutes.get(path, (c) => c.json({ user: userView(c.var.store) }));
}

function userView(store: StoreBase) {
  const { username, email } = findUser(store, usersOf(store).current);
  return {
    username,
    name: username,
    email,
    avatarUrl: "",
    plan: store.account().plan,
    mfa: false,
    has_pending_invites: false,
  };
}
