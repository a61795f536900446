/**
 * Turso for Pulumi. Importing it loads no HTTP client: resources make requests in the engine's provider
 * process, and functions load it when called.
 */

export {
  type ApiTokenEntry,
  type EntryOptions,
  type GroupEntry,
  type GroupTokenEntry,
  Organization,
  type OrganizationArgs,
  type OrganizationDeclaration,
  type OrganizationFile,
  type OrganizationInviteEntry,
  type OrganizationMemberEntry,
} from "./components/organization/organization.js";
export { ApiToken, type ApiTokenArgs } from "./resources/apiToken/apiToken.js";
export type { ApiTokenScope } from "./resources/apiToken/scopes.js";
export {
  type GetLocationsArgs,
  type GetLocationsOutputArgs,
  type GetLocationsResult,
  getLocations,
  getLocationsOutput,
} from "./resources/getLocations.js";
export {
  type GetGroupArgs,
  type GetGroupOutputArgs,
  type GroupResult,
  getGroup,
  getGroupOutput,
} from "./resources/group/getGroup.js";
export {
  type GetGroupsArgs,
  type GetGroupsOutputArgs,
  type GetGroupsResult,
  getGroups,
  getGroupsOutput,
} from "./resources/group/getGroups.js";
export { Group, type GroupArgs } from "./resources/group/group.js";
export { GroupToken, type GroupTokenArgs } from "./resources/group/groupToken.js";
export {
  GroupTokenInvalidation,
  type GroupTokenInvalidationArgs,
} from "./resources/group/groupTokenInvalidation.js";
export {
  type GetOrganizationArgs,
  type GetOrganizationOutputArgs,
  getOrganization,
  getOrganizationOutput,
  type OrganizationResult,
} from "./resources/organization/getOrganization.js";
export {
  type GetOrganizationMembersArgs,
  type GetOrganizationMembersOutputArgs,
  type GetOrganizationMembersResult,
  getOrganizationMembers,
  getOrganizationMembersOutput,
  type OrganizationMemberResult,
} from "./resources/organization/getOrganizationMembers.js";
export {
  type GetOrganizationsArgs,
  type GetOrganizationsOutputArgs,
  type GetOrganizationsResult,
  getOrganizations,
  getOrganizationsOutput,
} from "./resources/organization/getOrganizations.js";
export { OrganizationInvite, type OrganizationInviteArgs } from "./resources/organization/invite.js";
export { OrganizationMember, type OrganizationMemberArgs } from "./resources/organization/member.js";
