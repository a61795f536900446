import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { type Group as ApiGroup, TursoApiError, type TursoClient, TursoError } from "./api/index.js";
import { segmentProblem } from "./api/paths.js";
import { DynamicResource } from "./dynamic.js";
import {
  type CheckFailure,
  describe,
  type Lifecycle,
  type Properties,
  UNKNOWN,
  UserError,
} from "./lifecycle.js";

/** The inputs of a Group. */
export interface GroupArgs {
  /**
   * The group's name, unique in its organization. Default: the resource's name followed by seven hexadecimal
   * digits, the same in every preview and `up`. Changing it replaces the group **and every database in it**.
   */
  name?: pulumi.Input<string>;
  /**
   * Code of the primary location, e.g. `aws-us-east-1` or `lhr`; `turso group locations list` and
   * `GET /v1/locations` name them. Changing it replaces the group **and every database in it**, unless the group
   * is there already. `us-east-1` and `aws-us-east-1` are the same place.
   */
  location: pulumi.Input<string>;
  /**
   * Slug of the organization that owns the group. Default: `turso:organization`, else the variable
   * `TURSO_ORGANIZATION`, else the account of the API token's user. Changing it replaces the group.
   */
  organization?: pulumi.Input<string>;
}

/**
 * A group of Turso databases: it owns their locations and tokens. Its id is `organization/name`, or `name` where no
 * organization is set.
 *
 *     const prod = new turso.Group("prod", { location: "aws-us-east-1" });
 *     export const uuid = prod.uuid;
 *
 * Deleting a group deletes every database in it. Source: https://docs.turso.tech/api-reference/groups
 */
export class Group extends DynamicResource {
  /** The group's name as it is now; a rename made elsewhere shows here after a refresh. */
  declare readonly name: pulumi.Output<string>;
  /** The primary location as declared. */
  declare readonly location: pulumi.Output<string>;
  /** Slug of the organization; undefined in the account of the API token's user. */
  declare readonly organization: pulumi.Output<string | undefined>;
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

  /**
   * Reads an existing group, without managing it.
   *
   * @param name the resource's name in this program
   * @param id `organization/name`, or `name`: then the default organization is meant where one is set
   * @throws when there is no such group
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): Group {
    return new Group(name, undefined, { ...options, id });
  }

  constructor(name: string, args: GroupArgs, options?: pulumi.CustomResourceOptions);
  /** @internal reads an existing group: `options.id` says which */
  constructor(name: string, args: undefined, options: pulumi.CustomResourceOptions);
  constructor(name: string, args?: GroupArgs, options?: pulumi.CustomResourceOptions) {
    // A property that is missing here would not exist on the resource: the computed ones are listed for that.
    const properties = {
      name: undefined,
      location: undefined,
      organization: undefined,
      ...computed,
      ...args,
    };
    super("Group", "groupProvider", name, properties, options);
  }
}

const computed = {
  locations: undefined,
  primary: undefined,
  uuid: undefined,
  version: undefined,
  archived: undefined,
  protected: undefined,
} as const;

/** The inputs as check lets them through and state records them. */
export interface GroupInputs {
  name: string;
  location: string;
  organization?: string;
  /** Where refresh found the primary, when that is no longer `location`; hidden in previews. */
  __primary?: string;
}

/** The outputs as state records them; what the server leaves out is absent. */
export interface GroupOutputs {
  /** The name the group has. */
  name: string;
  location: string;
  organization?: string;
  locations?: string[];
  primary?: string;
  uuid?: string;
  version?: string;
  archived?: boolean;
  protected?: boolean;
  /** The name the program gives, when the group was renamed elsewhere; hidden in previews. */
  __declaredName?: string;
}

