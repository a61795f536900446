import { type ClientOptions, type Group, TursoApiError, type TursoClient } from "../api/index.js";
import { type Address, idOf } from "./resourceId.js";

// Ages are measured with `performance.now()`: a clock that is set back would make old lists young.

/** How old a list may be that reads and the guards of deletions rely on, in milliseconds. */
export const YOUNG = 2_000;

/** How old a list may get while one read after the other uses it, as in a refresh of many groups on a busy machine. */
const LOOK = 30_000;

/** How checks ask: a preview without an answer should say so soon, for it goes on all the same. */
export function foretelling(options: ClientOptions): ClientOptions {
  const { maxRetries = 1, timeout = 15 } = options;
  return { ...options, maxRetries: Math.min(maxRetries, 1), timeout: Math.min(timeout, 15), budget: 10 };
}

/** How long Turso may take to show what was written, in milliseconds. */
export const LAG = 60_000;

/** An account's databases, or those of one group. */
export interface Databases {
  /** Their names by the name of their group in lowercase; "" where the API does not report the group. */
  byGroup: Map<string, string[]>;
  /** Whether these are all; see `DatabaseList`. */
  isComplete: boolean;
}

interface Listing<T> {
  asked: number;
  /** When a read last used it. */
  used: number;
  answer: Promise<T>;
  /** Whether a check has asked, less patiently than a read does. */
  foretold: boolean;
}

/**
 * What this process knows of the API's groups, databases and locations, so that a hundred resources do not ask a
 * hundred times. Checks share one list per organization and process, whatever its age, for they only foretell; reads and guards
 * share lists younger than two seconds. What this process writes itself is entered in the lists.
 */
export class Directory {
  readonly #api: TursoClient;
  readonly #foretelling: TursoClient;
  readonly #groups = new Map<string, Listing<Map<string, Group>>>();
  readonly #databases = new Map<string, Listing<Databases>>();
  readonly #locations = new Map<string, Listing<Record<string, string>>>();
  /** Groups that this process has written, with when: id → group. */
  readonly #written = new Map<string, { group: Group; at: number }>();
  /** The uuids of groups that this process has deleted. */
  readonly #gone = new Set<string>();
  /** Groups that this process has deleted: id → uuid. */
  readonly #deleted = new Map<string, string | undefined>();

  /** `foretelling`: the client that checks ask with. */
  constructor(api: TursoClient, foretelling = api) {
    this.#api = api;
    this.#foretelling = foretelling;
  }

  /** Every group of an account by name. */
  groups(organization: string | undefined, maxAge = YOUNG): Promise<Map<string, Group>> {
    return recall(this.#groups, organization, maxAge, async () => {
      const groups = await this.#clientFor(maxAge).groups.list(organization);
      // One that this process has deleted may be shown on.
      const shown = groups.filter(({ uuid }) => uuid === undefined || !this.#gone.has(uuid));
      return new Map(shown.map((group) => [group.name, group]));
    });
  }

  /** The same for reads: one look at the account serves all of a refresh, however long its reads take. */
  groupsToRead(organization: string | undefined): Promise<Map<string, Group>> {
    const listing = this.#groups.get(organization ?? "");
    const now = performance.now();
    const inUse = listing !== undefined && now - listing.used <= YOUNG;
    const answer = this.groups(organization, inUse ? LOOK : YOUNG);
    const current = this.#groups.get(organization ?? "");
    if (current !== undefined) current.used = now;
    return answer;
  }

  /**
   * Every group of an account as the check has seen them, which precedes each create: no request, unless the check could not
   * ask. Undefined when there was no check, or no answer again.
   */
  async groupsChecked(organization: string | undefined): Promise<Map<string, Group> | undefined> {
    const listing = this.#groups.get(organization ?? "");
    return listing?.answer.catch(() => this.groups(organization)).catch(() => undefined);
  }

