/** What OrganizationMember and OrganizationInvite share: a person with a role in an organization. */
import { TursoApiError, TursoError } from "../../api/index.js";
import { type Kind, locate, retrieve } from "../../lifecycle/collection.js";
import { type Problem, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import type { Thing } from "../../lifecycle/ownership.js";
import { type Address, idOf, parseId, titleOf } from "../../lifecycle/resourceId.js";
import type { ResourceType } from "../../lifecycle/resourceType.js";
import type { Properties } from "../../lifecycle/values.js";
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

/** The role that a person has, and the one that they get; `to` is undefined if they are removed. */
export interface RoleChange {
  from: string;
  to: string | undefined;
}

/** One of the two resources. */
export interface PersonType<T extends Person> {
  readonly resource: ResourceType;
  readonly kind: Kind<T>;
  /** The input that identifies the person. */
  readonly key: string;
  /** Noun in messages, e.g. `member`. */
  readonly noun: string;
  /** Why a person cannot be created who is a member, or was invited, already. */
  takenProblem(address: Address, found: T | undefined): string;
  /** Why such a person cannot be adopted. */
  adoptionProblem(address: Address, found: T): Problem | undefined;
  /** What a preview says of an adoption. */
  adoptionWarning(address: Address, found: T): string;
  /** Why a person must not get another role, or not be removed. */
  changeProblem?(
    context: Context,
    preview: boolean | undefined,
    address: Address,
    change: RoleChange,
  ): Promise<Problem | undefined>;
}

/**
 * Who is read: the person in state, which is undefined for an import or a `get`. If a program passes arguments with
 * an ID, the host passes them as state, but the ID identifies the person.
 */
export function readTarget<T extends Person, S extends Properties>(
  type: PersonType<T>,
  context: Context,
  id: string,
  olds: S | undefined,
): { address: Address; state: S | undefined } {
  const address = parseId(type.kind.type, id, context.organization);
  requireOrganization(type, address);
  const isState =
    olds?.role !== undefined && idOf(addressOf(type, olds)).toLowerCase() === idOf(address).toLowerCase();
  return isState ? { address: addressOf(type, olds), state: olds } : { address, state: undefined };
}

/** Refuses the ID of a person in a personal account, which has none. */
function requireOrganization<T extends Person>(
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

/** Advice for an error of a creation, if Turso refused the person or the plan. */
export function refusedHint(hint: string): (error: TursoError) => string[] {
  return (error) => (error instanceof TursoApiError && [400, 404, 422].includes(error.status) ? [hint] : []);
}
