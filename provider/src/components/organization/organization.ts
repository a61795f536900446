import * as pulumi from "@pulumi/pulumi";
import { UserError } from "../../lifecycle/errors.js";
import { programError } from "../../program/errors.js";
import { ApiToken, type ApiTokenArgs } from "../../resources/apiToken/apiToken.js";
import { Group, type GroupArgs } from "../../resources/group/group.js";
import { GroupToken, type GroupTokenArgs } from "../../resources/group/groupToken.js";
import { OrganizationInvite, type OrganizationInviteArgs } from "../../resources/organization/invite.js";
import { OrganizationMember, type OrganizationMemberArgs } from "../../resources/organization/member.js";
import { type Declared, declared } from "./declared.js";
import { KIND_NAMES, type KindName, SHARED_INPUT } from "./kinds.js";
import { hint } from "./validate.js";

/** What every entry can have besides the inputs of its resource. */
export interface EntryOptions {
  /**
   * Lists of values by variable, e.g. `{ region: [aws-us-east-1, aws-eu-west-1], stage: [dev, prod] }`. The
   * entry then stands for one entry for each combination of values, which take the place of `{region}` and
   * `{stage}` in its key and in its texts. The key must contain every variable.
   *
   * @default the entry stands for itself
   */
  for?: Readonly<Record<string, readonly (string | number)[]>>;
  /**
   * The key that this entry had before. With it, and with the same `name`, a new key changes nothing; without it,
   * the old entry is deleted and a new one created. Set `name` if its default was the old key. `renamedFrom` can be
   * removed after the next `pulumi up` of every stack.
   *
   * @default the entry had no other key
   */
  renamedFrom?: string;
}

/** A group. `name` is by default the entry's key. */
export type GroupEntry = Omit<GroupArgs, "organization"> & EntryOptions;

/** A token of a group. `group` is a key under `groups`, or the ID of another group, `organization/name`. */
export type GroupTokenEntry = Omit<GroupTokenArgs, "organization"> & EntryOptions;

/** An API token of the organization. `name` is by default the entry's key. `group` is as for a group's token. */
export type ApiTokenEntry = Omit<ApiTokenArgs, "organization"> & EntryOptions;

/** A member of the organization. */
export type OrganizationMemberEntry = Omit<OrganizationMemberArgs, "organization" | "username"> &
  EntryOptions & {
    /**
     * Username of the member.
     *
     * @default the key
     */
    name?: OrganizationMemberArgs["username"];
  };

/** An invite to the organization. */
export type OrganizationInviteEntry = Omit<OrganizationInviteArgs, "organization" | "email"> &
  EntryOptions & {
    /**
     * Email address of the person.
     *
     * @default the key
     */
    name?: OrganizationInviteArgs["email"];
  };

/** What an organization is declared to have: the content of an organization file. */
export interface OrganizationDeclaration {
  /**
   * Slug of the organization, which exists already.
   *
   * @default the provider's organization, else your personal account
   */
  organization?: pulumi.Input<string>;
  /**
   * Groups of databases, by key. The key identifies a group in Pulumi and is by default its name.
   *
   * @default none
   */
  groups?: Readonly<Record<string, GroupEntry>>;
  /**
   * Tokens that give access to the databases of a group, by key.
   *
   * @default none
   */
  tokens?: Readonly<Record<string, GroupTokenEntry>>;
  /**
   * API tokens that are limited to this organization, by key. The key is by default the token's name, which is
   * unique among all API tokens of your Turso user.
   *
   * @default none
   */
  apiTokens?: Readonly<Record<string, ApiTokenEntry>>;
  /**
   * Members of the organization, by key. The key is by default the username.
   *
   * @default none
   */
  members?: Readonly<Record<string, OrganizationMemberEntry>>;
  /**
   * Invites to the organization, by key. The key is by default the email address.
   *
   * @default none
   */
  invites?: Readonly<Record<string, OrganizationInviteEntry>>;
}

/** The arguments of an Organization that is declared in a file. */
export type OrganizationFile = { [K in keyof OrganizationDeclaration]?: never } & {
  /** Path of a YAML or JSON file, relative to the folder in which the program runs. */
  file: string;
};

/** The arguments of an Organization: a file, or the same as an object. */
export type OrganizationArgs = OrganizationFile | (OrganizationDeclaration & { file?: never });

