/**
 * Finds in the preview what `pulumi up` would fail on. Makes requests only for what is new, so none for an
 * unchanged group.
 */
import type { Group } from "../../api/index.js";
import { isSame } from "../../lifecycle/collection.js";
import type { CheckFailure, Problem } from "../../lifecycle/errors.js";
import type { CheckRequest, Context } from "../../lifecycle/lifecycle.js";
import { nearest, suggestion } from "../../lifecycle/nearest.js";
import type { StateOfResource } from "../../lifecycle/ownership.js";
import { queryForPreview } from "../../lifecycle/query.js";
import { duplicateProblem, sharingProblem } from "../../lifecycle/sharing.js";
import { isUnknown, UNKNOWN } from "../../lifecycle/unknown.js";
import type { Properties } from "../../lifecycle/values.js";
import type { GroupInputs } from "./group.js";
import { GROUPS } from "./kind.js";
import { LOCATIONS, placeOf, unknownLocation } from "./location.js";
import { adoptionProblem, takenProblem } from "./messages.js";
import { replacementProblem } from "./replacement.js";
import { groupTitle, inputsInState, primaryOf, replacesOf, thingOf } from "./state.js";

/** `before` is what state has; undefined for a new group. */
export async function preflight(
  context: Context,
  request: CheckRequest,
  before: GroupInputs | undefined,
  inputs: GroupInputs,
): Promise<CheckFailure[]> {
  const replaces = before
    ? replacesOf(before, inputs).filter((key) => !isUnknown(Reflect.get(inputs, key)))
    : [];
  const isNew = (input: string) => before === undefined || replaces.includes(input);
  const duplicates = duplicateProblems(context, request, inputs);
  // The lists that both need are requested together.
  const [locations, others] = await Promise.all([
    locationProblems(context, request, inputs, newLocations(before, inputs, isNew("location"))),
    before === undefined
      ? creationProblems(context, request, inputs)
      : replacementProblems(context, request, { before, inputs, replaces }),
  ]);
  // With a misspelled location, the ways to lose or keep data only distract.
  const isMisspelled = locations.some(({ property }) => property === "location");
  return [
    ...duplicates,
    ...(isNew("extensions") ? extensionProblems(context, request, { before, inputs }) : []),
    ...locations,
    ...others.filter(({ property }) => !(isMisspelled && property === "location")),
  ];
}

/** Whether the address of a group is known. */
const isKnown = ({ name, location, organization = "" }: GroupInputs) =>
  ![name, location, organization].includes(UNKNOWN);

/** Two resources of a program must not manage the same group. */
function duplicateProblems(
  { ownership }: Context,
  { resource }: CheckRequest,
  inputs: GroupInputs,
): CheckFailure[] {
  if (!isKnown(inputs)) return [];
  const { name, __name, organization } = inputs;
  // A group that was renamed outside Pulumi has two names here.
  const names = __name === undefined ? [name] : [name, __name];
  const problem = duplicateProblem(
    ownership,
    resource.urn,
    names.map((one) => thingOf({ name: one, organization })),
    { noun: "group", remedy: "set another name, or read the group with `Group.get`" },
  );
  return problem === undefined ? [] : [{ property: "name", ...problem }];
}

function extensionProblems(
  context: Context,
  { preview }: CheckRequest,
  { before, inputs }: { before: GroupInputs | undefined; inputs: GroupInputs },
): CheckFailure[] {
  const reason = unknownExtension(inputs.extensions);
  if (reason === undefined) return [];
  // A group that is deleted first would be lost when the API refuses the new one.
  const deletesFirst = before?.name === inputs.name && before.organization === inputs.organization;
  if (deletesFirst) return [{ property: "extensions", code: "UNKNOWN_EXTENSION", reason }];
  // Turso may have added extensions, so this is only a warning.
  if (preview !== false) context.warn(`${groupTitle(inputs)}: ${reason}`);
  return [];
}

interface NewLocation {
  property: "location" | "replicas";
  code: string;
}

/** The locations that the group does not have yet. `isNew`: whether the primary is one of them. */
function newLocations(
  before: GroupInputs | undefined,
  { location, replicas }: GroupInputs,
  isNew: boolean,
): NewLocation[] {
  const known = before?.replicas?.map(placeOf) ?? [];
  const added = Array.isArray(replicas) ? replicas.filter((code) => !known.includes(placeOf(code))) : [];
  const all: NewLocation[] = [
    ...(isNew ? [{ property: "location" as const, code: location }] : []),
    ...added.map((code) => ({ property: "replicas" as const, code })),
  ];
  return all.filter(({ code }) => code !== UNKNOWN);
}

async function locationProblems(
  context: Context,
  { preview }: CheckRequest,
  { organization }: GroupInputs,
  added: NewLocation[],
): Promise<CheckFailure[]> {
  if (added.length === 0) return [];
  const locations = await queryForPreview(context, preview, () =>
    context.collection(LOCATIONS).listForCheck(organization),
  );
  return added.flatMap(({ property, code }): CheckFailure[] => {
    const reason = locations && unknownLocation(code, locations);
    return reason === undefined ? [] : [{ property, code: "UNKNOWN_LOCATION", reason }];
  });
}

async function replacementProblems(
  context: Context,
  { news, preview }: CheckRequest,
  { before, inputs, replaces }: { before: GroupInputs; inputs: GroupInputs; replaces: string[] },
): Promise<CheckFailure[]> {
  if (replaces.length === 0) return [];
  // The user has not edited a generated name, which changes with the location.
  const edited = replaces.filter((key) => news[key] !== undefined);
  const problem = await replacementProblem(context, preview, { before, inputs, edited });
  return problem === undefined ? [] : [{ property: edited[0] ?? "", ...problem }];
}

