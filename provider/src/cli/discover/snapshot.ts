/** A snapshot of an organization for the emulator: its seed, in which a preview finds what exists. */
import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { idOf } from "../../lifecycle/resourceId.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import { locationOf, replicasOf } from "../../resources/group/state.js";
import type { Known } from "./known.js";
import type { Lists } from "./lists.js";

/** The plans that the emulator knows. */
const PLANS = ["starter", "developer", "scaler", "pro", "enterprise"];

export interface SnapshotOptions {
  /** Undefined: not known. */
  readonly plan: string | undefined;
  readonly locations: Readonly<Record<string, string>>;
  /** Whether a name was asked for. */
  isMeant(name: string): boolean;
  /** Replaces the names that no preview needs. */
  readonly anonymize: boolean;
  /** What is declared: its names are in the program anyway. */
  readonly known: Known;
  /** JSON instead of YAML. */
  readonly json: boolean;
}

/** The text of a snapshot. It holds no token. */
export function snapshotText(lists: Lists, options: SnapshotOptions): string {
  const { organization } = lists;
  const groups = groupsIn(lists, options);
  const names = new Set(groups.map(({ name }) => name));
  const account = {
    ...(PLANS.includes(options.plan ?? "") && { plan: options.plan }),
    groups,
    databases: databasesIn(lists, options).filter(({ group }) => names.has(group)),
    apiTokens: apiTokensIn(lists, options).filter(({ group }) => group === undefined || names.has(group)),
    members: membersIn(lists, options),
    invites: invitesIn(lists, options),
  };
  const seed = { locations: locationsIn(groups, options), organizations: { [organization]: account } };
  if (options.json) return `${JSON.stringify(seed, undefined, 2)}\n`;
  return stringify(seed, { lineWidth: 0 });
}

/** A group may be in a location that the API does not list any more, and the emulator accepts only those. */
function locationsIn(groups: ReturnType<typeof groupsIn>, { locations }: SnapshotOptions): object {
  const used = groups.flatMap(({ location, replicas = [] }) => [location, ...replicas]);
  return { ...Object.fromEntries(used.map((code) => [code, code])), ...locations };
}

/** Groups keep their names: a preview finds them by name, and the program has the names as well. */
function groupsIn({ groups }: Lists, { isMeant }: SnapshotOptions) {
  return groups
    .filter(({ name }) => isMeant(name))
    .map((group) => {
      const { name, uuid, archived, deleteProtection, version } = group;
      const location = locationOf(group);
      const replicas = replicasOf(group, { location });
      return withoutUndefined({
        name,
        uuid,
        location,
        replicas: replicas.length > 0 ? replicas : undefined,
        archived: archived || undefined,
        deleteProtection: deleteProtection || undefined,
        version,
      });
    });
}

function databasesIn({ databases = [] }: Lists, { anonymize }: SnapshotOptions) {
  return databases.map(({ name, uuid, group = "", hostname }, index) => {
    if (!anonymize) return withoutUndefined({ name, group, uuid, hostname });
    // The uuid is random, so that the name cannot be guessed from its hash; and it does not change.
    const id = uuid === undefined ? `${index + 1}` : hash(uuid).slice(0, 12);
    return { name: `database-${id}`, group };
  });
}

/**
 * Without their values, which the API does not return. Names are unique for each user only; the emulator has
 * one user.
 */
function apiTokensIn({ apiTokens = [] }: Lists, { anonymize, isMeant }: SnapshotOptions) {
  return apiTokens
    .filter(({ name }, index) => isMeant(name) && name !== apiTokens[index - 1]?.name)
    .map(({ name, id, group, scopes }) =>
      withoutUndefined({
        name: anonymize ? `token-${hash(id).slice(0, 12)}` : name,
        id,
        group,
        scopes,
      }),
    );
}

/** Names can be guessed from hashes, so people get numbers. Those whom a program declares keep their names. */
function membersIn(
  { organization, members = [] }: Lists,
  { anonymize, isMeant, known }: SnapshotOptions,
): object[] {
  const numbered = numbering();
  return members
    .filter(({ name }) => isMeant(name))
    .map(({ name, role, email }) => {
      if (!anonymize) return withoutUndefined({ username: name, role, email });
      const isKnown = known.hasId("OrganizationMember", idOf({ organization, name }));
      return { username: isKnown ? name : numbered(role), role };
    });
}

function invitesIn(
  { organization, invites = [] }: Lists,
  { anonymize, isMeant, known }: SnapshotOptions,
): object[] {
  const numbered = numbering();
  return invites
    .filter(({ name }) => isMeant(name))
    .map(({ name, role }) => {
      const keepsName = !anonymize || known.hasId("OrganizationInvite", idOf({ organization, name }));
      return { email: keepsName ? name : `${numbered("invite")}@example.com`, role };
    });
}

/** `admin-1`, `admin-2`, `viewer-1` … */
function numbering(): (prefix: string) => string {
  const counts = new Map<string, number>();
  return (prefix) => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    return `${prefix}-${count}`;
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
