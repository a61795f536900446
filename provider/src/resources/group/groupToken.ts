import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { type Clock, realClock } from "../../api/http/pacing.js";
import type { NewGroupToken } from "../../api/index.js";
import { secondsOf } from "../../lifecycle/duration.js";
import { type CheckFailure, UserError } from "../../lifecycle/errors.js";
import { changesOf, inputsIn } from "../../lifecycle/inputs.js";
import type { Lifecycle } from "../../lifecycle/lifecycle.js";
import { checkWithReference, referenceInputs } from "../../lifecycle/reference.js";
import { idOf } from "../../lifecycle/resourceId.js";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../../lifecycle/resourceType.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { type Properties, withoutUndefined } from "../../lifecycle/values.js";
import { anyMap, duration, name, namesOf, oneOf, string } from "../../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { called, foundGroup, readGroup, withGroup } from "./reference.js";
import { thingOf } from "./state.js";

/**
 * The inputs of a GroupToken. Changing an input issues a new token; removing one does not. The old token
 * stays valid until it expires.
 */
export interface GroupTokenArgs {
  /**
   * The group: its name or its ID. Prefer the ID (`group.id`): it includes the organization, and a new token
   * is issued when the group is replaced.
   */
  group: pulumi.Input<string>;
  /**
   * Slug of the group's organization.
   *
   * @default the organization in `group`, if that is an ID, else the provider's organization, else your
   * personal account
   */
  organization?: pulumi.Input<string>;
  /**
   * How long the token is valid: `never` (it does not expire), or a duration such as `90d` or `2w1d30m`
   * (units w, d, h, m, s).
   *
   * @default the API's, `never`
   */
  expiration?: pulumi.Input<string>;
  /**
   * Access that the token gives: `full-access` or `read-only`.
   *
   * @default the API's, `full-access`
   */
  authorization?: pulumi.Input<"full-access" | "read-only">;
  /**
   * Names of databases that the token may attach for reading. Turso refuses them for groups on AWS. On other
   * groups, a token with `readAttach` has no other access.
   *
   * @default none
   */
  readAttach?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How long before its expiration the token is due for renewal, a duration shorter than `expiration`. The
   * next `pulumi up` then issues a new token.
   *
   * @default a token is due for renewal when it has expired
   */
  renewBefore?: pulumi.Input<string>;
  /**
   * Any values. When one changes, a new token is issued. Use `invalidatedAt` of a GroupTokenInvalidation to
   * reissue the token after an invalidation.
   *
   * @default none
   */
  keepers?: pulumi.Input<Record<string, unknown>>;
}

/**
 * A token that gives access to every database of a group.
 *
 * The API cannot revoke a single token. Deleting a GroupToken only removes it from state: it stays valid
 * until it expires, or until a GroupTokenInvalidation revokes every token of the group.
 *
 * ```ts
 * const token = new turso.GroupToken("api", { group: group.id, expiration: "90d", renewBefore: "30d" });
 * export const jwt = token.jwt; // a secret
 * ```
 *
 * @see https://docs.turso.tech/api-reference/groups/create-token
 */
export class GroupToken extends TursoResource {
  /** Name of the group. */
  declare readonly group: pulumi.Output<string>;
  /** Slug of the group's organization; absent in your personal account. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** How long the token is valid from its creation, e.g. `90d`; absent: `never`. */
  declare readonly expiration: pulumi.Output<string | undefined>;
  /** Access that the token gives; absent: `full-access`. */
  declare readonly authorization: pulumi.Output<"full-access" | "read-only" | undefined>;
  /** Names of databases that the token may attach for reading. */
  declare readonly readAttach: pulumi.Output<string[] | undefined>;
  /** How long before its expiration the token is due for renewal. */
  declare readonly renewBefore: pulumi.Output<string | undefined>;
  /** Values whose change issues a new token. */
  declare readonly keepers: pulumi.Output<Record<string, unknown> | undefined>;
  /** The token, always a secret. */
  declare readonly jwt: pulumi.Output<string>;
  /** When the token expires, from its `exp` claim: an RFC 3339 time in UTC; absent if it does not expire. */
  declare readonly expiresAt: pulumi.Output<string | undefined>;
  /** UUID of the group; absent where the API does not report it. */
  declare readonly groupUuid: pulumi.Output<string | undefined>;

