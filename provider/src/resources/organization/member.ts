import type * as pulumi from "@pulumi/pulumi";
import { retrieve } from "../../lifecycle/collection.js";
import { createNamed } from "../../lifecycle/createNamed.js";
import { deleteNamed } from "../../lifecycle/deleteNamed.js";
import { PartialError, type Problem, UserError } from "../../lifecycle/errors.js";
import { holdAdopted } from "../../lifecycle/guard.js";
import { inputsIn } from "../../lifecycle/inputs.js";
import type { Context, Lifecycle } from "../../lifecycle/lifecycle.js";
import { type Address, idOf } from "../../lifecycle/resourceId.js";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../../lifecycle/resourceType.js";
import { IF_MANAGED } from "../../lifecycle/sharing.js";
import type { State } from "../../lifecycle/values.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import { name, string, type ValueType } from "../../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { checkPerson, diffPerson } from "./checkPerson.js";
import { MEMBERS, type Member } from "./kind.js";
import {
  addressOf,
  changeRole,
  findPerson,
  identity,
  missingPerson,
  type PersonType,
  personInputs,
  personTitle,
  type RoleChange,
  readTarget,
  refusedHint,
  thingOf,
} from "./person.js";
import { isDemotion, problemInPreview, refusal } from "./protection.js";

/** The inputs of an OrganizationMember. */
export interface OrganizationMemberArgs {
  /**
   * Username of an existing user of Turso. The case does not matter. Changing it adds the new user, and removes
   * the old one from the organization.
   */
  username: pulumi.Input<string>;
  /** What the member may do: `admin`, `member` or `viewer`. Changed in place. Nobody can become an owner here. */
  role: pulumi.Input<"admin" | "member" | "viewer">;
  /**
   * Slug of the organization, which must be a team: personal accounts have no members. Changing it adds the user
   * to the new organization, and removes it from the old one.
   *
   * @default the provider's organization
   */
  organization?: pulumi.Input<string>;
  /**
   * Whether to manage a user who is a member already, instead of failing. The member gets the role of this
   * resource. Owners cannot be adopted.
   *
   * @default false
   */
  adopt?: pulumi.Input<boolean>;
}

/**
 * A member of an organization. Its ID is `organization/username`. Deleting it removes the user from the
 * organization. Owners, and the member whose API token is in use, are never removed or demoted.
 *
 * ```ts
 * new turso.OrganizationMember("alice", { username: "alice", role: "admin" });
 * ```
 *
 * For somebody without an account at Turso, use an OrganizationInvite.
 *
 * @see https://docs.turso.tech/api-reference/organizations/members
 */
export class OrganizationMember extends TursoResource {
  /** Username as set in the program. */
  declare readonly username: pulumi.Output<string>;
  /** The member's role. After a refresh it can be `owner`, if the member became one outside Pulumi. */
  declare readonly role: pulumi.Output<"owner" | "admin" | "member" | "viewer">;
  /** Slug of the organization. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** Whether to manage a user who is a member already. */
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** Email address of the member; absent where the API does not report it. */
  declare readonly email: pulumi.Output<string | undefined>;

