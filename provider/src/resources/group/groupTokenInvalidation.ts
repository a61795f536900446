import type * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../lifecycle/errors.js";
import { unknownInputs } from "../../lifecycle/inputs.js";
import type { Context, Lifecycle, State } from "../../lifecycle/lifecycle.js";
import { idOf } from "../../lifecycle/resourceId.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { describe, sameValue, withoutUndefined } from "../../lifecycle/values.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import {
  called,
  checked,
  checkReference,
  type FoundGroup,
  foundGroup,
  type GroupReference,
  readGroup,
  referenceChanges,
  withGroup,
} from "./reference.js";

/** The inputs of a GroupTokenInvalidation. */
export interface GroupTokenInvalidationArgs {
  /** The group: its name, or better its id (`group.id`), which says the organization too. Changing it replaces this resource. */
  group: pulumi.Input<string>;
  /**
   * Slug of the group's organization. Default: the one in `group`, if that is an id, else that of a Group. Changing it
   * replaces this resource.
   */
  organization?: pulumi.Input<string>;
  /**
   * Any values. When one changes, every token of the group is invalidated, **and applications that use one lose access**.
   * Turso does not say how soon; for database credentials it is within one hour.
   */
  triggers?: pulumi.Input<Record<string, unknown> | unknown[]>;
  /** Invalidate when this resource is created, too. Default false; changing it later does nothing. */
  onCreate?: pulumi.Input<boolean>;
}

/**
 * Invalidates every token of a group, those that were minted elsewhere included, whenever its triggers change. A
 * GroupToken that keeps an eye on it is minted anew in the same `up`:
 *
 *     const invalidation = new turso.GroupTokenInvalidation("leak", { group: group.id, triggers: { leaked: "2026-11-20" } });
 *     const token = new turso.GroupToken("api", {
 *       group: group.id,
 *       expiration: "90d",
 *       keepers: { invalidated: invalidation.invalidatedAt },
 *     });
 *
 * Deleting this resource does nothing at Turso. Source: https://docs.turso.tech/api-reference/groups/invalidate-tokens
 */
export class GroupTokenInvalidation extends TursoResource {
  /** The group's name. */
  declare readonly group: pulumi.Output<string>;
  /** Slug of the group's organization; undefined in the account of the API token's user. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** The values whose change invalidates the tokens. */
  declare readonly triggers: pulumi.Output<Record<string, unknown> | unknown[] | undefined>;
  /** Whether the tokens were invalidated when this resource was created, too. */
  declare readonly onCreate: pulumi.Output<boolean | undefined>;
  /** When this resource last invalidated the tokens: an RFC 3339 time in UTC; undefined before the first time. */
  declare readonly invalidatedAt: pulumi.Output<string | undefined>;
  /** The uuid of the group; undefined where the API sends none. */
  declare readonly groupUuid: pulumi.Output<string | undefined>;

  /** Whether a value is a GroupTokenInvalidation, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is GroupTokenInvalidation {
    return isOfType("GroupTokenInvalidation", value);
  }

  constructor(name: string, args: GroupTokenInvalidationArgs, options?: pulumi.CustomResourceOptions) {
    // A property that is missing here would not exist on the resource: the computed ones are listed for that.
    const properties = {
      organization: undefined,
      triggers: undefined,
      onCreate: undefined,
      invalidatedAt: undefined,
      groupUuid: undefined,
      ...args,
    };
    super("GroupTokenInvalidation", "groupTokenInvalidationProvider", name, properties, options);
  }
}

/** The inputs as check lets them through and state records them. */
export interface GroupTokenInvalidationInputs extends GroupReference {
  triggers?: unknown;
  onCreate?: boolean;
}

/** The outputs as state records them. */
export interface GroupTokenInvalidationOutputs extends GroupTokenInvalidationInputs, FoundGroup {
  invalidatedAt?: string;
}

const inputNames = ["group", "organization", "triggers", "onCreate"] as const;

export const groupTokenInvalidationLifecycle: Lifecycle<
  GroupTokenInvalidationInputs,
  GroupTokenInvalidationOutputs
> = {
  type: "GroupTokenInvalidation",
  stables: ["groupUuid"],

  warnInPreview: warnOfInvalidation,

  foretell(olds, news) {
    if (olds === undefined) return { ...inputsOf(news) };
    const invalidatedAt = sameValue(news.triggers, olds.triggers) ? olds.invalidatedAt : UNKNOWN;
    return withoutUndefined<State>({ ...inputsOf(news), groupUuid: olds.groupUuid, invalidatedAt });
  },

  async check(context, request) {
    const { news } = request;
    const { reference, failures } = checkReference(context, request);
    failures.unshift(...unknownInputs("GroupTokenInvalidation", inputNames, news));
    const { triggers, onCreate } = news;
    if (triggers !== undefined && triggers !== UNKNOWN && !/^an? (object|list)$/.test(describe(triggers))) {
      failures.push({
        property: "triggers",
        code: "INVALID_INPUT",
        reason: `it must be a map or a list of values, but is ${describe(triggers)}`,
      });
    }
    if (onCreate !== undefined && onCreate !== UNKNOWN && typeof onCreate !== "boolean") {
      failures.push({
        property: "onCreate",
        code: "INVALID_INPUT",
        reason: `it must be true or false, but is ${describe(onCreate)}`,
      });
    }
    if (failures.length > 0) return { inputs: { ...news }, failures };

    return { inputs: checked(inputsOf({ ...news, ...reference }), reference), failures };
  },

  diff(_context, olds, news) {
    const replaces = referenceChanges(olds, news);
    const changes =
      replaces.length > 0 || news.onCreate !== olds.onCreate || !sameValue(news.triggers, olds.triggers);
    return { changes, replaces, deleteBeforeReplace: false };
  },

  async create(context, inputs) {
    return {
      id: idOf({ organization: inputs.organization, name: inputs.group }),
      outputs: await invalidate(context, inputs, inputs, inputs.onCreate === true),
    };
  },

  // The API does not say when tokens were invalidated: all there is to see is whether the group is still there.
  async read(context, id, olds) {
    if (olds === undefined) {
      throw new UserError(
        "NOT_IMPORTABLE",
        `An invalidation cannot be read back from the Turso API, so GroupTokenInvalidation '${id}' cannot be read or imported. Declare a new one.`,
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

/** Finds the group, and invalidates its tokens if that is wanted: of no other group that has taken its name. */
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
      // To the millisecond, so that no two times are the same: it is what tokens are minted anew for.
      ...(wanted && { invalidatedAt: new Date().toISOString() }),
    };
  });
}

/** Warns in a preview that `up` invalidates tokens. */
function warnOfInvalidation(
  context: Pick<Context, "warn">,
  olds: GroupTokenInvalidationInputs | undefined,
  news: { triggers?: unknown; onCreate?: unknown } & GroupReference,
): void {
  const wanted = olds === undefined ? news.onCreate : !sameValue(news.triggers, olds.triggers);
  if (wanted !== true && wanted !== UNKNOWN) return;
  // Another group means a replacement, which invalidates nothing by itself, unless it is the same group under another name.
  const certain =
    wanted === true &&
    (olds === undefined || (!holdsUnknown(news.triggers) && referenceChanges(olds, news).length === 0));
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

/** Of checked inputs, or of outputs, the inputs. */
function inputsOf(values: State | GroupTokenInvalidationInputs): GroupTokenInvalidationInputs & State {
  const entries = Object.entries(values);
  return Object.fromEntries(
    entries.filter(([key, value]) => value !== undefined && inputNames.some((name) => name === key)),
  ) as GroupTokenInvalidationInputs & State;
}
