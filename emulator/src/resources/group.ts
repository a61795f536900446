import { randomUUID } from "node:crypto";
import { Refusal } from "../refusal.js";
import { Sight } from "../store/collection.js";
import type { Store } from "../store/store.js";
import { type GroupToken, type MintOptions, mintToken } from "./groupToken.js";
import { isAws, resolveLocation } from "./location.js";
import { checkExtensions, checkName, type Database, type Extensions, type Group } from "./name.js";

export type NewGroup = {
  name: string;
  /** Where the primary is. */
  location: string;
  extensions?: Extensions;
  /** Further locations. */
  replicas?: readonly string[];
  archived?: boolean;
  deleteProtection?: boolean;
};

/** The groups and databases of one organization, or of the user. Every method refuses what Turso would. */
export class Account {
  readonly slug: string;
  readonly groups = new Map<string, Group>();
  readonly databases = new Map<string, Database>();
  /** What the API shows of them, which may lag behind. */
  readonly sight: Sight;
  readonly #store: Store;
  /** Name of a deleted group → Unix milliseconds until which it stays taken. */
  readonly #deleted = new Map<string, number>();

  constructor(slug: string, store: Store) {
    this.slug = slug;
    this.#store = store;
    this.sight = new Sight(this, store);
  }

  /** The group of that name. */
  group(name: string): Group {
    return found(this.groups.get(name));
  }

  /** The group of that name, if it is seen. */
  seenGroup(name: string): Group {
    return found(this.sight.group(name));
  }

