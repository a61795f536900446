/** Every resource and function of the package: both hosts and the schema follow from these lists. */

import type { AnyFunction } from "../lifecycle/function.js";
import type { AnyLifecycle } from "../lifecycle/lifecycle.js";
import { apiTokenLifecycle } from "./apiToken.js";
import { getLocationsFunction } from "./getLocations.js";
import { getGroupFunction } from "./group/getGroup.js";
import { getGroupsFunction } from "./group/getGroups.js";
import { groupTokenLifecycle } from "./group/groupToken.js";
import { groupTokenInvalidationLifecycle } from "./group/groupTokenInvalidation.js";
import { groupLifecycle } from "./group/lifecycle.js";

export const lifecycles: readonly AnyLifecycle[] = [
  groupLifecycle,
  groupTokenLifecycle,
  groupTokenInvalidationLifecycle,
  apiTokenLifecycle,
];

export const functions: readonly AnyFunction[] = [getGroupFunction, getGroupsFunction, getLocationsFunction];
