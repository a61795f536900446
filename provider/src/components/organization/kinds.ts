/** What an organization can declare: one line for each kind of entry. */
import type { ResourceType } from "../../lifecycle/resourceType.js";
import { apiToken } from "../../resources/apiToken/apiToken.js";
import { group } from "../../resources/group/group.js";
import { groupTokenLifecycle } from "../../resources/group/groupToken.js";
import { organizationInviteLifecycle } from "../../resources/organization/invite.js";
import { organizationMemberLifecycle } from "../../resources/organization/member.js";

/** A kind of entries. */
interface Row<Names extends string> {
  /** The resource that an entry declares. Its inputs are the entry's properties. */
  readonly resource: ResourceType;
  /** The input that an entry sets with `name`, by default to its key. Absent: it has no name. */
  readonly address?: string;
  /** The inputs that hold the key of another entry, and that entry's kind. */
  readonly references?: Readonly<Record<string, Names>>;
}

/** By their key in the file. An entry comes after those that it can refer to. */
const TABLE = {
  groups: { resource: group, address: "name" },
  tokens: { resource: groupTokenLifecycle.resource, references: { group: "groups" } },
  apiTokens: { resource: apiToken, address: "name", references: { group: "groups" } },
  members: { resource: organizationMemberLifecycle.resource, address: "username" },
  invites: { resource: organizationInviteLifecycle.resource, address: "email" },
} satisfies Readonly<Record<string, Row<"groups">>>;

export type KindName = keyof typeof TABLE;

export type Kind = Row<KindName>;

export const KINDS: Readonly<Record<KindName, Kind>> = TABLE;

export const KIND_NAMES = Object.keys(KINDS) as KindName[];

/** The input that the file sets for all entries. */
export const SHARED_INPUT = "organization";

/** The inputs that an entry sets under their own names. */
export function inputsOf({ resource, address }: Kind): string[] {
  return Object.keys(resource.inputs).filter((key) => key !== SHARED_INPUT && key !== address);
}

/** The properties of an entry that set inputs. */
export function propertiesOf(kind: Kind): string[] {
  return [...(kind.address === undefined ? [] : ["name"]), ...inputsOf(kind)];
}
