import type { Database, Group } from "../resources/name.js";

/** How late the API shows what happens to groups and databases, in milliseconds. Default: 0 each. */
export type Lags = {
  /** For how long a new group is seen neither in lists nor retrieved; every other call on it works. */
  createLag: number;
  /** For how long a deleted group is still seen in lists and retrieved, as it was; other calls answer 404. */
  deleteLag: number;
  /** How old lists of groups and of databases are. */
  listLag: number;
};

/** What an account holds, or held once. */
export type Holdings = {
  readonly groups: ReadonlyMap<string, Group>;
  readonly databases: ReadonlyMap<string, Database>;
};

/** What lists show of an account, and what retrieving a group does: its holdings, as late as the lags say. */
export class Sight {
  readonly #now: Holdings;
  readonly #lags: Readonly<Lags>;
  /** Uuid of a new group → Unix milliseconds until which it is not seen. */
  readonly #unseen = new Map<string, number>();
  /** Name of a deleted group → the group, when it was deleted, and until when it is seen still. */
  readonly #deleted = new Map<string, { group: Group; from: number; until: number }>();
  /** What was held until changes, the oldest first. */
  #past: { until: number; held: Holdings }[] = [];

  constructor(now: Holdings, lags: Readonly<Lags>) {
    this.#now = now;
    this.#lags = lags;
  }

  /** To be called before every change, so that lists can show what was. */
  beforeChange(): void {
    const { listLag } = this.#lags;
    if (listLag <= 0) return;
    const now = Date.now();
    this.#past = this.#past.filter(({ until }) => until > now - listLag);
    this.#past.push({ until: now, held: copyOf(this.#now) });
  }

  /** To be called when a group was created. */
  created({ uuid }: Group): void {
    if (this.#lags.createLag > 0) this.#unseen.set(uuid, Date.now() + this.#lags.createLag);
  }

  /** To be called when a group was deleted. */
  deleted(group: Group): void {
    const { deleteLag } = this.#lags;
    const now = Date.now();
    if (deleteLag <= 0 || !this.#isSeen(group, now)) return;
    this.#deleted.set(group.name, { group: copyOfGroup(group), from: now, until: now + deleteLag });
  }

  /** The group of that name, if it is seen. */
  group(name: string): Group | undefined {
    const now = Date.now();
    const group = this.#now.groups.get(name);
    return group && this.#isSeen(group, now) ? group : this.#deletedAt(now).get(name);
  }

  /** The groups that a list shows. */
  groups(): Group[] {
    const time = Date.now() - this.#lags.listLag;
    const groups = this.#deletedAt(time);
    for (const [name, group] of this.#heldAt(time).groups) {
      if (this.#isSeen(group, time)) groups.set(name, group);
    }
    return [...groups.values()];
  }

  /** What a list of databases shows, with the groups that they were in. */
  holdings(): Holdings {
    return this.#heldAt(Date.now() - this.#lags.listLag);
  }

  #deletedAt(time: number): Map<string, Group> {
    const seen = [...this.#deleted].filter(([, { from, until }]) => from <= time && time < until);
    return new Map(seen.map(([name, { group }]) => [name, group]));
  }

  #heldAt(time: number): Holdings {
    return this.#past.find(({ until }) => time < until)?.held ?? this.#now;
  }

  #isSeen({ uuid }: Group, time: number): boolean {
    return time >= (this.#unseen.get(uuid) ?? time);
  }
}

function copyOf({ groups, databases }: Holdings): Holdings {
  return {
    groups: new Map([...groups].map(([name, group]) => [name, copyOfGroup(group)])),
    databases: new Map([...databases].map(([name, database]) => [name, { ...database }])),
  };
}

function copyOfGroup(group: Group): Group {
  return { ...group, locations: [...group.locations] };
}
