/** What a preview refuses: inputs that are invalid, and everything that would make `pulumi up` fail or lose data. */

import type { Group as ApiGroup } from "../../api/index.js";
import { generatedName } from "../../lifecycle/autoname.js";
import { isSame } from "../../lifecycle/collection.js";
import type { CheckFailure, Problem } from "../../lifecycle/errors.js";
import { FORCE_DESTROY, LIFT_PROTECTION } from "../../lifecycle/guard.js";
import { inputProblems, inputsIn } from "../../lifecycle/inputs.js";
import { type CheckRequest, type Context, NO_NAME } from "../../lifecycle/lifecycle.js";
import { nearest, suggestion } from "../../lifecycle/nearest.js";
import { organizationProblem } from "../../lifecycle/organization.js";
import type { StateOfResource, Thing } from "../../lifecycle/ownership.js";
import { queryForPreview } from "../../lifecycle/query.js";
import { titleOf } from "../../lifecycle/resourceId.js";
import { isUnknown, UNKNOWN } from "../../lifecycle/unknown.js";
import { parseUrn } from "../../lifecycle/urn.js";
import { type Properties, type State, withoutUndefined } from "../../lifecycle/values.js";
import { problemOf } from "../../lifecycle/valueTypes.js";
import { DATABASES } from "../database/kind.js";
import { contentsOf, listed } from "./contents.js";
import { type GroupInputs, group } from "./group.js";
import { GROUPS } from "./kind.js";
import { isAws, LOCATIONS, placeOf, samePlace, unknownLocation } from "./location.js";
import { adoptionProblem, takenProblem } from "./messages.js";
import { primaryOf, replacesOf, thingOf } from "./state.js";

export async function checkGroup(
  context: Context,
  request: CheckRequest,
): Promise<{ inputs: State; failures: CheckFailure[] }> {
  const { olds, news, resource, proposedName } = request;
  context.ownership.declare(resource.urn, olds, thingsOf(olds));
  const organization = news.organization ?? context.organization;
  const failures = [...inputProblems(group, news), ...replicasProblems(news)];
  if (olds !== undefined) {
    const explicit = news.organization !== undefined;
    const addresses = { old: olds.organization, now: organization };
    const problem = organizationProblem({ urn: resource.urn, group: olds.name, ...addresses, explicit });
    if (problem !== undefined)
      failures.push({
        property: explicit ? "organization" : "",
        code: "ORGANIZATION_CHANGED",
        reason: problem,
      });
  }
  const given = news.name ?? keptName(olds, news.location, organization) ?? proposedName;
  const problem = nameProblem(given, proposedName);
  if (problem !== undefined) failures.push({ property: "name", ...problem });
  if (failures.length > 0) return { inputs: { ...news }, failures };

  const name = given ?? generatedName(resource, { place: placeOf(String(news.location)), organization });
  const before = olds && inputsOf(olds);
  const inputs = withoutUndefined<GroupInputs>({
    ...inputsIn(group, { ...news, name }, context),
    // What a refresh found stays known until the program accepts it.
    __name: before?.name === name ? before?.__name : undefined,
    __primary: before?.location === news.location ? before?.__primary : undefined,
  });
  return { inputs, failures: await preflight(context, request, before, inputs) };
}

/** The inputs that state has. */
function inputsOf(olds: Properties): GroupInputs {
  const { __name, __primary } = olds;
  return {
    ...inputsIn(group, olds),
    ...(typeof __name === "string" && { __name }),
    ...(typeof __primary === "string" && { __primary }),
  };
}

/** Why a name that the engine proposes cannot be used, or a missing one. */
function nameProblem(given: unknown, proposed: CheckRequest["proposedName"]): Problem | undefined {
  if (given === NO_NAME) {
    return {
      code: "NAME_REQUIRED",
      reason: "it is required, because pulumi:autonaming is disabled for this stack. Set one, e.g. prod.",
    };
  }
  if (given === undefined || given !== proposed) return undefined;
  const problem = problemOf(group.inputs.name.type, given);
  return problem === undefined
    ? undefined
    : { code: "INVALID_INPUT", reason: `pulumi:autonaming generates '${given}', but it ${problem}` };
}

/** The group in state under the names that it may have: the program's, and one that a refresh found. */
function thingsOf(olds: Properties | undefined): Thing[] {
  if (olds === undefined) return [];
  const { organization, name, __name } = inputsOf(olds);
  return [name, __name].flatMap((one) => (one === undefined ? [] : [thingOf({ name: one, organization })]));
}

