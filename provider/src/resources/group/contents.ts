/** What a group holds: the guard of its deletion and of its replacement, which would delete its databases. */
import type { Database, Group } from "../../api/index.js";
import type { Listing } from "../../lifecycle/collection.js";

/** `unproven`: databases may be in the group; `reason` says why that is not known. It counts as holding some. */
export type Contents =
  | { outcome: "empty" }
  | { outcome: "holds"; databases: string[] }
  | { outcome: "unproven"; reason: string };

export interface Guarded {
  /** What the group is called now. */
  name: string;
  /** What it is or was called in state: a list may still have its databases under these. */
  formerNames: readonly string[];
}

/**
 * What a group holds. `list` returns all databases, or those of a group.
 *
 * What a list lacks does not exist only if the list is complete, which `pagination` proves. A response without it may
 * have been cut, so the group's own databases are listed. If that response has no `pagination` either, only an
 * empty one proves something: a list that was cut has 1,000 records, and a server that ignores the filter sends the
 * databases of other groups.
 */
export async function contentsOf(
  group: Guarded,
  groups: ReadonlyMap<string, Group> | undefined,
  list: (filter?: { group: string }) => Promise<Listing<Database>>,
): Promise<Contents> {
  // A former name may be another group's by now.
  const former = group.formerNames.filter((name) => !groups?.has(name));
  const names = [...new Set([group.name, ...former])];
  const all = await list();
  const contents = contentsIn(all, names);
  if (contents.outcome !== "empty" || all.isComplete) return contents;
  for (const name of names) {
    const own = await list({ group: name });
    const found = contentsIn(own, names);
    if (found.outcome !== "empty") return found;
    if (!own.isComplete && own.size > 0)
      return { outcome: "unproven", reason: "the API returned an incomplete list of databases" };
  }
  return contents;
}

/** What a list, complete or not, says of the group with these names. The case of a name does not count. */
function contentsIn(databases: Listing<Database>, names: readonly string[]): Contents {
  const groups = new Set(names.map((name) => name.toLowerCase()));
  const namesOf = (isMeant: (group: string) => boolean) =>
    [...databases.values()].filter(({ group = "" }) => isMeant(group.toLowerCase())).map(({ name }) => name);
  const held = namesOf((group) => groups.has(group));
  if (held.length > 0) return { outcome: "holds", databases: held };
  const stray = namesOf((group) => group === "");
  if (stray.length === 0) return { outcome: "empty" };
  return { outcome: "unproven", reason: `the API does not report the group of ${listed(stray)}` };
}

/** "12 databases (a, b, … and 2 more)": at most ten by name. */
export function listed(names: string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  return `${names.length} database${names.length === 1 ? "" : "s"} (${names.slice(0, 10).join(", ")}${more})`;
}
