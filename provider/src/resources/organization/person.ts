/** What OrganizationMember and OrganizationInvite share: a person with a role in an organization. */
import { TursoError } from "../../api/index.js";
import { type Kind, locate, retrieve } from "../../lifecycle/collection.js";
import { type CheckFailure, type Problem, UserError } from "../../lifecycle/errors.js";
import { changesOf, inputProblems, inputsIn } from "../../lifecycle/inputs.js";
import type { CheckRequest, Context, Diff } from "../../lifecycle/lifecycle.js";
import { organizationProblem } from "../../lifecycle/organization.js";
import type { Thing } from "../../lifecycle/ownership.js";
import { queryForPreview } from "../../lifecycle/query.js";
import { type Address, titleOf } from "../../lifecycle/resourceId.js";
import type { ResourceType } from "../../lifecycle/resourceType.js";
import { duplicateProblem, sharingProblem } from "../../lifecycle/sharing.js";
import { isUnknown, UNKNOWN } from "../../lifecycle/unknown.js";
import type { Properties, State } from "../../lifecycle/values.js";
import { boolean, name, oneOf, type ValueType } from "../../lifecycle/valueTypes.js";
import type { Person } from "./kind.js";

/** The inputs that both have, as rows. */
export const personInputs = {
  role: {
    type: oneOf(
      { name: "OrganizationRole", description: "What a member of an organization may do." },
      {
        admin: "Manages the organization, its members, groups and databases.",
        member: "Creates and changes groups and databases.",
        viewer: "Reads only.",
      },
    ),
    required: true,
    change: "update",
  },
  organization: {
    type: name("the slug, e.g. acme"),
    change: "replace",
    stable: true,
    default: ({ organization }: { organization: string | undefined }) => organization,
  },
  adopt: { type: boolean, change: "local" },
} as const;

/** A row for what identifies a person. Another case of it means the same. */
export const identity = (type: ValueType<string>) =>
  ({
    type,
    required: true,
    change: "replace",
    same: (old: string | undefined, now: string) => old?.toLowerCase() === now.toLowerCase(),
  }) as const;

/** One of the two resources. */
export interface PersonType<T extends Person> {
  readonly resource: ResourceType;
  readonly kind: Kind<T>;
  /** The input that identifies the person. */
  readonly key: string;
  /** Noun in messages, e.g. `member`. */
  readonly noun: string;
  /** Why a person who is there already cannot be created. */
  takenProblem(address: Address, found: T | undefined): string;
  /** Why a person who is there already cannot be adopted. */
  adoptionProblem(address: Address, found: T): Problem | undefined;
  /** What a preview says of an adoption. */
  adoptionWarning(address: Address, found: T): string;
  /** Why `role` cannot change as the inputs want. */
  roleProblem?(
    context: Context,
    request: CheckRequest,
    olds: Properties,
    news: State,
  ): Promise<Problem | undefined>;
}

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
    const problem = organizationProblem({ urn: resource.urn, old: olds.organization, now, explicit });
    return problem === undefined ? [] : [{ property: explicit ? "organization" : "", ...problem }];
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
  if (olds === undefined) return creationProblems(type, context, request, inputs);
  const changesRole = olds.role !== inputs.role && inputs.role !== UNKNOWN;
  const isSame = changesOf(type.resource, { ...olds }, inputs).replaces.length === 0;
  const problem =
    changesRole && isSame ? await type.roleProblem?.(context, request, olds, inputs) : undefined;
  return problem === undefined ? [] : [{ property: "role", ...problem }];
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
  { ownership }: Pick<Context, "ownership">,
  olds: State,
  news: State,
): Diff {
  const { changed, replaces: wanted } = changesOf(type.resource, olds, news);
  const thing = thingOf(type, addressOf(type, olds));
  // Before a dependency is deleted to be replaced, the engine calls diff with unknown inputs, and deletes this
  // resource if the result is a replacement.
  const isGuess = !ownership.isDeclared(thing);
  const replaces = wanted.filter((key) => !(isGuess && isUnknown(news[key])));
  ownership.noteDiff(thing, thing, { replaces: replaces.length > 0 });
  return { changes: changed.length > 0 || replaces.length > 0, replaces, deleteBeforeReplace: false };
}

