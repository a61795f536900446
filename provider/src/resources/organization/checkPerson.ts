/** The check and the diff of OrganizationMember and OrganizationInvite. */
import { diffNamed } from "../../lifecycle/diffNamed.js";
import type { CheckFailure, Problem } from "../../lifecycle/errors.js";
import { changesOf, inputProblems, inputsIn } from "../../lifecycle/inputs.js";
import type { CheckRequest, Context, Diff } from "../../lifecycle/lifecycle.js";
import { changedOrganizationProblems } from "../../lifecycle/organization.js";
import { queryForPreview } from "../../lifecycle/query.js";
import type { Address } from "../../lifecycle/resourceId.js";
import { duplicateProblem, sharingProblem } from "../../lifecycle/sharing.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import type { Properties, State } from "../../lifecycle/values.js";
import type { Person } from "./kind.js";
import { addressOf, type PersonType, personTitle, thingOf } from "./person.js";

/** Validates the inputs, and finds in the preview what `up` would fail on. */
export async function checkPerson<T extends Person>(
  type: PersonType<T>,
  context: Context,
  request: CheckRequest,
): Promise<{ inputs: State; failures: CheckFailure[] }> {
  const { olds, news, resource } = request;
  context.ownership.declare(resource.urn, olds, olds ? [thingOf(type, addressOf(type, olds))] : []);
  const failures = [...inputProblems(type.resource, news), ...organizationProblems(context, request)];
  if (failures.length > 0) return { inputs: { ...news }, failures };
  const inputs: State = inputsIn(type.resource, news, context);
  return { inputs, failures: await preflight(type, context, request, inputs) };
}

function organizationProblems(context: Context, { olds, news, resource }: CheckRequest): CheckFailure[] {
  const { organization: given } = news;
  const now = given ?? context.organization;
  if (olds !== undefined) {
    const explicit = given !== undefined;
    return changedOrganizationProblems({ urn: resource.urn, old: olds.organization, now, explicit });
  }
  if (now !== undefined) return [];
  const reason =
    "it is required, because a personal account has no members. Set it, or run `pulumi config set turso:organization ORGANIZATION`";
  return [{ property: "organization", code: "INVALID_INPUT", reason }];
}

async function preflight<T extends Person>(
  type: PersonType<T>,
  context: Context,
  request: CheckRequest,
  inputs: State,
): Promise<CheckFailure[]> {
  const address = addressOf(type, inputs);
  if ([address.name, address.organization].includes(UNKNOWN)) return [];
  const { noun, key } = type;
  const duplicate = duplicateProblem(context.ownership, request.resource.urn, [thingOf(type, address)], {
    noun,
    remedy: `or set another ${key}`,
  });
  if (duplicate !== undefined) return [{ property: key, ...duplicate }];
  const { olds } = request;
  return olds === undefined
    ? creationProblems(type, context, request, inputs)
    : changeProblems(type, context, request, olds, inputs);
}

/** Why the person in state cannot get the role of the inputs, or cannot be removed when they are replaced. */
async function changeProblems<T extends Person>(
  type: PersonType<T>,
  context: Context,
  { resource: { urn }, preview }: CheckRequest,
  olds: Properties,
  inputs: State,
): Promise<CheckFailure[]> {
  const address = addressOf(type, olds);
  const [replaced] = changesOf(type.resource, { ...olds }, inputs).replaces;
  // What another resource takes over is not removed.
  if (replaced && context.ownership.holderOf(urn, thingOf(type, address)) !== undefined) return [];
  const change = { from: String(olds.role), to: replaced ? undefined : String(inputs.role) };
  if (change.to === UNKNOWN) return [];
  const problem = await type.changeProblem?.(context, preview, address, change);
  return problem === undefined ? [] : [{ property: replaced ?? "role", ...problem }];
}

/** Why a new person, or the one of a replacement, cannot be created or adopted. */
async function creationProblems<T extends Person>(
  type: PersonType<T>,
  context: Context,
  { resource: { urn }, preview }: CheckRequest,
  inputs: State,
): Promise<CheckFailure[]> {
  const address = addressOf(type, inputs);
  const title = personTitle(type, address);
  const warn = (message: string) => {
    if (preview !== false) context.warn(message);
  };
  const people = await queryForPreview(context, preview, () =>
    context.collection(type.kind).listForCheck(address.organization),
  );
  const found = people?.get(address.name);
  if (found === undefined) {
    if (people && inputs.adopt === true)
      warn(`${title} does not exist and will be created, although \`adopt: true\` is set.`);
    return [];
  }
  // The engine checks a replacement again, without state: here the resource itself has the person.
  if (isReplaced(type, context.ownership.inState(urn)?.inputs, address)) {
    warn(`${title} will be replaced. That needs the resource option \`deleteBeforeReplace: true\`.`);
    return [];
  }
  const thing = thingOf(type, address);
  const problem: Problem | undefined =
    inputs.adopt === true
      ? (type.adoptionProblem(address, found) ?? sharingProblem(context.ownership, urn, thing))
      : { code: "NAME_TAKEN", reason: type.takenProblem(address, found) };
  if (problem !== undefined) return [{ property: type.key, ...problem }];
  const change = { from: found.role, to: String(inputs.role) };
  const protection =
    change.to === UNKNOWN ? undefined : await type.changeProblem?.(context, preview, address, change);
  if (protection !== undefined) return [{ property: "role", ...protection }];
  // The resource that gives up the person may be deleted before this one is created.
  context.ownership.intend(urn, thing);
  warn(type.adoptionWarning(address, found));
  return [];
}

function isReplaced<T extends Person>(
  type: PersonType<T>,
  state: Properties | undefined,
  address: Address,
): boolean {
  if (state === undefined) return false;
  const before = addressOf(type, state);
  return (
    before.organization === address.organization && before.name.toLowerCase() === address.name.toLowerCase()
  );
}

/** Compares state with checked inputs. */
export function diffPerson<T extends Person>(
  type: PersonType<T>,
  context: Pick<Context, "ownership">,
  olds: State,
  news: State,
): Diff {
  const thing = thingOf(type, addressOf(type, olds));
  return diffNamed(context, changesOf(type.resource, olds, news), { news, declared: thing, thing });
}
