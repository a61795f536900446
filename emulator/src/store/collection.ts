import type { Clock } from "./clock.js";

/** How late the API shows changes of groups and databases, in milliseconds. */
export type Lags = {
  /**
   * How long a new group is missing from lists and cannot be retrieved. Every other request for it works at
   * once.
   * @default 0
   */
  createLag: number;
  /**
   * How long a deleted group is still listed and retrieved, as it was. Every other request for it returns
   * 404.
   * @default 0
   */
  deleteLag: number;
  /**
   * How old the lists of groups and of databases are.
   * @default 0
   */
  listLag: number;
};

type Item = { readonly name: string; readonly uuid: string };

/**
 * The groups, or the databases, of an account by name. As a Map it holds them as they are. `retrieve`, `list`
 * and `listed` return them as the API shows them, which can be late by the lags.
 */
export class Collection<T extends Item> extends Map<string, T> {
  readonly #lags: Readonly<Lags>;
  readonly #now: () => number;
  /** Uuid of a new item → Unix milliseconds at which it is first shown. */
  readonly #shownFrom = new Map<string, number>();
  /**
   * Name of a deleted item → the item, when it was deleted, and when it stops being shown (Unix
   * milliseconds).
   */
  readonly #deleted = new Map<string, { item: T; from: number; until: number }>();
  /** Copies from before each recent change, the oldest first. */
  #past: { until: number; items: ReadonlyMap<string, T> }[] = [];

  constructor(store: Readonly<Lags> & { readonly clock: Clock }) {
    super();
    this.#lags = store;
    this.#now = store.clock.now;
  }

  /** Must be called before every change, so that lists can show the state before it. */
  beforeChange(): void {
    const { listLag } = this.#lags;
    if (listLag <= 0) return;
    const now = this.#now();
    this.#past = this.#past.filter(({ until }) => until > now - listLag);
    this.#past.push({ until: now, items: new Map(structuredClone([...this])) });
  }

  /** Applies `createLag` to a new item. */
  showLater({ uuid }: T): void {
    if (this.#lags.createLag > 0) this.#shownFrom.set(uuid, this.#now() + this.#lags.createLag);
  }

  /** Applies `deleteLag` to a deleted item. */
  hideLater(item: T): void {
    const { deleteLag } = this.#lags;
    const now = this.#now();
    if (deleteLag <= 0 || !this.#isShown(item, now)) return;
    this.#deleted.set(item.name, { item: structuredClone(item), from: now, until: now + deleteLag });
  }

  /** The item that a GET request for this name returns. */
  retrieve(name: string): T | undefined {
    const now = this.#now();
    const item = this.get(name);
    return item && this.#isShown(item, now) ? item : this.#deletedAt(now).get(name);
  }

  /** The items that a list request returns. */
  list(): T[] {
    const time = this.#now() - this.#lags.listLag;
    const items = this.#deletedAt(time);
    for (const [name, item] of this.listed()) {
      if (this.#isShown(item, time)) items.set(name, item);
    }
    return [...items.values()];
  }

  /** Everything that existed `listLag` ago. Unlike `list`, it ignores the other two lags. */
  listed(): ReadonlyMap<string, T> {
    const time = this.#now() - this.#lags.listLag;
    return this.#past.find(({ until }) => time < until)?.items ?? this;
  }

  #deletedAt(time: number): Map<string, T> {
    const shown = [...this.#deleted].filter(([, { from, until }]) => from <= time && time < until);
    return new Map(shown.map(([name, { item }]) => [name, item]));
  }

  #isShown({ uuid }: T, time: number): boolean {
    return time >= (this.#shownFrom.get(uuid) ?? time);
  }
}
