/** What a file or an object declares, or everything that is wrong with it. */

import { segmentProblem } from "../../api/http/paths.js";
import { UserError } from "../../lifecycle/errors.js";
import { nearest } from "../../lifecycle/nearest.js";
import { problemOf } from "../../lifecycle/valueTypes.js";
import { type Expanded, expand, isMap } from "./expand.js";
import { type OrganizationSource, readFile } from "./file.js";
import { KIND_NAMES, KINDS, type Kind, type KindName, propertiesOf } from "./kinds.js";
import { type Path, type Problem, pathText, report, type Shown } from "./problems.js";
import { hint, known, quotesHint, structureProblems } from "./validate.js";

/** An input that refers to another entry. */
interface Reference {
  readonly input: string;
  /** The kind and the key of the other entry. */
  readonly to: KindName;
  readonly key: string;
}

/** One resource to declare. */
export interface Entry {
  readonly key: string;
  /** The inputs, without those that refer to other entries. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The inputs that refer to other entries. */
  readonly references: readonly Reference[];
  /** The key that the entry had before. */
  readonly renamedFrom?: string;
}

export interface Declared {
  readonly organization?: unknown;
  readonly entries: Readonly<Record<KindName, readonly Entry[]>>;
}

/** An entry with its place, before it is known whether it is valid. */
interface Draft extends Expanded {
  readonly path: Path;
  /** Whether it is no map, which the schema reports. */
  readonly isMalformed: boolean;
}

/** The keys of every kind; undefined where a `for` is malformed, so that they are not known. */
type Keys = Readonly<Record<KindName, ReadonlySet<string> | undefined>>;

/**
 * What `args` declare: a file, or the content of one.
 *
 * @param title the component, for messages
 * @throws UserError with all problems
 */
export function declared(title: string, args: object): Declared {
  if (!isMap(args))
    throw new UserError(
      "INVALID_INPUT",
      `${title}: the arguments must be an object such as { file: "acme.yaml" }.`,
    );
  const { file, ...content } = args;
  const source =
    file === undefined ? { value: content, positionOf: () => undefined } : fileSource(file, content);
  if (Array.isArray(source)) throw invalid(title, file, source);
  const { problems, ...result } = declaredBy(source.value);
  if (problems.length === 0) return result;
  const shown = problems.map(({ path, text }) => ({
    position: source.positionOf(path),
    text: `${path.length === 0 ? "it" : pathText(path)} ${text}`,
  }));
  throw invalid(title, file, shown);
}

function invalid(title: string, file: unknown, problems: readonly Shown[]): UserError {
  return new UserError("INVALID_INPUT", report(title, typeof file === "string" ? file : undefined, problems));
}

function fileSource(file: unknown, content: object): OrganizationSource | Shown[] {
  if (typeof file !== "string" || file === "")
    return [{ text: "file must be the path of a YAML or JSON file." }];
  const others = Object.keys(content);
  if (others.length > 0) {
    const text = `${others.join(", ")} cannot be set beside \`file\`; set ${others.length === 1 ? "it" : "them"} in the file.`;
    return [{ text }];
  }
  return readFile(file);
}

/** Everything in a declaration that was read. */
function declaredBy(content: unknown): Declared & { problems: Problem[] } {
  const plain = known(content);
  // What contains itself would never end.
  if (plain.problems.length > 0) return { problems: plain.problems, entries: recordOf(() => []) };
  const value = isMap(content) ? content : {};
  const found = recordOf((name) => draftsOf(name, value[name]));
  const keys = recordOf((name) => found[name].keys);
  const problems = KIND_NAMES.flatMap((name) => [
    ...found[name].problems,
    ...draftProblems(KINDS[name], found[name].drafts, keys),
  ]);
  const { organization } = value;
  return {
    ...(organization !== undefined && { organization }),
    entries: recordOf((name) => found[name].drafts.map((draft) => entryOf(KINDS[name], draft))),
    problems: [...structureProblems(plain.value), ...problems],
  };
}

function recordOf<T>(of: (name: KindName) => T): Record<KindName, T> {
  return Object.fromEntries(KIND_NAMES.map((name) => [name, of(name)])) as Record<KindName, T>;
}

