import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { booleanField, type Env, mount, readBody, stringField, stringsField } from "../http.js";
import { Refusal } from "../refusal.js";
import type { AccountBase, StoreBase } from "../store/base.js";
import { Collection } from "../store/collection.js";
import { refuseGroupBeyondPlan } from "../store/plan.js";
import { defineSeed } from "../store/seed.js";
import { stateOf } from "../store/stateOf.js";
import { isAws, resolveLocation } from "./location.js";
import { checkName } from "./name.js";

const EXTENSIONS = ["vector", "crypto", "fuzzy", "math", "stats", "text", "unicode", "uuid", "regexp", "vec"];

/** SQLite extensions of the databases that are created in a group. */
export type Extensions = "all" | readonly string[];

/** A group. Its uuid never changes; its name, organization and primary can. */
export type Group = {
  name: string;
  readonly uuid: string;
  version: string;
  /** Codes as in `GET /v1/locations`. The primary is one of them. */
  locations: string[];
  /** Code as in `locations`: `aws-us-east-1`, although the API returns `us-east-1`. */
  primary: string;
  archived: boolean;
  deleteProtection: boolean;
  extensions?: Extensions;
};

export type NewGroup = {
  /** 1 to 64 characters of `[a-z0-9-]`. */
  name: string;
  /** Code of the primary's location, as in `GET /v1/locations`. The `aws-` can be left out. */
  location: string;
  /** @default none */
  extensions?: Extensions;
  /**
   * Codes of further locations. Only for groups and locations that are not on AWS.
   * @default none
   */
  replicas?: readonly string[];
  /** @default false */
  archived?: boolean;
  /** @default false */
  deleteProtection?: boolean;
};

/** A group in a state. */
export type GroupState = NewGroup & {
  /** @default random */
  uuid?: string;
  /** Version of libSQL. */
  version?: string;
};

/** What a resource does when the group that it is in changes. */
export type GroupFollower = {
  deleted?(account: AccountBase, group: Group): void;
  renamed?(account: AccountBase, oldName: string, newName: string): void;
  /** Called before a transfer changes anything. Throws a `Refusal` if the group cannot be transferred. */
  checkTransfer?(from: AccountBase, to: AccountBase, group: Group): void;
  transferred?(from: AccountBase, to: AccountBase, group: Group): void;
};

const followers: GroupFollower[] = [];

/** To be called once by the file of every resource that is in groups. */
export function followGroups(follower: GroupFollower): void {
  followers.push(follower);
}

export const groupsOf = stateOf((account: AccountBase) => new Collection<Group>(account.store));

/** Name of a deleted group → Unix milliseconds from which it can be used again. */
const reservedNamesOf = stateOf((_: AccountBase) => new Map<string, number>());

export function findGroup(account: AccountBase, name: string): Group {
  return found(groupsOf(account).get(name));
}

/** A group that is not archived. Turso does not document what archived groups refuse: this is inferred. */
export function findAwakeGroup(account: AccountBase, name: string): Group {
  const group = findGroup(account, name);
  if (group.archived) throw new Refusal("invalid", `group ${name} is archived`);
  return group;
}

export function groupByUuid(store: StoreBase, uuid: string): Group | undefined {
  const groups = store.accounts().flatMap((account) => [...groupsOf(account).values()]);
  return groups.find((group) => group.uuid === uuid);
}

