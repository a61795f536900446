/** How a resource creates or adopts something that has a name. */
import { realClock } from "../api/http/pacing.js";
import { TursoApiError, TursoError } from "../api/index.js";
import { isSame, type Kind, LAG, type Listing, type Named, retrieve } from "./collection.js";
import { messageOf, UserError } from "./errors.js";
import type { Context } from "./lifecycle.js";
import { titleOf } from "./resourceId.js";

/** What a resource wants to exist. */
interface Wanted<T extends Named> {
  kind: Kind<T>;
  name: string;
  organization: string | undefined;
  /** One POST. */
  create(): Promise<T>;
  /** Whether the POST would replace what exists, so that this is checked before. */
  replacesExisting?: boolean;
  /** Whether a thing with the name is as requested; false if that is not known. */
  isAsRequested(found: T): boolean;
  /** Takes over something that exists already; absent where a name that is taken is an error. */
  adopt?: ((found: T) => T) | undefined;
  /** Why the name is taken, and what to do about it. */
  takenProblem(found?: T): string;
  /** What to do about an error of the API, line by line. */
  hint?: (error: TursoError) => string[];
  /** The command that lists what exists, e.g. `turso group list`. */
  listCommand: string;
}

/**
 * Adopts what already exists, if `adopt` is set. Otherwise creates it with one POST. If the response is lost,
 * the POST has created what did not exist before, exists now, and is as requested.
 */
export async function createNamed<T extends Named>(context: Context, wanted: Wanted<T>): Promise<T> {
  const { kind, organization, adopt } = wanted;
  const title = titleOfWanted(wanted);
  const existing = (adopt ?? wanted.replacesExisting) ? await existingThing(context, wanted) : undefined;
  if (existing !== undefined) {
    if (adopt) return adopt(existing);
    throw takenError(wanted.takenProblem(existing), undefined);
  }
  const creation = new Creation(
    context,
    wanted,
    await context.collection(kind).listBeforeCreate(organization),
  );
  const result = await creation.run();
  const { isLost } = creation;
  switch (result.outcome) {
    case "created":
      return result.thing;
    case "foreign":
      if (adopt) return adopt(result.thing);
      throw takenError(wanted.takenProblem(result.thing), result.cause);
    case "doubtful":
      if (adopt) return adopt(result.thing);
      throw doubtfulError(title, result.cause);
    case "unreadable":
      if (adopt) throw unreadableError(title, result.readError);
      throw isLost ? doubtfulError(title, result.cause) : takenError(wanted.takenProblem(), result.cause);
    case "hidden":
      throw isLost ? notShownError(title, result.cause) : notReleasedError(title, result.cause);
    case "stopped":
      throw stoppedError(title, isLost, result.cause);
    case "failed":
      throw failedError(title, isLost, wanted, result.cause);
  }
}

const titleOfWanted = <T extends Named>({ kind, name, organization }: Wanted<T>) =>
  titleOf({ type: kind.type, name, organization });

/** What is to be adopted, as it is now. Without a list, the response to the POST shows whether it exists. */
async function existingThing<T extends Named>(context: Context, wanted: Wanted<T>): Promise<T | undefined> {
  const things = await context
    .collection(wanted.kind)
    .list(wanted.organization)
    .catch((error: unknown) => {
      if (!wanted.replacesExisting) return undefined;
      throw uncheckedError(titleOfWanted(wanted), error);
    });
  if (visible(context, wanted, things?.get(wanted.name)) === undefined) return undefined;
  // It may have been deleted since the list was requested.
  try {
    return visible(context, wanted, await retrieve(context, wanted.kind, wanted));
  } catch (error) {
    const errorOf = wanted.adopt ? unreadableError : uncheckedError;
    throw errorOf(titleOfWanted(wanted), error);
  }
}

/** What was found, unless this process has deleted it: the API may still show it. */
function visible<T extends Named>(
  context: Context,
  { kind, organization }: Wanted<T>,
  found: T | undefined,
): T | undefined {
  return found && context.collection(kind).hasDeleted(organization, found) ? undefined : found;
}

