/** Suggestions for misspelled names. */
import { distance } from "fastest-levenshtein";

/** The name that `given` probably means; undefined if none is near. Upper and lower case are the same. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  const far = (name: string) => distance(wanted, name.toLowerCase());
  const [best] = [...names].sort((a, b) => far(a) - far(b));
  if (best !== undefined && far(best) <= Math.max(2, given.length / 3)) return best;
  // Part of a name, such as `token` of `apiToken`.
  return wanted.length > 3 ? names.find((name) => name.toLowerCase().includes(wanted)) : undefined;
}

/** "did you mean 'location'?", or else a list of all names, each with the prefix. */
export function suggestion(given: string, names: readonly string[], prefix = ""): string {
  const meant = nearest(given, names);
  if (meant !== undefined) return `did you mean '${prefix}${meant}'?`;
  const all = names.map((name) => `${prefix}${name}`);
  const last = all.pop();
  return all.length === 0 ? `it has only ${last}.` : `it has ${all.join(", ")} and ${last}.`;
}
