/** Location codes: Fly's, such as `lhr`, and AWS regions, such as `aws-us-east-1`. */

import type { ListedKind } from "../../lifecycle/collection.js";
import { nearest } from "../../lifecycle/nearest.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";

interface Location {
  /** Its code, e.g. `lhr`. */
  name: string;
  description: string;
}

/** The locations that groups can be in. */
export const LOCATIONS: ListedKind<Location> = {
  async list(api, organization) {
    const descriptions = await api.locations.list(organization);
    return { items: Object.entries(descriptions).map(([name, description]) => ({ name, description })) };
  },
};

/** The place of a code: `us-east-1` and `aws-us-east-1` are one, and the API returns either. */
export function placeOf(location: string): string {
  return location.replace(/^aws-/, "");
}

/** Whether two values are codes of the same place. An unknown value is not. */
export function samePlace(a: unknown, b: unknown): boolean {
  return typeof a === "string" && typeof b === "string" && a !== UNKNOWN && placeOf(a) === placeOf(b);
}

/** Whether a code is that of an AWS region, where groups have no replicas. */
export function isAws(location: string): boolean {
  return location.startsWith("aws-") || /^[a-z]{2}(-[a-z]+)+-\d+$/.test(location);
}

/** Whether two lists name the same places, in any order. */
export function samePlaces(a: readonly string[], b: readonly string[]): boolean {
  const places = new Set(a.map(placeOf));
  return places.size === new Set(b.map(placeOf)).size && b.every((code) => places.has(placeOf(code)));
}

/** Why a location is unknown; undefined if it is one of `known` (code → location). */
export function unknownLocation(location: string, known: ReadonlyMap<string, Location>): string | undefined {
  const codes = [...known.keys()];
  if (codes.length === 0 || codes.some((code) => samePlace(code, location))) return undefined;
  const named = (code: string) => known.get(code)?.description.toLowerCase().includes(location.toLowerCase());
  const meant = (location.length > 2 ? codes.find(named) : undefined) ?? nearest(location, codes);
  const hint =
    meant === undefined
      ? `there are ${codes.join(", ")}.`
      : `did you mean '${meant}' (${known.get(meant)?.description})?`;
  return `Turso has no location '${location}': ${hint}`;
}
