/** How a resource deletes something that has a name. */
import { TursoApiError, TursoError } from "../api/index.js";
import { locate, type Named } from "./collection.js";
import { UserError } from "./errors.js";
import {
  changeOf,
  deletionGuard,
  type Guarded,
  isManaged,
  LIFT_PROTECTION,
  type Objection,
  thingOf,
  unknownExistence,
} from "./guard.js";
import type { Context } from "./lifecycle.js";
import { type Address, titleOf } from "./resourceId.js";

/** What a resource no longer wants to exist. */
interface Unwanted<T extends Named> extends Guarded<T> {
  /** As state has it. */
  address: Address;
  isProtected?(found: T): boolean;
  /**
   * What is deleted if the API does not show it. Absent where nothing is then, because another thing may have
   * the name.
   */
  assumed?: T;
  /** Why there is nothing to delete, as a warning. */
  nothingToDelete?(found: T): string | undefined;
  /** Requests the lists that the guard is going to need, while the thing is being located. */
  prefetch?(): void;
  /** One DELETE. `guard` runs right before each attempt; if it throws an error, nothing is sent. */
  delete(found: T, guard: () => Promise<void>): Promise<void>;
  /** What to do about an error of the API, line by line. */
  hint?(error: TursoError, found: T): string[];
}

/**
 * One DELETE, unless another resource of the program manages the thing, or the thing no longer exists, or it
 * is protected, or the guard objects.
 */
export async function deleteNamed<T extends Named>(context: Context, unwanted: Unwanted<T>): Promise<void> {
  const { kind, organization, address } = unwanted;
  const target = await findTarget(context, unwanted);
  if (target.outcome === "managed") return context.warn(managedWarning(target.title));
  if (target.outcome === "gone") return context.warn(goneWarning(titleOf({ ...address, type: kind.type })));
  const { found } = target;
  const thing = thingOf(kind, { ...found, organization });
  const title = titleOf(thing);
  const reason = unwanted.nothingToDelete?.(found);
  if (reason !== undefined) return context.warn(reason);
  if (unwanted.isProtected?.(found)) throw protectedError(title);
  const result = await send(context, unwanted, found);
  switch (result.outcome) {
    case "deleted":
    case "gone":
      return context.collection(kind).recordDelete(organization, found);
    case "managed":
      return context.warn(managedWarning(title));
    case "refused":
      throw result.error;
    case "protected":
      throw protectedError(title, result.cause);
    case "unknown":
    case "failed":
      throw deleteError(title, result, (error) => unwanted.hint?.(error, found) ?? []);
  }
}

type Target<T> = { outcome: "found"; found: T } | { outcome: "managed"; title: string } | { outcome: "gone" };

async function findTarget<T extends Named>(
  context: Context,
  { kind, organization, address, prefetch, assumed }: Unwanted<T>,
): Promise<Target<T>> {
  const known = thingOf(kind, address);
  if (isManaged(context, known)) return { outcome: "managed", title: titleOf(known) };
  prefetch?.();
  const located = await locate(context, kind, address).catch((error: unknown) => {
    throw unknownExistence(titleOf(known), error);
  });
  const found = located ?? assumed;
  if (found === undefined) return { outcome: "gone" };
  const thing = thingOf(kind, { ...found, organization });
  return isManaged(context, thing)
    ? { outcome: "managed", title: titleOf(thing) }
    : { outcome: "found", found };
}

/** The outcome of a DELETE. */
type Deletion =
  | { outcome: "deleted" }
  | Objection
  | { outcome: "protected"; cause: TursoApiError }
  /** The response was lost, so the outcome is not known. */
  | { outcome: "unknown"; cause: TursoError }
  | { outcome: "failed"; cause: unknown };

/**
 * Sends the DELETE. If the response is lost, checks whether it was carried out. Adoptions see the deletion
 * while it runs.
 */
async function send<T extends Named>(context: Context, unwanted: Unwanted<T>, found: T): Promise<Deletion> {
  const { kind, organization } = unwanted;
  const objectionTo = deletionGuard(context, unwanted, found, () => isLost);
  let objection: Objection | undefined;
  let isLost = false;
  const guard = async () => {
    objection = await objectionTo();
    if (objection !== undefined) throw new Error(`The deletion is not sent: ${objection.outcome}.`);
  };
  const remove = async (): Promise<Deletion> => {
    try {
      await unwanted.delete(found, guard);
      return { outcome: "deleted" };
    } catch (error) {
      if (objection !== undefined) return objection;
      isLost ||= error instanceof TursoError && error.mayHaveBeenApplied;
      throw error;
    }
  };
  // Something that has taken the name since must not be deleted by a second request.
  const check = (): Promise<Deletion | undefined> =>
    changeOf(context, unwanted, found, { mayBeDeleted: true });
  const end = context.ownership.startDeletion(thingOf(kind, { ...found, organization }));
  try {
    return await context.api.resolveUnknownOutcome(remove, check);
  } catch (error) {
    return failureOf(error, isLost);
  } finally {
    end();
  }
}

function failureOf(cause: unknown, isLost: boolean): Deletion {
  if (!(cause instanceof TursoError)) return { outcome: "failed", cause };
  if (cause instanceof TursoApiError) {
    if (cause.isNotFound) return { outcome: "deleted" };
    if (cause.status === 403 && cause.detail?.includes("protected")) return { outcome: "protected", cause };
  }
  return { outcome: isLost ? "unknown" : "failed", cause };
}

const managedWarning = (title: string) =>
  `${title} was not deleted, because another resource of this program manages it.`;

const goneWarning = (title: string) =>
  `${title} no longer exists, or its name was given to something else. Nothing was deleted.`;

function protectedError(title: string, cause?: TursoApiError): UserError {
  const lines = [
    `${title} has delete protection enabled and was not deleted.`,
    `To delete it, ${LIFT_PROTECTION} with the resource in the program, then retry.`,
    ...(cause === undefined ? [] : [cause.summary]),
  ];
  return new UserError("PROTECTED", lines.join("\n"), { cause });
}

/** The error for a DELETE that failed. An error that is not the client's stays as it is. */
function deleteError(
  title: string,
  { outcome, cause }: { outcome: "unknown" | "failed"; cause: unknown },
  hint: (error: TursoError) => string[],
): unknown {
  if (!(cause instanceof TursoError)) return cause;
  const isUnknown = outcome === "unknown";
  const why = isUnknown ? ": the request may still have succeeded. Retry." : ".";
  const lines = [`Failed to delete ${title}${why}`, cause.message, ...hint(cause)];
  return new UserError(isUnknown ? "OUTCOME_UNKNOWN" : "DELETE_FAILED", lines.join("\n"), { cause });
}
