import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { NewGroupToken } from "../../api/index.js";
import { durationProblem, secondsOf } from "../../lifecycle/duration.js";
import { UserError } from "../../lifecycle/errors.js";
import { textProblem, unknownInputs } from "../../lifecycle/inputs.js";
import type { Lifecycle, State } from "../../lifecycle/lifecycle.js";
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
import { thingOf } from "./state.js";

/** The inputs of a GroupToken. Changing one mints a new token, removing one does not; the old token stays valid until it expires. */
export interface GroupTokenArgs {
  /**
   * The group: its name, or better its id (`group.id`), which says the organization too and lets a new group have a new token.
   */
  group: pulumi.Input<string>;
  /** Slug of the group's organization. Default: the one in `group`, if that is an id, else that of a Group. */
  organization?: pulumi.Input<string>;
  /**
   * How long the token is valid: `never`, or a duration such as `90d` or `2w1d30m` (units w, d, h, m, s). Default: the
   * API's, `never`.
   */
  expiration?: pulumi.Input<string>;
  /** What the token may do. Default: the API's, `full-access`. */
  authorization?: pulumi.Input<"full-access" | "read-only">;
  /**
   * Names of databases that the token may attach, read-only. Default: none. Turso refuses them for groups on AWS, and elsewhere
   * a token with `readAttach` loses its other rights.
   */
  readAttach?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How long before it expires the token is due: the next `up` then mints a new one. A duration shorter than
   * `expiration`. Default: a token is due when it has expired.
   */
  renewBefore?: pulumi.Input<string>;
  /** Any values: when one changes, a new token is minted. `invalidatedAt` of a GroupTokenInvalidation is one to keep. */
  keepers?: pulumi.Input<Record<string, unknown>>;
}

/**
 * A token that opens every database of a group.
 *
 *     const token = new turso.GroupToken("api", { group: group.id, expiration: "90d", renewBefore: "30d" });
 *     export const jwt = token.jwt; // a secret
 *
 * The API cannot revoke one token: deleting a GroupToken only forgets it, and it stays valid until it expires or a
 * GroupTokenInvalidation cuts off every token of the group. Source: https://docs.turso.tech/api-reference/groups/create-token
 */
export class GroupToken extends TursoResource {
  /** The group's name. */
  declare readonly group: pulumi.Output<string>;
  /** Slug of the group's organization; undefined in the account of the API token's user. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** How long the token is valid from its creation, e.g. `90d`; undefined: `never`. */
  declare readonly expiration: pulumi.Output<string | undefined>;
  /** What the token may do; undefined: `full-access`. */
  declare readonly authorization: pulumi.Output<"full-access" | "read-only" | undefined>;
  /** Names of databases that the token may attach, read-only. */
  declare readonly readAttach: pulumi.Output<string[] | undefined>;
  /** How long before it expires the token is due for renewal. */
  declare readonly renewBefore: pulumi.Output<string | undefined>;
  /** The values whose change issues a new token. */
  declare readonly keepers: pulumi.Output<Record<string, unknown> | undefined>;
  /** The token: a secret, always. */
  declare readonly jwt: pulumi.Output<string>;
  /** When the token expires, by its own word: an RFC 3339 time in UTC; undefined if it never does. */
  declare readonly expiresAt: pulumi.Output<string | undefined>;
  /** The uuid of the group that the token opens; undefined where the API sends none. */
  declare readonly groupUuid: pulumi.Output<string | undefined>;

