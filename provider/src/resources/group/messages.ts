/** Sentences that previews and operations share. */

import { type Group as ApiGroup, TursoApiError } from "../../api/index.js";
import type { GroupInputs } from "./group.js";
import { samePlace } from "./location.js";
import { groupTitle, primaryOf } from "./state.js";

/**
 * What to do about a name that another group has. The usual reason is that a stack manages that group under
 * another URN.
 */
export function takenProblem(inputs: GroupInputs, where?: string): string {
  const location =
    where === undefined || samePlace(where, inputs.location) ? "" : ` and \`location: "${where}"\``;
  return [
    `${groupTitle(inputs)} already exists${where === undefined ? "" : ` (in ${where})`} and is not managed by this resource.`,
    "Choose another name, or:",
    "- If a stack manages it under another resource name or parent, use the option `aliases` (in a component that the group moved into: `aliases: [{ parent: pulumi.rootStackResource }]`), in an organization file `renamedFrom`, `pulumi state rename` or `pulumi state move`.",
    '- If you changed the import from "pulumi-turso/native" to "pulumi-turso", change it back.',
    `- If no stack manages it, set \`adopt: true\`${location}. If an interrupted \`up\` created it, run \`pulumi up\`, then \`pulumi refresh --clear-pending-creates\`.`,
    "- If `replaceOnChanges` replaces this resource, set the option `deleteBeforeReplace: true`.",
    "- If you forced its replacement (`pulumi state taint`, `--target-replace`), only another name works. `pulumi state untaint URN` removes a taint.",
  ].join("\n");
}

/** Why a group cannot be adopted: its primary is in another location, or the API does not report it. */
export function adoptionProblem(inputs: GroupInputs, there: ApiGroup): string | undefined {
  const where = primaryOf(there);
  if (where === undefined) {
    return (
      `${groupTitle(inputs)} already exists, and the API does not report which location is its primary, so it cannot be adopted. ` +
      "Choose another name."
    );
  }
  if (samePlace(where, inputs.location)) return undefined;
  return (
    `${groupTitle(inputs)} already exists, but in ${where}: it cannot be adopted as a group in ${inputs.location}. ` +
    `Set \`location: "${where}"\`, or choose another name.`
  );
}

/** What to do about an error, if the reason is that the group is archived. */
export function archivedHint(error: unknown, group: ApiGroup): string[] {
  const isArchived =
    error instanceof TursoApiError && error.status < 500 && (error.saysArchived || group.archived);
  return isArchived
    ? [`The group is archived. Run \`turso group unarchive ${group.name}\`, then retry.`]
    : [];
}
