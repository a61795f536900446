/** IDs and addresses: how state, messages and inputs identify a thing at Turso. */

import { segmentProblem } from "../api/http/paths.js";
import { UserError } from "./errors.js";

/**
 * The address of a thing, and its UUID where that is known. After a rename outside Pulumi, only the UUID
 * finds it.
 */
export interface Address {
  name: string;
  /** Slug of the organization; undefined: the personal account. */
  organization?: string | undefined;
  uuid?: string | undefined;
}

/** The ID of a thing: `organization/name`, or `name` in the personal account. */
export function idOf({ organization, name }: Address): string {
  return organization === undefined ? name : `${organization}/${name}`;
}

/**
 * The address of an ID. Without a slash, it is in the default organization, if one is set. `type`: the
 * resource type, for messages.
 */
export function parseId(type: string, id: string, defaultOrganization: string | undefined): Address {
  const parts = id.split("/");
  const [organization, name] = parts.length === 1 ? [defaultOrganization, id] : parts;
  if (
    parts.length > 2 ||
    [organization ?? "-", name ?? ""].some((part) => segmentProblem(part) !== undefined)
  ) {
    throw new UserError(
      "INVALID_ID",
      `'${id}' is not the ID of a ${type}. Use \`organization/name\`, or \`name\` in your personal account.`,
    );
  }
  return { organization, name: name ?? "" };
}

/** A thing in messages, e.g. `Group 'prod' in organization 'acme'`. */
export function titleOf({ type, organization, name }: Address & { type: string }): string {
  return `${type} '${name}'${organization === undefined ? "" : ` in organization '${organization}'`}`;
}
