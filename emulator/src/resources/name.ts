import { Refusal } from "../refusal.js";

/**
 * Returns the name if it is valid. Turso documents this rule for databases only. It is applied to groups as
 * well, because group names are part of the same URLs.
 */
export function checkName(kind: "group" | "database", name: string): string {
  if (/^[a-z0-9-]{1,64}$/.test(name)) return name;
  throw new Refusal(
    "invalid",
    `${kind} name must be 1 to 64 characters long and have only lowercase letters, numbers and dashes`,
  );
}
