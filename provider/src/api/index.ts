/**
 * `pulumi-turso/client`: a client of the Turso Platform API. It does not use Pulumi.
 *
 * ```ts
 * const turso = createClient({ token });
 * await turso.groups.create("acme", { name: "prod", location: "aws-us-east-1" });
 * ```
 */

export type { ApiToken, ApiTokenLimits, ApiTokensApi } from "./apiTokens.js";
export { createClient, type TursoClient } from "./client.js";
export type { Database, DatabaseFilter, DatabaseList, DatabasesApi } from "./databases.js";
export { TursoApiError } from "./errors/TursoApiError.js";
export { TursoConnectionError } from "./errors/TursoConnectionError.js";
export { type RequestInfo, TursoError } from "./errors/TursoError.js";
export { TursoResponseError } from "./errors/TursoResponseError.js";
export type { Group, GroupsApi, NewGroup, NewGroupToken } from "./groups.js";
export { DEFAULT_BASE_URL } from "./http/baseUrl.js";
export type { LocationsApi } from "./locations.js";
export type { ClientOptions } from "./options.js";
export type { Invite, Member, Organization, OrganizationsApi } from "./organizations.js";