  /** Whether a value is a GroupToken, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is GroupToken {
    return isOfType(groupToken, value);
  }

  constructor(name: string, args: GroupTokenArgs, options?: pulumi.CustomResourceOptions) {
    super(groupToken, name, args, options);
  }
}

const inputs = {
  ...referenceInputs,
  expiration: { type: duration({ orNever: true }), change: "replace" },
  authorization: {
    type: oneOf(
      { name: "TokenAuthorization", description: "Access that a token gives." },
      { "full-access": "Read and write.", "read-only": "Read only." },
    ),
    change: "replace",
  },
  readAttach: {
    type: namesOf(name("the name of a database, e.g. orders"), { emptyIsNone: true }),
    change: "replace",
  },
  renewBefore: { type: duration(), change: "replace" },
  keepers: { type: anyMap, change: "replace" },
} satisfies Inputs<GroupTokenArgs>;

const outputs = {
  jwt: { type: string, always: true, secret: true, stable: true },
  expiresAt: { type: string, stable: true },
  groupUuid: { type: string, stable: true },
} satisfies Outputs<GroupToken, GroupTokenArgs>;

const groupToken = { name: "GroupToken", inputs, outputs } satisfies ResourceType;

/** The inputs as check returns them and state records them. */
export type GroupTokenInputs = ValuesOf<typeof inputs> & { __from?: string };

/** The outputs as state records them. */
export type GroupTokenOutputs = GroupTokenInputs & ValuesOf<typeof outputs> & { __group?: string };

export const groupTokenLifecycle: Lifecycle<GroupTokenInputs, GroupTokenOutputs> = {
  resource: groupToken,

  async check(context, request) {
    return checkWithReference(groupToken, context, request, renewalProblems(request.news));
  },

  warnInPreview(context, olds, news) {
    const { equal } = inputs.readAttach.type;
    if (equal(news.readAttach, olds?.readAttach) || equal(news.readAttach, undefined)) return;
    const which = news.group === UNKNOWN ? "a group that is not known yet" : called(news);
    context.warn(
      `A token of ${which} has \`readAttach\`. Turso refuses that for groups on AWS. On other groups, such a token has no other access.`,
    );
  },

  diff(context, olds, news) {
    const { changed, replaces } = changesOf(groupToken, olds, news);
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: false };

    // The group was replaced by one with the same ID, as after a rename outside Pulumi and a forced
    // replacement.
    const uuid = context.ownership.uuidAt(thingOf({ name: news.group, organization: news.organization }));
    if (uuid !== undefined && olds.groupUuid !== undefined && uuid !== olds.groupUuid)
      return { changes: true, unseen: true, replaces: ["groupUuid"], deleteBeforeReplace: false };

    const why = dueBecause(olds, context.clock ?? realClock);
    // If the program only accepts the group's new name, the token does not change.
    const changes = changed.some((key) => !(key in referenceInputs));
    if (why === undefined) return { changes, replaces: [], deleteBeforeReplace: false };
    context.warn(`The token of ${called(olds)} ${why}. \`pulumi up\` issues a new one.`);
    return { changes: true, unseen: true, replaces: ["expiresAt"], deleteBeforeReplace: false };
  },

