/** What an organization holds, as the API lists it: one request for each page of each list. */
import { type ApiToken, type Database, type Group, TursoApiError } from "../../api/index.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { GROUPS } from "../../resources/group/kind.js";
import { INVITES, type Invite, MEMBERS, type Member } from "../../resources/organization/kind.js";

export interface Lists {
  readonly organization: string;
  readonly groups: readonly Group[];
  // Undefined: the token may not list them, see `unreadable`.
  readonly databases: readonly Database[] | undefined;
  readonly apiTokens: readonly ApiToken[] | undefined;
  /** With its owners. */
  readonly members: readonly Member[] | undefined;
  /** The pending ones. */
  readonly invites: readonly Invite[] | undefined;
  /** The lists that the API refused, and why. */
  readonly unreadable: readonly Unreadable[];
}

export interface Unreadable {
  /** What the list is of, e.g. `databases`. */
  readonly what: string;
  readonly reason: string;
  /** Whether there is such a list, which another token may read: a personal account has no members. */
  readonly exists: boolean;
}

/**
 * Reads the lists, all at once. Without its groups, nothing can be said of an organization. What else the
 * token may not list, or the plan does not have, is reported.
 */
export async function readLists(context: Context, organization: string): Promise<Lists> {
  const unreadable: Unreadable[] = [];
  const orNothing = async <T>(what: string, list: Promise<T>): Promise<T | undefined> => {
    try {
      return await list;
    } catch (error) {
      if (!(error instanceof TursoApiError && isRefusal(error))) throw error;
      unreadable.push({ what, reason: error.summary, exists: error.status !== 400 && error.status !== 404 });
      return undefined;
    }
  };
  const [groups, databases, apiTokens, members, invites] = await Promise.all([
    context.collection(GROUPS).listForRead(organization),
    orNothing("databases", context.api.databases.list(organization)),
    orNothing("API tokens", context.api.apiTokens.list(organization)),
    orNothing("members", context.collection(MEMBERS).listForRead(organization)),
    orNothing("invites", context.collection(INVITES).listForRead(organization)),
  ]);
  const pending = invites && [...invites.values()].filter(({ accepted }) => !accepted);
  return {
    organization,
    groups: byName(groups.values(), ({ name }) => name),
    databases: databases && byName(databases.databases, ({ name }) => name),
    apiTokens: apiTokens && byName(apiTokens, ({ name, id }) => `${name} ${id}`),
    members: members && byName(members.values(), ({ name }) => name),
    invites: pending && byName(pending, ({ name }) => name),
    unreadable: byName(unreadable, ({ what }) => what),
  };
}

/** A rejected token, a limit and a server that fails are no refusals: then nothing can be said at all. */
export function isRefusal({ status }: TursoApiError): boolean {
  return status >= 400 && status < 500 && status !== 401 && status !== 408 && status !== 429;
}

/** In the order of their code points, which is the same on every machine. */
function byName<T>(items: Iterable<T>, nameOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
}
