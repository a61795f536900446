/** How a group is deleted, which deletes the databases in it. */

import type { Group } from "../../api/index.js";
import { deleteNamed } from "../../lifecycle/deleteNamed.js";
import { messageOf, UserError } from "../../lifecycle/errors.js";
import { dataRefusal } from "../../lifecycle/guard.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { DATABASES } from "../database/kind.js";
import { type Contents, contentsOf, listed } from "./contents.js";
import type { GroupOutputs } from "./group.js";
import { GROUPS } from "./kind.js";
import { archivedHint } from "./messages.js";
import { groupTitle } from "./state.js";

export function deleteGroup(context: Context, olds: GroupOutputs): Promise<void> {
  const { organization } = olds;
  return deleteNamed(context, {
    kind: GROUPS,
    address: olds,
    organization,
    isProtected: (found) => found.deleteProtection === true,
    prefetch: () => {
      // Here the guard probably lists no databases, so the request would be wasted.
      if (olds.forceDestroy || olds.protected) return;
      // The guard gets the error, if there is one, from the same request.
      context
        .collection(DATABASES)
        .list(organization)
        .catch(() => {});
    },
    dataProblem: (found, since) => dataProblem(context, olds, found, since),
    delete: (found, guard) => context.api.groups.delete(organization, found.name, { guard }),
    hint: archivedHint,
  });
}

/** Why the databases in a group forbid its deletion. */
async function dataProblem(
  context: Context,
  olds: GroupOutputs,
  { name }: Group,
  since: number | undefined,
): Promise<UserError | undefined> {
  if (olds.forceDestroy === true) return undefined;
  const title = groupTitle({ organization: olds.organization, name });
  try {
    return lossProblem(title, await heldBy(context, olds, name, since));
  } catch (cause) {
    const text = `Failed to delete ${title}: could not check whether it holds databases.\n${messageOf(cause)}`;
    return new UserError("MAY_HOLD_DATA", text, { cause });
  }
}

/** What a group of state, which is called `name` now, holds. */
async function heldBy(
  context: Context,
  olds: GroupOutputs,
  name: string,
  since: number | undefined,
): Promise<Contents> {
  const { organization } = olds;
  const formerNames = [olds.name, olds.__declaredName]
    .filter((former) => former !== undefined)
    .filter((former) => former !== name);
  const groups = formerNames.length > 0 ? await context.collection(GROUPS).list(organization) : undefined;
  return contentsOf({ name, formerNames }, groups, (filter) =>
    context.collection(DATABASES).list(organization, { filter, since }),
  );
}

function lossProblem(title: string, contents: Contents): UserError | undefined {
  switch (contents.outcome) {
    case "empty":
      return undefined;
    case "holds":
      return dataRefusal("HOLDS_DATA", `${title} holds ${listed(contents.databases)} and was not deleted.`);
    case "unproven":
      return dataRefusal(
        "MAY_HOLD_DATA",
        `${title} may hold databases and was not deleted: ${contents.reason}.`,
      );
  }
}