export const groupLifecycle: Lifecycle<GroupInputs, GroupOutputs> = {
  type: "Group",

  async check(context, { olds, news, resource }) {
    const failures: CheckFailure[] = Object.keys(news)
      .filter((key) => !["name", "location", "organization"].includes(key))
      .map((property) => ({
        property,
        reason: "a Group has no such input; it has name, location and organization",
      }));
    const fail = (property: string, problem: string | undefined) => {
      if (problem !== undefined) failures.push({ property, reason: problem });
    };
    fail("location", textProblem(news.location, "e.g. aws-us-east-1 or lhr"));
    if (news.name !== undefined) fail("name", textProblem(news.name, "e.g. prod"));
    if (news.organization !== undefined)
      fail("organization", textProblem(news.organization, "the slug, e.g. acme"));

    const organization = news.organization ?? context.organization;
    if (olds !== undefined) {
      fail(
        "organization",
        organizationProblem(olds.organization, organization, news.organization !== undefined),
      );
    }
    if (failures.length > 0) return { inputs: { ...news }, failures };

    const primary = olds?.location === news.location ? olds?.__primary : undefined;
    return {
      inputs: {
        name:
          news.name ??
          keptName(olds, news.location, organization) ??
          generatedName(resource, news.location, organization),
        location: news.location,
        ...(organization !== undefined && { organization }),
        ...(primary !== undefined && { __primary: primary }),
      },
      failures,
    };
  },

  diff(olds, news) {
    const renamed = news.name !== (olds.__declaredName ?? olds.name);
    const moved = news.location !== olds.location;
    const replaces = [
      ...(renamed && news.name !== olds.name ? ["name"] : []),
      ...(moved && !samePlace(news.location, olds.location) && !samePlace(news.location, olds.primary)
        ? ["location"]
        : []),
      ...(news.organization !== olds.organization ? ["organization"] : []),
    ];
    return {
      changes: renamed || moved || replaces.length > 0,
      replaces,
      deleteBeforeReplace:
        replaces.length > 0 && news.name === olds.name && news.organization === olds.organization,
    };
  },

  async create(context, inputs) {
    const { name, location, organization } = inputs;
    try {
      const group = await context.api.groups.create(organization, { name, location });
      return { id: idOf(organization, name), outputs: outputsOf(inputs, { ...group, name }) };
    } catch (error) {
      throw createError(error, inputs);
    }
  },

  async read(context, id, olds) {
    const address = olds ?? parseId(id, context.organization);
    const group = await locate(context.api, address);
    if (group === undefined) return undefined;

    const { organization } = address;
    const name = olds?.__declaredName ?? olds?.name ?? group.name;
    const location = olds?.location ?? locationOf(group);
    const drifted = group.primary !== undefined && !samePlace(group.primary, location);
    const inputs = {
      name,
      location,
      ...(organization !== undefined && { organization }),
      ...(drifted && { __primary: group.primary }),
    } as GroupInputs;
    if (group.name !== name) {
      context.warn(
        `${titleOf({ organization, name })} was renamed to '${group.name}' outside of this stack. ` +
          `To accept that, declare name: "${group.name}"; nothing will be called or replaced.`,
      );
    }
    if (drifted) {
      context.warn(
        `${titleOf({ organization, name })} was moved from ${location} to ${group.primary} outside of this stack. ` +
          `To accept that, declare location: "${locationOf(group)}"; nothing will be called or replaced.`,
      );
    }
    return { id: idOf(organization, group.name), inputs, outputs: outputsOf(inputs, group) };
  },

  // Nothing of a group changes in place: what comes here accepts a rename or a move that was made elsewhere.
  async update(_context, olds, news) {
    const { __declaredName, ...outputs } = olds;
    return {
      ...outputs,
      location: news.location,
      ...(news.name !== olds.name && { __declaredName: news.name }),
    };
  },

  async delete(context, olds) {
    // Where the server tells no uuid the address identifies the group, and there is nothing to look up.
    const group = olds.uuid === undefined ? olds : await locate(context.api, olds);
    if (group === undefined) return;
    try {
      await context.api.groups.delete(olds.organization, group.name);
    } catch (error) {
      if (error instanceof TursoApiError && error.isNotFound) return;
      throw new UserError(
        `${titleOf({ ...olds, name: group.name })} could not be deleted.\n${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  },
};

/** A group's address: changeable, as groups can be renamed elsewhere, and completed by the uuid where there is one. */
interface Address {
  name: string;
  organization?: string | undefined;
  uuid?: string | undefined;
}

/**
 * The group of that uuid, wherever in the organization it is now. Another group that has taken its name is not it.
 * Where the server tells no uuid, the address identifies a group.
 */
async function locate(
  api: TursoClient,
  { organization, name, uuid }: Address,
): Promise<ApiGroup | undefined> {
  const there = await retrieve(api, organization, name);
  if (uuid === undefined || (there !== undefined && (there.uuid ?? uuid) === uuid)) return there;
  const groups = await api.groups.list(organization);
  return groups.find((group) => group.uuid === uuid);
}

async function retrieve(
  api: TursoClient,
  organization: string | undefined,
  name: string,
): Promise<ApiGroup | undefined> {
  try {
    return await api.groups.retrieve(organization, name);
  } catch (error) {
    if (error instanceof TursoApiError && error.isNotFound) return undefined;
    throw new UserError(`${titleOf({ organization, name })} could not be read.\n${messageOf(error)}`, {
      cause: error,
    });
  }
}

function outputsOf(inputs: GroupInputs, group: ApiGroup): GroupOutputs {
  const { deleteProtection, name, ...rest } = group;
  return {
    ...rest,
    name,
    location: inputs.location,
    ...(inputs.organization !== undefined && { organization: inputs.organization }),
    ...(deleteProtection !== undefined && { protected: deleteProtection }),
    ...(name !== inputs.name && { __declaredName: inputs.name }),
  };
}

function createError(error: unknown, { name, location, organization }: GroupInputs): unknown {
  if (!(error instanceof TursoError)) return error;
  const title = titleOf({ name, organization });
  let text = `${title} could not be created in ${location}.\n${error.message}`;
  if (error instanceof TursoApiError && error.status === 409) {
    text =
      `${title} exists already, and this stack did not create it. Choose another name, or delete that group ` +
      `if nobody needs it.\n${error.summary}`;
  } else if (error instanceof TursoApiError && error.status === 400 && error.detail?.includes("location")) {
    text += "\n`turso db locations` lists those that there are.";
  } else if (error.mayHaveBeenApplied) {
    text +=
      "\nIt may have been created all the same: look with `turso group list` before you run this again, and if it is " +
      "there and new, delete it with `turso group destroy`.";
  }
  return new UserError(text, { cause: error });
}

function organizationProblem(old: unknown, now: unknown, explicit: boolean): string | undefined {
  if (now === old || now === UNKNOWN) return undefined;
  const before =
    old === undefined
      ? "in the account of the API token's user, without an organization"
      : `in organization '${old}'`;
  if (old === undefined || now === undefined) {
    const [setting, back] =
      old === undefined
        ? [`'${now}' is set now`, "unset turso:organization and TURSO_ORGANIZATION"]
        : [
            "none is set now",
            `\`pulumi config set turso:organization ${old}\`, or set TURSO_ORGANIZATION=${old}`,
          ];
    return (
      `this group was created ${before}, and ${setting}. It may be the same group under another address, so nothing is planned. ` +
      `To go on as before, ${back}. To manage the group under its new address, edit \`organization\` and \`id\` of this resource ` +
      "in the output of `pulumi stack export` and load it with `pulumi stack import`."
    );
  }
  if (explicit) return undefined;
  return (
    `this group is ${before}, but the default organization is '${now}' now. Nothing is planned. To go on as before, ` +
    `\`pulumi config set turso:organization ${old}\` or set TURSO_ORGANIZATION=${old}. To replace the group by one in '${now}', ` +
    `and lose its databases, declare organization: "${now}".`
  );
}

function textProblem(value: unknown, example: string): string | undefined {
  if (value === UNKNOWN) return undefined;
  if (value === undefined) return `it is required (${example})`;
  if (typeof value !== "string") return `it must be a string (${example}), but is ${describe(value)}`;
  const problem = segmentProblem(value);
  return problem && `it ${problem} (${example})`;
}

/** A name that was generated, or is no longer declared, stays with the group while its place does. */
function keptName(olds: Properties | undefined, location: unknown, organization: unknown): unknown {
  if (olds === undefined || organization !== olds.organization) return undefined;
  return samePlace(location, olds.location) || samePlace(location, olds.__primary) ? olds.name : undefined;
}

/** The same in preview and `up`, and another one for another place, so that a replacement can exist beside the old group. */
function generatedName(
  resource: { project: string; stack: string; name: string },
  location: unknown,
  organization: unknown,
): string {
  if (location === UNKNOWN || organization === UNKNOWN) return UNKNOWN;
  const parts = [
    resource.project,
    resource.stack,
    resource.name,
    placeOf(String(location)),
    organization ?? null,
  ];
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 7);
  const stem = resource.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `${stem.slice(0, 24).replace(/^-+|-+$/g, "") || "group"}-${hash}`;
}

