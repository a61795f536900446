import { Refusal } from "../refusal.js";
import { Clock, type Time } from "./clock.js";
import type { Lags } from "./collection.js";
import { DEFAULT_PLAN, type Plan } from "./plan.js";

/**
 * When the response to a list request has a `pagination` field. With `never`, the request's `limit` and
 * `cursor` are ignored and a list is cut at 1,000 items without notice.
 */
export type Pagination = "always" | "with limit" | "never";

/**
 * Slug of the personal account, which the user endpoints (`/v1/groups`, …) serve. At Turso it is the user's
 * name.
 */
export const PERSONAL = "personal";

export type StoreOptions = Partial<Lags> & {
  /**
   * The only API token that is accepted.
   * @default any bearer token
   */
  token?: string;
  /**
   * Slugs of the organizations that exist. Requests for any other organization return 403.
   * @default every organization exists; it is created on first use
   */
  organizations?: readonly string[];
  /**
   * Location code → description, as `GET /v1/locations` returns them.
   * @default {@link DEFAULT_LOCATIONS}
   */
  locations?: Readonly<Record<string, string>>;
  /**
   * Plan of the organizations for which the state has none.
   * @default "developer"
   */
  plan?: Plan;
  /**
   * Milliseconds during which the name of a deleted group cannot be used again.
   * @default 0
   */
  lag?: number;
  /**
   * Time of the emulator's clock at the start. Expiry and lags follow it.
   * @default real time
   */
  clock?: Time;
  /**
   * When lists of databases have a `pagination` field.
   * @default "with limit" (in responses to requests that have a `limit`)
   */
  pagination?: Pagination;
};

/** What every account has. Each file in `resources/` adds its own state and methods. */
export type AccountBase = {
  /** Slug of the organization, or `personal`. */
  readonly slug: string;
  /** `starter`, `developer`, … Can be assigned at any time. */
  plan: Plan;
  /** The store that the account is part of. */
  readonly store: StoreBase;
};

/** Accounts, API tokens and settings: the part of the store that knows no resource. */
export class StoreBase implements Lags {
  /** Location code → description. */
  locations: Readonly<Record<string, string>>;
  // Lags can be assigned at any time. `listLag` applies at once, the others to later creations and deletions.
  /** Milliseconds during which the name of a deleted group cannot be used again. */
  lag: number;
  createLag: number;
  deleteLag: number;
  listLag: number;
  /** When lists of databases have a `pagination` field. Can be assigned at any time. */
  pagination: Pagination;
  /** The only API token that is accepted; undefined accepts any. Can be assigned at any time. */
  apiToken: string | undefined;
  /** Slug → the only API token that this organization accepts. The others accept `apiToken`. */
  readonly apiTokens = new Map<string, string>();
  /** What expiry and lags follow. */
  readonly clock = new Clock();
  /** Plan of the organizations for which the state has none. */
  readonly plan: Plan;
  readonly #members: ReadonlySet<string> | undefined;
  readonly #accounts = new Map<string, AccountBase>();

  constructor({ locations, ...options }: StoreOptions & { locations: Readonly<Record<string, string>> }) {
    this.locations = { ...locations };
    if (options.clock !== undefined) this.clock.set(options.clock);
    this.lag = options.lag ?? 0;
    this.createLag = options.createLag ?? 0;
    this.deleteLag = options.deleteLag ?? 0;
    this.listLag = options.listLag ?? 0;
    this.pagination = options.pagination ?? "with limit";
    this.apiToken = options.token;
    this.plan = options.plan ?? DEFAULT_PLAN;
    this.#members = options.organizations && new Set(options.organizations);
  }

  account(organization: string = PERSONAL): AccountBase {
    if (!this.hasOrganization(organization)) {
      throw new Refusal("forbidden", `you are not a member of organization ${organization}`);
    }
    return this.#accounts.get(organization) ?? this.createAccount(organization);
  }

  /** Adds an account, whether or not the option `organizations` lists it. */
  createAccount(slug: string, plan: Plan = this.plan): AccountBase {
    const account = { slug, plan, store: this };
    this.#accounts.set(slug, account);
    return account;
  }

  /** Every account that was used since the start or the last reset. */
  accounts(): AccountBase[] {
    return [...this.#accounts.values()];
  }

  /** Whether an organization exists and the token's owner is a member of it. */
  hasOrganization(organization: string): boolean {
    if (organization === PERSONAL || !this.#members) return true;
    return this.#members.has(organization) || this.#accounts.has(organization);
  }

  /**
   * Slugs of the organizations, `personal` first: those of the option `organizations` and of the state, and
   * those that were used since the start or the last reset.
   */
  organizations(): string[] {
    return [...new Set([PERSONAL, ...(this.#members ?? []), ...this.#accounts.keys()])];
  }

  /**
   * Whether an organization accepts an API token; without an organization, whether the personal account does.
   */
  admits(apiToken: string, organization?: string): boolean {
    const accepted = this.apiTokens.get(organization ?? PERSONAL) ?? this.apiToken;
    return accepted === undefined || apiToken === accepted;
  }

  reset(): void {
    this.#accounts.clear();
  }
}
