/** What must be true right before something is deleted or adopted. */
import { isSame, type Kind, type Named, ofUuid, retrieve } from "./collection.js";
import { messageOf, UserError } from "./errors.js";
import type { Context } from "./lifecycle.js";
import type { Thing } from "./ownership.js";
import { type Address, titleOf } from "./resourceId.js";

export const LIFT_PROTECTION = "set `deleteProtection: false`, run `pulumi up`";
export const FORCE_DESTROY = "set `forceDestroy: true`, run `pulumi up`";

/** Why a deletion must not be sent. */
export type Objection =
  /** Another resource of the program manages it. */
  | { outcome: "managed" }
  /** It no longer exists; its name may belong to another thing. */
  | { outcome: "gone" }
  | { outcome: "refused"; error: UserError };

/** What a guard has to know. */
export interface Guarded<T extends Named> {
  kind: Kind<T>;
  organization: string | undefined;
  /**
   * Why the deletion is forbidden, e.g. because of the data in it, according to lists that were requested at or
   * after `since`.
   */
  dataProblem?(found: T, since: number | undefined): Promise<UserError | undefined>;
}

/**
 * The check that runs right before each DELETE, retries included: much can happen while a request waits for
 * its turn.
 */
export function deletionGuard<T extends Named>(
  context: Context,
  guarded: Guarded<T>,
  found: T,
  mayBeDeleted: () => boolean,
): () => Promise<Objection | undefined> {
  const thing = thingOf(guarded.kind, { ...found, organization: guarded.organization });
  let lastAttempt: number | undefined;
  return async () => {
    if (isManaged(context, thing)) return { outcome: "managed" };
    const change =
      lastAttempt === undefined
        ? undefined
        : await changeOf(context, guarded, found, { mayBeDeleted: mayBeDeleted() }).catch(
            (cause: unknown): Objection => ({
              outcome: "refused",
              error: unknownExistence(titleOf(thing), cause),
            }),
          );
    if (change !== undefined) return change;
    // A list from before the last attempt lacks what was created since.
    const error = await guarded.dataProblem?.(found, lastAttempt);
    if (error !== undefined) return { outcome: "refused", error };
    lastAttempt = performance.now();
    return undefined;
  };
}

/** Why the thing can no longer be deleted under its name; undefined if nothing has changed. */
export async function changeOf<T extends Named>(
  context: Context,
  { kind, organization }: Guarded<T>,
  found: T,
  { mayBeDeleted }: { mayBeDeleted: boolean },
): Promise<Objection | undefined> {
  const { name, uuid } = found;
  const there = await retrieve(context, kind, { organization, name });
  if (there !== undefined && isSame(there, found)) return undefined;
  const renamed = uuid && ofUuid((await kind.list(context.api, organization, {})).items, uuid);
  const title = titleOf({ type: kind.type, organization, name });
  if (!renamed) return { outcome: "gone" };
  if (renamed.name === name) {
    // After a DELETE that may have succeeded, the list is stale. Otherwise, the response before it was wrong.
    if (mayBeDeleted) return { outcome: "gone" };
    const text = `Failed to delete ${title}: the API says both that it exists and that it does not. Retry.`;
    return { outcome: "refused", error: new UserError("DELETE_FAILED", text) };
  }
  const text = `${title} was renamed to '${renamed.name}' outside Pulumi and was not deleted. Retry.`;
  return { outcome: "refused", error: new UserError("DELETE_FAILED", text) };
}

/** The error if the check whether a thing still exists fails. */
export function unknownExistence(title: string, cause: unknown): UserError {
  const text = `Failed to delete ${title}: could not check whether it still exists.\n${messageOf(cause)}`;
  return new UserError("DELETE_FAILED", text, { cause });
}

/** The refusal to delete something that holds data, or may. */
export function dataRefusal(code: "HOLDS_DATA" | "MAY_HOLD_DATA", summary: string): UserError {
  const lines = [
    summary,
    "To keep it, put the resource back into the program. If you renamed or moved the resource, set the option `aliases`, or in an organization file `renamedFrom`.",
    "To keep it without managing it, run `pulumi state delete URN` (`pulumi stack --show-urns` lists the URNs).",
    `To delete it and its data, ${FORCE_DESTROY} with the resource in the program, then retry.`,
  ];
  return new UserError(code, lines.join("\n"));
}

export function thingOf({ type }: Pick<Kind<Named>, "type">, { name, organization, uuid }: Address): Thing {
  return { type, name, organization, uuid };
}

/** Whether another resource of this program manages a thing. */
export function isManaged({ ownership }: Context, thing: Thing): boolean {
  return askOwnership(thing, () => ownership.isHeld(thing));
}

/** Records that a resource adopts a thing; an error if another one is deleting it. */
export function holdAdopted({ ownership }: Context, thing: Thing): void {
  // The order matters: a deletion that begins after the first line sees the adoption.
  ownership.hold(thing);
  if (!askOwnership(thing, () => ownership.isBeingDeleted(thing))) return;
  const why = "because another resource of this program is deleting it. Run `pulumi up` again.";
  throw new UserError("ADOPTION_FAILED", `${titleOf(thing)} was not adopted, ${why}`);
}

/** What the resources of this program do with a thing; an error if that cannot be known. */
function askOwnership(thing: Thing, ask: () => boolean): boolean {
  try {
    return ask();
  } catch (cause) {
    throw new UserError(
      "OWNERSHIP_UNKNOWN",
      `Failed to check whether another resource of this program manages ${titleOf(thing)}: ${messageOf(cause)}.\n` +
        "Nothing was changed. Set the variable TMPDIR to a folder that only you can write to, then retry.",
      { cause },
    );
  }
}