/** The entries of a kind, with `for` expanded. */
function draftsOf(
  name: KindName,
  value: unknown,
): { drafts: Draft[]; keys: Keys[KindName]; problems: Problem[] } {
  const found = Object.entries(isMap(value) ? value : {}).map(([key, entry]) => {
    const path = [name, key];
    // In YAML, an entry without properties is empty.
    const { entries, problems } = expand(path, key, isMap(entry) ? entry : {});
    return { drafts: entries.map((one) => ({ ...one, path, isMalformed: !isMap(entry) })), problems };
  });
  const drafts = found.flatMap((one) => one.drafts);
  return {
    drafts,
    keys: found.every((one) => one.drafts.length > 0) ? new Set(drafts.map(({ key }) => key)) : undefined,
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** What is wrong with the entries of a kind, apart from their structure. */
function draftProblems(kind: Kind, own: readonly Draft[], keys: Keys): Problem[] {
  // Entries with the same key have the same name, too.
  const distinct = [...new Map(own.map((draft) => [draft.key, draft])).values()];
  return [
    ...own.flatMap((draft) => [...keyProblems(draft), ...inputProblems(kind, draft)]),
    ...referenceProblems(kind, own, keys),
    ...twice(own, ({ key, path }) => ({ path, value: key }), "stands for the key"),
    ...twice(distinct, (draft) => nameOf(kind, draft), "is the name"),
    ...renameProblems(own),
  ];
}

function keyProblems({ path, key }: Draft): Problem[] {
  const problem = segmentProblem(key);
  return problem === undefined ? [] : [{ path, text: `is not a possible key: it ${problem}.` }];
}

/** The problems of inputs by themselves, as the resource's own check finds them. */
function inputProblems(kind: Kind, draft: Draft): Problem[] {
  const { path, key, properties, isMalformed } = draft;
  if (isMalformed) return [];
  const values = known(properties).value;
  return propertiesOf(kind).flatMap((property) => {
    const isName = property === "name";
    const row = kind.resource.inputs[isName ? (kind.address ?? property) : property];
    const given = (isMap(values) ? values[property] : undefined) ?? undefined;
    const problem = row && problemOf(row.type, given ?? (isName ? key : undefined), row.required);
    if (problem === undefined) return [];
    // A key that is no possible key is reported as such.
    if (isName && given === undefined)
      return keyProblems(draft).length > 0 ? [] : [{ path, text: `${problem}.` }];
    const hint = row?.type.schema.type === "string" ? quotesHint(given) : "";
    const to = given === undefined ? kind.references?.[property] : undefined;
    const text = to === undefined ? problem : `is required: a key under ${to}, or an ID, organization/name`;
    return [{ path: [...path, property], text: `${text}.${hint}` }];
  });
}

/** The keys that an entry refers to, by input. An ID `organization/name` refers to something outside the file. */
function referencesOf({ references = {} }: Kind, { properties }: Draft): Reference[] {
  return Object.entries(references).flatMap(([input, to]) => {
    const key = properties[input];
    return typeof key === "string" && !key.includes("/") ? [{ input, to, key }] : [];
  });
}

function referenceProblems(kind: Kind, drafts: readonly Draft[], keys: Keys): Problem[] {
  const wrong = drafts.flatMap((draft) =>
    referencesOf(kind, draft)
      .filter(({ to, key }) => keys[to]?.has(key) === false)
      .map(({ input, to, key }) => ({ path: draft.path, input, to, key })),
  );
  // An entry with `for` may have the same mistake many times.
  const first = new Map(wrong.toReversed().map((one) => [pathText([...one.path, one.input]), one]));
  return [...first.values()].map(({ path, input, to, key }) => {
    const others = [...(keys[to] ?? [])];
    const outside = nearest(key, others) === undefined ? ` ${OUTSIDE}` : "";
    const text = `refers to '${key}', which is not a key under ${to}; ${hint(key, others)}${outside}`;
    return { path: [...path, input], text };
  });
}

const OUTSIDE = "To refer to something outside the file, use its ID, organization/name.";

function nameOf(
  { address }: Kind,
  { path, key, properties }: Draft,
): { path: Path; value: unknown } | undefined {
  if (address === undefined) return undefined;
  return properties.name === undefined || properties.name === null
    ? { path, value: key }
    : { path: [...path, "name"], value: properties.name };
}

/** Entries that have the same value as one before them. */
function twice(
  drafts: readonly Draft[],
  placeOf: (draft: Draft) => { path: Path; value: unknown } | undefined,
  what: string,
): Problem[] {
  const first = new Map<unknown, Path>();
  return drafts.flatMap((draft) => {
    const found = placeOf(draft);
    if (found === undefined || typeof found.value !== "string") return [];
    const before = first.get(found.value);
    if (before === undefined) {
      first.set(found.value, draft.path);
      return [];
    }
    const other = before === draft.path ? "twice" : `as well as ${pathText(before)}`;
    return [{ path: found.path, text: `${what} '${found.value}' ${other}.` }];
  });
}

function renameProblems(drafts: readonly Draft[]): Problem[] {
  const renamed = drafts.filter(({ properties }) => typeof properties.renamedFrom === "string");
  const at = ({ path, properties }: Draft) => ({
    path: [...path, "renamedFrom"],
    value: properties.renamedFrom,
  });
  const keys = new Set<unknown>(drafts.map(({ key }) => key));
  const declared = renamed.map(at).filter(({ value }) => keys.has(value));
  return [
    ...declared.map(({ path, value }) => ({
      path,
      text: `is '${String(value)}', which is still a key; remove \`renamedFrom\`, or that entry.`,
    })),
    ...twice(renamed, at, "is the key"),
  ];
}

function entryOf(kind: Kind, draft: Draft): Entry {
  const { key, properties } = draft;
  const references = referencesOf(kind, draft);
  const { name, renamedFrom, ...others } = properties;
  const inputs = Object.fromEntries(
    Object.entries({ ...others, ...(kind.address !== undefined && { [kind.address]: name ?? key }) }).filter(
      ([input, value]) => value !== null && !references.some((reference) => reference.input === input),
    ),
  );
  return {
    key,
    inputs,
    references,
    ...(typeof renamedFrom === "string" && { renamedFrom }),
  };
}
