import type * as pulumi from "@pulumi/pulumi";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../../lifecycle/resourceType.js";
import { boolean, name, namesOf, orWord, string, strings } from "../../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { placeOf, samePlace } from "./location.js";

/** The inputs of a Group. */
export interface GroupArgs {
  /**
   * Name of the group, unique in its organization. Changing it replaces the group **and deletes every
   * database in it**, unless the group was renamed outside Pulumi and has this name already.
   *
   * @default the resource's name followed by a dash and seven hexadecimal digits, the same in every preview
   * and `pulumi up`
   */
  name?: pulumi.Input<string>;
  /**
   * Code of the primary location, e.g. `aws-us-east-1` or `lhr`. `turso db locations` and `getLocations` list
   * the codes. Changing it replaces the group **and deletes every database in it**, unless the group was already
   * moved there outside Pulumi. `us-east-1` and `aws-us-east-1` are the same location.
   */
  location: pulumi.Input<string>;
  /**
   * Slug of the organization that owns the group. Changing it replaces the group **and deletes every database
   * in it**.
   *
   * @default the provider's organization, else your personal account
   */
  organization?: pulumi.Input<string>;
  /**
   * Codes of further locations, in any order. Only groups outside AWS can have replicas. They are added and
   * removed in place. An empty list means no replicas.
   *
   * @default not managed: replicas that were added outside Pulumi stay
   */
  replicas?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * SQLite extensions of new databases in the group: `"all"`, or a list of names such as `vector` and
   * `regexp`. Changing them replaces the group **and deletes every database in it**. The API does not report
   * the extensions of a group.
   *
   * @default the server's choice
   */
  extensions?: pulumi.Input<"all" | pulumi.Input<string>[]>;
  /**
   * Whether the API refuses to delete the group and its databases. Changed in place.
   *
   * @default the provider's `deleteProtection`, else not managed
   */
  deleteProtection?: pulumi.Input<boolean>;
  /**
   * Whether the group may be deleted or replaced while it holds databases, **which deletes them as well**.
   * The value in state counts: set it, run `pulumi up`, then change or destroy the group.
   *
   * @default false
   */
  forceDestroy?: pulumi.Input<boolean>;
  /**
   * Whether to manage an existing group of this name whose primary location is `location`, instead of failing
   * because the name is taken.
   *
   * @default false
   */
  adopt?: pulumi.Input<boolean>;
}

/**
 * A group of Turso databases. The group decides in which locations its databases are, and owns the tokens
 * that open them. Its ID is `organization/name`, or `name` in your personal account. Deleting a group deletes
 * every database in it.
 *
 * ```ts
 * const prod = new turso.Group("prod", { location: "aws-us-east-1", deleteProtection: true });
 * export const uuid = prod.uuid;
 * ```
 *
 * @see https://docs.turso.tech/api-reference/groups
 */
export class Group extends TursoResource {
  /** Name of the group as it is now. After a rename outside Pulumi, a refresh shows the new name. */
  declare readonly name: pulumi.Output<string>;
  /** Code of the primary location as set in the program. */
  declare readonly location: pulumi.Output<string>;
  /** Slug of the organization; absent in your personal account. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** Codes of the group's replicas; absent where they are not managed. */
  declare readonly replicas: pulumi.Output<string[] | undefined>;
  /** SQLite extensions as set in the program. */
  declare readonly extensions: pulumi.Output<"all" | string[] | undefined>;
  /**
   * Whether the API refuses to delete the group; absent where that is not managed. `protected` reports it
   * even then.
   */
  declare readonly deleteProtection: pulumi.Output<boolean | undefined>;
  /** Whether the group may be deleted or replaced while it holds databases. */
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  /** Whether to manage an existing group instead of failing because the name is taken. */
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** Codes of all locations, including the primary. */
  declare readonly locations: pulumi.Output<string[] | undefined>;
  /** Code of the primary location as the API reports it, e.g. `us-east-1` for `aws-us-east-1`. */
  declare readonly primary: pulumi.Output<string | undefined>;
  /** UUID of the group, which never changes; absent where the API does not report it. */
  declare readonly uuid: pulumi.Output<string | undefined>;
  /** Version of the libSQL server, e.g. `v0.23.7`. */
  declare readonly version: pulumi.Output<string | undefined>;
  /** Whether the group is archived (suspended after inactivity). */
  declare readonly archived: pulumi.Output<boolean | undefined>;
  /** Whether the API refuses to delete the group. */
  declare readonly protected: pulumi.Output<boolean | undefined>;

  /** Whether a value is a Group, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is Group {
    return isOfType(group, value);
  }

  /**
   * Reads an existing group without managing it.
   *
   * @param name the resource's name in the program
   * @param id `organization/name`, or `name` for a group in the default organization, if one is set, or else
   * in your personal account
   * @throws if the group does not exist
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Group {
    return new this(name, undefined, { ...options, id });
  }

  constructor(name: string, args: GroupArgs, options?: pulumi.CustomResourceOptions);
  /** @internal reads an existing group: `options.id` identifies it */
  constructor(name: string, args: undefined, options: pulumi.CustomResourceOptions);
  constructor(name: string, args?: GroupArgs, options?: pulumi.CustomResourceOptions) {
    super(group, name, args, options);
  }
}

const locationCode = name("e.g. aws-us-east-1 or lhr");

const inputs = {
  name: {
    type: name("e.g. prod"),
    always: true,
    change: "replace",
    same: (old, now, { __name }) => now === old || now === __name,
  },
  location: {
    type: locationCode,
    required: true,
    change: "replace",
    same: (old, now, { __primary }) => samePlace(now, old) || samePlace(now, __primary),
  },
  organization: {
    type: name("the slug, e.g. acme"),
    change: "replace",
    stable: true,
    default: ({ organization }) => organization,
  },
  replicas: { type: namesOf(name('e.g. ["ams"]'), { key: placeOf }), change: "update" },
  extensions: { type: orWord("all", namesOf(name('"all", or e.g. ["vector"]'))), change: "replace" },
  deleteProtection: {
    type: boolean,
    change: "update",
    default: ({ deleteProtection }) => deleteProtection,
  },
  forceDestroy: { type: boolean, change: "local" },
  adopt: { type: boolean, change: "local" },
} satisfies Inputs<GroupArgs>;

const outputs = {
  locations: { type: strings },
  primary: { type: string },
  uuid: { type: string, stable: true },
  version: { type: string, stable: true },
  archived: { type: boolean },
  protected: { type: boolean },
} satisfies Outputs<Group, GroupArgs>;

export const group = { name: "Group", inputs, outputs } satisfies ResourceType;

/** What the program sets. Inputs that are not managed are absent. */
type Declared = ValuesOf<typeof inputs>;

/** The inputs as check returns them and state records them. */
export type GroupInputs = Declared & {
  /**
   * The name under which a refresh found the group, where it is no longer `name`. Hidden in previews, as are
   * all such properties.
   */
  __name?: string;
  /** The primary location that a refresh found, where it is no longer `location`. */
  __primary?: string;
};

/**
 * The outputs. `replicas` and `deleteProtection`, if managed, have their actual values. What the API leaves
 * out is absent.
 */
export type GroupOutputs = Declared &
  ValuesOf<typeof outputs> & {
    /** The name in the program, where the group was renamed outside Pulumi (`name` is the group's). */
    __declaredName?: string;
    /** The last change failed, but may still have succeeded. The next update reads the group first. */
    __unsettled?: true;
  };
