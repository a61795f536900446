/** The API's lists, shared by all resources of this process, with what the process has written since. */
import { type ClientOptions, TursoApiError, type TursoClient } from "../api/index.js";
import { type Address, idOf } from "./resourceId.js";

// Ages are measured with `performance.now()`: a clock that is set back would make old lists young.

/** Maximum age of a list for reads and for the guards of deletions, in milliseconds. */
const MAX_AGE = 2_000;

/** Maximum age while reads follow one another, as in a refresh of many groups on a busy machine. */
const MAX_AGE_IN_USE = 30_000;

/** How long Turso may take to show what was written, in milliseconds. */
export const LAG = 60_000;

/** Something that the API lists. */
export interface Named {
  /** Unique among those of its kind in an organization. */
  name: string;
  uuid?: string;
}

/** Which things are listed, e.g. `{ group: "prod" }`; empty: all. */
type Filter = Readonly<Record<string, string>>;

/** How things of a kind are listed. */
export interface ListedKind<T extends Named> {
  /** Whether the case of their names does not matter. */
  readonly ignoresCase?: boolean;
  /** `isComplete`: whether what is missing does not exist. Absent where nothing depends on it. */
  list(
    api: TursoClient,
    organization: string | undefined,
    filter: Filter,
  ): Promise<{ items: T[]; isComplete?: boolean }>;
}

/**
 * A kind of thing that resources manage. Each resource type has its own, and gets the collection of it from
 * the Context.
 */
export interface Kind<T extends Named> extends ListedKind<T> {
  /** Type of the resource that manages such a thing, e.g. `Group`. */
  readonly type: string;
  /**
   * Reads one. If it does not exist, the error's `isNotFound` is true, or the result is undefined where the
   * API can only list. `retryNotFound`: a 404 is retried once.
   */
  retrieve(
    api: TursoClient,
    organization: string | undefined,
    name: string,
    options: { retryNotFound: boolean },
  ): Promise<T | undefined>;
}

/** Things of an organization by name. */
export class Listing<T extends Named> extends Map<string, T> {
  /** Whether what is missing does not exist. */
  readonly isComplete: boolean;
  readonly #ignoresCase: boolean;

  constructor(items: readonly T[], isComplete = false, ignoresCase = false) {
    super();
    this.isComplete = isComplete;
    this.#ignoresCase = ignoresCase;
    for (const item of items) this.set(item.name, item);
  }

