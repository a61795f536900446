/** The kinds of things that `discover` imports: those whose resource holds nothing that only Turso knows. */
import type { AnyLifecycle } from "../../lifecycle/lifecycle.js";
import type { State } from "../../lifecycle/values.js";
import { groupLifecycle } from "../../resources/group/lifecycle.js";
import { primaryOf } from "../../resources/group/state.js";
import { organizationInviteLifecycle } from "../../resources/organization/invite.js";
import { organizationMemberLifecycle } from "../../resources/organization/member.js";
import type { Lists } from "./lists.js";

export interface Kind {
  readonly lifecycle: AnyLifecycle;
  /** Its key in an organization file, and what messages call several of them. */
  readonly plural: "groups" | "members" | "invites";
  readonly singular: string;
  /** The input that names it in its organization. */
  readonly nameInput: string;
  /** Those of the organization. */
  list(lists: Lists): Listed[];
  /**
   * Inputs for the program that a read by ID leaves unmanaged. The values do not matter: a second read, with
   * these as state, returns the actual ones.
   */
  managed(outputs: State): State;
}

interface Listed {
  readonly name: string;
  /** Why no program can hold it, as a sentence. */
  readonly leftOut?: string | undefined;
}

const groups: Kind = {
  lifecycle: groupLifecycle,
  plural: "groups",
  singular: "group",
  nameInput: "name",
  list: ({ groups }) =>
    groups.map((group) => ({
      name: group.name,
      leftOut: primaryOf(group) === undefined ? "The API does not report its primary location." : undefined,
    })),
  managed: ({ locations, protected: isProtected }) => ({
    ...(Array.isArray(locations) && locations.length > 1 && { replicas: [] }),
    ...(isProtected === true && { deleteProtection: true }),
  }),
};

/** Without owners, whom no program manages. */
const members: Kind = {
  lifecycle: organizationMemberLifecycle,
  plural: "members",
  singular: "member",
  nameInput: "username",
  list: ({ members = [] }) => members.filter(({ role }) => role !== "owner"),
  managed: () => ({}),
};

const invites: Kind = {
  lifecycle: organizationInviteLifecycle,
  plural: "invites",
  singular: "invite",
  nameInput: "email",
  list: ({ invites = [] }) => [...invites],
  managed: () => ({}),
};

export const KINDS: readonly Kind[] = [groups, members, invites];
