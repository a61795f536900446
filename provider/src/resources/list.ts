/** Every resource and function of the package: both hosts and the schema follow from these lists. */

import type { AnyFunction } from "../lifecycle/function.js";
import type { AnyLifecycle } from "../lifecycle/lifecycle.js";
import { apiTokenLifecycle } from "./apiToken/lifecycle.js";
import { getLocationsFunction } from "./getLocations.js";
import { getGroupFunction } from "./group/getGroup.js";
import { getGroupsFunction } from "./group/getGroups.js";
import { groupTokenLifecycle } from "./group/groupToken.js";
import { groupTokenInvalidationLifecycle } from "./group/groupTokenInvalidation.js";
import { groupLifecycle } from "./group/lifecycle.js";
import { getOrganizationFunction } from "./organization/getOrganization.js";
import { getOrganizationMembersFunction } from "./organization/getOrganizationMembers.js";
import { getOrganizationsFunction } from "./organization/getOrganizations.js";
import { organizationInviteLifecycle } from "./organization/invite.js";
import { organizationMemberLifecycle } from "./organization/member.js";

export const lifecycles: readonly AnyLifecycle[] = [
  groupLifecycle,
  groupTokenLifecycle,
  groupTokenInvalidationLifecycle,
  apiTokenLifecycle,
  organizationMemberLifecycle,
  organizationInviteLifecycle,
];

export const functions: readonly AnyFunction[] = [
  getGroupFunction,
  getGroupsFunction,
  getLocationsFunction,
  getOrganizationFunction,
  getOrganizationsFunction,
  getOrganizationMembersFunction,
];
