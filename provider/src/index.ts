/** Turso for Pulumi. Importing it loads no HTTP client: resources make their requests in the engine's provider process, functions when called. */

export {
  type GetGroupArgs,
  type GetGroupOutputArgs,
  type GroupResult,
  getGroup,
  getGroupOutput,
} from "./getGroup.js";
export {
  type GetGroupsArgs,
  type GetGroupsOutputArgs,
  type GetGroupsResult,
  getGroups,
  getGroupsOutput,
} from "./getGroups.js";
export {
  type GetLocationsArgs,
  type GetLocationsOutputArgs,
  type GetLocationsResult,
  getLocations,
  getLocationsOutput,
} from "./getLocations.js";
export { Group, type GroupArgs } from "./group.js";
export { GroupToken, type GroupTokenArgs } from "./groupToken.js";
export { GroupTokenInvalidation, type GroupTokenInvalidationArgs } from "./groupTokenInvalidation.js";
