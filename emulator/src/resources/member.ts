import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { type Env, mount, readBody, stringField } from "../http.js";
import { Refusal } from "../refusal.js";
import { type AccountBase, PERSONAL } from "../store/base.js";
import { Collection } from "../store/collection.js";
import { defineSeed } from "../store/seed.js";
import { stateOf } from "../store/stateOf.js";
import { emailOf, findUser, keyOf, usersOf } from "./user.js";

/** Roles that a member can be given. */
export const ROLES = ["admin", "member", "viewer"] as const;

/** The role of a member. Every organization has an owner, who cannot be changed or removed. */
export type Role = "owner" | (typeof ROLES)[number];

/** A member of an organization. */
export type Member = {
  /** Username. Its case is ignored in requests. */
  readonly name: string;
  /** Only the emulator has it: the API identifies a member by the username. */
  readonly uuid: string;
  readonly email: string;
  role: Role;
  /** Whether it is the owner that every organization has from the start. */
  readonly isDefault?: true;
};

export const membersOf = stateOf((account: AccountBase) => {
  const members = new Collection<Member>(account.store);
  const { username: name, email } = findUser(account.store, usersOf(account.store).current);
  members.set(keyOf(name), { name, uuid: randomUUID(), email, role: "owner", isDefault: true });
  return members;
});

/** Refuses what a personal account, or an organization on the free plan, cannot do. */
export function refuseWithoutTeam({ slug, plan }: AccountBase, what: string): void {
  if (slug === PERSONAL) throw new Refusal("invalid", `organization ${slug} is personal and can't ${what}`);
  if (plan === "starter") {
    throw new Refusal(
      "invalid",
      `organization ${slug} can't ${what} because plan starter doesn't support it`,
    );
  }
}

export function checkRole(role: string): Exclude<Role, "owner"> {
  const known = ROLES.find((one) => one === role);
  if (known === undefined) throw new Refusal("invalid", "invalid role");
  return known;
}

/** Makes somebody a member, also where the API would refuse that. */
export function insertMember(account: AccountBase, member: Omit<Member, "uuid">): Member {
  const members = membersOf(account);
  members.beforeChange();
  const added = { uuid: randomUUID(), ...member };
  members.set(keyOf(member.name), added);
  members.showLater(added);
  return added;
}

const methods = {
  /**
   * The member with this username.
   * @throws {@link Refusal} `missing` if there is none.
   */
  member(this: AccountBase, username: string): Member {
    return find(this, username, `could not find user ${username}`);
  },

  /**
   * Adds a user to the organization.
   * @param role Default: `member`.
   * @throws {@link Refusal} `missing` if the user does not exist; `conflict` if it is a member already;
   * `invalid` for another role, for the personal account, and on the plan `starter`.
   */
  addMember(this: AccountBase, username: string, role = "member"): Member {
    refuseWithoutTeam(this, "have members");
    const checked = checkRole(role);
    const { username: name, email } = findUser(this.store, username);
    if (membersOf(this).has(keyOf(name))) {
      throw new Refusal("conflict", `user ${name} is already a member of organization ${this.slug}`);
    }
    return insertMember(this, { name, email, role: checked });
  },

  /**
   * Changes the role of a member.
   * @throws {@link Refusal} `missing`; `invalid` for another role; `forbidden` for the owner.
   */
  setRole(this: AccountBase, username: string, role: string): Member {
    const member = find(this, username, `could not find user ${username}`);
    const checked = checkRole(role);
    refuseOwner(member, "changed");
    membersOf(this).beforeChange();
    member.role = checked;
    return member;
  },

  /**
   * Removes a member.
   * @throws {@link Refusal} `missing`; `forbidden` for the owner.
   */
  removeMember(this: AccountBase, username: string): Member {
    const member = find(this, username, `user ${username} is not a member of org ${this.slug}`);
    refuseOwner(member, "removed");
    const members = membersOf(this);
    members.beforeChange();
    members.delete(keyOf(username));
    members.hideLater(member);
    return member;
  },
};

function find(account: AccountBase, username: string, problem: string): Member {
  const member = membersOf(account).get(keyOf(username));
  if (!member) throw new Refusal("missing", problem);
  return member;
}

/** Turso does not document what it responds here: this is inferred. */
function refuseOwner({ role, name }: Member, what: string): void {
  if (role === "owner") throw new Refusal("forbidden", `owner ${name} cannot be ${what}`);
}

type MemberProperties = typeof methods & {
  /** Members by username in lowercase, as they are now. */
  readonly members: Map<string, Member>;
};

export function accountProperties(account: AccountBase): MemberProperties {
  return { ...methods, members: membersOf(account) };
}

/** A member in a state. Without an owner in the list, the user of the API token is the owner. */
type MemberState = { readonly username: string; readonly role: Role; readonly email?: string };

export const seed = defineSeed({
  key: "members",
  description:
    "Members of the organization. Without an owner in the list, the user of the API token is the owner.",
  schema: {
    type: "object",
    required: ["username", "role"],
    additionalProperties: false,
    properties: {
      username: { type: "string", pattern: "^[^/\\s]+$" },
      role: { enum: ["owner", ...ROLES] },
      email: { description: "Default: the username at example.com.", type: "string", pattern: "@" },
    },
  },
  load(account, { username: name, role, email = emailOf(name) }: MemberState) {
    const members = membersOf(account);
    const isNamed = (member: Member) => keyOf(member.name) === keyOf(name);
    const [byDefault] = [...members.values()].filter(
      (member) => member.isDefault && (role === "owner" || isNamed(member)),
    );
    if (byDefault) members.delete(keyOf(byDefault.name));
    if (members.has(keyOf(name))) throw new Refusal("conflict", `user ${name} is already a member`);
    members.set(keyOf(name), { name, uuid: randomUUID(), email, role });
  },
  save(account): MemberState[] {
    return [...membersOf(account).values()]
      .filter(({ isDefault }) => !isDefault)
      .map(({ name, role, email }) => ({ username: name, role, email }));
  },
});

const routes = new Hono<Env<AccountBase & MemberProperties>>();
export const accountRoutes = mount(routes);

routes.get("/members", (c) => c.json({ members: membersOf(c.var.account).list().map(memberView) }));

routes.post("/members", async (c) => {
  const body = await readBody(c.req);
  const username = stringField(body, "username");
  if (!username) throw new Refusal("invalid", "username is required");
  const { name, role } = c.var.account.addMember(username, stringField(body, "role") ?? "member");
  return c.json({ member: name, role });
});

routes.get("/members/:username", (c) => {
  const member = membersOf(c.var.account).retrieve(keyOf(c.req.param("username")));
  if (!member) throw new Refusal("missing", "could not find member");
  return c.json({ member: memberView(member) });
});

routes.patch("/members/:username", async (c) => {
  const role = stringField(await readBody(c.req), "role") ?? "";
  return c.json({ member: memberView(c.var.account.setRole(c.req.param("username"), role)) });
});

routes.delete("/members/:username", (c) =>
  c.json({ member: c.var.account.removeMember(c.req.param("username")).name }),
);

function memberView({ name, role, email }: Member) {
  return { username: name, role, email };
}
