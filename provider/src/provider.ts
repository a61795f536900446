/** `pulumi-turso/provider`: what the engine's provider process requires. The names are in users' states: keep them. */
import { dynamicProvider } from "./dynamic.js";
import { groupLifecycle } from "./group.js";
import { groupTokenLifecycle } from "./groupToken.js";
import { groupTokenInvalidationLifecycle } from "./groupTokenInvalidation.js";

export const groupProvider = dynamicProvider(groupLifecycle);
export const groupTokenProvider = dynamicProvider(groupTokenLifecycle);
export const groupTokenInvalidationProvider = dynamicProvider(groupTokenInvalidationLifecycle);
