import type * as pulumi from "@pulumi/pulumi";
import { referenceInputs } from "../../lifecycle/reference.js";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../../lifecycle/resourceType.js";
import { anyMap, name, string } from "../../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { type ApiTokenScope, scopes } from "./scopes.js";

/**
 * The inputs of an ApiToken. Changing one creates a new token and revokes the old one. Removing `keepers` does
 * neither.
 */
export interface ApiTokenArgs {
  /**
   * Name of the token, unique among all API tokens of your Turso user. If you set it, the old token is revoked
   * before a new one is created.
   *
   * @default the resource's name and seven hexadecimal digits, which differ for each replacement
   */
  name?: pulumi.Input<string>;
  /**
   * Slug of the organization that the token is limited to. For your personal account, it is the account's slug
   * in `turso org list`.
   *
   * @default the organization in `group`, if that is an ID, else the provider's organization
   */
  organization?: pulumi.Input<string>;
  /**
   * The group that the token is limited to: its name or its ID. Prefer the ID (`group.id`). The token is
   * revoked together with the group.
   *
   * @default the whole organization
   */
  group?: pulumi.Input<string>;
  /**
   * What the token can do in its group: a list of scopes, `read-only` or `full-access`. Required with `group`,
   * and refused without it.
   *
   * @default none
   */
  scopes?: pulumi.Input<"read-only" | "full-access" | pulumi.Input<ApiTokenScope>[]>;
  /**
   * Any values. When one changes, the token is replaced.
   *
   * @default none
   */
  keepers?: pulumi.Input<Record<string, unknown>>;
}

/**
 * A token for the Turso Platform API, limited to an organization, or to a group and what it can do there. It
 * does not expire. Deleting an ApiToken revokes it. Turso returns its value only when it is created, so an
 * ApiToken cannot be imported.
 *
 * ```ts
 * const ci = new turso.ApiToken("ci", { group: group.id, scopes: ["read", "db:create"] });
 * export const token = ci.token; // a secret
 * ```
 *
 * @see https://docs.turso.tech/api-reference/tokens/create
 */
export class ApiToken extends TursoResource {
  /** Name of the token. */
  declare readonly name: pulumi.Output<string>;
  /** Slug of the organization that the token is limited to. */
  declare readonly organization: pulumi.Output<string>;
  /** Name of the group that the token is limited to; absent: the whole organization. */
  declare readonly group: pulumi.Output<string | undefined>;
  /** What the token can do in its group, as set in the program. */
  declare readonly scopes: pulumi.Output<"read-only" | "full-access" | ApiTokenScope[] | undefined>;
  /** Values whose change replaces the token. */
  declare readonly keepers: pulumi.Output<Record<string, unknown> | undefined>;
  /** The token, always a secret. */
  declare readonly token: pulumi.Output<string>;
  /** ID of the token, with which it can be revoked. */
  declare readonly tokenId: pulumi.Output<string>;

  /** Whether a value is an ApiToken, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is ApiToken {
    return isOfType(apiToken, value);
  }

  constructor(name: string, args: ApiTokenArgs = {}, options?: pulumi.CustomResourceOptions) {
    super(apiToken, name, args, options);
  }
}

const { required: _, ...group } = referenceInputs.group;

const inputs = {
  name: { type: name("e.g. ci"), always: true, change: "replace" },
  organization: { ...referenceInputs.organization, always: true, stable: true },
  group,
  scopes: { type: scopes, change: "replace" },
  keepers: { type: anyMap, change: "replace" },
} satisfies Inputs<ApiTokenArgs>;

const outputs = {
  token: { type: string, always: true, secret: true, stable: true },
  tokenId: { type: string, always: true, stable: true },
} satisfies Outputs<ApiToken, ApiTokenArgs>;

export const apiToken = { name: "ApiToken", inputs, outputs } satisfies ResourceType;

/**
 * The inputs as check returns them and state records them. `__group`: the name under which a refresh found the
 * group, where it is no longer `group`. `__from`: the name in the program before this change.
 */
export type ApiTokenInputs = ValuesOf<typeof inputs> & { __from?: string; __group?: string };

/** The outputs as state records them. */
export type ApiTokenOutputs = ApiTokenInputs & ValuesOf<typeof outputs>;