/** Why a new group, or the new group of a forced replacement, cannot be created. */
async function creationProblems(
  context: Context,
  request: CheckRequest,
  inputs: GroupInputs,
): Promise<CheckFailure[]> {
  const { news, resource, preview } = request;
  // The engine checks a replacement again, without state. The check before it has recorded the state.
  const state = context.ownership.inState(resource.urn);
  const holder = await nameHolder(context, preview, inputs, state);
  const replaced = state && inputsInState(state.inputs);
  return [
    ...nameProblems(context, request, inputs, holder),
    ...(replaced !== undefined && isForced(replaced, news, inputs)
      ? await forcedReplacementProblems(context, request, { before: replaced, inputs, holder })
      : []),
  ];
}

/** Why the group cannot have its name. Where it adopts the existing group, a preview says so. */
function nameProblems(
  context: Context,
  { news, resource: { urn }, preview }: CheckRequest,
  inputs: GroupInputs,
  holder: NameHolder,
): CheckFailure[] {
  const warn = (message: string) => {
    if (preview !== false) context.warn(message);
  };
  if (holder.outcome === "nobody" && inputs.adopt && holder.groups !== undefined)
    warn(nothingToAdopt(inputs, news.name === undefined, holder.groups));
  if (holder.outcome !== "another") return [];
  const thing = thingOf({ ...inputs, uuid: holder.group.uuid });
  const problem = existingProblem(inputs, holder.group) ?? sharingProblem(context.ownership, urn, thing);
  if (problem !== undefined) return [{ property: "name", ...problem }];
  // The resource that gives up the group may be deleted before this one is created, or this creation may
  // fail.
  context.ownership.intend(urn, thing);
  warn(
    `${groupTitle(inputs)} exists and will be adopted, not created. ` +
      "After that, removing it from the program or running `pulumi destroy` deletes it.",
  );
  return [];
}

async function forcedReplacementProblems(
  context: Context,
  { preview }: CheckRequest,
  { before, inputs, holder }: { before: GroupInputs; inputs: GroupInputs; holder: NameHolder },
): Promise<CheckFailure[]> {
  const problem = await replacementProblem(context, preview, { before, inputs, edited: [] });
  if (holder.outcome === "replaced" && preview !== false) {
    context.warn(
      `${groupTitle(inputs)} will be replaced by a group of the same name. That needs the resource option \`deleteBeforeReplace: true\`.`,
    );
  }
  return problem === undefined ? [] : [{ property: "", ...problem }];
}

/** The warning of a preview for a group that is to be adopted, but does not exist. */
function nothingToAdopt(inputs: GroupInputs, isGenerated: boolean, groups: readonly string[]): string {
  const near = nearest(inputs.name, groups);
  return [
    `${groupTitle(inputs)} does not exist and will be created, although \`adopt: true\` is set.`,
    ...(isGenerated ? ["Its name is generated. To adopt an existing group, set `name`."] : []),
    ...(near === undefined ? [] : [`Did you mean '${near}'?`]),
  ].join(" ");
}

/** The extensions that the API is known to have. */
const EXTENSIONS = ["vector", "crypto", "fuzzy", "math", "stats", "text", "unicode", "uuid", "regexp", "vec"];

/** Why an extension is unknown; undefined if all are known. */
function unknownExtension(extensions: GroupInputs["extensions"]): string | undefined {
  if (!Array.isArray(extensions)) return undefined;
  const unknown = extensions.find((name) => name !== UNKNOWN && !EXTENSIONS.includes(name));
  return unknown && `Turso has no extension '${unknown}': ${suggestion(unknown, EXTENSIONS)}`;
}

/** Who has the name of a new group: nobody, the group that it replaces, or another one. */
type NameHolder =
  /** `groups`: the names of all, where they are known. */
  | { outcome: "nobody"; groups?: string[] | undefined }
  | { outcome: "replaced" }
  | { outcome: "another"; group: Group };

async function nameHolder(
  context: Context,
  preview: boolean | undefined,
  inputs: GroupInputs,
  state: StateOfResource | undefined,
): Promise<NameHolder> {
  if (!isKnown(inputs)) return { outcome: "nobody" };
  const { name, organization } = inputs;
  const groups = await queryForPreview(context, preview, () =>
    context.collection(GROUPS).listForCheck(organization),
  );
  const group = groups?.get(name);
  if (group === undefined) return { outcome: "nobody", groups: groups && [...groups.keys()] };
  const replaced = state && inputsInState(state.inputs);
  if (replaced === undefined || replaced.organization !== organization) return { outcome: "another", group };
  const uuid = state?.uuid;
  const address = { name: replaced.__name ?? replaced.name, ...(uuid !== undefined && { uuid }) };
  return isSame(group, address) ? { outcome: "replaced" } : { outcome: "another", group };
}

/** Why a new group cannot have the name of an existing one; undefined if it adopts that group. */
function existingProblem(inputs: GroupInputs, there: Group): Problem | undefined {
  if (!inputs.adopt) return { code: "NAME_TAKEN", reason: takenProblem(inputs, primaryOf(there)) };
  const reason = adoptionProblem(inputs, there);
  return reason === undefined ? undefined : { code: "ADOPTION_FAILED", reason };
}

/** Whether the replacement is forced, for example by `replaceOnChanges`: no changed input needs it. */
function isForced(replaced: GroupInputs, news: Properties, inputs: GroupInputs): boolean {
  const name = news.name === undefined ? replaced.name : inputs.name;
  return replacesOf(replaced, { ...inputs, name }).length === 0;
}
