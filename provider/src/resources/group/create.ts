/** How a group is created or adopted. */

import { type Group, TursoApiError } from "../../api/index.js";
import { createNamed } from "../../lifecycle/createNamed.js";
import { UserError } from "../../lifecycle/errors.js";
import { holdAdopted } from "../../lifecycle/guard.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import type { GroupInputs } from "./group.js";
import { GROUPS } from "./kind.js";
import { samePlace } from "./location.js";
import { adoptionProblem, takenProblem } from "./messages.js";
import { groupTitle, primaryOf, thingOf } from "./state.js";

/** The existing group, with `adopt: true`; otherwise the one that a POST creates. */
export function createGroup(context: Context, inputs: GroupInputs): Promise<Group> {
  const { name, location, organization, extensions } = inputs;
  return createNamed(context, {
    kind: GROUPS,
    name,
    organization,
    create: () =>
      context.api.groups.create(organization, { name, location, ...(extensions && { extensions }) }),
    isAsRequested: (found) => samePlace(primaryOf(found), location),
    adopt: inputs.adopt ? (found) => adopted(context, inputs, found) : undefined,
    takenProblem: () => takenProblem(inputs),
    hint: (error) =>
      error instanceof TursoApiError && error.status === 400 && error.detail?.includes("location")
        ? ["Run `turso db locations` to list the locations."]
        : [],
    listCommand: "turso group list",
  });
}

function adopted(context: Context, inputs: GroupInputs, group: Group): Group {
  const problem = adoptionProblem(inputs, group);
  if (problem !== undefined) throw new UserError("ADOPTION_FAILED", problem);
  holdAdopted(context, thingOf({ ...inputs, uuid: group.uuid }));
  if (inputs.extensions !== undefined) {
    context.warn(
      `${groupTitle(inputs)} was adopted. The API does not report its extensions, so they were not checked.`,
    );
  }
  return group;
}
