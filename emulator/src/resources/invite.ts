import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type Env, mount, readBody, stringField } from "../http.js";
import { Refusal } from "../refusal.js";
import type { AccountBase } from "../store/base.js";
import { Collection } from "../store/collection.js";
import { defineSeed } from "../store/seed.js";
import { stateOf } from "../store/stateOf.js";
import {
  checkRole,
  insertMember,
  type Member,
  membersOf,
  ROLES,
  type Role,
  refuseWithoutTeam,
} from "./member.js";
import { findUser, keyOf } from "./user.js";

/** A pending invite to an organization. */
export type Invite = {
  /** Email address. Its case is ignored in requests. */
  readonly name: string;
  /** Only the emulator has it: the API identifies an invite by the email address. */
  readonly uuid: string;
  /** Another one for each POST. */
  readonly id: number;
  readonly role: Exclude<Role, "owner">;
  /** RFC 3339, UTC. */
  readonly createdAt: string;
};

const invitesOf = stateOf((account: AccountBase) => new Collection<Invite>(account.store));

const countOf = stateOf((_: AccountBase) => ({ last: 0 }));

const methods = {
  /**
   * Invites somebody. Replaces a pending invite for the same address.
   * @param role Default: `member`.
   * @throws {@link Refusal} `conflict` if a member has the address; `invalid` for another role or address, for
   * the personal account, and on the plan `starter`.
   */
  invite(this: AccountBase, email: string, role = "member"): Invite {
    refuseWithoutTeam(this, "invite users");
    const checked = checkRole(role);
    if (!email.includes("@")) throw new Refusal("invalid", "invalid email");
    // Turso does not document what it responds here: this is inferred.
    const member = [...membersOf(this).values()].find((one) => keyOf(one.email) === keyOf(email));
    if (member) {
      throw new Refusal("conflict", `user ${member.name} is already a member of organization ${this.slug}`);
    }
    return insertInvite(this, { name: email, role: checked });
  },

  /**
   * Accepts an invite: it is no longer listed, and there is a member with its address.
   * @param username Default: the address up to the `@`.
   * @throws {@link Refusal} `missing` if there is no such invite.
   */
  acceptInvite(this: AccountBase, email: string, username = email.replace(/@.*/, "")): Member {
    const { name, role } = methods.deleteInvite.call(this, email);
    return insertMember(this, { name: username, email: name, role });
  },

  /**
   * Deletes a pending invite.
   * @throws {@link Refusal} `missing` if there is none.
   */
  deleteInvite(this: AccountBase, email: string): Invite {
    const invites = invitesOf(this);
    const invite = invites.get(keyOf(email));
    if (!invite) throw new Refusal("missing", "invite not found");
    invites.beforeChange();
    invites.delete(keyOf(email));
    invites.hideLater(invite);
    return invite;
  },
};

function insertInvite(account: AccountBase, { name, role }: Pick<Invite, "name" | "role">): Invite {
  const invites = invitesOf(account);
  invites.beforeChange();
  const id = ++countOf(account).last;
  const createdAt = new Date(account.store.clock.now()).toISOString();
  const invite = { name, uuid: randomUUID(), id, role, createdAt };
  invites.set(keyOf(name), invite);
  invites.showLater(invite);
  return invite;
}

type InviteProperties = typeof methods & {
  /** Pending invites by email address in lowercase, as they are now. */
  readonly invites: Map<string, Invite>;
};

export function accountProperties(account: AccountBase): InviteProperties {
  return { ...methods, invites: invitesOf(account) };
}

type InviteState = { readonly email: string; readonly role: Exclude<Role, "owner"> };

export const seed = defineSeed({
  key: "invites",
  description: "Pending invites.",
  schema: {
    type: "object",
    required: ["email", "role"],
    additionalProperties: false,
    properties: { email: { type: "string", pattern: "^[^/\\s]+@[^/\\s]+$" }, role: { enum: ROLES } },
  },
  load(account, { email: name, role }: InviteState) {
    if (invitesOf(account).has(keyOf(name))) throw new Refusal("conflict", `${name} is already invited`);
    insertInvite(account, { name, role });
  },
  save(account): InviteState[] {
    return [...invitesOf(account).values()].map(({ name: email, role }) => ({
      email,
      role: checkRole(role),
    }));
  },
});

const routes = new Hono<Env<AccountBase & InviteProperties>>();
export const accountRoutesV2 = mount(routes);

routes.get("/invites", (c) => c.json({ invites: invitesOf(c.var.account).list().map(inviteView) }));

routes.post("/invites", async (c) => {
  const body = await readBody(c.req);
  const [email, username] = ["email", "username"].map((key) => stringField(body, key) || undefined);
  if ((email === undefined) === (username === undefined)) {
    throw new Refusal("invalid", "exactly one of email or username must be provided");
  }
  const address = email ?? findUser(c.var.store, username ?? "").email;
  const { name, role } = c.var.account.invite(address, stringField(body, "role") ?? "member");
  return c.json({ invited: { email: name, role, organization: c.var.account.slug } });
});

// The body of the response is empty.
routes.delete("/invites/:email", (c) => {
  c.var.account.deleteInvite(c.req.param("email"));
  return c.body(null, 200);
});

function inviteView({ id, name, role, createdAt }: Invite) {
  return { id, email: name, role, created_at: createdAt };
}
