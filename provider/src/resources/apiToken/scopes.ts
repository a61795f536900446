/** What a token of a group can be allowed to do. */
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { describe } from "../../lifecycle/values.js";
import { oneOf, type ValueType } from "../../lifecycle/valueTypes.js";

/** What an ApiToken of a group can be allowed to do. */
export type ApiTokenScope = keyof typeof SCOPES;

const SCOPES = {
  read: "List and retrieve the group and its databases, with configuration and usage.",
  "db:create": "Create databases in the group.",
  "db:delete": "Delete databases of the group.",
  "db:configure": "Change the configuration of databases.",
  "db:mint-token": "Create tokens of databases.",
  "db:rotate-creds": "Invalidate all tokens of a database.",
  "group:configure": "Configure, rename and unarchive the group, add and remove locations.",
  "group:mint-token": "Create tokens of the group.",
  "group:rotate-creds": "Invalidate all tokens of the group and its databases.",
};

export const PRESETS: Readonly<Record<string, readonly string[]>> = {
  "read-only": ["read"],
  "full-access": Object.keys(SCOPES),
};

const scope = oneOf({ name: "ApiTokenScope", description: "What an API token of a group can do." }, SCOPES);

/** A list of scopes, or a preset, which means the same as its scopes. */
export const scopes: ValueType<"read-only" | "full-access" | ApiTokenScope[]> = {
  schema: { oneOf: [{ type: "string" }, { type: "array", items: scope.schema }] },
  ...(scope.enumeration && { enumeration: scope.enumeration }),
  problem(value) {
    if (typeof value === "string" && Object.hasOwn(PRESETS, value)) return undefined;
    if (!Array.isArray(value))
      return `must be "read-only", "full-access" or a list of scopes, got ${typeof value === "string" ? JSON.stringify(value) : describe(value)}`;
    if (value.length === 0) return "must have at least one scope";
    const problems = value.map((one) => (one === UNKNOWN ? undefined : scope.problem(one)));
    const index = problems.findIndex((problem) => problem !== undefined);
    return index < 0 ? undefined : `has an invalid item ${index + 1}: it ${problems[index]}`;
  },
  equal: (a, b) => sameScopes(a, b),
};

/** Whether two values grant the same. */
export function sameScopes(a: unknown, b: unknown): boolean {
  const listOf = (value: unknown) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : (PRESETS[String(value)] ?? [value]);
    return JSON.stringify([...new Set(items)].sort());
  };
  return listOf(a) === listOf(b);
}