  override get(name: string): T | undefined {
    return super.get(this.#keyOf(name));
  }

  override set(name: string, thing: T): this {
    return super.set(this.#keyOf(name), thing);
  }

  override delete(name: string): boolean {
    return super.delete(this.#keyOf(name));
  }

  #keyOf(name: string): string {
    return this.#ignoresCase ? name.toLowerCase() : name;
  }
}

/** The collection of each kind; a process has one. */
export type Collections = <T extends Named>(kind: ListedKind<T>) => Collection<T>;

/** `previewApi`: the client that checks use. */
export function collectionsOf(api: TursoClient, previewApi = api): Collections {
  const byKind = new Map<object, object>();
  return <T extends Named>(kind: ListedKind<T>) => {
    // The map's type cannot say that each kind has a collection of its own type.
    const known = byKind.get(kind) as Collection<T> | undefined;
    const collection = known ?? new Collection(kind, api, previewApi);
    byKind.set(kind, collection);
    return collection;
  };
}

/**
 * The options of the client that checks use: without a response, a preview should say so soon, because it
 * goes on.
 */
export function previewOptions(options: ClientOptions): ClientOptions {
  const { maxRetries = 1, timeout = 15 } = options;
  return { ...options, maxRetries: Math.min(maxRetries, 1), timeout: Math.min(timeout, 15), budget: 10 };
}

interface ListRequest<T extends Named> {
  sentAt: number;
  /** When a read last used it. */
  readAt: number;
  response: Promise<Listing<T>>;
  /** Whether a check has sent it, with fewer retries and a shorter timeout than a read. */
  isImpatient: boolean;
}

/**
 * The things of one kind: what was listed, and what this process has written. Failures are shared like lists.
 */
export class Collection<T extends Named> {
  readonly #kind: ListedKind<T>;
  readonly #api: TursoClient;
  readonly #previewApi: TursoClient;
  /** The newest request for each list. */
  readonly #requests = new Map<string, ListRequest<T>>();
  /** What this process has created or changed, and when: id → thing. */
  readonly #written = new Map<string, { thing: T; at: number }>();
  /** What this process has deleted: id → uuid. */
  readonly #deleted = new Map<string, string | undefined>();
  /** The uuids of everything that this process has deleted. */
  readonly #deletedUuids = new Set<string>();

  constructor(kind: ListedKind<T>, api: TursoClient, previewApi = api) {
    this.#kind = kind;
    this.#api = api;
    this.#previewApi = previewApi;
  }

  /** A list that is at most two seconds old, and was requested at or after `since`. */
  list(
    organization: string | undefined,
    { since = 0, filter = {} }: { since?: number | undefined; filter?: Filter | undefined } = {},
  ): Promise<Listing<T>> {
    return this.#listSince(organization, Math.max(since, performance.now() - MAX_AGE), filter);
  }

  /** The list for checks, which only predict: any age will do. */
  listForCheck(organization: string | undefined, filter: Filter = {}): Promise<Listing<T>> {
    const known = this.#requests.get(keyOf(organization, filter));
    return known?.response ?? this.#request(organization, filter, { isImpatient: true });
  }

  /** The list for reads: one serves all of a refresh, however long its reads take. */
  listForRead(organization: string | undefined): Promise<Listing<T>> {
    const now = performance.now();
    const key = keyOf(organization, {});
    const known = this.#requests.get(key);
    const isInUse = known !== undefined && now - known.readAt <= MAX_AGE;
    const response = this.#listSince(organization, now - (isInUse ? MAX_AGE_IN_USE : MAX_AGE), {});
    const current = this.#requests.get(key);
    if (current !== undefined) current.readAt = now;
    return response;
  }

  /**
   * The list that the check has seen, which precedes each create: makes no request, unless the check's
   * failed. Undefined if there was no check, or the request fails again.
   */
  async listBeforeCreate(organization: string | undefined): Promise<Listing<T> | undefined> {
    const known = this.#requests.get(keyOf(organization, {}));
    return known?.response.catch(() => this.list(organization)).catch(() => undefined);
  }

  /** Records what this process has created or changed. */
  recordWrite(organization: string | undefined, thing: T): void {
    const id = idOf({ organization, name: thing.name });
    this.#written.set(id, { thing, at: performance.now() });
    this.#deleted.delete(id);
    amend(this.#requests.get(keyOf(organization, {})), (listing) => listing.set(thing.name, thing));
  }

  /** What this process has just created or changed at an address: the API may not show it yet. */
  written(address: Address): T | undefined {
    const written = this.#written.get(idOf(address));
    const isIt = written !== undefined && isAt(written.thing, address);
    return isIt && performance.now() - written.at <= LAG ? written.thing : undefined;
  }

  /** Records what this process has deleted. */
  recordDelete(organization: string | undefined, { name, uuid }: Named): void {
    const id = idOf({ organization, name });
    this.#written.delete(id);
    this.#deleted.set(id, uuid);
    if (uuid !== undefined) this.#deletedUuids.add(uuid);
    for (const [key, request] of this.#requests) {
      if (key.startsWith(keyOf(organization, {}))) amend(request, (listing) => listing.delete(name));
    }
  }

  /**
   * Whether this process has deleted something of that name, which may stay taken for a while; with a uuid,
   * that very thing.
   */
  hasDeleted(organization: string | undefined, { name, uuid }: Named): boolean {
    const id = idOf({ organization, name });
    return this.#deleted.has(id) && (uuid === undefined || this.#deleted.get(id) === uuid);
  }

  /**
   * The list that was requested at or after `since`, also while its response is on the way; else a new one.
   */
  #listSince(organization: string | undefined, since: number, filter: Filter): Promise<Listing<T>> {
    const key = keyOf(organization, filter);
    const known = this.#requests.get(key);
    if (known === undefined || known.sentAt < since)
      return this.#request(organization, filter, { isImpatient: false });
    if (!known.isImpatient) return known.response;
    return known.response.catch(() => {
      // The first of all that waited for it sends another request.
      if (this.#requests.get(key) === known) this.#requests.delete(key);
      return this.#listSince(organization, since, filter);
    });
  }

  #request(
    organization: string | undefined,
    filter: Filter,
    { isImpatient }: { isImpatient: boolean },
  ): Promise<Listing<T>> {
    const now = performance.now();
    const response = this.#listingOf(isImpatient ? this.#previewApi : this.#api, organization, filter);
    this.#requests.set(keyOf(organization, filter), { sentAt: now, readAt: now, response, isImpatient });
    // The caller gets the failure. Without this handler, an unhandled rejection would end the process.
    response.catch(() => {});
    return response;
  }

  async #listingOf(api: TursoClient, organization: string | undefined, filter: Filter): Promise<Listing<T>> {
    const { items, isComplete } = await this.#kind.list(api, organization, filter);
    // The API may still show what this process has deleted.
    const shown = items.filter(({ uuid }) => uuid === undefined || !this.#deletedUuids.has(uuid));
    return new Listing(shown, isComplete, this.#kind.ignoresCase);
  }
}

/** The keys of an organization's lists begin with that of the list of all. */
function keyOf(organization = "", filter: Filter): string {
  return `${organization}?${new URLSearchParams(filter)}`;
}

/**
 * Changes a list, also one whose response is on the way: it was requested before the write, so the write is
 * newer.
 */
function amend<T extends Named>(
  request: ListRequest<T> | undefined,
  change: (listing: Listing<T>) => void,
): void {
  request?.response.then(change, () => {});
}

/** Whether two things are the same, as far as their uuids are known. Names are compared without case. */
export function isSame(a: Named, b: Named): boolean {
  if (a.uuid !== undefined && b.uuid !== undefined) return a.uuid === b.uuid;
  return a.name.toLowerCase() === b.name.toLowerCase();
}

/**
 * Whether a thing with the name of an address is the one of that address: without both uuids, the name
 * identifies it.
 */
function isAt({ uuid }: Named, address: Address): boolean {
  return (address.uuid ?? uuid) === (uuid ?? address.uuid);
}

/** What the functions below need of a Context. */
interface Access {
  readonly api: TursoClient;
  readonly collection: Collections;
}

/** What has a name now; undefined if nothing has. Unlike a list, the response is never shared. */
export async function retrieve<T extends Named>(
  { api }: Access,
  kind: Kind<T>,
  { organization, name }: Address,
  { retryNotFound = false }: { retryNotFound?: boolean } = {},
): Promise<T | undefined> {
  try {
    return await kind.retrieve(api, organization, name, { retryNotFound });
  } catch (error) {
    if (error instanceof TursoApiError && error.isNotFound) return undefined;
    throw error;
  }
}

/**
 * Like `retrieve`, but also undefined if another thing has taken the name. For what is in state, a 404 is
 * retried once.
 */
export async function retrieveSame<T extends Named>(
  access: Access,
  kind: Kind<T>,
  address: Address,
  { retryNotFound = address.uuid !== undefined }: { retryNotFound?: boolean | undefined } = {},
): Promise<T | undefined> {
  const found = await retrieve(access, kind, address, { retryNotFound });
  return found !== undefined && isAt(found, address) ? found : undefined;
}

/**
 * The thing of an address, also after a rename within its organization; undefined if it no longer exists.
 * Only a 404 proves that: absence from a list does not.
 */
export async function locate<T extends Named>(
  access: Access,
  kind: Kind<T>,
  address: Address,
  { listing, retryNotFound }: { listing?: Listing<T>; retryNotFound?: boolean } = {},
): Promise<T | undefined> {
  const things = listing ?? (await access.collection(kind).list(address.organization));
  return listed(things, address) ?? retrieveSame(access, kind, address, { retryNotFound });
}

function listed<T extends Named>(things: Listing<T>, address: Address): T | undefined {
  const there = things.get(address.name);
  if (there !== undefined && isAt(there, address)) return there;
  return address.uuid === undefined ? undefined : ofUuid(things.values(), address.uuid);
}

/** The one with that uuid, whatever its name. */
export function ofUuid<T extends Named>(things: Iterable<T>, uuid: string): T | undefined {
  return [...things].find((thing) => thing.uuid === uuid);
}