/** A name that was generated, or that the program no longer sets, stays with the group as long as its location does. */
function keptName(olds: Properties | undefined, location: unknown, organization: unknown): unknown {
  if (olds === undefined || organization !== olds.organization) return undefined;
  return samePlace(location, olds.location) || samePlace(location, olds.__primary) ? olds.name : undefined;
}

/** Rules between the replicas and the location. */
function replicasProblems({ replicas, location }: Properties): CheckFailure[] {
  if (!Array.isArray(replicas)) return [];
  const reason = replicasProblem(replicas, location);
  return reason === undefined ? [] : [{ property: "replicas", code: "INVALID_INPUT", reason }];
}

function replicasProblem(replicas: unknown[], location: unknown): string | undefined {
  const codes = replicas.filter((code) => typeof code === "string").filter((code) => code !== UNKNOWN);
  const twice = codes.find((code, i) => codes.findIndex((other) => samePlace(code, other)) < i);
  if (twice !== undefined) return `it lists '${twice}' twice`;
  if (codes.some((code) => samePlace(code, location))) {
    return `it lists '${String(location)}', which is the primary location; replicas are further locations`;
  }
  const aws = [String(location), ...codes].find(isAws);
  if (aws !== undefined && replicas.length > 0) {
    return `Turso has no replicas on AWS, and '${aws}' is an AWS region: remove \`replicas\`, or set \`replicas: []\``;
  }
  return undefined;
}

/** What the API would refuse, or what a change would delete. Makes requests only for what is new, so none for an unchanged group. */
async function preflight(
  context: Context,
  request: CheckRequest,
  before: GroupInputs | undefined,
  inputs: GroupInputs,
): Promise<CheckFailure[]> {
  const { news, resource, preview } = request;
  const { ownership } = context;
  const { organization, location, replicas } = inputs;
  const failures: CheckFailure[] = [];
  const fail = (property: string, problem: Problem | undefined) => {
    if (problem !== undefined) failures.push({ property, ...problem });
  };
  const known = ![inputs.name, location, organization ?? ""].includes(UNKNOWN);
  if (known) {
    // A group that was renamed outside Pulumi has two names here.
    const names = [inputs.name, ...(inputs.__name === undefined ? [] : [inputs.__name])];
    const others = names.map((name) => ownership.claim(resource.urn, thingOf({ name, organization })));
    const other = others.find((urn) => urn !== undefined);
    if (other !== undefined)
      fail("name", {
        code: "DUPLICATE_RESOURCE",
        reason: `${resourceTitle(other)} of this program manages the same group. Remove one of the two resources, set another name, or read the group with \`Group.get\`.`,
      });
  }

  const replaces =
    before === undefined
      ? []
      : replacesOf(before, inputs).filter((key) => !isUnknown(Reflect.get(inputs, key)));
  const codes = [
    ...(before === undefined || replaces.includes("location") ? [["location", location] as const] : []),
    ...(Array.isArray(replicas) ? replicas : [])
      .filter((code) => !before?.replicas?.some((old) => placeOf(old) === placeOf(code)))
      .map((code) => ["replicas", code] as const),
  ].filter(([, code]) => code !== UNKNOWN);
  if (before === undefined || replaces.includes("extensions")) {
    const reason = unknownExtension(inputs.extensions);
    // Turso may have new ones. But a group that is deleted first would be gone when the new one is refused.
    const deletesFirst = before?.name === inputs.name && before.organization === organization;
    if (deletesFirst && reason !== undefined) fail("extensions", { code: "UNKNOWN_EXTENSION", reason });
    else if (reason !== undefined && preview !== false) context.warn(`${titleOf(inputs)}: ${reason}`);
  }
  if (codes.length > 0) {
    const locations = await queryForPreview(context, preview, () =>
      context.collection(LOCATIONS).listForCheck(organization),
    );
    for (const [property, code] of codes) {
      const reason = locations && unknownLocation(code, locations);
      fail(property, reason === undefined ? undefined : { code: "UNKNOWN_LOCATION", reason });
    }
  }

  if (before === undefined) {
    failures.push(...(await creationFailures(context, request, inputs, known)));
  } else if (replaces.length > 0) {
    // A generated name changes with the location: it is no edit of the user's.
    const edited = replaces.filter((key) => news[key] !== undefined);
    fail(edited[0] ?? "", await lossProblem(context, preview, before, inputs, edited));
  }
  return failures;
}

