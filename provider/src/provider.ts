/** `pulumi-turso/provider`: what the engine's provider process requires. The names are in users' states: keep them. */
import { dynamicProvider } from "./dynamic.js";
import { groupLifecycle } from "./group.js";

const { version } = require("../package.json") as { version: string };

export const groupProvider = dynamicProvider(groupLifecycle, `pulumi-turso/${version}`);
