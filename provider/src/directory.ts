import { type Address, idOf } from "./address.js";
import { type Group, TursoApiError, type TursoClient } from "./api/index.js";

/** How old a list may be that reads and the guards of deletions rely on, in milliseconds. */
const YOUNG = 2_000;

/** How old a list may get while one read after the other uses it, as in a refresh of many groups on a busy machine. */
const LOOK = 30_000;

interface Listing<T> {
  asked: number;
  /** When a read last used it. */
  used: number;
  answer: Promise<T>;
}

/**
 * What this process knows of the API's groups, databases and locations, so that a hundred resources do not ask a
 * hundred times. Checks share one list per organization and process, whatever its age, for they only foretell; reads and guards
 * share lists younger than two seconds. What this process writes itself is entered in the lists.
 */
export class Directory {
  readonly #api: TursoClient;
  readonly #groups = new Map<string, Listing<Map<string, Group>>>();
  readonly #databases = new Map<string, Listing<Map<string, string[]>>>();
  readonly #locations = new Map<string, Listing<Record<string, string>>>();
  /** Groups that this process has deleted: id → uuid. */
  readonly #deleted = new Map<string, string | undefined>();
  /** Ids of the groups that this process has adopted. */
  readonly #adopted = new Set<string>();
  /** Which resource declares a group: the group's id → the resource. */
  readonly #claims = new Map<string, string>();
  /** Which groups state has for which resource. */
  readonly #owned = new Set<string>();

  constructor(api: TursoClient) {
    this.#api = api;
  }

  /** Every group of an account by name. */
  groups(organization: string | undefined, maxAge = YOUNG): Promise<Map<string, Group>> {
    return recall(this.#groups, organization, maxAge, async () => {
      const groups = await this.#api.groups.list(organization);
      return new Map(groups.map((group) => [group.name, group]));
    });
  }

  /** The same for reads: one look at the account serves all of a refresh, however long its reads take. */
  groupsToRead(organization: string | undefined): Promise<Map<string, Group>> {
    const listing = this.#groups.get(organization ?? "");
    const now = Date.now();
    const inUse = listing !== undefined && now - listing.used <= YOUNG;
    const answer = this.groups(organization, inUse ? LOOK : YOUNG);
    const current = this.#groups.get(organization ?? "");
    if (current !== undefined) current.used = now;
    return answer;
  }

  /** The names of an account's databases by the name of their group. */
  databases(organization: string | undefined, maxAge = YOUNG): Promise<Map<string, string[]>> {
    return recall(this.#databases, organization, maxAge, async () => {
      const databases = await this.#api.databases.list(organization);
      const names = new Map<string, string[]>();
      for (const { name, group = "" } of databases) names.set(group, [...(names.get(group) ?? []), name]);
      return names;
    });
  }

  /** The locations there are, code → description. */
  locations(organization: string | undefined): Promise<Record<string, string>> {
    return recall(this.#locations, organization, Number.POSITIVE_INFINITY, () =>
      this.#api.locations.list(organization),
    );
  }

  /** Enters a group that this process has created or changed. */
  enter(organization: string | undefined, group: Group): void {
    this.#deleted.delete(idOf({ organization, name: group.name }));
    this.#amend(organization, (groups) => groups.set(group.name, group));
  }

  /** Notes that a resource has adopted a group: another one that lets go of it must not delete it. */
  adopt(address: Address): void {
    this.#adopted.add(idOf(address));
  }

  hasAdopted(address: Address): boolean {
    return this.#adopted.has(idOf(address));
  }

  /** Strikes out a group that this process has deleted. */
  strike(organization: string | undefined, { name, uuid }: Group): void {
    this.#deleted.set(idOf({ organization, name }), uuid);
    this.#amend(organization, (groups) => groups.delete(name));
  }

  /** Whether this process has deleted a group of that name, so that the name may stay taken for a while; with a uuid, that very group. */
  hasDeleted(organization: string | undefined, { name, uuid }: Pick<Group, "name" | "uuid">): boolean {
    const id = idOf({ organization, name });
    return this.#deleted.has(id) && (uuid === undefined || this.#deleted.get(id) === uuid);
  }

  /** Notes that a resource declares a group; answers which resource did before, if that was another one. */
  claim(address: Address, resource: string): string | undefined {
    const id = idOf(address);
    const earlier = this.#claims.get(id);
    if (earlier === undefined) this.#claims.set(id, resource);
    return earlier === resource ? undefined : earlier;
  }

  /** Notes that state has a group for a resource: when it is replaced, the engine checks it once more as if it were new. */
  own(address: Address, resource: string): void {
    this.#owned.add(`${idOf(address)} ${resource}`);
  }

  owns(address: Address, resource: string): boolean {
    return this.#owned.has(`${idOf(address)} ${resource}`);
  }

  /** A list that is under way was asked for before the write: whatever it says of that group, the write is newer. */
  #amend(organization: string | undefined, change: (groups: Map<string, Group>) => void): void {
    this.#groups.get(organization ?? "")?.answer.then(change, () => {});
  }
}

/** The answer that is there and young enough, also while it is under way; else a new one. Failures are remembered likewise. */
function recall<T>(
  listings: Map<string, Listing<T>>,
  organization: string | undefined,
  maxAge: number,
  ask: () => Promise<T>,
): Promise<T> {
  const key = organization ?? "";
  const known = listings.get(key);
  const now = Date.now();
  if (known !== undefined && now - known.asked <= maxAge) return known.answer;
  const answer = ask();
  // Whoever asked gets the failure; that nobody else waits for it must not end the process.
  answer.catch(() => {});
  listings.set(key, { asked: now, used: now, answer });
  return answer;
}

/**
 * The group of that uuid, wherever in its organization it is now; another group that has taken its name is not it. Where
 * the server tells no uuid, the address identifies a group. That a list lacks it proves nothing: a 404 does.
 */
export async function locate(
  { api, directory }: { api: TursoClient; directory: Directory },
  { organization, name, uuid }: Address,
  groups?: Map<string, Group>,
): Promise<Group | undefined> {
  groups ??= await directory.groups(organization);
  const isIt = (group: Group | undefined) =>
    group !== undefined && (uuid ?? group.uuid) === (group.uuid ?? uuid);
  const there = groups.get(name);
  if (isIt(there)) return there;
  const elsewhere = uuid && [...groups.values()].find((group) => group.uuid === uuid);
  if (elsewhere) return elsewhere;
  try {
    const group = await api.groups.retrieve(organization, name);
    return isIt(group) ? group : undefined;
  } catch (error) {
    if (error instanceof TursoApiError && error.isNotFound) return undefined;
    throw error;
  }
}