/** Why a new group, or the new group of a forced replacement, cannot be created. `isKnown`: its address is. */
async function creationFailures(
  context: Context,
  { news, resource, preview }: CheckRequest,
  inputs: GroupInputs,
  isKnown: boolean,
): Promise<CheckFailure[]> {
  // The engine checks a replacement again, without state: the check before it has noted that.
  const state = context.ownership.inState(resource.urn);
  const replaced = state && inputsOf(state.inputs);
  const holder: NameHolder = isKnown
    ? await nameHolder(context, preview, inputs, state)
    : { outcome: "nobody" };
  const failures: CheckFailure[] = [];
  if (holder.outcome === "nobody" && inputs.adopt && preview !== false && holder.groups !== undefined) {
    context.warn(nothingToAdopt(inputs, news.name === undefined, holder.groups));
  }
  if (holder.outcome === "another") {
    const thing = thingOf({ ...inputs, uuid: holder.group.uuid });
    const problem =
      existingProblem(inputs, holder.group) ?? sharingProblem(context, resource.urn, inputs, thing);
    if (problem !== undefined) failures.push({ property: "name", ...problem });
    else {
      // What lets go of the group may be deleted before this resource is created, or this creation may fail.
      context.ownership.intend(resource.urn, thing);
      if (preview !== false) {
        context.warn(
          `${titleOf(inputs)} exists and will be adopted, not created. ` +
            "From then on, `pulumi destroy` deletes it, as does removing it from the program.",
        );
      }
    }
  }
  if (replaced === undefined || !isForced(replaced, news, inputs)) return failures;
  const loss = await lossProblem(context, preview, replaced, inputs, []);
  if (loss !== undefined) failures.push({ property: "", ...loss });
  if (holder.outcome === "replaced" && preview !== false) {
    context.warn(
      `${titleOf(inputs)} will be replaced by a group of the same name. That needs the resource option \`deleteBeforeReplace: true\`.`,
    );
  }
  return failures;
}

/** What a preview says of a group that is to be adopted and does not exist. */
function nothingToAdopt(inputs: GroupInputs, isGenerated: boolean, groups: readonly string[]): string {
  const near = nearest(inputs.name, groups);
  return [
    `${titleOf(inputs)} does not exist and will be created, although \`adopt: true\` is set.`,
    ...(isGenerated ? ["Its name is generated. To adopt an existing group, set `name`."] : []),
    ...(near === undefined ? [] : [`Did you mean '${near}'?`]),
  ].join(" ");
}

/** The extensions that the API is known to have. */
const EXTENSIONS = ["vector", "crypto", "fuzzy", "math", "stats", "text", "unicode", "uuid", "regexp", "vec"];

/** Why extensions seem to be none; undefined where they are known. */
function unknownExtension(extensions: GroupInputs["extensions"]): string | undefined {
  if (!Array.isArray(extensions)) return undefined;
  const unknown = extensions.find((name) => name !== UNKNOWN && !EXTENSIONS.includes(name));
  return unknown && `Turso has no extension '${unknown}': ${suggestion(unknown, EXTENSIONS)}`;
}

/** How messages call a resource, e.g. `Resource 'db' in my:App`. */
function resourceTitle(urn: string): string {
  const { name, parentType } = parseUrn(urn);
  return `Resource '${name}'${parentType === undefined ? "" : ` in ${parentType}`}`;
}

/** Who has the name of a new group: nobody, the group that it replaces, or another one. */
type NameHolder =
  /** `groups`: the names of all, where they are known. */
  | { outcome: "nobody"; groups?: string[] | undefined }
  | { outcome: "replaced" }
  | { outcome: "another"; group: ApiGroup };

async function nameHolder(
  context: Context,
  preview: boolean | undefined,
  { name, organization }: GroupInputs,
  state: StateOfResource | undefined,
): Promise<NameHolder> {
  const groups = await queryForPreview(context, preview, () =>
    context.collection(GROUPS).listForCheck(organization),
  );
  const group = groups?.get(name);
  if (group === undefined) return { outcome: "nobody", groups: groups && [...groups.keys()] };
  const replaced = state && inputsOf(state.inputs);
  if (replaced === undefined || replaced.organization !== organization) return { outcome: "another", group };
  const uuid = state?.uuid;
  const address = { name: replaced.__name ?? replaced.name, ...(uuid !== undefined && { uuid }) };
  return isSame(group, address) ? { outcome: "replaced" } : { outcome: "another", group };
}

/** Why a new group cannot have the name of an existing one; undefined where it adopts that. */
function existingProblem(inputs: GroupInputs, there: ApiGroup): Problem | undefined {
  if (!inputs.adopt) return { code: "NAME_TAKEN", reason: takenProblem(inputs, primaryOf(there)) };
  const reason = adoptionProblem(inputs, there);
  return reason === undefined ? undefined : { code: "ADOPTION_FAILED", reason };
}