/** The resources of an Organization, by their kind. */
interface Resources {
  groups: Group;
  tokens: GroupToken;
  apiTokens: ApiToken;
  members: OrganizationMember;
  invites: OrganizationInvite;
}

/** The classes of one host. What they take as arguments was checked against the rows of their inputs. */
type Classes = {
  readonly [K in KindName]: new (
    name: string,
    args: never,
    options: pulumi.CustomResourceOptions,
  ) => Resources[K];
};

/** Resources by their key. */
type ByKey<R> = Readonly<Record<string, R>>;

/**
 * The groups, tokens, members and invites of an organization, declared in one YAML or JSON file, or in an
 * object. Each entry declares an ordinary resource of this package, which has the entry's key.
 *
 * ```ts
 * const acme = new turso.Organization("acme", { file: "acme.yaml" });
 * export const jwt = acme.tokens.api.jwt; // a secret
 * ```
 *
 * The organization itself is neither created nor deleted, and what is not declared is left alone.
 */
export class Organization extends pulumi.ComponentResource {
  /** @internal */
  static readonly classes: Classes = {
    groups: Group,
    tokens: GroupToken,
    apiTokens: ApiToken,
    members: OrganizationMember,
    invites: OrganizationInvite,
  };

  /** The groups by key. Another key is an error, which names the nearest one. */
  declare readonly groups: ByKey<Group>;
  /** The tokens of groups by key. Another key is an error, which names the nearest one. */
  declare readonly tokens: ByKey<GroupToken>;
  /** The API tokens by key. Another key is an error, which names the nearest one. */
  declare readonly apiTokens: ByKey<ApiToken>;
  /** The members by key. Another key is an error, which names the nearest one. */
  declare readonly members: ByKey<OrganizationMember>;
  /** The invites by key. Another key is an error, which names the nearest one. */
  declare readonly invites: ByKey<OrganizationInvite>;

  /** Whether a value is an Organization, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is Organization {
    return pulumi.ComponentResource.isInstance(value) && Reflect.get(value, "__pulumiType") === TYPE;
  }

  constructor(name: string, args: OrganizationArgs, options?: pulumi.ComponentResourceOptions) {
    // First, so that an invalid declaration registers nothing.
    const { organization, entries } = read(name, args);
    super(TYPE, name, {}, options);
    const shared = organization === undefined ? {} : { [SHARED_INPUT]: organization };
    const nameOf = (kind: KindName, key: string) => `${name}/${kind}/${key}`;
    const made: Partial<Record<KindName, ByKey<pulumi.CustomResource>>> = {};
    for (const kind of KIND_NAMES) {
      const resources = entries[kind].map(({ key, inputs, references, renamedFrom }) => {
        const ids = references.map(({ input, to, key }) => [input, made[to]?.[key]?.id] as const);
        const aliases = renamedFrom === undefined ? [] : [{ name: nameOf(kind, renamedFrom) }];
        const args = { ...shared, ...inputs, ...Object.fromEntries(ids) } as never;
        return [
          key,
          new new.target.classes[kind](nameOf(kind, key), args, { parent: this, aliases }),
        ] as const;
      });
      made[kind] = byKey(`Organization '${name}'`, kind, Object.fromEntries(resources));
    }
    Object.assign(this, made);
    this.registerOutputs({});
  }
}

/** The same on both hosts, so that the URNs of children differ only in their own types. */
const TYPE = "turso:index:Organization";

function read(name: string, args: OrganizationArgs): Declared {
  try {
    return declared(`Organization '${name}'`, args);
  } catch (error) {
    throw error instanceof UserError ? programError(error.code, error.text) : error;
  }
}

/** What libraries look for in any object, such as `then` of a promise. */
const PROBED = /^(then|toJSON|constructor|nodeType|tagName|asymmetricMatch|inspect|_.*|\$.*|@@.*)$/;

/** The resources of a kind. A key that does not exist is an error, before its outputs are `undefined`. */
function byKey<R>(title: string, kind: string, resources: Record<string, R>): ByKey<R> {
  return new Proxy(resources, {
    get(target, key) {
      if (typeof key === "symbol" || key in target || PROBED.test(key)) return Reflect.get(target, key);
      const text = `${title} has no '${key}' under ${kind}; ${hint(key, Object.keys(target))}`;
      throw programError("NOT_FOUND", text);
    },
  });
}
