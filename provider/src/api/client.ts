import { ApiTokensApi } from "./apiTokens.js";
import { DatabasesApi } from "./databases.js";
import { GroupsApi } from "./groups.js";
import { sender } from "./http/send.js";
import { type ResolveUnknownOutcome, unknownOutcomeResolver } from "./http/unknownOutcome.js";
import { LocationsApi } from "./locations.js";
import type { ClientOptions } from "./options.js";
import { OrganizationsApi } from "./organizations.js";

/**
 * A client of the Turso Platform API. Every method takes the slug of an organization; `undefined` means your
 * personal account (the user endpoint, `/v1/groups`). Every method fails with a `TursoError`.
 */
export interface TursoClient {
  readonly groups: GroupsApi;
  readonly databases: DatabasesApi;
  readonly locations: LocationsApi;
  readonly apiTokens: ApiTokensApi;
  readonly organizations: OrganizationsApi;
  /** @internal */
  readonly resolveUnknownOutcome: ResolveUnknownOutcome;
}

/**
 * Creates a client. Makes no API requests, and loads the HTTP library with the first request.
 *
 * @throws TypeError if there is no token, or if the base URL is invalid or would send the token unencrypted
 * to another machine
 */
export function createClient(options: ClientOptions): TursoClient {
  // JavaScript programs may leave it out.
  const { token }: Partial<ClientOptions> = options ?? {};
  if (typeof token !== "string" && typeof token !== "function")
    throw new TypeError('createClient requires an API token: createClient({ token: "…" }).');
  const send = sender(options);
  return {
    groups: new GroupsApi(send),
    databases: new DatabasesApi(send),
    locations: new LocationsApi(send),
    apiTokens: new ApiTokensApi(send, token),
    organizations: new OrganizationsApi(send),
    resolveUnknownOutcome: unknownOutcomeResolver(options),
  };
}
