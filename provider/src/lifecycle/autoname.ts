import { createHash } from "node:crypto";
import { placeOf } from "../resources/group/location.js";
import { UNKNOWN } from "./unknown.js";
import type { ResourcePlace } from "./urn.js";

/**
 * The name of a group whose program gives none: the resource's name, a dash and seven hexadecimal digits, at most 32
 * characters of `[a-z0-9-]`. The same in preview and `up`, and another one for another place, so that a replacement
 * can exist beside the old group, and for a resource of the same name in another component. Unknown while the place is.
 */
export function generatedName(resource: ResourcePlace, location: unknown, organization: unknown): string {
  if (location === UNKNOWN || organization === UNKNOWN) return UNKNOWN;
  const parts = [
    resource.project,
    resource.stack,
    resource.name,
    placeOf(String(location)),
    organization ?? null,
    ...(resource.parentType === undefined ? [] : [resource.parentType]),
  ];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 7);
  const stem = resource.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${stem.slice(0, 24).replace(/^-+|-+$/g, "") || "group"}-${hash}`;
}
