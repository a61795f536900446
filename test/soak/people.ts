/**
 * Members and invites of the program, and what must hold for them. They use a separate random generator, so
 * that older seeds that found bugs still do the same to groups. All of them have `adopt: true`, which is what a
 * user does about one that an error or a kill left behind.
 */
import type * as dynamic from "pulumi-turso";
import type { Account, Role } from "turso-emulator";
import type { Random } from "./random.ts";
import type { State } from "./state.ts";

const ROLES = ["admin", "member", "viewer"] as const;

interface Declared {
  /** A username, or an email address. */
  name: string;
  role: (typeof ROLES)[number];
}

const isEmail = (name: string) => name.includes("@");

export class People {
  readonly #random: Random;
  readonly #account: Account;
  readonly #entries = new Map<string, Declared>();
  /** People who were there before, and those who accepted an invite: no program removes them. */
  readonly #others = new Map<string, Role>();
  /** People of this stack that are not in state, because an error named them or a kill lost them. */
  readonly #excused = new Set<string>();
  /** People who were changed or removed outside Pulumi since the last refresh. */
  readonly #drifted = new Set<string>();
  #made = 0;

  constructor(random: Random, account: Account) {
    this.#random = random;
    this.#account = account;
    account.addMember("theirs", "admin");
    account.invite("theirs@example.test", "viewer");
    for (const [name, role] of this.#there()) this.#others.set(name, role);
  }

  /** Changes the program, and sometimes somebody outside Pulumi. Returns what it did. */
  edit(state: State): string[] {
    const random = this.#random;
    const done: string[] = [];
    const resource = random.pick(this.#entries.keys());
    const entry = resource === undefined ? undefined : this.#entries.get(resource);
    if (random.chance(0.4) && this.#entries.size < 4) {
      this.#made += 1;
      const name = random.chance(0.5) ? `user-${this.#made}` : `user-${this.#made}@example.test`;
      const role = random.pick(ROLES) ?? "member";
      this.#entries.set(`p-${this.#made}`, { name, role });
      done.push(`add ${name} as ${role}`);
    } else if (resource !== undefined && random.chance(0.3)) {
      this.#entries.delete(resource);
      done.push(`remove ${resource}`);
    } else if (entry !== undefined && random.chance(0.5)) {
      entry.role = random.pick(ROLES) ?? "member";
      done.push(`role of ${entry.name}: ${entry.role}`);
    } else if (resource !== undefined && entry !== undefined && random.chance(0.6)) {
      // Another resource takes the person over.
      this.#made += 1;
      this.#entries.delete(resource);
      this.#entries.set(`p-${this.#made}`, entry);
      done.push(`hand ${entry.name} from ${resource} to p-${this.#made}`);
    }
    if (random.chance(0.3)) done.push(...this.#drift(state));
    return done;
  }

  #drift({ people }: State): string[] {
    const there = this.#there();
    const name = this.#random.pick(people.map((one) => one.name).filter((one) => there.has(one)));
    if (name === undefined || this.#others.has(name)) return [];
    this.#drifted.add(name);
    if (!isEmail(name)) {
      this.#account.setRole(name, this.#random.pick(ROLES) ?? "member");
      return [`change the role of ${name} outside Pulumi`];
    }
    if (this.#random.chance(0.5)) {
      this.#account.deleteInvite(name);
      return [`delete the invite of ${name} outside Pulumi`];
    }
    this.#others.set(name, there.get(name) ?? "member");
    const member = this.#account.acceptInvite(name);
    this.#others.set(member.name, member.role);
    return [`accept the invite of ${name}`];
  }

  /** Declares the people in a program. */
  program(): (turso: typeof dynamic) => void {
    const entries = structuredClone([...this.#entries]);
    const organization = this.#account.slug;
    return (turso) => {
      for (const [resource, { name, role }] of entries) {
        const args = { role, organization, adopt: true };
        if (isEmail(name)) new turso.OrganizationInvite(resource, { email: name, ...args });
        else new turso.OrganizationMember(resource, { username: name, ...args });
      }
    };
  }

  /** After every operation: nobody else was removed or changed. */
  judgeAlways(): string[] {
    const there = this.#there();
    return [...this.#others]
      .filter(([name, role]) => there.get(name) !== role && !(isEmail(name) && !there.has(name)))
      .map(([name, role]) => `${name}, a foreign ${role}, is ${there.get(name)}`);
  }

  /** After an up that succeeded: state and the API have what is declared, and nobody else of this stack. */
  judgeSuccess({ people }: State): string[] {
    const there = this.#there();
    const problems = [...this.#entries].flatMap(([resource, { name, role }]) => {
      const [found, ...more] = people.filter((one) => one.resource === resource);
      if (found === undefined || more.length > 0)
        return [`state has ${more.length} of ${resource} too many or none`];
      if (found.role !== role) return [`state has the role ${found.role} of ${name}, the program ${role}`];
      if (this.#drifted.has(name) || this.#others.has(name)) return [];
      return there.get(name) === role ? [] : [`the role of ${name} is ${there.get(name)}, in state ${role}`];
    });
    return [
      ...problems,
      ...people
        .filter(({ resource }) => !this.#entries.has(resource))
        .map(({ name }) => `state has ${name}, which is not declared`),
      ...this.#lost({ people }).map((name) => `${name} exists, but is not in state`),
    ];
  }

  /** After a refresh that succeeded: state has everybody of this stack as the API has them. */
  judgeRefresh({ people }: State): string[] {
    this.#drifted.clear();
    const there = this.#there();
    return people
      .filter(({ doomed, name, role }) => !doomed && !this.#others.has(name) && there.get(name) !== role)
      .map(({ name, role }) => `state has ${name} as ${role}, but the API as ${there.get(name)}`);
  }

  /** After an up that failed: everybody is in state or named by an error. */
  judgeFailure(state: State, diagnostics: string, interrupted: boolean): string[] {
    return this.#lost(state).flatMap((name) => {
      this.#excused.add(name);
      const isNamed = diagnostics.includes(`'${name}'`);
      return interrupted || isNamed ? [] : [`no error names ${name}, who is not in state`];
    });
  }

  /** What a user does at the end about people who are left behind: removes them. */
  mend(state: State): string[] {
    return this.#lost(state, { excused: true }).map((name) => {
      if (isEmail(name)) this.#account.deleteInvite(name);
      else this.#account.removeMember(name);
      return `remove ${name}, whom an error or a kill left behind`;
    });
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Members by username, and pending invites by address, with their roles. */
  #there(): Map<string, Role> {
    const { members, invites } = this.#account;
    return new Map([...members.values(), ...invites.values()].map(({ name, role }) => [name, role]));
  }

  /** The people of this stack that are not in state. */
  #lost({ people }: Pick<State, "people">, { excused = false } = {}): string[] {
    return [...this.#there().keys()].filter(
      (name) =>
        !this.#others.has(name) &&
        (excused || !this.#excused.has(name)) &&
        !people.some((one) => one.name === name),
    );
  }
}
