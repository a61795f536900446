/** What import files and exported states declare already. */
import { existsSync, readFileSync } from "node:fs";
import { parseUrn } from "../../lifecycle/urn.js";
import { CommandError, fileCause } from "../command.js";
import type { Found } from "./inventory.js";

/** A resource of the package in a file. */
interface Declared {
  /** E.g. `Group`. */
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  readonly id: string;
  readonly uuid?: string | undefined;
}

/** What is declared, and the names that it takes in the program. */
export class Known {
  readonly #ids = new Set<string>();
  readonly #idsWithoutUuid = new Set<string>();
  readonly #uuids = new Set<string>();
  readonly #names = new Set<string>();

  constructor(declared: readonly Declared[]) {
    for (const { type, name, id, uuid } of declared) {
      this.#names.add(`${type} ${name}`);
      this.#ids.add(keyOf(type, id));
      if (uuid === undefined) this.#idsWithoutUuid.add(keyOf(type, id));
      else this.#uuids.add(`${type} ${uuid}`);
    }
  }

  /** Whether a resource manages it: the same uuid where both are known, else the same address. */
  has({ kind, id, outputs }: Found): boolean {
    const type = kind.lifecycle.resource.name;
    return typeof outputs.uuid === "string"
      ? this.#uuids.has(`${type} ${outputs.uuid}`) || this.#idsWithoutUuid.has(keyOf(type, id))
      : this.#ids.has(keyOf(type, id));
  }

  /** Whether an ID of a type is declared, whatever its uuid. */
  hasId(type: string, id: string): boolean {
    return this.#ids.has(keyOf(type, id));
  }

  hasName(type: string, name: string): boolean {
    return this.#names.has(`${type} ${name}`);
  }
}

/** The case of usernames and email addresses does not matter, and groups have lowercase names. */
const keyOf = (type: string, id: string) => `${type} ${id.toLowerCase()}`;

/** One entry of an import file, as Pulumi reads it. */
export interface ImportEntry {
  readonly type: string;
  readonly name: string;
  readonly id?: string;
  readonly component?: true;
  readonly parent?: string;
  readonly version?: string;
  readonly inputs?: object;
  readonly outputs?: object;
}

/** The entries of an import file; undefined if there is no such file. */
export function readImportFile(file: string): ImportEntry[] | undefined {
  if (!existsSync(file)) return undefined;
  const entries = propertyOf(readJson(file), "resources");
  if (Array.isArray(entries) && entries.every(isImportEntry)) return entries;
  throw new CommandError(`${file} is not an import file. Remove it, or choose another folder with --out.`);
}

function isImportEntry(value: unknown): value is ImportEntry {
  return typeof propertyOf(value, "type") === "string" && typeof propertyOf(value, "name") === "string";
}

export function declaredIn(entries: readonly ImportEntry[]): Declared[] {
  return entries.flatMap((entry) => declaredAs(entry.type, entry.name, entry));
}

/** The resources of the package in a state that `pulumi stack export` wrote, those of components included. */
export function declaredInState(file: string): Declared[] {
  const deployment = propertyOf(readJson(file), "deployment");
  if (deployment === undefined)
    throw new CommandError(
      `${file} is not an exported state. Create one with \`pulumi stack export --file state.json\`.`,
    );
  const resources = propertyOf(deployment, "resources");
  // A stack that was never updated has no resources.
  return (Array.isArray(resources) ? resources : []).flatMap((resource: unknown) => {
    const urn = propertyOf(resource, "urn");
    const type = propertyOf(resource, "type");
    // The old half of an interrupted replacement, and what is only read (`get`), declare nothing.
    const isManaged = propertyOf(resource, "delete") !== true && propertyOf(resource, "external") !== true;
    if (typeof urn !== "string" || typeof type !== "string" || !isManaged) return [];
    return declaredAs(type, parseUrn(urn).name, resource);
  });
}

/** Of either host: `pulumi-nodejs:dynamic/turso:Group` and `turso:index:Group`. */
function declaredAs(token: string, name: string, resource: unknown): Declared[] {
  const type = /^(?:pulumi-nodejs:dynamic\/turso|turso:index):(\w+)$/.exec(token)?.[1];
  const id = propertyOf(resource, "id");
  if (type === undefined || typeof id !== "string") return [];
  const uuid = propertyOf(propertyOf(resource, "outputs"), "uuid");
  return [{ type, name, id, ...(typeof uuid === "string" && { uuid }) }];
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const cause = error instanceof SyntaxError ? "it is not valid JSON" : fileCause(error);
    throw new CommandError(`Failed to read ${file}: ${cause}.`);
  }
}

function propertyOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
