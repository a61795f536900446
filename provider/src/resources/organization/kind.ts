/** What an organization has, as the API lists it. A person's `name` is what identifies them there. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Kind, ListedKind, Named } from "../../lifecycle/collection.js";

/** Somebody in an organization. */
export interface Person extends Named {
  /** A role, which may be `owner`, or one that Turso has added since. */
  role: string;
}

/** A member; `name` is the username. */
export interface Member extends Person {
  email?: string;
}

/** An invite; `name` is the email address. */
export interface Invite extends Person {
  /** Whether there is a member with the address; `role` is that of the member then. */
  accepted: boolean;
}

export const MEMBERS: Kind<Member> = {
  type: "OrganizationMember",
  ignoresCase: true,
  list: async (api, organization) => ({
    items: (await api.organizations.members(organization)).map(memberOf),
  }),
  retrieve: async (api, organization, name, options) =>
    memberOf(await api.organizations.member(organization, name, options)),
};

const memberOf = ({ username, ...member }: { username: string; role: string; email?: string }): Member => ({
  name: username,
  ...member,
});

/** Pending invites, and those that were accepted, which the API only shows as members. */
export const INVITES: Kind<Invite> = {
  type: "OrganizationInvite",
  ignoresCase: true,

  async list(api, organization) {
    // In this order: an invite that is accepted in between is in both lists.
    const pending = await api.organizations.invites(organization);
    const members = await api.organizations.members(organization);
    return {
      items: [
        ...pending.map(({ email, role }) => ({ name: email, role, accepted: false })),
        ...members.flatMap(({ email, role }) => (email ? { name: email, role, accepted: true } : [])),
      ],
      // An invite that is missing may have been accepted by a member whose address the API does not report.
      isComplete: members.every(({ email }) => email !== undefined),
    };
  },

  // The API cannot retrieve a single invite.
  async retrieve(api, organization, name, { retryNotFound }) {
    const find = async () => {
      const { items } = await INVITES.list(api, organization, {});
      return items.findLast((invite) => invite.name.toLowerCase() === name.toLowerCase());
    };
    const found = await find();
    if (found !== undefined || !retryNotFound) return found;
    // A new invite, or the member who has just accepted it, may not be visible immediately.
    await sleep(1_000);
    return find();
  },
};

/** The user that the token belongs to, as a list of one. */
export const TOKEN_USER: ListedKind<Named> = {
  ignoresCase: true,
  list: async (api, organization) => {
    const { username } = await api.organizations.currentUser(organization);
    return { items: [{ name: username }] };
  },
};
