/**
 * Which things the resources of one operation manage. What one resource holds, another one does not delete.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Properties } from "./values.js";

/** Something at Turso that a resource manages, e.g. a group. */
export interface Thing {
  /** The resource type, e.g. `Group`. */
  type: string;
  name: string;
  /** Slug of the organization; undefined in the personal account. */
  organization?: string | undefined;
  /** Identifies the thing where both are known; else its address does. */
  uuid?: string | undefined;
  /** Whether its uuid is not known before the diff. Until then its exact address identifies it. */
  isChecked?: true;
}

/** What state has for a resource of the program. */
export interface StateOfResource {
  inputs: Properties;
  /** Known after the diff of the resource. */
  uuid?: string | undefined;
}

/** The address of the engine that started this process: its last argument, also with `--tracing ADDRESS`. */
export function engineAddress(): string | undefined {
  const last = process.argv.at(-1);
  return last !== undefined && /^[\w.[\]-]+:\d+$/.test(last) ? last : undefined;
}

/** What a process records. `holder` is a URN, or identifies a create or a deletion. */
type Entry =
  | { kind: "hold" | "claim" | "deletion"; holder: string; thing: Thing }
  /** The resource is replaced, or the deletion has ended. */
  | { kind: "release"; holder: string };

/**
 * What the resources of an operation hold. A resource holds what it creates or adopts. From its check until
 * its diff asks for a replacement, it also holds what state has for it. A refresh or a `get` holds nothing,
 * because otherwise `up --refresh` and `destroy --refresh` would delete nothing: the engine calls check only
 * for resources of the program in an `up`.
 *
 * An operation has a provider process for each host, version and explicit provider. All of them know the
 * engine's address. Each writes what it records to a file that is named after that address, and reads the
 * files of the others.
 */
export class Ownership {
  readonly #own = new Holdings();
  readonly #files: SharedFiles | undefined;
  /** What state has for the resources of the program: URN → inputs and uuid. */
  readonly #states = new Map<string, StateOfResource>();
  /** Address of a thing in state → URN of the resource that state has it for. */
  readonly #resources = new Map<string, string>();
  #count = 0;

  /** `engine`: the engine's address; without one, only the resources of this process are known. */
  constructor(engine?: string) {
    this.#files = engine === undefined ? undefined : new SharedFiles(engine);
  }

  /**
   * Records that the program has a resource, and what state has for it: its inputs, and the thing under each
   * of its possible names, the current one last. Every check calls this. The engine checks a replacement
   * again, without state: then the resource no longer holds the thing, even if the diff did not ask for the
   * replacement (`replaceOnChanges`).
   */
  declare(urn: string, inputs: Properties | undefined, things: readonly Thing[]): void {
    const thing = things.at(-1);
    if (inputs === undefined || thing === undefined) {
      this.#release(urn);
      return;
    }
    this.#states.set(urn, { inputs });
    for (const one of things) this.#resources.set(addressOf(one), urn);
    // Its uuid is not known before the diff, which the engine may skip (`PULUMI_ENABLE_LEGACY_DIFF`).
    this.#note({ kind: "hold", holder: urn, thing: { ...thing, isChecked: true } });
  }

  /** The URN of another resource of the program for which state has the thing. */
  otherInState(urn: string, thing: Thing): string | undefined {
    const other = this.#resources.get(addressOf(thing));
    return other === urn ? undefined : other;
  }

  /** What state has for a resource of the program; with the uuid after its diff. */
  inState(urn: string): StateOfResource | undefined {
    return this.#states.get(urn);
  }

  /**
   * Records that a resource of the program will manage a thing. Returns the URN of another resource that
   * recorded this first.
   */
  claim(urn: string, thing: Thing): string | undefined {
    const address = addressOf(thing);
    const earlier = this.#own.claims.get(address) ?? this.#claimedElsewhere(address);
    if (earlier === undefined) this.#note({ kind: "claim", holder: urn, thing });
    return earlier === urn ? undefined : earlier;
  }

