/**
 * Who created which group, observed in the store: the test creates foreign groups, the API creates those of
 * the stack.
 */
import type { Account, Database, Group, Store } from "turso-emulator";

/** A foreign group as it must stay. */
export interface Copy {
  account: string;
  group: Group;
  databases: Database[];
}

/** A group that was deleted through the API. */
export interface Deletion extends Copy {
  foreign: boolean;
}

export class Ledger {
  /** Uuids of groups that were created through the API, or adopted. */
  readonly ours = new Set<string>();
  /** Foreign groups by uuid. */
  readonly foreign = new Map<string, Copy>();
  /** Deletions since the last check. */
  readonly deletions: Deletion[] = [];
  /** Values that no state file and no output may contain. */
  readonly secrets: Set<string>;
  readonly #accounts: readonly Account[];
  #byTest = false;

  constructor(store: Store, token: string, organizations: readonly (string | undefined)[]) {
    this.secrets = new Set([token]);
    this.#accounts = organizations.map((organization) => store.account(organization));
    for (const account of this.#accounts) this.#watch(account);
  }

  /** Runs a change that the test itself makes in the store. */
  byTest<T>(work: () => T): T {
    this.#byTest = true;
    try {
      return work();
    } finally {
      this.#byTest = false;
      for (const uuid of this.foreign.keys()) this.copy(uuid);
    }
  }

  /** Copies a foreign group as it is now, or removes the copy if the test deleted the group. */
  copy(uuid: string): void {
    const now = this.find(uuid);
    if (now === undefined) this.foreign.delete(uuid);
    else this.foreign.set(uuid, structuredClone(now));
  }

  adopted(uuid: string): void {
    this.foreign.delete(uuid);
    this.ours.add(uuid);
  }

  /** The group of that uuid, in any account. */
  find(uuid: string): Copy | undefined {
    for (const account of this.#accounts) {
      const group = [...account.groups.values()].find((other) => other.uuid === uuid);
      if (group) return { account: account.slug, group, databases: account.databasesIn(group.name) };
    }
    return undefined;
  }

  /** The existing groups of this stack. */
  alive(): Group[] {
    return this.#accounts.flatMap((account) =>
      [...account.groups.values()].filter(({ uuid }) => this.ours.has(uuid)),
    );
  }

  #watch(account: Account): void {
    const { createGroup, deleteGroup, mintToken } = account;
    account.createGroup = (options) => {
      const group = createGroup.call(account, options);
      if (!this.#byTest) this.ours.add(group.uuid);
      else
        this.foreign.set(group.uuid, { account: account.slug, group: structuredClone(group), databases: [] });
      return group;
    };
    account.deleteGroup = (name) => {
      const databases = structuredClone(account.databasesIn(name));
      const group = deleteGroup.call(account, name);
      if (!this.#byTest) {
        const foreign = this.foreign.has(group.uuid);
        this.deletions.push({ account: account.slug, group: structuredClone(group), databases, foreign });
      }
      return group;
    };
    account.mintToken = (name, options) => {
      const token = mintToken.call(account, name, options);
      this.secrets.add(token.jwt);
      return token;
    };
  }
}