  createGroup({ name, location, extensions, replicas = [], archived, deleteProtection }: NewGroup): Group {
    checkName("group", name);
    const primary = resolveLocation(this.#store.locations, location);
    const checked = extensions === undefined ? {} : { extensions: checkExtensions(extensions) };
    this.#refuseTakenGroup(name);
    this.sight.beforeChange();
    const group: Group = {
      name,
      uuid: randomUUID(),
      version: "v0.23.7",
      locations: [primary],
      primary,
      archived: false,
      deleteProtection: deleteProtection ?? false,
      ...checked,
    };
    for (const replica of replicas) this.#addReplica(group, replica);
    group.archived = archived ?? false;
    this.groups.set(name, group);
    this.sight.created(group);
    return group;
  }

  /** Deletes a group, every database in it and its tokens. */
  deleteGroup(name: string): Group {
    const group = this.group(name);
    if (group.deleteProtection) {
      throw new Refusal("forbidden", `group ${name} is delete-protected and cannot be deleted`);
    }
    this.sight.beforeChange();
    for (const database of this.databasesIn(name)) this.databases.delete(database.name);
    this.#forgetTokens(group);
    this.groups.delete(name);
    this.sight.deleted(group);
    this.#deleted.set(name, Date.now() + this.#store.lag);
    return group;
  }

  /** Adds a replica; one that is there already is left alone. */
  addLocation(name: string, location: string): Group {
    const group = this.#awake(name);
    this.sight.beforeChange();
    this.#addReplica(group, location);
    return group;
  }

  /** Removes a replica. One that is not there is a success: a repeated call must not fail where the first worked. */
  removeLocation(name: string, location: string): Group {
    const group = this.#awake(name);
    const code = this.#replicaLocation(group, location);
    if (code === group.primary) throw new Refusal("invalid", `cannot remove primary location: ${location}`);
    this.sight.beforeChange();
    group.locations = group.locations.filter((other) => other !== code);
    return group;
  }

  /** Renames a group (`turso group rename`). It keeps its uuid, databases and tokens. */
  renameGroup(name: string, newName: string): Group {
    const group = this.group(name);
    this.#refuseTakenGroup(checkName("group", newName));
    this.sight.beforeChange();
    for (const database of this.databasesIn(name)) database.group = newName;
    this.groups.delete(name);
    group.name = newName;
    this.groups.set(newName, group);
    return group;
  }

  /** `turso group aws-migration` and the like: another primary, the same uuid. The API's calls for it are not served. */
  movePrimary(name: string, location: string): Group {
    const group = this.group(name);
    const primary = resolveLocation(this.#store.locations, location);
    const replicas = isAws(primary) ? [] : group.locations.filter((code) => code !== primary && !isAws(code));
    this.sight.beforeChange();
    group.primary = primary;
    group.locations = [primary, ...replicas];
    return group;
  }

  /** What Turso does to a free group after days without use. */
  archiveGroup(name: string): Group {
    return this.#change(name, { archived: true });
  }

  unarchiveGroup(name: string): Group {
    return this.#change(name, { archived: false });
  }

  /** Turns delete protection on or off. It covers the group's databases too. */
  protectGroup(name: string, deleteProtection = true): Group {
    return this.#change(name, { deleteProtection });
  }

  /** Moves a group with its databases and tokens to another organization. */
  transferGroup(name: string, organization: string): Group {
    const group = this.#awake(name);
    if (!this.#store.hasOrganization(organization)) throw new Refusal("missing", "organization not found");
    const to = this.#store.account(organization);
    to.#refuseTakenGroup(name);
    const databases = this.databasesIn(name);
    const taken = databases.find((database) => to.databases.has(database.name));
    if (taken) throw new Refusal("conflict", `database with name ${taken.name} already exists`);
    for (const account of [this, to]) account.sight.beforeChange();
    for (const database of databases) {
      this.databases.delete(database.name);
      database.hostname = to.#hostname(database.name);
      to.databases.set(database.name, database);
    }
    this.groups.delete(name);
    to.groups.set(name, group);
    return group;
  }

  mintToken(name: string, options: MintOptions = {}): GroupToken {
    const group = this.#awake(name);
    if (options.readAttach !== undefined && isAws(group.primary))
      throw new Refusal("invalid", "Permissions are not supported for db-api controlled databases");
    const token = mintToken(group.uuid, options);
    this.#store.tokens.set(token.jwt, token);
    return token;
  }

  /** Invalidates every token of a group, at once. */
  invalidateTokens(name: string): void {
    this.#forgetTokens(this.#awake(name));
  }

  /** The database of that name. */
  database(name: string): Database {
    const database = this.databases.get(name);
    if (!database) {
      throw new Refusal("missing", `could not find database with name [${name}]: record not found`);
    }
    return database;
  }

  /** The databases in a group; none if the group is not there. */
  databasesIn(group: string): Database[] {
    return [...this.databases.values()].filter((database) => database.group === group);
  }

  createDatabase({ name, group }: { name: string; group: string }): Database {
    checkName("database", name);
    // Turso answers 400 here, not 404: the group is a value of the request, not what was asked for.
    if (!this.groups.has(group)) throw new Refusal("invalid", "group not found");
    this.#awake(group);
    // Turso's OpenAPI description says 409; since 2026-07-30 the API says this.
    if (this.databases.has(name)) throw new Refusal("invalid", "database with same name already exists");
    this.sight.beforeChange();
    const hostname = this.#hostname(name);
    const database: Database = { name, uuid: randomUUID(), group, hostname, deleteProtection: false };
    this.databases.set(name, database);
    return database;
  }

  deleteDatabase(name: string): Database {
    const database = this.database(name);
    if (database.deleteProtection || this.groups.get(database.group)?.deleteProtection) {
      throw new Refusal("forbidden", `database ${name} is delete-protected and cannot be deleted`);
    }
    this.sight.beforeChange();
    this.databases.delete(name);
    return database;
  }

  /** A group that runs. What Turso answers for archived ones is undocumented: that they refuse is inferred. */
  #awake(name: string): Group {
    const group = this.group(name);
    if (group.archived) throw new Refusal("invalid", `group ${name} is archived`);
    return group;
  }

  #change(name: string, changes: Partial<Group>): Group {
    const group = this.group(name);
    this.sight.beforeChange();
    return Object.assign(group, changes);
  }

  #addReplica(group: Group, location: string): void {
    const code = this.#replicaLocation(group, location);
    if (!group.locations.includes(code)) group.locations.push(code);
  }

  #replicaLocation(group: Group, location: string): string {
    const code = resolveLocation(this.#store.locations, location);
    if (isAws(group.primary) || isAws(code)) throw new Refusal("invalid", "replication is not supported");
    return code;
  }

  #refuseTakenGroup(name: string): void {
    const stillTaken = Date.now() < (this.#deleted.get(name) ?? 0);
    if (this.groups.has(name) || stillTaken) throw new Refusal("conflict", "group already exists");
  }

  #forgetTokens(group: Group): void {
    for (const [jwt, token] of this.#store.tokens) {
      if (token.group === group.uuid) this.#store.tokens.delete(jwt);
    }
  }

  #hostname(database: string): string {
    return `${database}-${this.slug}.turso.io`;
  }
}

function found(group: Group | undefined): Group {
  if (!group) throw new Refusal("missing", "group not found");
  return group;
}
