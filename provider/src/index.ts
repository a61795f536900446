/** Turso for Pulumi. Importing it loads no HTTP client: requests are made in the engine's provider process. */
export { Group, type GroupArgs } from "./group.js";