  /** Whether a value is an OrganizationMember, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is OrganizationMember {
    return isOfType(member, value);
  }

  constructor(name: string, args: OrganizationMemberArgs, options?: pulumi.CustomResourceOptions) {
    super(member, name, args, options);
  }
}

const anyName = name("e.g. alice");

const username: ValueType<string> = {
  ...anyName,
  problem: (value) =>
    typeof value === "string" && value.includes("@")
      ? "must be a username, got an email address; use an OrganizationInvite for it"
      : anyName.problem(value),
};

const inputs = { username: identity(username), ...personInputs } satisfies Inputs<OrganizationMemberArgs>;

const outputs = {
  email: { type: string },
} satisfies Outputs<OrganizationMember, OrganizationMemberArgs>;

const member = { name: "OrganizationMember", inputs, outputs } satisfies ResourceType;

/**
 * The inputs as check returns them and state records them. After a refresh, the role can be one that cannot be
 * set.
 */
export type OrganizationMemberInputs = Omit<ValuesOf<typeof inputs>, "role"> & { role: string };

/** The outputs as state records them. */
export type OrganizationMemberOutputs = OrganizationMemberInputs &
  ValuesOf<typeof outputs> & {
    /** The last change failed, but may still have succeeded. The next update reads the member first. */
    __unsettled?: true;
  };

const type: PersonType<Member> = {
  resource: member,
  kind: MEMBERS,
  key: "username",
  noun: "member",
  takenProblem: (address) =>
    [
      `${personTitle(type, address)} is a member already and is not managed by this resource.`,
      IF_MANAGED,
      "- If no stack manages it, set `adopt: true`. If an interrupted `up` created it, run `pulumi up`, then `pulumi refresh --clear-pending-creates`.",
      "- If `replaceOnChanges` replaces this resource, set the option `deleteBeforeReplace: true`.",
    ].join("\n"),
  adoptionProblem: (address, { role }) =>
    role === "owner" ? ownerProblem(personTitle(type, address)) : undefined,
  adoptionWarning: (address) =>
    `${personTitle(type, address)} is a member already and will be adopted, not added. ` +
    "After that, removing it from the program or running `pulumi destroy` removes the user from the organization.",
  changeProblem,
};

export const organizationMemberLifecycle: Lifecycle<OrganizationMemberInputs, OrganizationMemberOutputs> = {
  resource: member,

  check: (context, request) => checkPerson(type, context, request),

  diff: (context, olds, news) => diffPerson(type, context, olds, news),

  previewOutputs: (olds, news) => withoutUndefined<State>({ ...news, email: olds?.email }),

  async create(context, inputs) {
    const id = idOf({ organization: inputs.organization, name: inputs.username });
    const added = await addOrAdopt(context, inputs);
    context.ownership.hold(thingOf(type, addressOf(type, inputs)));
    if (added.role === inputs.role)
      return { id, outputs: outputsOf(inputs, await withEmail(context, inputs, added)) };
    return { id, outputs: await withRole(context, id, inputs, added) };
  },

  async read(context, id, olds) {
    const { address, state } = readTarget(type, context, id, olds);
    const found = await findPerson(type, context, address, "read");
    if (found === undefined) return undefined;
    const { role } = found;
    if (state === undefined && role === "owner") {
      const { code, reason } = ownerProblem(personTitle(type, address));
      throw new UserError(code, reason);
    }
    const { name: username, organization } = address;
    const before = { username: state?.username ?? username, adopt: state?.adopt, organization };
    // Also `owner`, so that the next preview refuses to take that role away.
    const inputs = withoutUndefined<OrganizationMemberInputs>({ ...before, role });
    return { id: state ? id : idOf(address), inputs, outputs: outputsOf(inputs, found) };
  },

  async update(context, id, olds, news) {
    if (news.role === olds.role && olds.__unsettled !== true) return outputsOf(news, olds);
    const address = addressOf(type, olds);
    const found = await findPerson(type, context, address, "update");
    if (found === undefined) throw missingPerson(type, address);
    if (found.role === news.role) return outputsOf(news, found);
    return withRole(context, id, news, found);
  },

  async delete(context, olds) {
    const { organization, username, role } = olds;
    await deleteNamed(context, {
      kind: MEMBERS,
      address: addressOf(type, olds),
      assumed: { name: username, role },
      organization,
      async dataProblem(found, since) {
        // The request may have waited, and the member become an owner.
        const members = await context.collection(MEMBERS).list(organization, { since });
        const member = members.get(found.name) ?? found;
        return refusal(context, actOn(member, organization, "removed"), member);
      },
      delete: (found, guard) => context.api.organizations.removeMember(organization, found.name, { guard }),
    });
  },
};

function addOrAdopt(context: Context, inputs: OrganizationMemberInputs): Promise<Member> {
  const { username, role, organization, adopt } = inputs;
  const address = addressOf(type, inputs);
  return createNamed(context, {
    kind: MEMBERS,
    name: username,
    organization,
    create: async () => ({
      ...(await context.api.organizations.addMember(organization, { username, role })),
      name: username,
    }),
    isAsRequested: (found) => found.role === role,
    adopt: adopt
      ? (found) => {
          const problem = type.adoptionProblem(address, found);
          if (problem !== undefined) throw new UserError(problem.code, problem.reason);
          holdAdopted(context, thingOf(type, address));
          return found;
        }
      : undefined,
    takenProblem: (found) => type.takenProblem(address, found),
    hint: refusedHint(
      "If the person has no account at Turso, use an OrganizationInvite. Only teams on a paid plan have members.",
    ),
    listCommand: "turso org members list",
  });
}

/** The member with its email address, which the response to the POST lacks. */
async function withEmail(context: Context, inputs: OrganizationMemberInputs, added: Member): Promise<Member> {
  if (added.email !== undefined) return added;
  const { organization, username } = inputs;
  const found = await MEMBERS.retrieve(context.api, organization, username, { retryNotFound: true }).catch(
    () => undefined,
  );
  return { ...found, ...added };
}

/** Gives the member the role of the inputs, unless that would take the role of an owner or of the token's user. */
async function withRole(
  context: Context,
  id: string,
  inputs: OrganizationMemberInputs,
  found: Member,
): Promise<OrganizationMemberOutputs> {
  const { organization, role } = inputs;
  const refuse = async (member: Member) => {
    if (!isDemotion(member.role, role)) return;
    const refused = await refusal(context, actOn(member, organization, "demoted"), member);
    if (refused !== undefined) throw refused;
  };
  await refuse(found);
  let isRetry = false;
  const guard = async () => {
    // Since the last attempt, the member may have become an owner.
    if (isRetry)
      await refuse((await retrieve(context, MEMBERS, { organization, name: found.name })) ?? found);
    isRetry = true;
  };
  const send = () => context.api.organizations.updateMember(organization, found.name, role, { guard });
  const changed = await changeRole(type, context, { organization, found, role, send });
  if (changed.outcome === "done") return outputsOf(inputs, changed.person);
  const { code, text, cause } = changed.error;
  throw new PartialError(id, { ...outputsOf(inputs, found), __unsettled: true }, code, text, { cause });
}

/** Why a member must not be removed or demoted, as a preview can tell. */
async function changeProblem(
  context: Context,
  preview: boolean | undefined,
  { name, organization }: Address,
  { from, to }: RoleChange,
): Promise<Problem | undefined> {
  if (to !== undefined && !isDemotion(from, to)) return undefined;
  const member = { name, role: from };
  const act = actOn(member, organization, to === undefined ? "removed" : "demoted");
  return problemInPreview(context, preview, act, member);
}

const actOn = ({ name }: Member, organization: string | undefined, verb: "removed" | "demoted") => ({
  title: personTitle(type, { name, organization }),
  organization,
  verb,
});

function ownerProblem(title: string): Problem {
  const reason = `${title} is an owner. Owners are not managed: remove this resource from the program.`;
  return { code: "MEMBER_PROTECTED", reason };
}

function outputsOf(
  inputs: OrganizationMemberInputs,
  { role, email }: { role: string; email?: string },
): OrganizationMemberOutputs {
  return { ...inputsIn(member, { ...inputs }), role, ...(email !== undefined && { email }) };
}
