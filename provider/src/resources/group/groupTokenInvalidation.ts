import type * as pulumi from "@pulumi/pulumi";
import { realClock } from "../../api/http/pacing.js";
import { UserError } from "../../lifecycle/errors.js";
import { changesOf, inputsIn } from "../../lifecycle/inputs.js";
import type { Context, Lifecycle } from "../../lifecycle/lifecycle.js";
import { checkWithReference, referenceInputs } from "../../lifecycle/reference.js";
import { idOf } from "../../lifecycle/resourceId.js";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../../lifecycle/resourceType.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { type Properties, type State, sameValue, withoutUndefined } from "../../lifecycle/values.js";
import { anyMapOrList, boolean, string } from "../../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { called, type FoundGroup, foundGroup, readGroup, withGroup } from "./reference.js";

/** The inputs of a GroupTokenInvalidation. */
export interface GroupTokenInvalidationArgs {
  /**
   * The group: its name or its ID. Prefer the ID (`group.id`), which includes the organization. Changing it
   * replaces this resource.
   */
  group: pulumi.Input<string>;
  /**
   * Slug of the group's organization. Changing it replaces this resource.
   *
   * @default the organization in `group`, if that is an ID, else the provider's organization, else your
   * personal account
   */
  organization?: pulumi.Input<string>;
  /**
   * Any values, in a map or a list. When one changes, every token of the group is invalidated, **and
   * applications that use one lose access**. Turso does not say how soon; for database credentials it is
   * within one hour.
   *
   * @default none
   */
  triggers?: pulumi.Input<Record<string, unknown> | unknown[]>;
  /**
   * Whether to invalidate the tokens also when this resource is created. Changing it later has no effect.
   *
   * @default false
   */
  onCreate?: pulumi.Input<boolean>;
}

/**
 * Invalidates every token of a group, including tokens issued outside Pulumi, when its triggers change.
 * Deleting this resource makes no API request.
 *
 * A GroupToken whose `keepers` hold `invalidatedAt` is reissued in the same `pulumi up`:
 *
 * ```ts
 * const invalidation = new turso.GroupTokenInvalidation("leak", {
 *   group: group.id,
 *   triggers: { leaked: "2026-11-20" },
 * });
 * const token = new turso.GroupToken("api", {
 *   group: group.id,
 *   expiration: "90d",
 *   keepers: { invalidated: invalidation.invalidatedAt },
 * });
 * ```
 *
 * @see https://docs.turso.tech/api-reference/groups/invalidate-tokens
 */
export class GroupTokenInvalidation extends TursoResource {
  /** Name of the group. */
  declare readonly group: pulumi.Output<string>;
  /** Slug of the group's organization; absent in your personal account. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** Values whose change invalidates the tokens. */
  declare readonly triggers: pulumi.Output<Record<string, unknown> | unknown[] | undefined>;
  /** Whether the tokens were invalidated also when this resource was created. */
  declare readonly onCreate: pulumi.Output<boolean | undefined>;
  /**
   * When this resource last invalidated the tokens: an RFC 3339 time in UTC; absent before the first time.
   */
  declare readonly invalidatedAt: pulumi.Output<string | undefined>;
  /** UUID of the group; absent where the API does not report it. */
  declare readonly groupUuid: pulumi.Output<string | undefined>;