/**
 * Why a resource cannot adopt a group that another resource of the program has in state: either that one keeps it, or it is replaced in
 * the same `up`, which may delete the group before it can be adopted.
 */
function sharingProblem(
  { ownership }: Context,
  urn: string,
  inputs: GroupInputs,
  thing: Thing,
): Problem | undefined {
  const other = ownership.otherInState(urn, thing) ?? ownership.holderOf(urn, thing);
  if (other === undefined) return undefined;
  return {
    code: "MANAGED_BY_ANOTHER_RESOURCE",
    reason:
      `${titleOf(inputs)} is managed by ${resourceTitle(other)} of this program. To hand it over, remove that resource, ` +
      "or use the option `aliases` or `pulumi state rename`.",
  };
}

/** Whether the program asks for a replacement that its inputs do not need, such as by `replaceOnChanges`. */
function isForced(replaced: GroupInputs, news: Properties, inputs: GroupInputs): boolean {
  const name = news.name === undefined ? replaced.name : inputs.name;
  return replacesOf(replaced, { ...inputs, name }).length === 0;
}

/**
 * Why the group in state cannot be replaced: it is protected, or databases would go with it. `edited`: the inputs that the user has
 * changed; none where the replacement was forced.
 */
async function lossProblem(
  context: Context,
  preview: boolean | undefined,
  before: GroupInputs,
  news: GroupInputs,
  edited: string[],
): Promise<Problem | undefined> {
  const { organization } = before;
  const address = { organization, name: before.__name ?? before.name };
  const change = edited.length > 0 ? `Changing ${edited.join(", ")}` : "This change";
  const then = edited.length > 0 ? `, then change ${edited.join(", ")}` : ", then retry";
  const groups = await queryForPreview(context, preview, () =>
    context.collection(GROUPS).listForCheck(organization),
  );
  if (groups?.get(address.name)?.deleteProtection ?? before.deleteProtection) {
    return {
      code: "PROTECTED",
      reason: `${change} replaces ${titleOf(address)}, which has delete protection enabled.\nTo replace it, ${LIFT_PROTECTION}${then}.`,
    };
  }
  if (before.forceDestroy === true) return undefined;
  const guarded = { ...address, formerNames: [before.name] };
  const contents = await queryForPreview(context, preview, () =>
    contentsOf(guarded, groups, (filter) => context.collection(DATABASES).listForCheck(organization, filter)),
  );
  if (contents === undefined) {
    return preview === true
      ? undefined
      : {
          code: "MAY_HOLD_DATA",
          reason: `${change} replaces ${titleOf(address)}, but failed to check whether it holds databases. Retry later.`,
        };
  }
  if (contents.outcome === "empty") return undefined;
  const what =
    contents.outcome === "holds"
      ? `which holds ${listed(contents.databases)}. Data would be lost.`
      : `which may hold databases: ${contents.reason}.`;
  const lines = [
    `${change} replaces ${titleOf(address)}, ${what}`,
    ...waysToKeep(address, before, news, edited),
    news.forceDestroy === true
      ? `To delete the data, undo the change, run \`pulumi up\` with \`forceDestroy: true\`${then}: it takes effect after an \`up\`.`
      : `To delete the data, ${FORCE_DESTROY}${then}.`,
    `Turso may be able to restore a deleted group for up to five days (paid plans with recovery enabled).`,
  ];
  return { code: contents.outcome === "holds" ? "HOLDS_DATA" : "MAY_HOLD_DATA", reason: lines.join("\n") };
}

/** How to get what the program declares without losing data. */
function waysToKeep(
  { name }: { name: string },
  before: GroupInputs,
  news: GroupInputs,
  edited: string[],
): string[] {
  const copy = "and copy each database with `turso db create --from-dump`";
  const isMigration = isAws(news.location) && !isAws(before.location);
  const ways: Record<string, string> = {
    name: `run \`turso group rename ${name} ${news.name}\`, then \`pulumi refresh\``,
    organization: `run \`turso group transfer ${name} ${news.organization}\` and \`pulumi state delete URN\` (\`pulumi stack --show-urns\` lists the URNs), and set \`name: "${name}"\` and \`adopt: true\``,
    location: isMigration
      ? "run `turso group aws-migration`, then `pulumi refresh`"
      : `declare a new Group there ${copy}`,
    extensions: `declare a new Group with them ${copy}`,
  };
  return edited.map((input) => `To keep the data, ${ways[input]}.`);
}