/** Refuses the ID of a person in a personal account, which has none. */
export function requireOrganization<T extends Person>(
  { kind }: PersonType<T>,
  { name, organization }: Address,
): void {
  if (organization !== undefined) return;
  throw new UserError(
    "INVALID_ID",
    `'${name}' is not the ID of an ${kind.type}, because a personal account has no members. Use \`organization/${name}\`.`,
  );
}

/** Finds a person that state has, for a read or an update; undefined if they no longer exist. */
export async function findPerson<T extends Person>(
  { kind }: PersonType<T>,
  context: Context,
  address: Address,
  operation: "read" | "update",
): Promise<T | undefined> {
  const collection = context.collection(kind);
  const query = async () =>
    operation === "read"
      ? locate(context, kind, address, {
          listing: await collection.listForRead(address.organization),
          retryNotFound: true,
        })
      : ((await retrieve(context, kind, address, { retryNotFound: true })) ?? collection.written(address));
  return query().catch((cause: unknown) => {
    if (!(cause instanceof TursoError)) throw cause;
    const code = operation === "read" ? "READ_FAILED" : "UPDATE_FAILED";
    const title = titleOf({ ...address, type: kind.type });
    throw new UserError(code, `Failed to ${operation} ${title}.\n${cause.message}`, { cause });
  });
}

/** The error for an update of somebody who is not there. */
export function missingPerson<T extends Person>(type: PersonType<T>, address: Address): UserError {
  return new UserError(
    "NOT_FOUND",
    `${personTitle(type, address)} no longer exists and was not changed.\nRun \`pulumi refresh\` to remove it from state. The next \`pulumi up\` recreates it.`,
  );
}

/** The outcome of a change of a role, and the person after it, as far as that is known. */
export type Changed<T> = { outcome: "done"; person: T } | { outcome: "failed"; error: UserError };

/** Changes the role with one request. If the response is lost, checks whether it was carried out. */
export async function changeRole<T extends Person>(
  type: PersonType<T>,
  context: Context,
  {
    organization,
    found,
    role,
    send,
  }: { organization: string | undefined; found: T; role: string; send(): Promise<unknown> },
): Promise<Changed<T>> {
  const { kind } = type;
  const address = { organization, name: found.name };
  const person = { ...found, role };
  try {
    const check = async () => ((await retrieve(context, kind, address))?.role === role ? true : undefined);
    await context.api.resolveUnknownOutcome<unknown>(send, check);
  } catch (cause) {
    if (!(cause instanceof TursoError)) throw cause;
    const lines = [
      `Failed to change the role of ${personTitle(type, address)} to '${role}'.`,
      cause.message,
      "Completed changes were saved to state. Run `pulumi up` again to finish.",
    ];
    return { outcome: "failed", error: new UserError("UPDATE_FAILED", lines.join("\n"), { cause }) };
  }
  context.collection(kind).recordWrite(organization, person);
  return { outcome: "done", person };
}

/** The address of a person in inputs or outputs. */
export function addressOf<T extends Person>({ key }: PersonType<T>, values: Properties): Address {
  const { organization } = values;
  return {
    name: String(values[key]),
    ...(typeof organization === "string" && { organization }),
  };
}

/** A person in messages, e.g. `OrganizationMember 'alice' in organization 'acme'`. */
export function personTitle<T extends Person>({ kind }: PersonType<T>, address: Address): string {
  return titleOf({ ...address, type: kind.type });
}

/** A person as ownership identifies it. */
export function thingOf<T extends Person>({ kind }: PersonType<T>, { name, organization }: Address): Thing {
  return { type: kind.type, name, organization };
}

/** What to do about a resource that should manage what exists already. */
export const IF_MANAGED =
  "- If a stack manages it under another resource name or parent, use the option `aliases`, `pulumi state rename` or `pulumi state move`.";
