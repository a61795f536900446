import { Refusal } from "../refusal.js";
import { Account } from "../resources/group.js";
import type { GroupToken } from "../resources/groupToken.js";
import { DEFAULT_LOCATIONS } from "../resources/location.js";
import type { Group } from "../resources/name.js";
import type { Lags } from "./collection.js";

/** When lists of databases report whether there are more: `never` also ignores `limit` and `cursor`, and cuts silently. */
export type Pagination = "always" | "with limit" | "never";

/** The slug of the account behind the user form, `/v1/groups…`. A real one is the user's name. */
export const PERSONAL = "personal";

export type StoreOptions = Partial<Lags> & {
  /** The only API token that is let in. Default: any bearer token will do. */
  token?: string;
  /** Slugs of the organizations that the token's owner is a member of. Default: any organization exists. */
  organizations?: readonly string[];
  /** Code → description. Default: those of 2023 and today's AWS regions. */
  locations?: Readonly<Record<string, string>>;
  /** Milliseconds for which the name of a deleted group stays taken. Default 0. */
  lag?: number;
  /** When lists of databases have `pagination`. Default `with limit`: in responses to requests with a `limit`. */
  pagination?: Pagination;
};

/** What the emulated Turso holds: accounts, each with its groups and databases, and the groups' tokens. */
export class Store implements Lags {
  readonly locations: Readonly<Record<string, string>>;
  // Assign to a lag to change it: `listLag` holds at once, the others for what is created or deleted from then on.
  lag: number;
  createLag: number;
  deleteLag: number;
  listLag: number;
  /** When lists of databases have `pagination`. Assign to it to change it. */
  pagination: Pagination;
  /** The only API token that is let in; undefined: any. Assign to it to rotate it. */
  apiToken: string | undefined;
  /** The only API token that an organization lets in, by its slug; one that is not here takes `apiToken`. */
  readonly apiTokens = new Map<string, string>();
  /** Tokens that were minted and not invalidated since, by JWT. */
  readonly tokens = new Map<string, GroupToken>();
  readonly #members: ReadonlySet<string> | undefined;
  readonly #accounts = new Map<string, Account>();

  constructor(options: StoreOptions = {}) {
    this.locations = { ...(options.locations ?? DEFAULT_LOCATIONS) };
    this.lag = options.lag ?? 0;
    this.createLag = options.createLag ?? 0;
    this.deleteLag = options.deleteLag ?? 0;
    this.listLag = options.listLag ?? 0;
    this.pagination = options.pagination ?? "with limit";
    this.apiToken = options.token;
    this.#members = options.organizations && new Set(options.organizations);
  }

  /**
   * The account of an organization, created on first use; without one, the personal account.
   * Refuses an organization that is not in the list which the store was given.
   */
  account(organization: string = PERSONAL): Account {
    if (!this.hasOrganization(organization)) {
      throw new Refusal("forbidden", `you are not a member of organization ${organization}`);
    }
    let account = this.#accounts.get(organization);
    if (!account) {
      account = new Account(organization, this);
      this.#accounts.set(organization, account);
    }
    return account;
  }

  /** Whether `organization` is there for the token's owner. */
  hasOrganization(organization: string): boolean {
    return organization === PERSONAL || !this.#members || this.#members.has(organization);
  }

  /** Slugs of the organizations, the personal one first: those given, or those that were used so far. */
  organizations(): string[] {
    return [...new Set([PERSONAL, ...(this.#members ?? this.#accounts.keys())])];
  }

  /** The group with this uuid, wherever it is and whatever it is called now. */
  groupByUuid(uuid: string): Group | undefined {
    const groups = [...this.#accounts.values()].flatMap((account) => [...account.groups.values()]);
    return groups.find((group) => group.uuid === uuid);
  }

  /** Whether a JWT opens its group at `now` (Unix milliseconds, default: the clock's). */
  tokenIsValid(jwt: string, now = Date.now()): boolean {
    const token = this.tokens.get(jwt);
    if (!token || !this.groupByUuid(token.group)) return false;
    return token.expiresAt === undefined || now < token.expiresAt * 1000;
  }

  /** Whether an API token is let in to an organization; without one, to the user form. */
  admits(apiToken: string, organization?: string): boolean {
    const demanded = this.apiTokens.get(organization ?? PERSONAL) ?? this.apiToken;
    return demanded === undefined || apiToken === demanded;
  }

  /** Forgets everything but the API tokens, the lags and `pagination`. Accounts taken before are cut off: ask for them anew. */
  reset(): void {
    this.#accounts.clear();
    this.tokens.clear();
  }
}
