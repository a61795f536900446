/** The check of an API token's inputs, its generated name, and whether the name is taken. */
import { TursoApiError } from "../../api/index.js";
import { generatedName, generatedNameProblems } from "../../lifecycle/autoname.js";
import type { Listing } from "../../lifecycle/collection.js";
import type { CheckFailure } from "../../lifecycle/errors.js";
import type { CheckRequest, Context } from "../../lifecycle/lifecycle.js";
import { queryForPreview } from "../../lifecycle/query.js";
import { checkWithReference } from "../../lifecycle/reference.js";
import { UNKNOWN } from "../../lifecycle/unknown.js";
import { parseUrn } from "../../lifecycle/urn.js";
import type { Properties, State } from "../../lifecycle/values.js";
import { type ApiTokenInputs, apiToken } from "./apiToken.js";
import { type Listed, OWN_TOKENS } from "./kind.js";
import { forcedWarning, takenProblem, takenWarning } from "./messages.js";
import { inputsInState, replacementOf } from "./state.js";

export async function checkApiToken(
  context: Context,
  request: CheckRequest,
): Promise<{ inputs: State; failures: CheckFailure[] }> {
  const { olds, news, resource, proposedName } = request;
  const before = olds && inputsInState(olds);
  const address = { type: apiToken.name, name: before?.name ?? "", organization: before?.organization };
  context.ownership.declare(resource.urn, olds, before ? [address] : []);
  const checked = checkWithReference(apiToken, context, request, scopeProblems(news));
  if (checked.failures.length > 0) return checked;
  // The engine checks a replacement again, without state.
  const inState = before ?? inputsInState(context.ownership.inState(resource.urn)?.inputs ?? {});
  const limited = { ...checked.inputs, ...keptGroup(inState, checked.inputs) };
  const given = news.name ?? keptName(before, limited) ?? proposedName;
  const failures = [
    ...unrestrictedProblems(limited),
    ...generatedNameProblems(apiToken.inputs.name.type, given, proposedName),
  ];
  if (failures.length > 0) return { inputs: { ...news }, failures };
  const found = { ...limited, name: given ?? (await freshName(context, request, limited)) };
  return { inputs: found, failures: await nameProblems(context, request, inputsInState(found), before) };
}

/** Rules between `group` and `scopes`. */
function scopeProblems({ group, scopes }: Properties): CheckFailure[] {
  if ((group === undefined) === (scopes === undefined)) return [];
  const reason =
    scopes === undefined
      ? 'it is required for a token of a group: "read-only", "full-access" or a list such as ["read", "db:create"]'
      : "it needs a `group`: Turso limits only tokens of a group to scopes";
  return [{ property: "scopes", code: "INVALID_INPUT", reason }];
}

/** Turso has tokens that open every organization of a user. They are deprecated, and never created here. */
function unrestrictedProblems({ organization }: State): CheckFailure[] {
  if (organization !== undefined) return [];
  const reason =
    "it is required: without an organization, the token could do everything in every organization of your user. Set it to a slug from `turso org list`; your personal account has one too.";
  return [{ property: "organization", code: "UNRESTRICTED_TOKEN", reason }];
}

/** The name that a refresh found stays in state until the program accepts it. */
function keptGroup(before: ApiTokenInputs, { group }: State): { __group?: string } {
  const __group = before.group === group ? before.__group : undefined;
  return __group === undefined ? {} : { __group };
}

/** The token keeps a name that was generated, or that the program no longer sets, until it is replaced. */
function keptName(before: ApiTokenInputs | undefined, limited: State): string | undefined {
  if (before === undefined) return undefined;
  return replacementOf(before, { ...limited, name: before.name }).replaces.length === 0
    ? before.name
    : undefined;
}

/**
 * A generated name. It depends on everything that replaces the token, so that the new token can exist beside
 * the old one. A forced replacement changes no input, and the engine checks it like a new resource: then the
 * old token is found by its name.
 */
async function freshName(
  context: Context,
  { resource, preview }: CheckRequest,
  { organization, group, scopes, keepers }: State,
): Promise<string> {
  const limits = JSON.stringify([group ?? null, scopes ?? null, keepers ?? null]);
  const nameFor = (place: string) => generatedName(resource, { place, organization, noun: "token" });
  if (organization === UNKNOWN || limits.includes(UNKNOWN)) return UNKNOWN;
  const name = nameFor(limits);
  const taken = await ownNames(context, preview, String(organization));
  if (!taken.has(name)) return name;
  let next = name;
  for (let count = 1; taken.has(next); count++) next = nameFor(`${limits} ${count}`);
  if (preview !== false) context.warn(takenWarning(name, next));
  return next;
}

/** Why a new token cannot have its name. */
async function nameProblems(
  context: Context,
  { olds, resource: { urn }, preview }: CheckRequest,
  inputs: ApiTokenInputs,
  before: ApiTokenInputs | undefined,
): Promise<CheckFailure[]> {
  const { name, organization } = inputs;
  if (name === UNKNOWN || organization === UNKNOWN) return [];
  const other = context.ownership.claim(urn, { type: apiToken.name, name, organization });
  if (other !== undefined) {
    const reason = `the resource '${parseUrn(other).name}' of this program has the same name. Set another one, or leave \`name\` unset.`;
    return [{ property: "name", code: "DUPLICATE_RESOURCE", reason }];
  }
  // The engine checks a replacement again, without state. A token of that name is then revoked first.
  const inState = before ?? context.ownership.inState(urn)?.inputs;
  if (inState?.name === name) {
    const isForced = olds === undefined && replacementOf(inState, { ...inputs }).replaces.length === 0;
    if (isForced && preview !== false) context.warn(forcedWarning(inputs));
    return [];
  }
  const isTaken = (await ownNames(context, preview, organization)).has(name);
  return isTaken ? [{ property: "name", code: "NAME_TAKEN", reason: takenProblem(inputs) }] : [];
}

/** The names of the user's tokens, as far as they are known. */
async function ownNames(
  context: Context,
  preview: boolean | undefined,
  organization: string,
): Promise<ReadonlySet<string>> {
  const tokens = await queryForPreview(context, preview, () => ownTokens(context, organization));
  return new Set([...(tokens?.values() ?? [])].map(({ title }) => title));
}

/** Turso does not document which tokens may list the tokens of their user, so a 403 is no error here. */
async function ownTokens(context: Context, organization: string): Promise<Listing<Listed> | undefined> {
  try {
    return await context.collection(OWN_TOKENS).listForCheck(organization);
  } catch (error) {
    if (error instanceof TursoApiError && error.status === 403) return undefined;
    throw error;
  }
}
