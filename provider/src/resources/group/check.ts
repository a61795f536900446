/** The check of a group's inputs: what is wrong with them by themselves, and the defaults. */
import { generatedName, generatedNameProblems } from "../../lifecycle/autoname.js";
import type { CheckFailure } from "../../lifecycle/errors.js";
import { inputProblems, inputsIn } from "../../lifecycle/inputs.js";
import type { CheckRequest, Context } from "../../lifecycle/lifecycle.js";
import { changedOrganizationProblems } from "../../lifecycle/organization.js";
import type { Thing } from "../../lifecycle/ownership.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { type Properties, type State, withoutUndefined } from "../../lifecycle/values.js";
import { type GroupInputs, group } from "./group.js";
import { isAws, placeOf, samePlace } from "./location.js";
import { preflight } from "./preflight.js";
import { inputsInState, thingOf } from "./state.js";

export async function checkGroup(
  context: Context,
  request: CheckRequest,
): Promise<{ inputs: State; failures: CheckFailure[] }> {
  const { olds, news, resource, proposedName } = request;
  const before = olds && inputsInState(olds);
  context.ownership.declare(resource.urn, olds, before ? thingsOf(before) : []);
  const organization = news.organization ?? context.organization;
  const given = news.name ?? keptName(before, news.location, organization) ?? proposedName;
  const failures = [
    ...inputProblems(group, news),
    ...replicasProblems(news),
    ...organizationProblems(request, organization),
    ...generatedNameProblems(group.inputs.name.type, given, proposedName),
  ];
  if (failures.length > 0) return { inputs: { ...news }, failures };

  const name =
    given ?? generatedName(resource, { place: placeOf(String(news.location)), organization, noun: "group" });
  const inputs = withoutUndefined<GroupInputs>({
    ...inputsIn(group, { ...news, name }, context),
    // What a refresh found stays in state until the program accepts it.
    __name: before?.name === name ? before?.__name : undefined,
    __primary: before?.location === news.location ? before?.__primary : undefined,
  });
  return { inputs, failures: await preflight(context, request, before, inputs) };
}

/** The group in state under the names that it may have: the program's, and one that a refresh found. */
function thingsOf({ organization, name, __name }: GroupInputs): Thing[] {
  return [name, __name].flatMap((one) => (one === undefined ? [] : [thingOf({ name: one, organization })]));
}

/**
 * The group keeps a name that was generated, or that the program no longer sets, as long as it keeps its
 * location.
 */
function keptName(
  before: GroupInputs | undefined,
  location: unknown,
  organization: unknown,
): string | undefined {
  if (before === undefined || organization !== before.organization) return undefined;
  return samePlace(location, before.location) || samePlace(location, before.__primary)
    ? before.name
    : undefined;
}

function organizationProblems({ olds, news, resource: { urn } }: CheckRequest, now: unknown): CheckFailure[] {
  if (olds === undefined) return [];
  const explicit = news.organization !== undefined;
  return changedOrganizationProblems({ urn, name: olds.name, old: olds.organization, now, explicit });
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
