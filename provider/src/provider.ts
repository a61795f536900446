/**
 * `pulumi-turso/provider`: what the engine's provider process loads. It exports a handler for each resource,
 * e.g. `groupProvider`.
 */
import { dynamicProvider } from "./hosts/dynamic.js";
import { handlerOf } from "./lifecycle/resourceType.js";
import { lifecycles } from "./resources/list.js";

for (const lifecycle of lifecycles) exports[handlerOf(lifecycle.resource.name)] = dynamicProvider(lifecycle);
