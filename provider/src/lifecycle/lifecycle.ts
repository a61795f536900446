/**
 * What a resource does, whichever host runs it: a lifecycle is written once per resource, and the dynamic
 * provider and the native plugin both run it. It gets plain values and a Context, and knows neither a host
 * nor HTTP.
 */
import type { Clock } from "../api/http/pacing.js";
import type { TursoClient } from "../api/index.js";
import type { Collections } from "./collection.js";
import type { CheckFailure } from "./errors.js";
import type { Ownership } from "./ownership.js";
import type { Defaults, ResourceType } from "./resourceType.js";
import type { ResourcePlace } from "./urn.js";
import type { Properties, State } from "./values.js";
import { type Fields, name } from "./valueTypes.js";

/** What a host gives a lifecycle for one call. */
export interface Context extends Defaults {
  /** The Turso API. A request is made, and a token needed, only when one of its methods is called. */
  readonly api: TursoClient;
  /** What this process knows of a kind of thing, e.g. `collection(GROUPS)`. */
  readonly collection: Collections;
  /** What the resources of this run hold, in every provider process of the operation. */
  readonly ownership: Ownership;
  /** Shows the user a warning. The same message is shown once per process. */
  warn(message: string): void;
  /** Aborted when the user stops the operation. */
  readonly signal?: AbortSignal;
  /** Tells the time. Default: the real clock. */
  readonly clock?: Clock;
}

export interface CheckRequest {
  /** The inputs in state; undefined for a new resource and for the replacement of one. */
  olds: Properties | undefined;
  /** The inputs of the program. */
  news: Properties;
  /** Which resource it is; a generated name is derived from it. */
  resource: ResourcePlace;
  /**
   * The name that the engine is configured to give the resource (`pulumi:autonaming`); undefined: the
   * lifecycle generates one. `NO_NAME` where the program has to set every name.
   */
  proposedName?: string | typeof NO_NAME;
  /** Whether this is a preview, where the host knows. */
  preview?: boolean;
}

/** Stands for a name if the engine is configured to generate none. */
export const NO_NAME = Symbol("no name");

export interface Diff {
  changes: boolean;
  /**
   * No input shows the reason (for example, a token is due for renewal), so a host that compares inputs would
   * not see it.
   */
  unseen?: boolean;
  /** Inputs whose change needs a new resource; empty for an update in place. */
  replaces: string[];
  /** Delete the old resource before the new one is created, because both have the same address. */
  deleteBeforeReplace: boolean;
}

/** `Inputs` is what check returns and state records; `Outputs` is what create, read and update return. */
export interface Lifecycle<Inputs extends object, Outputs extends object> {
  readonly resource: ResourceType;
  /** Validates the program's inputs and fills in defaults. Refusals are failures, not errors. */
  check(context: Context, request: CheckRequest): Promise<{ inputs: State; failures: CheckFailure[] }>;
  /**
   * Compares state with checked inputs, which may hold `UNKNOWN`. Makes no request and never throws, because
   * refresh calls it too.
   */
  diff(context: Pick<Context, "warn" | "ownership" | "clock">, olds: Outputs, news: Inputs): Diff;
  /**
   * The outputs of a create or update that are certain in a preview. Others are `UNKNOWN`, or absent in a
   * create. Makes no request. Default: the inputs.
   */
  previewOutputs?(olds: Outputs | undefined, news: Inputs): State;
  /**
   * Warns in a preview of effects of a create (without `olds`) or an update that its inputs do not show.
   * Makes no request. `olds` are the old inputs or the old outputs, whichever the host has.
   */
  warnInPreview?(context: Pick<Context, "warn">, olds: Inputs | Outputs | undefined, news: Inputs): void;
  create(context: Context, inputs: Inputs): Promise<{ id: string; outputs: Outputs }>;
  /**
   * The resource as it is now; undefined if it no longer exists. Without `olds` (get, import), the ID alone
   * identifies it.
   */
  read(
    context: Context,
    id: string,
    olds: Outputs | undefined,
  ): Promise<{ id: string; inputs: Inputs; outputs: Outputs } | undefined>;
  /** Changes the resource in place. Absent where every change replaces it. `id` is the one in state. */
  update?(context: Context, id: string, olds: Outputs, news: Inputs): Promise<Outputs>;
  delete(context: Context, olds: Outputs): Promise<void>;
  /** What exists at Turso, in the API's order, for `pulumi do … list`. Absent where the API has no list. */
  list?(context: Context, args: ListArgs): Promise<Listed[]>;
}

/** What a list is limited to. */
export interface ListArgs {
  /**
   * Slug of the organization.
   *
   * @default the provider's organization, else your personal account
   */
  organization?: string;
}

/** The rows of `ListArgs`. */
export const LIST_ARGS: Fields<ListArgs> = { organization: { type: name("the slug, e.g. acme") } };

/** Something that exists at Turso. `read` and import take its `id`. */
export interface Listed {
  id: string;
  name: string;
}

/** A lifecycle whose inputs and outputs are not known to the compiler. */
export type AnyLifecycle = Lifecycle<State, State>;
