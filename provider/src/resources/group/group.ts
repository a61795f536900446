import type * as pulumi from "@pulumi/pulumi";
import { type Group as ApiGroup, TursoError } from "../../api/index.js";
import { locate } from "../../lifecycle/collection.js";
import { UserError } from "../../lifecycle/errors.js";
import type { Context, Lifecycle } from "../../lifecycle/lifecycle.js";
import { type Address, idOf, parseId, titleOf } from "../../lifecycle/resourceId.js";
import { isUnknown, UNKNOWN } from "../../lifecycle/unknown.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { createGroup, deleteGroup, reconcileGroup } from "./create.js";
import { samePlace } from "./location.js";
import { checkGroup } from "./preflight.js";
import {
  type GroupInputs,
  type GroupOutputs,
  groupOf,
  locationOf,
  outputsOf,
  replacesOf,
  replicasOf,
  sameList,
  thingOf,
} from "./state.js";

/** The inputs of a Group. */
export interface GroupArgs {
  /**
   * The group's name, unique in its organization. Default: the resource's name followed by seven hexadecimal
   * digits, the same in every preview and `up`. Changing it replaces the group **and every database in it**.
   */
  name?: pulumi.Input<string>;
  /**
   * Code of the primary location, e.g. `aws-us-east-1` or `lhr`; `turso db locations` and `getLocations` name them.
   * Changing it replaces the group **and every database in it**, unless the group is there already. `us-east-1` and
   * `aws-us-east-1` are the same place.
   */
  location: pulumi.Input<string>;
  /**
   * Slug of the organization that owns the group. Default: `turso:organization`, else the variable
   * `TURSO_ORGANIZATION`, else the account of the API token's user. Changing it replaces the group.
   */
  organization?: pulumi.Input<string>;
  /**
   * Codes of further locations, in any order; only for groups outside AWS. Added and removed in place. Default: not
   * managed, so that replicas added elsewhere are left alone; `[]` means none.
   */
  replicas?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * SQLite extensions of new databases in the group: `"all"`, or names such as `vector` and `regexp`. Default: the
   * server's. Changing them replaces the group **and every database in it**; the API does not tell which a group has.
   */
  extensions?: pulumi.Input<"all" | pulumi.Input<string>[]>;
  /**
   * Whether the API refuses to delete the group and its databases. Changed in place. Default: `turso:deleteProtection`,
   * else not managed.
   */
  deleteProtection?: pulumi.Input<boolean>;
  /**
   * Whether the group may be deleted or replaced while it holds databases, **and they with it**. What counts is the
   * value in state: set it, `pulumi up`, then change or destroy. Default: false.
   */
  forceDestroy?: pulumi.Input<boolean>;
  /**
   * Whether a group that exists already comes under management, if its primary is `location`. Default: false, a
   * name that is taken is an error.
   */
  adopt?: pulumi.Input<boolean>;
}

/**
 * A group of Turso databases: it owns their locations and tokens. Its id is `organization/name`, or `name` where no
 * organization is set.
 *
 *     const prod = new turso.Group("prod", { location: "aws-us-east-1", deleteProtection: true });
 *     export const uuid = prod.uuid;
 *
 * Deleting a group deletes every database in it. Source: https://docs.turso.tech/api-reference/groups
 */
export class Group extends TursoResource {
  /** The group's name as it is now; a rename made elsewhere shows here after a refresh. */
  declare readonly name: pulumi.Output<string>;
  /** The primary location as declared. */
  declare readonly location: pulumi.Output<string>;
  /** Slug of the organization; undefined in the account of the API token's user. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** The replicas there are, where they are managed. */
  declare readonly replicas: pulumi.Output<string[] | undefined>;
  /** The SQLite extensions that the program sets; the API does not report those of a group. */
  declare readonly extensions: pulumi.Output<"all" | string[] | undefined>;
  /** Whether the group is protected, where that is managed; `protected` tells in any case. */
  declare readonly deleteProtection: pulumi.Output<boolean | undefined>;
  /** Whether the group may be deleted or replaced while it holds databases. */
  declare readonly forceDestroy: pulumi.Output<boolean | undefined>;
  /** Whether an existing group may come under management. */
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** Codes of every location, the primary included. */
  declare readonly locations: pulumi.Output<string[] | undefined>;
  /** Code of the primary location as the API tells it, e.g. `us-east-1` for `aws-us-east-1`. */
  declare readonly primary: pulumi.Output<string | undefined>;
  /** Identifies the group for good; undefined where the API sends none. */
  declare readonly uuid: pulumi.Output<string | undefined>;
  /** Version of the libSQL server, e.g. `v0.23.7`. */
  declare readonly version: pulumi.Output<string | undefined>;
  /** Whether the group sleeps after days without use. */
  declare readonly archived: pulumi.Output<boolean | undefined>;
  /** Whether the API refuses to delete the group. */
  declare readonly protected: pulumi.Output<boolean | undefined>;

