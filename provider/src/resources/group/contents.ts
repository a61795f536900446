/** The databases of a group, which its deletion or replacement would delete. */
import type { Database, Group } from "../../api/index.js";
import type { Listing } from "../../lifecycle/collection.js";

/** `unproven`: the group may hold databases, for `reason`. It counts as holding some. */
export type Contents =
  | { outcome: "empty" }
  | { outcome: "holds"; databases: string[] }
  | { outcome: "unproven"; reason: string };

interface GroupNames {
  /** The group's name now. */
  name: string;
  /** Its names in state: a list may still have its databases under them. */
  formerNames: readonly string[];
}

/**
 * What a group holds. `list` returns all databases, or those of a group.
 *
 * That a database is not in a list proves something only if the list is complete, which `pagination` shows. A
 * list without it may be cut off, so the group's own databases are listed as well. If that list has no
 * `pagination` either, only an empty one proves something: a list that is cut off has 1,000 records, and a
 * server that ignores the filter returns the databases of other groups.
 */
export async function contentsOf(
  group: GroupNames,
  groups: ReadonlyMap<string, Group> | undefined,
  list: (filter?: { group: string }) => Promise<Listing<Database>>,
): Promise<Contents> {
  // Another group may have a former name by now.
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

/** What a list, complete or not, shows of the group with these names. Upper and lower case are the same. */
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

/** A list for messages: "12 databases (a, b, … and 2 more)", with at most ten names. */
export function listed(names: string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  return `${names.length} database${names.length === 1 ? "" : "s"} (${names.slice(0, 10).join(", ")}${more})`;
}