/** The outcome of a POST. */
type Sent<T> =
  | { outcome: "created"; thing: T }
  /** `refused`: a refusal that may mean a taken name, or anything else. */
  | { outcome: "taken" | "refused" | "failed"; cause: unknown };

/** What has the name after a POST that did not get it. */
type Holder<T> =
  | { outcome: "ours"; thing: T }
  /** `doubtful`: the POST may have created it. */
  | { outcome: "foreign" | "doubtful"; thing: T }
  /**
   * Nothing is visible: it was just deleted, by this process or before it started, or it is ours and not
   * visible yet.
   */
  | { outcome: "hidden" }
  | { outcome: "unreadable"; readError: unknown };

/** The outcome of an attempt; `cause` is why nothing was created. */
type Attempt<T> =
  | { outcome: "created"; thing: T }
  | { outcome: "stopped" | "failed"; cause: unknown }
  | (Exclude<Holder<T>, { outcome: "ours" }> & { cause: unknown });

class Creation<T extends Named> {
  readonly #context: Context;
  readonly #wanted: Wanted<T>;
  /** What existed before, if that is known. */
  readonly #before: Listing<T> | undefined;
  /** Whether the response to a POST was lost, so that it may have created something. */
  isLost = false;

  constructor(context: Context, wanted: Wanted<T>, before: Listing<T> | undefined) {
    this.#context = context;
    this.#wanted = wanted;
    this.#before = before;
  }

