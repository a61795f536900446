import type { Hono } from "hono";
import type { Env, Mount } from "../http.js";
import type { AccountBase } from "../store/base.js";
import type { JsonSchema, Seed } from "../store/seed.js";
import * as apiToken from "./apiToken.js";
import * as authentication from "./authentication.js";
import * as database from "./database.js";
import * as group from "./group.js";
import * as groupToken from "./groupToken.js";
import * as invite from "./invite.js";
import * as location from "./location.js";
import * as member from "./member.js";
import * as organization from "./organization.js";
import * as user from "./user.js";

/** Everything that the emulator serves. To add a resource, write its file and add it here. */
const LIST = [
  authentication,
  user,
  organization,
  location,
  group,
  groupToken,
  database,
  member,
  invite,
  apiToken,
] as const;

/** What a file in the list exports. Every export is optional. */
export type Resource = {
  /** Routes with their whole path, such as `/v1/locations`. */
  readonly globalRoutes?: Hono<Env>;
  /** Routes below `/v1`, for the personal account, and below `/v1/organizations/{organization}`. */
  readonly accountRoutes?: Mount;
  /**
   * Routes below `/_emulator/organizations/{organization}`: what other users, or Turso itself, do to its items
   * and the API has no request for.
   */
  readonly controlRoutes?: Mount;
  /** Routes below `/v2/organizations/{organization}`. */
  readonly accountRoutesV2?: Mount;
  /** Properties and methods of the accounts that `store.account()` returns. */
  readonly accountProperties?: (account: AccountBase) => object;
  /** How its items are written in a state: see {@link Seed}. */
  readonly seed?: {
    readonly key: string;
    readonly description: string;
    readonly schema: JsonSchema;
    load(account: AccountBase, item: never): void;
    save(account: AccountBase): readonly object[];
  };
};

/** The list, with one type for all files. */
export const RESOURCES: readonly Resource[] = LIST;

type PropertiesOf<R> = R extends { accountProperties: (...args: never) => infer Properties }
  ? Properties
  : never;
type SeedsOf<R> = R extends { seed: Seed<infer Key, infer Item> }
  ? { readonly [K in Key]?: readonly Item[] }
  : never;
type Intersection<Union> = (Union extends unknown ? (part: Union) => void : never) extends (
  whole: infer Whole,
) => void
  ? Whole
  : never;

/** The properties and methods that an account has from every resource. */
export type AccountProperties = Intersection<PropertiesOf<(typeof LIST)[number]>>;

/** The items of every resource, as they are written in a state. */
export type AccountSeeds = Intersection<SeedsOf<(typeof LIST)[number]>>;

export function accountProperties(account: AccountBase): AccountProperties {
  return Object.assign({}, ...RESOURCES.map((resource) => resource.accountProperties?.(account)));
}
