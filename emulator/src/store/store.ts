import { isDeepStrictEqual } from "node:util";
import { forgetApiTokens } from "../resources/apiToken.js";
import { type Group, groupByUuid } from "../resources/group.js";
import { type GroupToken, tokenIsValid, tokensOf } from "../resources/groupToken.js";
import { type AccountProperties, accountProperties } from "../resources/list.js";
import { DEFAULT_LOCATIONS } from "../resources/location.js";
import { addUser, type NewUser, type User, usersOf } from "../resources/user.js";
import { type AccountBase, StoreBase, type StoreOptions } from "./base.js";
import {
  checkState,
  type EmulatorState,
  fillStore,
  STATE_VERSION,
  StateError,
  saveAccounts,
} from "./state.js";
import { stateOf } from "./stateOf.js";

/** What an organization, or the personal account, holds: groups, databases, tokens, members and invites. */
export type Account = AccountBase & AccountProperties;

/** Adds the properties of all resources when an account is used for the first time. */
const withProperties = stateOf<AccountBase, Account>((account) =>
  Object.assign(account, accountProperties(account)),
);

/** The state of the emulated Turso: accounts with what they hold, and users. */
export class Store extends StoreBase {
  /** JWT → group token. Invalidated tokens and those of deleted groups are removed; expired ones stay. */
  readonly tokens: Map<string, GroupToken> = tokensOf(this);
  /** The locations without a state. */
  readonly #locations: Readonly<Record<string, string>>;

  constructor(options: StoreOptions = {}) {
    const locations = options.locations ?? DEFAULT_LOCATIONS;
    super({ ...options, locations });
    this.#locations = locations;
  }

  /**
   * Replaces all accounts and tokens by those of a state. What a state leaves out has its default; a
   * uuid that it leaves out is random.
   * @param state An {@link EmulatorState}, of which nothing is taken for granted.
   * @throws {@link StateError} with every problem and its path. Nothing has changed then.
   */
  load(state: EmulatorState): void {
    const problems = checkState(state);
    if (problems.length > 0) throw new StateError(problems);
    const locations = { ...(state.locations ?? this.#locations) };
    // Tried on another store, so that a state that is refused changes nothing.
    const refusals = fillStore(new Store({ locations }), state);
    if (refusals.length > 0) throw new StateError(refusals);
    this.reset();
    this.locations = locations;
    fillStore(this, state);
  }

  /**
   * The accounts with all that they hold, which `load` accepts. It holds secrets: group tokens and API tokens.
   * Locations are left out if they are the default ones.
   */
  save(): EmulatorState {
    const locations = isDeepStrictEqual(this.locations, DEFAULT_LOCATIONS)
      ? {}
      : { locations: this.locations };
    return { version: STATE_VERSION, ...locations, organizations: saveAccounts(this) };
  }

  /**
   * The account of an organization, created on first use.
   * @param organization Slug of the organization. Default: the personal account.
   * @throws {@link Refusal} `forbidden` if the option `organizations` is set and does not list it.
   */
  override account(organization?: string): Account {
    return withProperties(super.account(organization));
  }

  /**
   * Adds a user of Turso, who can become a member of organizations. Until the first call, every username
   * exists; from then on, only the users that were added and the one of the API tokens do. A reset keeps them.
   */
  addUser(user: NewUser): User {
    return addUser(this, user);
  }

  /** Username of the user that the API tokens belong to. Can be assigned before an organization is used. */
  get tokenUser(): string {
    return usersOf(this).current;
  }

  set tokenUser(username: string) {
    usersOf(this).current = username;
  }

  /** The group with this uuid, in any account and under any name. */
  groupByUuid(uuid: string): Group | undefined {
    return groupByUuid(this, uuid);
  }

  /**
   * Whether a group token gives access to its group: it was minted here, has not expired or been invalidated,
   * and its group exists.
   * @param now Unix milliseconds. Default: the time of the clock.
   */
  tokenIsValid(jwt: string, now: number = this.clock.now()): boolean {
    return tokenIsValid(this, jwt, now);
  }

  /**
   * Removes all accounts, group tokens and API tokens. The locations are those of the options again.
   * `apiToken`, `apiTokens`, lags, `pagination` and the clock stay. An `Account` from before the reset is no
   * longer used: call `account()` again.
   */
  override reset(): void {
    super.reset();
    this.tokens.clear();
    this.locations = this.#locations;
    forgetApiTokens(this);
  }
}
