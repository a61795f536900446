/**
 * ApiTokens of the program, and what must hold for them. They use a separate random generator, so that older
 * seeds that found bugs still do the same to groups.
 */
import type * as dynamic from "pulumi-turso";
import type { Account, ApiToken } from "turso-emulator";
import type { Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";
import type { State, StateApiToken } from "./state.ts";

interface Declared {
  name?: string;
  keepers: { count: number };
}

export class ApiTokens {
  readonly #random: Random;
  readonly #account: Account;
  readonly #ledger: Ledger;
  readonly #entries = new Map<string, Declared>();
  /** A token that no program declares. */
  readonly #foreign: ApiToken;
  /** IDs of tokens of this stack that are not in state, because an error named them or a kill lost them. */
  readonly #excused = new Set<string>();
  /** IDs of tokens that were revoked outside Pulumi. */
  readonly #revoked = new Set<string>();
  #made = 0;

  constructor(random: Random, account: Account, ledger: Ledger) {
    this.#random = random;
    this.#account = account;
    this.#ledger = ledger;
    this.#foreign = account.createApiToken("theirs");
  }

  /** Changes the program, and sometimes revokes a token outside Pulumi. Returns what it did. */
  edit(state: State): string[] {
    const random = this.#random;
    const resource = random.pick(this.#entries.keys());
    const entry = resource === undefined ? undefined : this.#entries.get(resource);
    const done: string[] = [];
    if (random.chance(0.4) && this.#entries.size < 3) {
      this.#made += 1;
      const named = random.chance(0.3) ? { name: `fixed-${this.#made}` } : {};
      this.#entries.set(`t-${this.#made}`, { ...named, keepers: { count: 0 } });
      done.push(`add t-${this.#made} ${JSON.stringify(named)}`);
    } else if (resource !== undefined && random.chance(0.3)) {
      this.#entries.delete(resource);
      done.push(`remove ${resource}`);
    } else if (entry !== undefined && random.chance(0.4)) {
      entry.keepers.count += 1;
      done.push(`replace ${resource}`);
    }
    const own = random.pick(state.apiTokens.filter(({ id }) => this.#isAlive(id)));
    if (own !== undefined && random.chance(0.2)) {
      this.#account.revokeApiToken(own.id);
      this.#revoked.add(own.id);
      done.push(`revoke ${own.name} outside Pulumi`);
    }
    return done;
  }

  /** Declares the tokens in a program. */
  program(): (turso: typeof dynamic) => void {
    const entries = structuredClone([...this.#entries]);
    const organization = this.#account.slug;
    return (turso) => {
      for (const [resource, args] of entries) new turso.ApiToken(resource, { organization, ...args });
    };
  }

  /** Why the next up may fail without a fault of the API. */
  reasonsToFail(state: State): string[] {
    const lost = this.#lost(state).map(({ name }) => name);
    return [...this.#entries.values()].flatMap(({ name }) =>
      name !== undefined && lost.includes(name) ? [`the name ${name} is taken`] : [],
    );
  }

  /** After every operation: other tokens are unchanged. */
  judgeAlways(): string[] {
    for (const { token } of this.#account.listApiTokens()) this.#ledger.secrets.add(token);
    return this.#isAlive(this.#foreign.uuid) ? [] : ["an API token of others was revoked"];
  }

  /** After an up that succeeded: state has what is declared, it exists, and nothing else does. */
  judgeSuccess(state: State): string[] {
    const declared = [...this.#entries.keys()].sort().join();
    const kept = state.apiTokens
      .map(({ resource }) => resource)
      .sort()
      .join();
    return [
      ...(declared === kept ? [] : [`state has the API tokens ${kept}, the program ${declared}`]),
      ...this.judgeRefresh(state, (id) => this.#revoked.has(id)),
      ...this.#lost(state).map(({ name }) => `the API token ${name} exists, but is not in state`),
    ];
  }

  /** After a refresh that succeeded: what state has exists, if the test has not revoked it since. */
  judgeRefresh(state: State, isExpected: (id: string) => boolean = () => false): string[] {
    return state.apiTokens
      .filter(({ id, doomed }) => !doomed && !this.#isAlive(id) && !isExpected(id))
      .map(({ name }) => `the API token ${name} in state was revoked`);
  }

  /** After an up that failed: every token is in state or named by an error. */
  judgeFailure(state: State, diagnostics: string, interrupted: boolean): string[] {
    return this.#lost(state).flatMap(({ name, uuid }) => {
      this.#excused.add(uuid);
      const isNamed = new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(diagnostics);
      return interrupted || isNamed ? [] : [`no error names the API token ${name}, which is not in state`];
    });
  }

  /** What a user does after an error about a token: revokes it. */
  mend(state: State): string[] {
    return this.#lost(state, { excused: true }).map(({ name, uuid }) => {
      this.#account.revokeApiToken(uuid);
      return `revoke ${name}, which an error or a kill left behind`;
    });
  }

  clear(): void {
    this.#entries.clear();
  }

  #isAlive(id: string): boolean {
    return this.#account.listApiTokens().some(({ uuid }) => uuid === id);
  }

  /** The tokens of this stack that are not in state. */
  #lost({ apiTokens }: { apiTokens: readonly StateApiToken[] }, { excused = false } = {}): ApiToken[] {
    return this.#account
      .listApiTokens()
      .filter(({ uuid }) => uuid !== this.#foreign.uuid && (excused || !this.#excused.has(uuid)))
      .filter(({ uuid }) => !apiTokens.some(({ id }) => id === uuid));
  }
}
