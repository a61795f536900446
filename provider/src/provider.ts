/** `pulumi-turso/provider`: what the engine's provider process requires. The names are in users' states: keep them. */
import { dynamicProvider } from "./hosts/dynamic.js";
import { groupLifecycle } from "./resources/group/group.js";
import { groupTokenLifecycle } from "./resources/group/groupToken.js";
import { groupTokenInvalidationLifecycle } from "./resources/group/groupTokenInvalidation.js";

export const groupProvider = dynamicProvider(groupLifecycle);
export const groupTokenProvider = dynamicProvider(groupTokenLifecycle);
export const groupTokenInvalidationProvider = dynamicProvider(groupTokenInvalidationLifecycle);