const methods = {
  /**
   * The group with this name.
   * @throws {@link Refusal} `missing` if there is none. So do all methods that take the name of a group.
   */
  group(this: AccountBase, name: string): Group {
    return findGroup(this, name);
  },

  /** The group that `GET …/groups/{name}` returns, which depends on the lags. */
  retrieveGroup(this: AccountBase, name: string): Group {
    return found(groupsOf(this).retrieve(name));
  },

  /** The groups that `GET …/groups` returns, which depend on the lags. */
  listGroups(this: AccountBase): Group[] {
    return groupsOf(this).list();
  },

  /**
   * Creates a group.
   * @throws {@link Refusal} `invalid` for a bad name, location or extension; `conflict` if the name is taken;
   * `forbidden` if the plan allows no more groups.
   */
  createGroup(this: AccountBase, options: NewGroup): Group {
    const group = newGroup(this, options);
    const groups = groupsOf(this);
    refuseGroupBeyondPlan(this, groups.size);
    groups.beforeChange();
    groups.set(group.name, group);
    groups.showLater(group);
    return group;
  },

  /**
   * Deletes a group, every database in it and its tokens.
   * @throws {@link Refusal} `forbidden` if the group has delete protection.
   */
  deleteGroup(this: AccountBase, name: string): Group {
    const group = findGroup(this, name);
    if (group.deleteProtection) {
      throw new Refusal("forbidden", `group ${name} is delete-protected and cannot be deleted`);
    }
    const groups = groupsOf(this);
    groups.beforeChange();
    for (const follower of followers) follower.deleted?.(this, group);
    groups.delete(name);
    groups.hideLater(group);
    reservedNamesOf(this).set(name, this.store.clock.now() + this.store.lag);
    return group;
  },

  /**
   * Adds a replica. Succeeds if the group already has it.
   * @throws {@link Refusal} `invalid` for an unknown location, on AWS, and if the group is archived.
   */
  addLocation(this: AccountBase, name: string, location: string): Group {
    const group = findAwakeGroup(this, name);
    groupsOf(this).beforeChange();
    addReplica(this, group, location);
    return group;
  },

  /**
   * Removes a replica. Succeeds if the group does not have it, so that a retry succeeds.
   * @throws {@link Refusal} `invalid` for the primary, for an unknown location, on AWS, and if the group is
   * archived.
   */
  removeLocation(this: AccountBase, name: string, location: string): Group {
    const group = findAwakeGroup(this, name);
    const code = replicaLocation(this, group, location);
    if (code === group.primary) throw new Refusal("invalid", `cannot remove primary location: ${location}`);
    groupsOf(this).beforeChange();
    group.locations = group.locations.filter((other) => other !== code);
    return group;
  },

  /**
   * Renames a group, as `turso group rename` does. It keeps its uuid, databases and tokens.
   * @throws {@link Refusal} `invalid` for a bad name; `conflict` if the name is taken.
   */
  renameGroup(this: AccountBase, name: string, newName: string): Group {
    const group = findGroup(this, name);
    refuseTakenName(this, checkName("group", newName));
    const groups = groupsOf(this);
    groups.beforeChange();
    for (const follower of followers) follower.renamed?.(this, name, newName);
    groups.delete(name);
    group.name = newName;
    groups.set(newName, group);
    return group;
  },

  /**
   * Moves a group's primary, as `turso group aws-migration` does. The group keeps its uuid; a move to AWS
   * removes its replicas. The requests of that command are not served.
   * @throws {@link Refusal} `invalid` for an unknown location.
   */
  movePrimary(this: AccountBase, name: string, location: string): Group {
    const group = findGroup(this, name);
    const primary = resolveLocation(this.store.locations, location);
    const replicas = isAws(primary) ? [] : group.locations.filter((code) => code !== primary && !isAws(code));
    return change(this, name, { primary, locations: [primary, ...replicas] });
  },

  /** Archives a group. Turso archives free groups that are not used for some days. */
  archiveGroup(this: AccountBase, name: string): Group {
    return change(this, name, { archived: true });
  },

  unarchiveGroup(this: AccountBase, name: string): Group {
    return change(this, name, { archived: false });
  },

  /**
   * Turns delete protection on or off. It also protects the group's databases.
   * @param deleteProtection Default: true.
   */
  protectGroup(this: AccountBase, name: string, deleteProtection = true): Group {
    return change(this, name, { deleteProtection });
  },

  /**
   * Moves a group with its databases and tokens to another organization.
   * @throws {@link Refusal} `missing` if the organization does not exist; `conflict` if it has a group or a
   * database of the same name; `forbidden` if its plan allows no more groups; `invalid` if the group is
   * archived.
   */
  transferGroup(this: AccountBase, name: string, organization: string): Group {
    const group = findAwakeGroup(this, name);
    if (!this.store.hasOrganization(organization)) throw new Refusal("missing", "organization not found");
    const to = this.store.account(organization);
    refuseTakenName(to, name);
    refuseGroupBeyondPlan(to, groupsOf(to).size);
    for (const follower of followers) follower.checkTransfer?.(this, to, group);
    for (const account of [this, to]) groupsOf(account).beforeChange();
    for (const follower of followers) follower.transferred?.(this, to, group);
    groupsOf(this).delete(name);
    groupsOf(to).set(name, group);
    return group;
  },
};