  /** Whether a value is a GroupToken, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is GroupToken {
    return isOfType("GroupToken", value);
  }

  constructor(name: string, args: GroupTokenArgs, options?: pulumi.CustomResourceOptions) {
    // A property that is missing here would not exist on the resource: the computed ones are listed for that.
    const properties = {
      organization: undefined,
      expiration: undefined,
      authorization: undefined,
      readAttach: undefined,
      renewBefore: undefined,
      keepers: undefined,
      jwt: undefined,
      expiresAt: undefined,
      groupUuid: undefined,
      ...args,
    };
    const secret = pulumi.mergeOptions(options, { additionalSecretOutputs: ["jwt"] });
    super("GroupToken", "groupTokenProvider", name, properties, secret);
  }
}

/** The inputs as check lets them through and state records them. */
export interface GroupTokenInputs extends GroupReference {
  expiration?: string;
  authorization?: "full-access" | "read-only";
  readAttach?: string[];
  renewBefore?: string;
  keepers?: Record<string, unknown>;
}

/** The outputs as state records them. */
export interface GroupTokenOutputs extends GroupTokenInputs, FoundGroup {
  jwt: string;
  expiresAt?: string;
}

const inputNames = [
  "group",
  "organization",
  "expiration",
  "authorization",
  "readAttach",
  "renewBefore",
  "keepers",
] as const;

export const groupTokenLifecycle: Lifecycle<GroupTokenInputs, GroupTokenOutputs> = {
  type: "GroupToken",
  secrets: ["jwt"],
  stables: ["jwt", "expiresAt", "groupUuid"],

  async check(context, request) {
    const { news } = request;
    const { reference, failures } = checkReference(context, request);
    failures.unshift(...unknownInputs("GroupToken", inputNames, news));
    const fail = (property: string, reason: string | undefined) => {
      if (reason !== undefined) failures.push({ property, code: "INVALID_INPUT", reason });
    };
    const { expiration, authorization, readAttach, renewBefore, keepers } = news;
    if (expiration !== undefined) fail("expiration", durationProblem(expiration, { orNever: true }));
    if (![undefined, UNKNOWN, "full-access", "read-only"].some((value) => value === authorization)) {
      fail(
        "authorization",
        `it must be "full-access" or "read-only", but is ${JSON.stringify(authorization)}`,
      );
    }
    if (readAttach !== undefined) fail("readAttach", namesProblem(readAttach));
    if (renewBefore !== undefined) {
      fail("renewBefore", durationProblem(renewBefore) ?? renewalProblem(renewBefore, expiration));
    }
    if (keepers !== undefined && keepers !== UNKNOWN && describe(keepers) !== "an object") {
      fail("keepers", `it must be a map of values to keep an eye on, but is ${describe(keepers)}`);
    }
    return {
      inputs: failures.length > 0 ? { ...news } : checked(inputsOf({ ...news, ...reference }), reference),
      failures,
    };
  },

  warnInPreview(context, olds, news) {
    if (sameNames(news.readAttach, olds?.readAttach) || sameNames(news.readAttach)) return;
    const which = news.group === UNKNOWN ? "a group that is not known yet" : called(news);
    context.warn(
      `A token of ${which} has \`readAttach\`. Turso refuses that for groups on AWS; elsewhere such a token loses its other rights.`,
    );
  },

  diff(context, olds, news) {
    const changed = [
      ...(["expiration", "authorization", "renewBefore"] as const).filter((key) => news[key] !== olds[key]),
      ...(sameNames(news.readAttach, olds.readAttach) ? [] : (["readAttach"] as const)),
      ...(sameValue(news.keepers, olds.keepers) ? [] : (["keepers"] as const)),
    ];
    // One that is no longer set is no longer compared: the token stays what it is.
    const replaces = [...referenceChanges(olds, news), ...changed.filter((key) => news[key] !== undefined)];
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: false };

    // The group was replaced by one with the same id, as after a rename outside Pulumi and a forced replacement.
    const uuid = context.ownership.uuidAt(thingOf({ name: news.group, organization: news.organization }));
    if (uuid !== undefined && olds.groupUuid !== undefined && uuid !== olds.groupUuid)
      return { changes: true, unseen: true, replaces: ["groupUuid"], deleteBeforeReplace: false };

    const why = dueBecause(olds);
    if (why === undefined) return { changes: changed.length > 0, replaces: [], deleteBeforeReplace: false };
    context.warn(`The token of ${called(olds)} ${why}; the next \`up\` mints a new one.`);
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

  // The API shows no token again: all there is to see is whether its group is still there.
  async read(context, id, olds) {
    // Given arguments and an id, the host takes the arguments for state.
    if (olds?.jwt === undefined) {
      throw new UserError(
        "NOT_IMPORTABLE",
        `A token cannot be read back from the Turso API, so GroupToken '${id}' cannot be read or imported. Declare a new one.`,
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

  // The API revokes no single token.
  async delete() {},
};

/** Of checked inputs, or of outputs, the inputs. */
function inputsOf(values: State | GroupTokenInputs): GroupTokenInputs & State {
  const entries = Object.entries(values);
  return Object.fromEntries(
    entries.filter(([key, value]) => value !== undefined && inputNames.some((name) => name === key)),
  ) as GroupTokenInputs & State;
}

function namesProblem(value: unknown): string | undefined {
  if (value === UNKNOWN) return undefined;
  if (!Array.isArray(value)) return `it must be a list of names of databases, but is ${describe(value)}`;
  const problems = value.map((name) => textProblem(name, "the name of a database, e.g. orders"));
  const bad = problems.findIndex((problem) => problem !== undefined);
  return bad < 0 ? undefined : `of its item ${bad + 1}: ${problems[bad]}`;
}

/** Why a token that expires after `expiration` cannot be due `renewBefore` earlier. */
function renewalProblem(renewBefore: unknown, expiration: unknown = "never"): string | undefined {
  if (expiration === "never") return 'it needs an expiration other than "never"';
  const [lifetime, earlier] = [expiration, renewBefore].map((value) => secondsOf(String(value)));
  if (lifetime === undefined || earlier === undefined || earlier < lifetime) return undefined;
  return `it must be shorter than the expiration ${expiration}: the token would be due at once, with every \`up\``;
}

function sameNames(a: unknown = [], b: unknown = []): boolean {
  const [these, those] = [a, b].map((names) => (Array.isArray(names) ? [...new Set(names)].sort() : names));
  return sameValue(these, those);
}

/** Why a token is due, as the end of a sentence about it; undefined when it is not. */
function dueBecause({ expiresAt, renewBefore }: GroupTokenOutputs): string | undefined {
  if (expiresAt === undefined) return undefined;
  const left = (Date.parse(expiresAt) - Date.now()) / 1000;
  if (left <= 0) return `expired at ${expiresAt}`;
  const early = renewBefore !== undefined && left <= (secondsOf(renewBefore) ?? 0);
  return early ? `expires at ${expiresAt}, and renewBefore is ${renewBefore}` : undefined;
}

/** When a token expires by its own `exp` claim (Unix seconds); undefined when it has none. Never throws: the token is minted. */
function expiryOf(jwt: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
    const { exp } = claims as { exp?: unknown };
    return typeof exp === "number" ? new Date(exp * 1000).toISOString().replace(".000Z", "Z") : undefined;
  } catch {
    return undefined;
  }
}
