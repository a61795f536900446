import { DatabasesApi } from "./databases.js";
import { GroupsApi } from "./groups.js";
import { sender } from "./http/send.js";
import { type ResolveUnknownOutcome, unknownOutcomeResolver } from "./http/unknownOutcome.js";
import { LocationsApi } from "./locations.js";
import type { ClientOptions } from "./options.js";

/** A client of the Turso Platform API. An organization of `undefined` means the user form of a call. */
export interface TursoClient {
  readonly groups: GroupsApi;
  readonly databases: DatabasesApi;
  readonly locations: LocationsApi;
  /** @internal */
  readonly settle: ResolveUnknownOutcome;
}

/**
 * Creates a client. Nothing is requested, and no HTTP library loaded, before the first call.
 *
 * @throws TypeError when there is no token, or the base URL is none, or would send the token unencrypted to another machine
 */
export function createClient(options: ClientOptions): TursoClient {
  // JavaScript may leave it out.
  const { token }: Partial<ClientOptions> = options ?? {};
  if (typeof token !== "string" && typeof token !== "function")
    throw new TypeError('createClient needs an API token: createClient({ token: "…" }).');
  const send = sender(options);
  return {
    groups: new GroupsApi(send),
    databases: new DatabasesApi(send),
    locations: new LocationsApi(send),
    settle: unknownOutcomeResolver(options),
  };
}