function newGroup(
  account: AccountBase,
  { name, location, extensions, replicas = [], ...options }: GroupState,
): Group {
  checkName("group", name);
  const primary = resolveLocation(account.store.locations, location);
  const checked = extensions === undefined ? {} : { extensions: checkExtensions(extensions) };
  refuseTakenName(account, name);
  const group: Group = {
    name,
    uuid: options.uuid ?? randomUUID(),
    version: options.version ?? "v0.23.7",
    locations: [primary],
    primary,
    archived: options.archived ?? false,
    deleteProtection: options.deleteProtection ?? false,
    ...checked,
  };
  for (const replica of replicas) addReplica(account, group, replica);
  return group;
}

function found(group: Group | undefined): Group {
  if (!group) throw new Refusal("missing", "group not found");
  return group;
}

function change(account: AccountBase, name: string, changes: Partial<Group>): Group {
  const group = findGroup(account, name);
  groupsOf(account).beforeChange();
  return Object.assign(group, changes);
}

function addReplica(account: AccountBase, group: Group, location: string): void {
  const code = replicaLocation(account, group, location);
  if (!group.locations.includes(code)) group.locations.push(code);
}

function replicaLocation(account: AccountBase, group: Group, location: string): string {
  const code = resolveLocation(account.store.locations, location);
  if (isAws(group.primary) || isAws(code)) throw new Refusal("invalid", "replication is not supported");
  return code;
}

function refuseTakenName(account: AccountBase, name: string): void {
  const isReserved = account.store.clock.now() < (reservedNamesOf(account).get(name) ?? 0);
  if (groupsOf(account).has(name) || isReserved) throw new Refusal("conflict", "group already exists");
}

function checkExtensions(extensions: Extensions): Extensions {
  const unknown = extensions === "all" ? undefined : extensions.find((name) => !EXTENSIONS.includes(name));
  if (unknown !== undefined) throw new Refusal("invalid", `invalid extension: ${unknown}`);
  return extensions;
}

export const seed = defineSeed({
  key: "groups",
  description: "Groups of the organization.",
  schema: {
    type: "object",
    required: ["name", "location"],
    additionalProperties: false,
    properties: {
      name: { description: "Name, unique in the organization.", type: "string" },
      location: { description: "Code of the primary's location, as in `GET /v1/locations`.", type: "string" },
      uuid: { description: "Identity of the group. Default: random.", type: "string", minLength: 1 },
      replicas: {
        description: "Codes of further locations. Not for groups on AWS.",
        type: "array",
        items: { type: "string" },
      },
      extensions: {
        description: "SQLite extensions of its databases.",
        anyOf: [{ const: "all" }, { type: "array", items: { enum: EXTENSIONS } }],
      },
      archived: { description: "Whether the group is archived. Default: false.", type: "boolean" },
      deleteProtection: {
        description: "Whether the group and its databases cannot be deleted. Default: false.",
        type: "boolean",
      },
      version: { description: "Version of libSQL.", type: "string" },
    },
  },
  load(account, state: GroupState) {
    const group = newGroup(account, state);
    if (groupByUuid(account.store, group.uuid)) {
      throw new Refusal("conflict", `another group has the uuid ${group.uuid}`);
    }
    groupsOf(account).set(group.name, group);
  },
  save: (account): GroupState[] =>
    [...groupsOf(account).values()].map(({ primary, locations, ...group }) => ({
      ...group,
      location: primary,
      replicas: locations.filter((code) => code !== primary),
    })),
});