  /** An account's databases; with `group`, those that the API lists for that group. */
  databases(organization: string | undefined, maxAge = YOUNG, group?: string): Promise<Databases> {
    const key = group === undefined ? organization : `${organization ?? ""}/${group}`;
    return recall(this.#databases, key, maxAge, async () => {
      const filter = group === undefined ? {} : { group };
      // Deletions whose turn it is wait for this, and would all go out at once if it queued behind the others.
      const list = await this.#clientFor(maxAge).databases.list(organization, filter, { urgent: true });
      const byGroup = new Map<string, string[]>();
      for (const { name, group = "" } of list.databases) {
        const names = byGroup.get(group.toLowerCase());
        if (names) names.push(name);
        else byGroup.set(group.toLowerCase(), [name]);
      }
      return { byGroup, isComplete: list.isComplete };
    });
  }

  /** The locations there are, code → description. */
  locations(organization: string | undefined): Promise<Record<string, string>> {
    return recall(this.#locations, organization, Infinity, () =>
      this.#foretelling.locations.list(organization),
    );
  }

  /** Enters a group that this process has created or changed. */
  enter(organization: string | undefined, group: Group): void {
    const id = idOf({ organization, name: group.name });
    this.#written.set(id, { group, at: performance.now() });
    this.#deleted.delete(id);
    this.#amend(organization, (groups) => groups.set(group.name, group));
  }

  /** The group of that name as this process has just created or changed it: the API may not show it yet. */
  entered(address: Address): Group | undefined {
    const { group, at } = this.#written.get(idOf(address)) ?? { at: 0 };
    const isIt = group !== undefined && (address.uuid ?? group.uuid) === (group.uuid ?? address.uuid);
    return isIt && performance.now() - at <= LAG ? group : undefined;
  }

  /** Strikes out a group that this process has deleted. */
  strike(organization: string | undefined, { name, uuid }: Group): void {
    const id = idOf({ organization, name });
    this.#written.delete(id);
    this.#deleted.set(id, uuid);
    if (uuid !== undefined) this.#gone.add(uuid);
    this.#amend(organization, (groups) => groups.delete(name));
  }

  /** Whether this process has deleted a group of that name, so that the name may stay taken for a while; with a uuid, that very group. */
  hasDeleted(organization: string | undefined, { name, uuid }: Pick<Group, "name" | "uuid">): boolean {
    const id = idOf({ organization, name });
    return this.#deleted.has(id) && (uuid === undefined || this.#deleted.get(id) === uuid);
  }

  #clientFor(maxAge: number): TursoClient {
    return maxAge === Infinity ? this.#foretelling : this.#api;
  }

  /** A list that is under way was asked for before the write: whatever it says of that group, the write is newer. */
  #amend(organization: string | undefined, change: (groups: Map<string, Group>) => void): void {
    this.#groups.get(organization ?? "")?.answer.then(change, () => {});
  }
}

/**
 * The answer that is there and young enough, also while it is under way; else a new one. Failures are remembered likewise, but
 * that of a check, which is less patient, for checks only.
 */
function recall<T>(
  listings: Map<string, Listing<T>>,
  organization: string | undefined,
  maxAge: number,
  ask: () => Promise<T>,
): Promise<T> {
  const key = organization ?? "";
  const known = listings.get(key);
  const now = performance.now();
  const foretells = maxAge === Infinity;
  if (known !== undefined && now - known.asked <= maxAge) {
    if (foretells || !known.foretold) return known.answer;
    return known.answer.catch(() => {
      // Of all that waited for it, the first asks again.
      if (listings.get(key) === known) listings.delete(key);
      return recall(listings, organization, maxAge, ask);
    });
  }
  const answer = ask();
  listings.set(key, { asked: now, used: now, answer, foretold: foretells });
  // Whoever asked gets the failure; that nobody else waits for it must not end the process.
  answer.catch(() => {});
  return answer;
}

/** Whether two answers are about the same group, as far as they tell. */
export function isSameGroup(a: Pick<Group, "name" | "uuid">, b: Pick<Group, "name" | "uuid">): boolean {
  return a.uuid !== undefined && b.uuid !== undefined ? a.uuid === b.uuid : a.name === b.name;
}

/**
 * The group of that uuid, wherever in its organization it is now; another group that has taken its name is not it. Where
 * the server tells no uuid, the address identifies a group. That a list lacks it proves nothing: a 404 does, and where it is
 * `doubtful`, as of a group that is in state, a second one.
 */
export async function locate(
  { api, directory }: { api: TursoClient; directory: Directory },
  { organization, name, uuid }: Address,
  groups?: Map<string, Group>,
  doubtful = uuid !== undefined,
): Promise<Group | undefined> {
  groups ??= await directory.groups(organization);
  const isIt = (group: Group | undefined) =>
    group !== undefined && (uuid ?? group.uuid) === (group.uuid ?? uuid);
  const there = groups.get(name);
  if (isIt(there)) return there;
  const elsewhere = uuid && [...groups.values()].find((group) => group.uuid === uuid);
  if (elsewhere) return elsewhere;
  try {
    const group = await api.groups.retrieve(organization, name, { doubtful });
    return isIt(group) ? group : undefined;
  } catch (error) {
    if (error instanceof TursoApiError && error.isNotFound) return undefined;
    throw error;
  }
}
