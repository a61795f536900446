/** The stack under test: what its program declares, the drift that it cannot know, and who owns what. */
import { ComponentResource } from "@pulumi/pulumi";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import type { Account, Emulator, Group } from "turso-emulator";
import { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { HostName, Place } from "./report.ts";
import { current, type State, type StateGroup } from "./state.ts";

/** Outside of AWS, so that there can be replicas. */
export const LOCATIONS = ["lhr", "ams", "fra", "cdg", "mad"];

export interface Declared {
  name?: string;
  location: string;
  replicas?: string[];
  deleteProtection?: boolean;
  forceDestroy?: boolean;
  adopt?: boolean;
}

export interface Entry extends Place {
  args: Declared;
  /** Whether it has a GroupToken. */
  token: boolean;
}

/** What may have changed outside Pulumi. */
export type Aspect = "gone" | "name" | "places" | "protection";

export class World {
  random: Random;
  readonly organization: string | undefined;
  readonly account: Account;
  readonly ledger: Ledger;
  readonly entries = new Map<string, Entry>();
  /** The drift since the last read, by resource. */
  readonly unseen = new Map<string, Set<Aspect>>();
  /** Names that a group of this stack had. */
  readonly freed = new Set<string>();
  /** Groups of this stack that are not in state because an error named them or a kill lost them. */
  readonly excused = new Set<string>();
  /** Foreign groups that the program adopts. */
  readonly asked = new Set<string>();
  readonly #token: string;
  readonly #url: string;
  #made = 0;
  #earlier: [string, Entry][] = [];

  constructor(emulator: Emulator, random: Random, organization: string | undefined, token: string) {
    this.random = random;
    this.#token = token;
    this.#url = emulator.url;
    this.organization = organization;
    this.account = emulator.store.account(organization);
    // The other form of the API has groups, too, which this stack must not touch.
    this.ledger = new Ledger(emulator.store, token, [undefined, "acme"]);
    this.ledger.byTest(() => {
      for (const account of [emulator.store.account(), emulator.store.account("acme")]) {
        for (let i = random.int(1, 3); i > 0; i--) {
          const name = this.newName("theirs");
          const location = this.location();
          const replicas = random.sample(
            LOCATIONS.filter((code) => code !== location),
            random.int(0, 2),
          );
          account.createGroup({ name, location, replicas, deleteProtection: random.chance(0.2) });
          if (random.chance(0.5)) account.createDatabase({ name: this.newName("db"), group: name });
        }
      }
    });
  }

  /** Saves the program for `undo`. */
  remember(): void {
    this.#earlier = structuredClone([...this.entries]);
  }

  /** Restores the program of the last `remember`; false if it was empty. */
  undo(): boolean {
    if (this.#earlier.length === 0) return false;
    this.entries.clear();
    for (const [resource, entry] of structuredClone(this.#earlier)) this.entries.set(resource, entry);
    return true;
  }

  newName(stem: string): string {
    this.#made += 1;
    return `${stem}-${this.#made}`;
  }

  location(except?: string): string {
    return this.random.pick(LOCATIONS.filter((code) => code !== except)) ?? "lhr";
  }

  /** The names in the program. */
  declaredNames(): Set<string> {
    return new Set([...this.entries.values()].flatMap(({ args }) => args.name ?? []));
  }

  drifted(resource: string, aspect: Aspect): void {
    this.unseen.set(resource, (this.unseen.get(resource) ?? new Set()).add(aspect));
  }

  isUnseen(resource: string, aspect: Aspect): boolean {
    return this.unseen.get(resource)?.has(aspect) ?? false;
  }

  /** The group in the emulator, with any name and in any account. */
  actual({ uuid }: StateGroup): Group | undefined {
    return this.ledger.find(uuid)?.group;
  }

  /** The program that declares all this, as a user would write it. */
  program(
    seedHost: HostName,
    ...declareMore: (((turso: typeof dynamic) => void) | undefined)[]
  ): () => Promise<void> {
    const { organization } = this;
    const entries = structuredClone([...this.entries]);
    const settings = { apiToken: this.#token, baseUrl: this.#url };
    return async () => {
      for (const declare of declareMore) declare?.(seedHost === "native" ? native : dynamic);
      const isExplicit = entries.some(([, { explicit }]) => explicit);
      const provider = isExplicit && new native.Provider("explicit", settings);
      for (const [resource, { args, token, host = seedHost, explicit, component }] of entries) {
        const turso = host === "native" ? native : dynamic;
        const parent = component && new ComponentResource(component, `${resource}-component`);
        const options = { ...(parent && { parent }), ...(explicit && provider && { provider }) };
        const group = new turso.Group(resource, { ...args, ...(organization && { organization }) }, options);
        if (token) new turso.GroupToken(`${resource}-token`, { group: group.id, expiration: "1h" }, options);
      }
    };
  }

  /** Whether declaring this replaces the group that state has. */
  replaces({ args }: Entry, group: StateGroup): boolean {
    const { name, location } = args;
    return (
      group.tainted ||
      (name !== undefined && ![group.declaredName, group.name].includes(name)) ||
      ![group.location, group.primary].includes(location)
    );
  }

  /** Before an up: notes which foreign groups the program adopts. */
  ask(state: State): void {
    this.asked.clear();
    for (const { there } of this.taken(state, { adopted: true })) {
      if (this.ledger.foreign.has(there.uuid)) this.asked.add(there.uuid);
    }
  }

  /** Why the next up may fail without a fault of the API. */
  reasonsToFail(state: State): string[] {
    const reasons = this.taken(state).map(({ there }) => `the name ${there.name} is taken`);
    reasons.push(...this.held(state).map(({ name }) => `${name} must not be deleted`));
    const doomed = state.groups.filter((group) => group.doomed && this.isHeld(group));
    reasons.push(...doomed.map(({ name }) => `${name} must not be deleted any more`));
    reasons.push(...this.doubled(state).map(([resource]) => `${resource} declares the group of another one`));
    for (const [resource, { token }] of this.entries) {
      if (this.isUnseen(resource, "gone")) reasons.push(`the group of ${resource} no longer exists`);
      if (token && this.unseen.has(resource)) reasons.push(`${resource} drifted under its token`);
    }
    return reasons;
  }

  /** Resources that need a new group whose name another group has: those that may adopt it, or the others. */
  taken(state: State, { adopted = false } = {}): { resource: string; entry: Entry; there: Group }[] {
    return [...this.entries].flatMap(([resource, entry]) => {
      const { name, location, adopt = false } = entry.args;
      const group = current(state, resource);
      if (group !== undefined && !this.replaces(entry, group)) return [];
      const generated = new RegExp(`^${resource}-[0-9a-f]{7}$`);
      const there = [...this.account.groups.values()].find(
        (other) =>
          (other.uuid !== group?.uuid || group.tainted) &&
          (name === undefined ? generated.test(other.name) : other.name === name),
      );
      // A group that another resource of the program has in state cannot be adopted.
      const isManaged = state.groups.some(
        (other) =>
          other.uuid === there?.uuid && other.resource !== resource && this.entries.has(other.resource),
      );
      const adopts = adopt && there?.primary === location && !isManaged;
      return there !== undefined && adopts === adopted ? [{ resource, entry, there }] : [];
    });
  }

  isDeclaredElsewhere(name: string, resource: string): boolean {
    return [...this.entries].some(([other, { args }]) => other !== resource && args.name === name);
  }

  /** Resources that declare the group of another resource. */
  doubled(state: State): [string, Entry][] {
    const owners = new Map<string, string>();
    for (const { resource, declaredName, doomed } of state.groups)
      if (!doomed && this.#nameOf(resource, state) === declaredName) owners.set(declaredName, resource);
    return [...this.entries].filter(([resource]) => {
      const name = this.#nameOf(resource, state);
      if (name === undefined) return false;
      if (!owners.has(name)) owners.set(name, resource);
      return owners.get(name) !== resource;
    });
  }

  /** The name that a resource sets or keeps. */
  #nameOf(resource: string, state: State): string | undefined {
    const entry = this.entries.get(resource);
    return entry && (entry.args.name ?? current(state, resource)?.declaredName);
  }

  /** Groups that the program removes or replaces, but that must not be deleted. */
  held(state: State): StateGroup[] {
    return state.groups.filter((group) => {
      const entry = this.entries.get(group.resource);
      return !group.doomed && (entry === undefined || this.replaces(entry, group)) && this.isHeld(group);
    });
  }

  /** Whether a group must not be deleted, because of its protection or its databases. */
  isHeld(group: StateGroup): boolean {
    const there = this.ledger.find(group.uuid);
    if (there === undefined) return false;
    return there.group.deleteProtection || (there.databases.length > 0 && !group.forceDestroy);
  }
}
