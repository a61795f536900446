/** Where a group is: how ids, messages and inputs name it. */

import { segmentProblem } from "../api/http/paths.js";
import { UserError } from "./errors.js";

/** A group's address, and its uuid where it is known. A group can be renamed elsewhere: then only the uuid finds it. */
export interface Address {
  name: string;
  /** Slug of the organization; undefined is the user form of the API. */
  organization?: string | undefined;
  uuid?: string | undefined;
}

/** The id of a group: `organization/name`, or `name` in the user form. */
export function idOf({ organization, name }: Address): string {
  return organization === undefined ? name : `${organization}/${name}`;
}

/** The address that an id means; without a slash, the one in the default organization where one is set. */
export function parseId(id: string, defaultOrganization: string | undefined): Address {
  const parts = id.split("/");
  const [organization, name] = parts.length === 1 ? [defaultOrganization, id] : parts;
  if (
    parts.length > 2 ||
    [organization ?? "-", name ?? ""].some((part) => segmentProblem(part) !== undefined)
  ) {
    throw new UserError(
      "INVALID_ID",
      `'${id}' is not the ID of a group. Use \`organization/name\`, or \`name\` for a group in your personal account.`,
    );
  }
  return { organization, name: name ?? "" };
}

/** How messages call a thing, e.g. `Group 'prod' in organization 'acme'`. */
export function titleOf({ organization, name, type = "Group" }: Address & { type?: string }): string {
  return `${type} '${name}'${organization === undefined ? "" : ` in organization '${organization}'`}`;
}