type GroupProperties = typeof methods & {
  /** Groups by name, as they are now. The lags delay only what the API shows. */
  readonly groups: Map<string, Group>;
};

export function accountProperties(account: AccountBase): GroupProperties {
  return { ...methods, groups: groupsOf(account) };
}

const routes = new Hono<Env<AccountBase & GroupProperties>>();
export const accountRoutes = mount(routes);

routes.get("/groups", (c) => {
  const only = c.var.limits?.group;
  const groups = c.var.account.listGroups().filter(({ uuid }) => only === undefined || uuid === only);
  return c.json({ groups: groups.map(groupView) });
});

routes.post("/groups", async (c) => {
  const body = await readBody(c.req);
  const extensions = body.get("extensions") === "all" ? "all" : stringsField(body, "extensions");
  const group = c.var.account.createGroup({
    name: stringField(body, "name") ?? "",
    location: stringField(body, "location") ?? "",
    ...(extensions === undefined ? {} : { extensions }),
  });
  return c.json({ group: groupView(group) });
});

routes.get("/groups/:group", (c) =>
  c.json({ group: groupView(c.var.account.retrieveGroup(c.req.param("group"))) }),
);

routes.delete("/groups/:group", (c) =>
  c.json({ group: groupView(c.var.account.deleteGroup(c.req.param("group"))) }),
);

routes.post("/groups/:group/unarchive", (c) =>
  c.json({ group: groupView(c.var.account.unarchiveGroup(c.req.param("group"))) }),
);

// Not in Turso's OpenAPI description. The official CLI sends this request.
routes.post("/groups/:group/rename", async (c) => {
  const { name } = c.var.account.group(c.req.param("group"));
  const newName = stringField(await readBody(c.req), "name") ?? "";
  return c.json({ group: groupView(c.var.account.renameGroup(name, newName)) });
});

// Unlike in the other responses, the group is not wrapped in an object.
routes.post("/groups/:group/transfer", async (c) => {
  const organization = stringField(await readBody(c.req), "organization");
  if (!organization) throw new Refusal("invalid", "organization is required");
  return c.json(groupView(c.var.account.transferGroup(c.req.param("group"), organization)));
});

routes.post("/groups/:group/locations/:location", (c) =>
  c.json({ group: groupView(c.var.account.addLocation(c.req.param("group"), c.req.param("location"))) }),
);

routes.delete("/groups/:group/locations/:location", (c) =>
  c.json({ group: groupView(c.var.account.removeLocation(c.req.param("group"), c.req.param("location"))) }),
);

routes.get("/groups/:group/configuration", (c) =>
  c.json(configurationView(c.var.account.group(c.req.param("group")))),
);

routes.patch("/groups/:group/configuration", async (c) => {
  const group = c.var.account.group(c.req.param("group"));
  const deleteProtection = booleanField(await readBody(c.req), "delete_protection");
  c.var.account.protectGroup(group.name, deleteProtection ?? group.deleteProtection);
  return c.json(configurationView(group));
});

const others = new Hono<Env<AccountBase & GroupProperties>>();
export const controlRoutes = mount(others);

others.post("/groups/:group/archive", (c) =>
  c.json({ group: groupView(c.var.account.archiveGroup(c.req.param("group"))) }),
);

others.post("/groups/:group/move", async (c) => {
  const location = stringField(await readBody(c.req), "location") ?? "";
  return c.json({ group: groupView(c.var.account.movePrimary(c.req.param("group"), location)) });
});

/** A group as the API returns it: `primary` has no `aws-`, `locations` have it. */
function groupView(group: Group) {
  return {
    name: group.name,
    uuid: group.uuid,
    version: group.version,
    locations: group.locations,
    primary: group.primary.replace(/^aws-/, ""),
    archived: group.archived,
    delete_protection: group.deleteProtection,
  };
}

function configurationView(group: Group) {
  return { delete_protection: group.deleteProtection };
}
