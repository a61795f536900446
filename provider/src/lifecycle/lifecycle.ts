/**
 * What a resource does, apart from who runs it: a lifecycle is written once per resource and hosted by the
 * dynamic provider and by the native plugin. It sees plain values and a Context; no host, no HTTP.
 */
import { TursoApiError, type TursoClient, TursoConnectionError, TursoError } from "../api/index.js";
import type { Directory } from "./collection.js";
import type { Ownership } from "./ownership.js";

/** What a host gives a lifecycle for the time of one call. */
export interface Context {
  /** The Turso API; a request is made, and a token needed, only when one of its methods is called. */
  readonly api: TursoClient;
  /** What this process knows already of the API's groups, databases and locations. */
  readonly directory: Directory;
  /** What the resources of this run hold, in every provider process of the operation. */
  readonly ownership: Ownership;
  /** The default organization; undefined is the user form of the API. */
  readonly organization: string | undefined;
  /** The stack's default for a group's delete protection; undefined: not managed. */
  readonly deleteProtection?: boolean | undefined;
  /** Tells the user something that does not stop the operation. The same message is told once per process. */
  warn(message: string): void;
  /** Aborted when the user wants the operation to stop. */
  readonly signal?: AbortSignal;
}

/** Plain values by property name; `UNKNOWN` stands for one that is computed and not known before `up`. */
export type Properties = Readonly<Record<string, unknown>>;

/** A copy of a resource's inputs that its host has checked, or of its outputs: JSON values only. */
export type State = Record<string, unknown>;

export interface CheckRequest {
  /** The inputs in state; undefined for a new resource and for the replacement of one. */
  olds: Properties | undefined;
  /** The inputs of the program. */
  news: Properties;
  /** Which resource it is; what a name is generated from. */
  resource: ResourcePlace;
  /**
   * The name that the engine is configured to give the resource (`pulumi:autonaming`); undefined: ours. None where a
   * program has to give every name.
   */
  proposedName?: string | typeof NO_NAME;
  /** Whether this is a preview, where the host can tell. */
  preview?: boolean;
}

/** A resource's place in Pulumi. */
export interface ResourcePlace {
  /** Identifies the resource: two components may have resources of the same name. */
  urn: string;
  project: string;
  stack: string;
  /** The resource's name in the program. */
  name: string;
  /** Types of the components that it is in, the outermost first, e.g. `my:App$my:Data`; undefined at the top level. */
  parentType?: string | undefined;
}

/** In place of a name: the engine is configured to generate none. */
export const NO_NAME = Symbol("no name");

/** An input that is refused, and why. Pulumi shows the reason after "has a problem:". */
export interface CheckFailure {
  property: string;
  reason: string;
}

export interface Diff {
  changes: boolean;
  /** The reason is not in the inputs (a token that is due): a host that compares inputs would not see it. */
  unseen?: boolean;
  /** Inputs whose change needs a new resource; empty for an update in place. */
  replaces: string[];
  /** Delete the old one before the new one is created, because both would have the same address. */
  deleteBeforeReplace: boolean;
}

/** `Inputs` is what check lets through and state records; `Outputs` is what create, read and update give. */
export interface Lifecycle<Inputs extends object, Outputs extends object> {
  /** The resource's name in the package, e.g. `Group`. */
  readonly type: string;
  /** The outputs that are secrets, always. */
  readonly secrets?: readonly string[];
  /** The outputs that no update in place changes. */
  readonly stables?: readonly string[];
  /** Validates the program's inputs and fills in defaults. Refusals are failures, not errors. */
  check(context: Context, request: CheckRequest): Promise<{ inputs: State; failures: CheckFailure[] }>;
  /** Compares state with checked inputs, which may hold `UNKNOWN`. Makes no request and never throws: refresh calls it too. */
  diff(context: Pick<Context, "warn" | "ownership">, olds: Outputs, news: Inputs): Diff;
  /**
   * What a create or an update is going to put out, as far as that is certain before: the rest is `UNKNOWN`, or absent in a
   * create. Makes no request. Default: the inputs.
   */
  foretell?(olds: Outputs | undefined, news: Inputs): State;
  /**
   * Warns in a preview of what a create (without `olds`) or an update does besides what its inputs show. Makes no request. `olds`
   * are the old inputs or the old outputs, whichever the host has.
   */
  warnInPreview?(context: Pick<Context, "warn">, olds: Inputs | Outputs | undefined, news: Inputs): void;
  create(context: Context, inputs: Inputs): Promise<{ id: string; outputs: Outputs }>;
  /** The resource as it is now; undefined when it is gone. Without `olds` (get, import) the id alone says which. */
  read(
    context: Context,
    id: string,
    olds: Outputs | undefined,
  ): Promise<{ id: string; inputs: Inputs; outputs: Outputs } | undefined>;
  /** Changes in place; a resource whose every change replaces has none. `id` is the one in state. */
  update?(context: Context, id: string, olds: Outputs, news: Inputs): Promise<Outputs>;
  delete(context: Context, olds: Outputs): Promise<void>;
}

/** How the engine sends a value that is not known yet. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is not known yet, or is a list of which a part is not. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN || (Array.isArray(value) && value.includes(UNKNOWN));
}

/** An error whose message says all there is to say: hosts show it without a stack. */
export class UserError extends Error {}

/** There is no API token. A preview goes on without one. */
export class MissingTokenError extends UserError {
  /** The same for the warning of a preview: a clause, and a sentence. */
  readonly inPreview: { problem: string; remedy: string };

  constructor(message: string, inPreview: { problem: string; remedy: string }) {
    super(message);
    this.inPreview = inPreview;
  }
}

/**
 * A create or update that got only so far. State records `outputs`, which is what there is now, and marks the resource
 * as not initialised, so that the next `up` does the rest.
 */
export class PartialError extends UserError {
  readonly id: string;
  readonly outputs: object;

  constructor(id: string, outputs: object, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.id = id;
    this.outputs = outputs;
  }
}

function isTrouble(error: unknown): error is MissingTokenError | TursoConnectionError | TursoApiError {
  if (error instanceof TursoApiError) return error.status === 429 || error.status >= 500;
  return error instanceof MissingTokenError || error instanceof TursoConnectionError;
}

/**
 * Asks the API something that a check wants to know. Undefined when the API cannot be asked (no token, no network,
 * trouble on its side): a preview says so once and goes on. What `up` would trip over too, as a refused token, is an error.
 */
export async function lookUp<T>(
  context: Context,
  preview: boolean | undefined,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!isTrouble(error)) throw error;
    if (preview !== false) context.warn(incomplete(error));
    return undefined;
  }
}

/** Says what a preview could not check. Without the request, so that it is one warning whichever list is missing. */
function incomplete(error: MissingTokenError | TursoConnectionError | TursoApiError): string {
  const so = "so this preview may be incomplete: existing groups, locations and databases were not checked.";
  if (error instanceof MissingTokenError)
    return `${error.inPreview.problem}, ${so} ${error.inPreview.remedy}`;
  if (error instanceof TursoConnectionError)
    return `Could not reach the Turso API, ${so} Cause: ${error.reason}. ${error.hint}`.trim();
  return `The Turso API responded with ${error.status}${error.detail === undefined ? "" : ` ${error.detail}`}, ${so}`;
}

/** "a number", "nothing", …: what `value` is, for sentences about inputs. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Whether an error's message says all there is to say. */
export function explainsItself(error: unknown): boolean {
  return error instanceof UserError || error instanceof TursoError;
}

/** An error and its causes. */
export function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