  /** Whether a value is a Group, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is Group {
    return isOfType("Group", value);
  }

  /**
   * Reads an existing group, without managing it.
   *
   * @param name the resource's name in this program
   * @param id `organization/name`, or `name`: then the default organization is meant where one is set
   * @throws when there is no such group
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Group {
    return new this(name, undefined, { ...options, id });
  }

  constructor(name: string, args: GroupArgs, options?: pulumi.CustomResourceOptions);
  /** @internal reads an existing group: `options.id` says which */
  constructor(name: string, args: undefined, options: pulumi.CustomResourceOptions);
  constructor(name: string, args?: GroupArgs, options?: pulumi.CustomResourceOptions) {
    super("Group", "groupProvider", name, { ...properties, ...args }, options);
  }
}

/** A property that is missing here would not exist on the resource. */
const properties = {
  name: undefined,
  location: undefined,
  organization: undefined,
  replicas: undefined,
  extensions: undefined,
  deleteProtection: undefined,
  forceDestroy: undefined,
  adopt: undefined,
  locations: undefined,
  primary: undefined,
  uuid: undefined,
  version: undefined,
  archived: undefined,
  protected: undefined,
} as const;

export const groupLifecycle: Lifecycle<GroupInputs, GroupOutputs> = {
  type: "Group",
  stables: ["uuid", "organization", "version"],
  check: checkGroup,

  foretell(olds, news) {
    const { __name, __primary, ...declared } = news;
    if (olds === undefined) return declared;
    const settled = olds.__unsettled !== true;
    const sameReplicas = news.replicas === undefined || sameList(news.replicas, olds.replicas);
    return {
      ...outputsOf(news, groupOf(olds)),
      ...declared,
      // An edit that accepts a new name has it already.
      name: olds.name,
      locations: settled && sameReplicas ? olds.locations : UNKNOWN,
      protected: news.deleteProtection ?? (settled ? olds.protected : UNKNOWN),
    };
  },

  diff({ ownership }, olds, news) {
    const { __declaredName = olds.name, primary } = olds;
    const before = {
      ...olds,
      name: __declaredName,
      __name: olds.name,
      ...(primary && { __primary: primary }),
    };
    const declared = thingOf({ ...olds, name: __declaredName });
    // Before a dependency is deleted to be replaced, the engine asks with unknown inputs, and the answer may cost the group. In a preview the
    // resource has been checked then: there an unknown input may replace.
    const isGuess = !ownership.isDeclared(declared);
    const replaces = replacesOf(before, news).filter(
      (key) => !(isGuess && isUnknown(news[key as keyof GroupInputs])),
    );
    const changes =
      replaces.length > 0 ||
      news.name !== __declaredName ||
      news.location !== olds.location ||
      !sameList(news.replicas, olds.replicas) ||
      !sameList(news.extensions, olds.extensions) ||
      news.deleteProtection !== olds.deleteProtection ||
      news.forceDestroy !== olds.forceDestroy ||
      news.adopt !== olds.adopt;
    const sameAddress = news.name === olds.name && news.organization === olds.organization;
    ownership.noteDiff(declared, thingOf(olds), { replaces: replaces.length > 0 });
    return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && sameAddress };
  },

  async create(context, inputs) {
    const id = idOf(inputs);
    const created = await createGroup(context, inputs);
    context.ownership.hold(thingOf({ ...inputs, uuid: created.uuid }));
    const group = await reconcileGroup(context, id, inputs, created);
    return { id, outputs: outputsOf(inputs, group) };
  },

  async read(context, id, given) {
    // What a program says of a group it gets, besides the id, is no state: that has what a server tells.
    const { name: known, location: declared, locations, primary, uuid } = given ?? {};
    const isState =
      known !== undefined && declared !== undefined && (uuid ?? locations ?? primary) !== undefined;
    const olds = isState ? given : undefined;
    const address = olds ?? parseId(id, context.organization);
    const group = await find(context, address, "read");
    if (group === undefined) return undefined;
    const { organization } = address;
    const before: GroupInputs = olds
      ? { ...olds, name: olds.__declaredName ?? olds.name }
      : {
          name: group.name,
          location: locationOf(group),
          ...(organization !== undefined && { organization }),
        };
    const { name, location } = before;
    // As it is now: the next preview shows by property what is no longer as declared.
    const { replicas, extensions, deleteProtection, forceDestroy, adopt } = outputsOf(before, group);
    const moved = group.primary !== undefined && !samePlace(group.primary, location);
    const inputs = withoutUndefined<GroupInputs>({
      name,
      location,
      organization,
      replicas,
      extensions,
      deleteProtection,
      forceDestroy,
      adopt,
      __name: group.name === name ? undefined : group.name,
      __primary: moved ? group.primary : undefined,
    });
    const accept = (what: string, edit: string) =>
      context.warn(
        `${titleOf({ organization, name })} was ${what} outside of this stack. ` +
          `To accept that, declare ${edit}; nothing will be called or replaced.`,
      );
    if (group.name !== name) accept(`renamed to '${group.name}'`, `name: "${group.name}"`);
    if (moved) accept(`moved from ${location} to ${group.primary}`, `location: "${locationOf(group)}"`);
    return { id: idOf({ organization, name: group.name }), inputs, outputs: outputsOf(inputs, group) };
  },

  async update(context, id, olds, news) {
    const known = groupOf(olds);
    // Where the server does not tell the locations, state has the replicas that it was asked for.
    const replicas = known.locations ? replicasOf(known, news) : olds.replicas;
    const sameReplicas = news.replicas === undefined || sameList(news.replicas, replicas);
    const isProtected = olds.protected ?? olds.deleteProtection ?? false;
    const sameProtection = news.deleteProtection === undefined || news.deleteProtection === isProtected;
    const settled = olds.__unsettled !== true;
    // A rename or a move that was made elsewhere is accepted, or what only this provider minds has changed.
    if (settled && sameReplicas && sameProtection) return outputsOf(news, known);
    let group = await find(context, olds, "changed");
    if (group !== undefined && !(settled && isAlike(group, known, news))) {
      // The list or state is old, or may be: without a list the group itself is asked for.
      group = await find(context, { ...olds, name: group.name }, "changed", new Map());
    }
    if (group === undefined) {
      throw new UserError(
        "NOT_FOUND",
        `${titleOf(olds)} no longer exists and was not changed.\nRun \`pulumi refresh\` to remove it from state. The next \`pulumi up\` recreates it.`,
      );
    }
    const address = parseId(id, olds.organization);
    if (address.name !== group.name) {
      context.warn(
        `${titleOf(address)} was renamed to '${group.name}' outside Pulumi. Its id still has the old name: run \`pulumi refresh\`.`,
      );
    }
    return outputsOf(news, await reconcileGroup(context, id, news, group));
  },

  delete: deleteGroup,
};

/** Whether two views of a group agree in what an update changes. */
function isAlike(a: ApiGroup, b: ApiGroup, inputs: GroupInputs): boolean {
  const isProtected = ({ deleteProtection = false }: ApiGroup) => deleteProtection;
  return sameList(replicasOf(a, inputs), replicasOf(b, inputs)) && isProtected(a) === isProtected(b);
}

/** The group as it is now, undefined when it is gone; an error says what could not be done to it. */
async function find(
  context: Context,
  address: Address,
  done: "read" | "changed",
  listed?: Map<string, ApiGroup>,
): Promise<ApiGroup | undefined> {
  try {
    const groups = done === "read" ? await context.directory.groupsToRead(address.organization) : listed;
    return await locate(context, address, groups);
  } catch (cause) {
    if (!(cause instanceof TursoError)) throw cause;
    const [code, verb] =
      done === "read" ? (["READ_FAILED", "read"] as const) : (["UPDATE_FAILED", "update"] as const);
    throw new UserError(code, `Failed to ${verb} ${titleOf(address)}.\n${cause.message}`, { cause });
  }
}
