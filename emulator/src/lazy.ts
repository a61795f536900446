import { createRequire } from "node:module";

const load = createRequire(__filename);

// Both take longer to load than the rest of the emulator, and most tests need neither.

export function loadAjv(): typeof import("ajv") {
  return load("ajv");
}

export function loadYaml(): typeof import("yaml") {
  return load("yaml");
}