  /** Attempts to create it until the name of what was deleted before is released, for a minute at most. */
  async run(): Promise<Attempt<T>> {
    const { clock = realClock, signal, warn } = this.#context;
    const end = clock.now() + LAG;
    for (let pause = 250; ; pause = Math.min(2 * pause, 4_000)) {
      const attempt = await this.#attempt();
      if (attempt.outcome !== "hidden" || clock.now() >= end) return attempt;
      warn(waitingFor(titleOfWanted(this.#wanted), this.isLost));
      if ((await clock.wait(pause, signal)) === "stopped")
        return { outcome: "stopped", cause: signal?.reason };
    }
  }

  async #attempt(): Promise<Attempt<T>> {
    const sent = await this.#send();
    if (sent.outcome === "created") return { ...sent, thing: this.#recorded(sent.thing) };
    const { outcome, cause } = sent;
    if (outcome === "failed") return { outcome, cause };
    const holder = await this.#holder();
    if (holder.outcome === "ours") return { outcome: "created", thing: this.#recorded(holder.thing) };
    const isTaken = outcome === "taken" || holder.outcome === "foreign" || holder.outcome === "doubtful";
    return isTaken ? { ...holder, cause } : { outcome: "failed", cause };
  }

  /** Sends the POST. If the response is lost, checks whether it was carried out. */
  async #send(): Promise<Sent<T>> {
    const create = async (): Promise<Sent<T>> => {
      try {
        return { outcome: "created", thing: await this.#wanted.create() };
      } catch (error) {
        this.isLost ||= error instanceof TursoError && error.mayHaveBeenApplied;
        throw error;
      }
    };
    const check = async (): Promise<Sent<T> | undefined> => {
      const holder = await this.#find();
      if (holder.outcome === "hidden") return undefined;
      if (holder.outcome === "ours") return { outcome: "created", thing: holder.thing };
      return { outcome: "taken", cause: undefined };
    };
    try {
      return await this.#context.api.resolveUnknownOutcome(create, check);
    } catch (cause) {
      return { outcome: refusalOf(cause), cause };
    }
  }

  async #holder(): Promise<Holder<T>> {
    const { kind, name, organization } = this.#wanted;
    try {
      return await this.#find();
    } catch (readError) {
      const isDeleted = this.#context.collection(kind).hasDeleted(organization, { name });
      return isDeleted ? { outcome: "hidden" } : { outcome: "unreadable", readError };
    }
  }

  async #find(): Promise<Exclude<Holder<T>, { outcome: "unreadable" }>> {
    const { kind } = this.#wanted;
    const found = visible(this.#context, this.#wanted, await retrieve(this.#context, kind, this.#wanted));
    return found === undefined ? { outcome: "hidden" } : { outcome: this.#ownerOf(found), thing: found };
  }

  #ownerOf(found: T): "ours" | "foreign" | "doubtful" {
    if (!this.isLost) return "foreign";
    if (this.#before === undefined) return "doubtful";
    const earlier = this.#before.get(this.#wanted.name);
    if (earlier !== undefined && isSame(earlier, found)) return "foreign";
    return this.#wanted.isAsRequested(found) ? "ours" : "doubtful";
  }

  /** Records a thing under the requested name. If the server spells it differently, a refresh shows that. */
  #recorded(thing: T): T {
    const { kind, name, organization } = this.#wanted;
    const created = { ...thing, name };
    this.#context.collection(kind).recordWrite(organization, created);
    return created;
  }
}

/** Only a 409 says that the name is taken. After a 400 or 422, a read of the name decides. */
function refusalOf(error: unknown): "taken" | "refused" | "failed" {
  if (!(error instanceof TursoApiError)) return "failed";
  if (error.status === 409) return "taken";
  return error.status === 400 || error.status === 422 ? "refused" : "failed";
}

/** What to do about something that this resource may have created. */
const IF_CREATED =
  "If this resource created it, set `adopt: true` and run `pulumi up`, then `pulumi refresh --clear-pending-creates`.";

function waitingFor(title: string, isLost: boolean): string {
  return isLost
    ? `${title} seems to be created, but the API does not show it yet. Waiting until it does.`
    : `${title} no longer exists, but its name is still taken. Waiting until Turso releases it.`;
}

/** What the API responded, as a further line. */
const detailOf = (cause: unknown) => (cause instanceof TursoApiError ? `\n${cause.summary}` : "");

function takenError(problem: string, cause: unknown): UserError {
  return new UserError("NAME_TAKEN", `${problem}${detailOf(cause)}`, { cause });
}

function doubtfulError(title: string, cause: unknown): UserError {
  const text = `Failed to create ${title}: the outcome of the request is unknown. It exists now, but it is not known whether this resource created it.`;
  return new UserError("OUTCOME_UNKNOWN", `${text}\n${IF_CREATED}${detailOf(cause)}`, { cause });
}

function notShownError(title: string, cause: unknown): UserError {
  const text = `Failed to create ${title}: the request may still have succeeded, but the API has not shown it for a minute.`;
  return new UserError("OUTCOME_UNKNOWN", `${text}\n${IF_CREATED}${detailOf(cause)}`, { cause });
}

function notReleasedError(title: string, cause: unknown): UserError {
  const text = `Failed to create ${title}: it was deleted, but its name is still taken after a minute. Retry later.`;
  return new UserError("NAME_NOT_RELEASED", text, { cause });
}

function uncheckedError(title: string, cause: unknown): UserError {
  const text = `Failed to create ${title}: could not check whether it exists already.`;
  return new UserError("CREATE_FAILED", `${text}\n${messageOf(cause)}`, { cause });
}

function unreadableError(title: string, cause: unknown): UserError {
  const text = `Failed to adopt ${title}: it exists, but could not be read.`;
  return new UserError("ADOPTION_FAILED", `${text}\n${messageOf(cause)}`, { cause });
}

function stoppedError(title: string, isLost: boolean, cause: unknown): UserError {
  const text = `Failed to create ${title}: stopped while waiting for its name.`;
  if (!isLost) return new UserError("CREATE_FAILED", text, { cause });
  const more = `An earlier request may still have succeeded.\n${IF_CREATED}`;
  return new UserError("OUTCOME_UNKNOWN", `${text} ${more}`, { cause });
}

/** The error for a POST that failed. An error that is not the client's stays as it is. */
function failedError<T extends Named>(
  title: string,
  isLost: boolean,
  { hint, listCommand }: Wanted<T>,
  cause: unknown,
): unknown {
  if (!(cause instanceof TursoError)) return cause;
  const check = `The request may still have succeeded. Run \`${listCommand}\` before you retry.`;
  const lines = [
    `Failed to create ${title}.`,
    cause.message,
    ...(hint?.(cause) ?? []),
    ...(isLost ? [check, IF_CREATED] : []),
  ];
  return new UserError(isLost ? "OUTCOME_UNKNOWN" : "CREATE_FAILED", lines.join("\n"), { cause });
}