  /** Whether a value is a GroupTokenInvalidation, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is GroupTokenInvalidation {
    return isOfType(groupTokenInvalidation, value);
  }

  constructor(name: string, args: GroupTokenInvalidationArgs, options?: pulumi.CustomResourceOptions) {
    super(groupTokenInvalidation, name, args, options);
  }
}

const inputs = {
  ...referenceInputs,
  triggers: { type: anyMapOrList, change: "update" },
  onCreate: { type: boolean, change: "local" },
} satisfies Inputs<GroupTokenInvalidationArgs>;

const outputs = {
  invalidatedAt: { type: string },
  groupUuid: { type: string, stable: true },
} satisfies Outputs<GroupTokenInvalidation, GroupTokenInvalidationArgs>;

const groupTokenInvalidation = { name: "GroupTokenInvalidation", inputs, outputs } satisfies ResourceType;

/** The inputs as check returns them and state records them. */
export type GroupTokenInvalidationInputs = ValuesOf<typeof inputs> & {
  __from?: string;
};

/** The outputs as state records them. */
type GroupTokenInvalidationOutputs = GroupTokenInvalidationInputs &
  ValuesOf<typeof outputs> & { __group?: string };

export const groupTokenInvalidationLifecycle: Lifecycle<
  GroupTokenInvalidationInputs,
  GroupTokenInvalidationOutputs
> = {
  resource: groupTokenInvalidation,

  warnInPreview: warnOfInvalidation,

  previewOutputs(olds, news) {
    if (olds === undefined) return inputsOf(news);
    const invalidatedAt = sameValue(news.triggers, olds.triggers) ? olds.invalidatedAt : UNKNOWN;
    return withoutUndefined<State>({ ...inputsOf(news), groupUuid: olds.groupUuid, invalidatedAt });
  },

  async check(context, request) {
    return checkWithReference(groupTokenInvalidation, context, request);
  },

  diff(_context, olds, news) {
    const { changed, replaces } = changesOf(groupTokenInvalidation, olds, news);
    // If the program only accepts the group's new name, this resource does not change.
    const changes = replaces.length > 0 || changed.some((key) => !(key in referenceInputs));
    return { changes, replaces, deleteBeforeReplace: false };
  },

  async create(context, inputs) {
    return {
      id: idOf({ organization: inputs.organization, name: inputs.group }),
      outputs: await invalidate(context, inputs, inputs, inputs.onCreate === true),
    };
  },

  // The API does not report when tokens were invalidated, so this only checks that the group still exists.
  async read(context, id, olds) {
    if (olds === undefined) {
      throw new UserError(
        "NOT_IMPORTABLE",
        `GroupTokenInvalidation '${id}' cannot be read or imported, because the Turso API does not report invalidations. Create a new GroupTokenInvalidation.`,
      );
    }
    const group = await readGroup(context, olds);
    if (group === undefined) return undefined;
    const inputs = inputsOf(olds);
    const { invalidatedAt, groupUuid } = olds;
    return {
      id,
      inputs,
      outputs: withoutUndefined<GroupTokenInvalidationOutputs>({
        ...inputs,
        groupUuid,
        ...foundGroup(olds, group),
        invalidatedAt,
      }),
    };
  },

  async update(context, _id, olds, news) {
    if (!sameValue(news.triggers, olds.triggers)) return invalidate(context, news, olds, true);
    const { groupUuid, __group, invalidatedAt } = olds;
    return withoutUndefined<GroupTokenInvalidationOutputs>({
      ...inputsOf(news),
      groupUuid,
      __group: __group === news.group ? undefined : __group,
      invalidatedAt,
    });
  },

  async delete() {},
};

/**
 * Finds the group, and invalidates its tokens if `wanted`. Never touches another group that has taken its
 * name.
 */
async function invalidate(
  context: Context,
  inputs: GroupTokenInvalidationInputs,
  group: FoundGroup,
  wanted: boolean,
): Promise<GroupTokenInvalidationOutputs> {
  const messages = {
    code: "INVALIDATION_FAILED" as const,
    failed: `Failed to invalidate the tokens of ${called(inputs)}.`,
    lost: "The request may still have succeeded. The next `pulumi up` retries it.",
  };
  return withGroup(context, group, messages, async (found) => {
    if (wanted) await context.api.groups.invalidateTokens(inputs.organization, found.name);
    return {
      ...inputsOf(inputs),
      ...foundGroup(inputs, found),
      // To the millisecond, so that two invalidations differ: a token that keeps this value is reissued when
      // it changes.
      ...(wanted && { invalidatedAt: new Date((context.clock ?? realClock).date()).toISOString() }),
    };
  });
}

/** Warns in a preview that `up` invalidates tokens. */
function warnOfInvalidation(
  context: Pick<Context, "warn">,
  olds: GroupTokenInvalidationInputs | undefined,
  news: GroupTokenInvalidationInputs,
): void {
  const wanted: unknown = olds === undefined ? news.onCreate : !sameValue(news.triggers, olds.triggers);
  if (wanted !== true && wanted !== UNKNOWN) return;
  // Changing the group replaces this resource, which by itself invalidates no tokens. A new name of the same
  // group is no such change.
  const certain =
    wanted === true &&
    (olds === undefined ||
      (!holdsUnknown(news.triggers) && changesOf(groupTokenInvalidation, olds, news).replaces.length === 0));
  const which = news.group === UNKNOWN ? "a group that is not known yet" : called(news);
  context.warn(
    `\`pulumi up\` ${certain ? "invalidates" : "may invalidate"} every token of ${which}, including tokens issued outside Pulumi. ` +
      "Applications that use one lose access. Turso does not say how soon; for database credentials it is within one hour.",
  );
}

function holdsUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === UNKNOWN;
  return Object.values(value).some(holdsUnknown);
}

/** The inputs among checked inputs or outputs. */
function inputsOf(values: Properties): ValuesOf<typeof inputs> {
  return inputsIn(groupTokenInvalidation, values);
}