  /** The URN of another resource of this process that holds a thing. */
  holderOf(urn: string, thing: Thing): string | undefined {
    for (const [holder, held] of this.#own.held) {
      if (holder !== urn && holder.startsWith("urn:") && isSame(held, thing)) return holder;
    }
    return undefined;
  }

  /** Whether a check of this run has declared the resource for which state has a thing. */
  isDeclared(thing: Thing): boolean {
    return this.#resources.has(addressOf(thing));
  }

  /**
   * Records the result of a diff. Only diffs of resources of the program count: a refresh calls diff for
   * everything in state. `declared` has the address that the program gives, `thing` the one in state.
   */
  noteDiff(declared: Thing, thing: Thing, { replaces }: { replaces: boolean }): void {
    const urn = this.#resources.get(addressOf(declared));
    const state = urn === undefined ? undefined : this.#states.get(urn);
    if (urn === undefined || state === undefined) return;
    state.uuid = thing.uuid;
    if (replaces) this.#release(urn);
    else this.#note({ kind: "hold", holder: urn, thing });
  }

  /** Records that a resource will adopt a thing: the resource that manages it now may be deleted before. */
  intend(urn: string, thing: Thing): void {
    this.#note({ kind: "hold", holder: urn, thing });
  }

  /** Records that a resource has created or adopted a thing. */
  hold(thing: Thing): void {
    this.#note({ kind: "hold", holder: this.#next("create"), thing });
  }

  /** The uuid of what a resource of this process holds at the address. */
  uuidAt(thing: Thing): string | undefined {
    const address = addressOf(thing);
    return [...this.#own.held.values()].findLast(
      (held) => addressOf(held) === address && held.uuid !== undefined,
    )?.uuid;
  }

  /** Whether a resource of this operation holds a thing. Throws an error if that cannot be known. */
  isHeld(thing: Thing): boolean {
    return this.#own.holds(thing) || this.#others().some((holdings) => holdings.holds(thing));
  }

  /**
   * Records that a thing is being deleted. A deletion is recorded before it checks whether the thing is held,
   * and an adoption before it checks whether the thing is being deleted, so at least one of the two sees the
   * other. Returns a function that records the end.
   */
  startDeletion(thing: Thing): () => void {
    const holder = this.#next("deletion");
    this.#note({ kind: "deletion", holder, thing });
    return () => this.#note({ kind: "release", holder });
  }

  /** Whether a resource of this operation is deleting a thing. Throws an error if that cannot be known. */
  isBeingDeleted(thing: Thing): boolean {
    return [this.#own, ...this.#others()].some((holdings) => holdings.deletes(thing));
  }

  #next(what: string): string {
    this.#count += 1;
    return `${what} ${this.#count}`;
  }

  #release(holder: string): void {
    if (this.#own.held.has(holder)) this.#note({ kind: "release", holder });
  }

  #note(entry: Entry): void {
    this.#own.apply(entry);
    this.#files?.append(entry);
  }

  /** Only checks use claims, so a file that cannot be read is no error here. */
  #claimedElsewhere(address: string): string | undefined {
    try {
      return this.#others().flatMap(({ claims }) => claims.get(address) ?? [])[0];
    } catch {
      return undefined;
    }
  }

  #others(): Holdings[] {
    return this.#files?.others() ?? [];
  }
}

/** What one process has recorded. */
class Holdings {
  /** Holder → what it holds. */
  readonly held = new Map<string, Thing>();
  /** Deletions that have not ended. */
  readonly deletions = new Map<string, Thing>();
  /** Address → URN of the resource that will manage it. */
  readonly claims = new Map<string, string>();

  holds(thing: Thing): boolean {
    return [...this.held.values()].some((other) => isSame(other, thing));
  }

  deletes(thing: Thing): boolean {
    return [...this.deletions.values()].some((other) => isSame(other, thing));
  }

  apply(entry: Entry): void {
    if (entry.kind === "hold") this.held.set(entry.holder, entry.thing);
    else if (entry.kind === "deletion") this.deletions.set(entry.holder, entry.thing);
    else if (entry.kind === "claim") this.claims.set(addressOf(entry.thing), entry.holder);
    else {
      this.held.delete(entry.holder);
      this.deletions.delete(entry.holder);
    }
  }
}