  async create(context, inputs) {
    const { organization, expiration, authorization, readAttach } = inputs;
    const messages = {
      code: "TOKEN_NOT_ISSUED" as const,
      failed: `Failed to issue a token of ${called(inputs)}.`,
      lost: "The request may still have succeeded, and then an unknown token exists. A GroupTokenInvalidation revokes it, and every other token of the group.",
    };
    return withGroup(context, inputs, messages, async (group) => {
      const token = withoutUndefined<NewGroupToken>({ expiration, authorization, readAttach });
      const jwt = await context.api.groups.mintToken(organization, group.name, token);
      const fingerprint = createHash("sha256").update(jwt).digest("hex").slice(0, 12);
      return {
        id: `${idOf({ organization, name: inputs.group })}/${fingerprint}`,
        outputs: withoutUndefined<GroupTokenOutputs>({
          ...inputsOf(inputs),
          ...foundGroup(inputs, group),
          jwt,
          expiresAt: expiryOf(jwt),
        }),
      };
    });
  },

  // The API never returns a token again, so this only checks that the group still exists.
  async read(context, id, olds) {
    // If a program passes arguments with an ID, the host passes them as state.
    if (olds?.jwt === undefined) {
      throw new UserError(
        "NOT_IMPORTABLE",
        `GroupToken '${id}' cannot be read or imported, because the Turso API never returns a token again. Create a new GroupToken.`,
      );
    }
    const group = await readGroup(context, olds);
    if (group === undefined) return undefined;
    const inputs = inputsOf(olds);
    const { jwt, expiresAt, groupUuid } = olds;
    return {
      id,
      inputs,
      outputs: withoutUndefined<GroupTokenOutputs>({
        ...inputs,
        groupUuid,
        ...foundGroup(olds, group),
        jwt,
        expiresAt,
      }),
    };
  },

  async update(_context, _id, olds, news) {
    const { jwt, expiresAt, groupUuid, __group } = olds;
    return withoutUndefined<GroupTokenOutputs>({
      ...inputsOf(news),
      groupUuid,
      __group: __group === news.group ? undefined : __group,
      jwt,
      expiresAt,
    });
  },

  // The API cannot revoke a single token.
  async delete() {},
};

/** The inputs among checked inputs or outputs. */
function inputsOf(values: Properties): ValuesOf<typeof inputs> {
  return inputsIn(groupToken, values);
}

/** Rules between `renewBefore` and `expiration`. */
function renewalProblems({ renewBefore, expiration }: Properties): CheckFailure[] {
  const reason = renewBefore === undefined ? undefined : renewalProblem(renewBefore, expiration);
  return reason === undefined ? [] : [{ property: "renewBefore", code: "INVALID_INPUT", reason }];
}

/** Why a token that expires after `expiration` cannot be due for renewal `renewBefore` earlier. */
function renewalProblem(renewBefore: unknown, expiration: unknown = "never"): string | undefined {
  if (expiration === "never") return 'it needs an expiration other than "never"';
  const [lifetime, earlier] = [expiration, renewBefore].map((value) => secondsOf(String(value)));
  if (lifetime === undefined || earlier === undefined || earlier < lifetime) return undefined;
  return `it must be shorter than the expiration ${expiration}, or every \`pulumi up\` would issue a new token`;
}

/** Why a token is due for renewal, as the end of a sentence about it; undefined if it is not. */
function dueBecause({ expiresAt, renewBefore }: GroupTokenOutputs, clock: Clock): string | undefined {
  if (expiresAt === undefined) return undefined;
  const left = (Date.parse(expiresAt) - clock.date()) / 1000;
  if (left <= 0) return `expired at ${expiresAt}`;
  const early = renewBefore !== undefined && left <= (secondsOf(renewBefore) ?? 0);
  return early ? `expires at ${expiresAt}, and renewBefore is ${renewBefore}` : undefined;
}

/**
 * When a token expires, from its `exp` claim (Unix seconds); undefined if it has none. Never throws, because
 * the token exists already.
 */
function expiryOf(jwt: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
    const { exp } = claims as { exp?: unknown };
    return typeof exp === "number" ? new Date(exp * 1000).toISOString().replace(".000Z", "Z") : undefined;
  } catch {
    return undefined;
  }
}