/** `us-east-1` and `aws-us-east-1` are one place; the API answers with either. */
function placeOf(location: string): string {
  return location.replace(/^aws-/, "");
}

function samePlace(a: unknown, b: unknown): boolean {
  return typeof a === "string" && typeof b === "string" && a !== UNKNOWN && placeOf(a) === placeOf(b);
}

/** The primary location as a program would declare it: with the `aws-` that the API's `primary` may lack. */
function locationOf({ primary, locations = [] }: ApiGroup): string {
  return locations.find((code) => samePlace(code, primary)) ?? primary ?? locations[0] ?? "";
}

function idOf(organization: string | undefined, name: string): string {
  return organization === undefined ? name : `${organization}/${name}`;
}

function parseId(id: string, defaultOrganization: string | undefined): Address {
  const parts = id.split("/");
  const [organization, name] = parts.length === 1 ? [defaultOrganization, id] : parts;
  if (
    parts.length > 2 ||
    [organization ?? "-", name ?? ""].some((part) => segmentProblem(part) !== undefined)
  ) {
    throw new UserError(
      `'${id}' is not the id of a group: that is organization/name, or name for one of your own account`,
    );
  }
  return { organization, name: name ?? "" };
}

function titleOf({ organization, name }: Address): string {
  return `Group '${name}'${organization === undefined ? "" : ` in organization '${organization}'`}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
