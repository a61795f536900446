/**
 * What a resource does, apart from who runs it: a lifecycle is written once per resource and hosted by the
 * dynamic provider and by the native plugin. It sees plain values and a Context; no host, no HTTP.
 */
import type { TursoClient } from "../api/index.js";
import type { Directory } from "./collection.js";
import type { ErrorCode } from "./errors.js";
import type { Ownership } from "./ownership.js";
import type { ResourcePlace } from "./urn.js";

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

/** In place of a name: the engine is configured to generate none. */
export const NO_NAME = Symbol("no name");

/** An input that is refused, and why. Pulumi shows the reason after "has a problem:", and hosts add the code to its first line. */
export interface CheckFailure extends Problem {
  /** Name of the input; "" when it is no single input. */
  property: string;
}

/** Why something is refused. */
export interface Problem {
  code: ErrorCode;
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
