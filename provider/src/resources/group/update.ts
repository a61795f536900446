import type { Group } from "../../api/index.js";
import { isSame } from "../../lifecycle/collection.js";
import { messageOf, PartialError, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { titleOf } from "../../lifecycle/resourceId.js";
import { retrieved } from "./create.js";
import { GROUPS } from "./kind.js";
import { samePlace } from "./location.js";
import { archivedHint } from "./messages.js";
import { type GroupInputs, outputsOf, replicasOf } from "./state.js";

/**
 * Adds and removes replicas and sets the protection until the group is what is declared, in as many requests as there are
 * differences. If one fails, the PartialError holds the group as it is by then, as far as that is known.
 */
export async function reconcileGroup(
  context: Context,
  id: string,
  inputs: GroupInputs,
  group: Group,
): Promise<Group> {
  const { api } = context;
  const { organization, deleteProtection } = inputs;
  const { name } = group;
  let now = group;
  let doing = "";
  const became = (change: Partial<Group>) => {
    now = { ...now, ...change, name };
    context.collection(GROUPS).recordWrite(organization, now);
  };
  /** Makes one change. If it fails, or the response does not show it, reads the group: the change may have been made. */
  const change = async (what: string, call: () => Promise<Partial<Group>>, isDone: () => boolean) => {
    doing = what;
    let failure: unknown = new UserError(
      "UPDATE_FAILED",
      "The API accepted the change, but does not show it yet.",
    );
    try {
      became(await call());
      if (isDone()) return;
    } catch (error) {
      failure = error;
    }
    const there = await retrieved(context, { organization, name }).catch(() => undefined);
    if (there !== undefined && isSame(there, group)) became(there);
    if (!isDone()) throw failure;
  };
  const has = (code: string) => now.locations?.some((other) => samePlace(code, other)) === true;
  try {
    if (inputs.replicas !== undefined) {
      const declared = inputs.replicas;
      const there = replicasOf(group, inputs);
      const missing = declared.filter((code) => !there.some((other) => samePlace(code, other)));
      const extra = there.filter((code) => !declared.some((other) => samePlace(code, other)));
      for (const code of missing) {
        const add = async () => ({
          locations: [...(now.locations ?? []), code],
          ...(await api.groups.addLocation(organization, name, code)),
        });
        await change(`get a replica in ${code}`, add, () => has(code));
      }
      for (const code of extra) {
        const remove = async () => ({
          locations: (now.locations ?? []).filter((other) => other !== code),
          ...(await api.groups.removeLocation(organization, name, code)),
        });
        await change(`lose its replica in ${code}`, remove, () => now.locations !== undefined && !has(code));
      }
    }
    if (deleteProtection !== undefined && deleteProtection !== (now.deleteProtection ?? false)) {
      const protect = async () => ({
        deleteProtection: await api.groups.setDeleteProtection(organization, name, deleteProtection),
      });
      await change(
        deleteProtection ? "be protected" : "be freed from its protection",
        protect,
        () => now.deleteProtection === deleteProtection,
      );
    }
    return now;
  } catch (error) {
    // Whatever went wrong: the group is there, and state has to know it.
    const text = `${titleOf({ organization, name })} could not ${doing}. What was done until then is in state; the next \`pulumi up\` does the rest.`;
    throw new PartialError(
      id,
      { ...outputsOf(inputs, now), __unsettled: true },
      "UPDATE_FAILED",
      `${text}\n${messageOf(error)}${archivedHint(error, now)}`,
      { cause: error },
    );
  }
}