/**
 * Slugs and names are compared without case: skipping a deletion is safer than deleting something that is
 * held.
 */
function addressOf({ type, organization = "", name }: Thing): string {
  return [type, organization, name].join("/").toLowerCase();
}

/** Whether two things are the same. The personal account has a slug too, so there only the name counts. */
function isSame(a: Thing, b: Thing): boolean {
  if (a.isChecked || b.isChecked) return addressOf(a) === addressOf(b);
  if (a.uuid !== undefined && b.uuid !== undefined) return a.uuid === b.uuid;
  if (a.organization !== undefined && b.organization !== undefined) return addressOf(a) === addressOf(b);
  return addressOf({ ...a, organization: "" }) === addressOf({ ...b, organization: "" });
}

/** The files of an operation's processes, in a folder that only this user can access. */
class SharedFiles {
  readonly #prefix: string;
  readonly #name: string;
  #file: number | undefined;
  #failure: unknown;
  readonly #read = new Map<string, { size: number; holdings: Holdings }>();

  constructor(engine: string) {
    this.#prefix = `${engine.replace(/[^\w.-]/g, "_")}-`;
    // Each copy of the package in a process has its own file.
    this.#name = `${this.#prefix}${process.pid}-${randomBytes(4).toString("hex")}`;
  }

  /**
   * A failed write must not fail a create. `others` throws the error later, so that deletions are refused.
   */
  append(entry: Entry): void {
    try {
      this.#file ??= this.#open();
      writeSync(this.#file, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      this.#failure = error;
    }
  }

  /**
   * What the other running processes of the operation have recorded. Files of processes that have ended do
   * not count: ports are reused.
   */
  others(): Holdings[] {
    if (this.#failure !== undefined) throw this.#failure;
    const folder = privateFolder();
    return readdirSync(folder)
      .filter((name) => name.startsWith(this.#prefix) && name !== this.#name && isInUse(name))
      .flatMap((name) => this.#holdingsIn(folder, name) ?? []);
  }

  /** Undefined if its process has ended and removed it since the folder was read. */
  #holdingsIn(folder: string, name: string): Holdings | undefined {
    const path = join(folder, name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    const known = this.#read.get(name);
    if (known?.size === size) return known?.holdings;
    const text = readIfExists(path);
    if (text === undefined) return undefined;
    const holdings = new Holdings();
    // A line without its end is still being written, and what it records has not happened yet.
    for (const line of text.split("\n").slice(0, -1)) holdings.apply(JSON.parse(line) as Entry);
    this.#read.set(name, { size: Buffer.byteLength(text), holdings });
    return holdings;
  }

  #open(): number {
    const folder = privateFolder();
    removeOld(folder);
    const path = join(folder, this.#name);
    const file = openSync(path, "ax", 0o600);
    written.add(this.#name);
    process.once("exit", () => {
      closeSync(file);
      rmSync(path, { force: true });
    });
    return file;
  }
}

function readIfExists(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The files of this process. */
const written = new Set<string>();

/**
 * Whether the process that writes a file is running. A file with the id of this process may come from an
 * earlier process.
 */
function isInUse(name: string): boolean {
  const pid = Number(name.split("-").at(-2));
  if (pid === process.pid) return written.has(name);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Six hours, in milliseconds. Younger files stay, because their process may run in another container and not
 * be visible here.
 */
const OLD = 6 * 60 * 60 * 1000;

/** Removes the files of killed processes. */
function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > OLD && !isInUse(name)) rmSync(path, { force: true });
  }
}

/**
 * The folder of this user, which is created if it does not exist. Throws an error if others could write to
 * it.
 */
function privateFolder(): string {
  const uid = process.getuid?.();
  const folder = join(tmpdir(), `pulumi-turso${uid === undefined ? "" : `-${uid}`}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const isPrivate = uid === undefined || (stats.uid === uid && (stats.mode & 0o077) === 0);
  if (!stats.isDirectory() || !isPrivate)
    throw new Error(`${folder} is not a folder that only this user can write to`);
  return folder;
}
