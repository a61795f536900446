/**
 * Turso for Pulumi. Importing it loads no HTTP client: resources make requests in the engine's provider
 * process, and functions load it when called.
 */

export { ApiToken, type ApiTokenArgs, type ApiTokenScope } from "./resources/apiToken.js";
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
