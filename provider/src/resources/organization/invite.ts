import type * as pulumi from "@pulumi/pulumi";
import { createNamed } from "../../lifecycle/createNamed.js";
import { deleteNamed } from "../../lifecycle/deleteNamed.js";
import { PartialError } from "../../lifecycle/errors.js";
import { holdAdopted } from "../../lifecycle/guard.js";
import { inputsIn } from "../../lifecycle/inputs.js";
import type { Context, Lifecycle } from "../../lifecycle/lifecycle.js";
import { type Address, idOf } from "../../lifecycle/resourceId.js";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../../lifecycle/resourceType.js";
import { IF_MANAGED } from "../../lifecycle/sharing.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import { boolean, name, type ValueType } from "../../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../../program/resource.js";
import { checkPerson, diffPerson } from "./checkPerson.js";
import { INVITES, type Invite } from "./kind.js";
import {
  addressOf,
  changeRole,
  findPerson,
  identity,
  missingPerson,
  type PersonType,
  personInputs,
  personTitle,
  readTarget,
  refusedHint,
  thingOf,
} from "./person.js";

/** The inputs of an OrganizationInvite. */
export interface OrganizationInviteArgs {
  /**
   * Email address of the person. The case does not matter. Changing it invites the new address, and deletes the
   * invite of the old one if that is still pending.
   */
  email: pulumi.Input<string>;
  /**
   * What the person may do after accepting: `admin`, `member` or `viewer`. A change sends a new invite, which
   * replaces the pending one. Once the invite was accepted, a change has no effect.
   */
  role: pulumi.Input<"admin" | "member" | "viewer">;
  /**
   * Slug of the organization, which must be a team: personal accounts have no invites. Changing it invites the
   * person to the new organization, and deletes the pending invite of the old one.
   *
   * @default the provider's organization
   */
  organization?: pulumi.Input<string>;
  /**
   * Whether to manage a pending invite that exists already, or an invite that was accepted, instead of failing.
   *
   * @default false
   */
  adopt?: pulumi.Input<boolean>;
}

/**
 * An invite to an organization, by email. Its ID is `organization/email`. An invite that was accepted stays in
 * state with `accepted: true`. Deleting the resource deletes a pending invite; it never removes a member.
 *
 * ```ts
 * new turso.OrganizationInvite("bob", { email: "bob@example.com", role: "member" });
 * ```
 *
 * To add somebody who has an account at Turso without asking them, use an OrganizationMember.
 *
 * @see https://docs.turso.tech/api-reference/organizations/invites
 */
export class OrganizationInvite extends TursoResource {
  /** Email address as set in the program. */
  declare readonly email: pulumi.Output<string>;
  /** What the person may do after accepting. */
  declare readonly role: pulumi.Output<"admin" | "member" | "viewer">;
  /** Slug of the organization. */
  declare readonly organization: pulumi.Output<string | undefined>;
  /** Whether to manage an invite that exists already. */
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** Whether the invite was accepted: there is a member with the email address. */
  declare readonly accepted: pulumi.Output<boolean>;

  /** Whether a value is an OrganizationInvite, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is OrganizationInvite {
    return isOfType(invite, value);
  }

  constructor(name: string, args: OrganizationInviteArgs, options?: pulumi.CustomResourceOptions) {
    super(invite, name, args, options);
  }
}

const anyAddress = name("e.g. bob@example.com");

const email: ValueType<string> = {
  ...anyAddress,
  problem: (value) =>
    typeof value === "string" && !/^[^@]+@[^@]+$/.test(value)
      ? `must be an email address (${anyAddress.example})`
      : anyAddress.problem(value),
};

const inputs = { email: identity(email), ...personInputs } satisfies Inputs<OrganizationInviteArgs>;

const outputs = {
  accepted: { type: boolean, always: true },
} satisfies Outputs<OrganizationInvite, OrganizationInviteArgs>;

const invite = { name: "OrganizationInvite", inputs, outputs } satisfies ResourceType;

/** The inputs as check returns them and state records them. */
export type OrganizationInviteInputs = Omit<ValuesOf<typeof inputs>, "role"> & { role: string };

/** The outputs as state records them. */
export type OrganizationInviteOutputs = OrganizationInviteInputs &
  ValuesOf<typeof outputs> & {
    /** The last change failed, but may still have succeeded. The next update reads the invite first. */
    __unsettled?: true;
  };

const type: PersonType<Invite> = {
  resource: invite,
  kind: INVITES,
  key: "email",
  noun: "invite",
  takenProblem: (address, found) =>
    [
      found?.accepted
        ? `${personTitle(type, address)} was accepted already: a member has the address.`
        : `${personTitle(type, address)} is pending already and is not managed by this resource.`,
      IF_MANAGED,
      "- If no stack manages it, set `adopt: true`, which sends no email unless the role differs. If an interrupted `up` created it, run `pulumi up`, then `pulumi refresh --clear-pending-creates`.",
      ...(found?.accepted ? ["- To manage the member, use an OrganizationMember with `adopt: true`."] : []),
    ].join("\n"),
  adoptionProblem: () => undefined,
  adoptionWarning: (address, { accepted }) =>
    accepted
      ? `${personTitle(type, address)} was accepted already: a member has the address. No email will be sent.`
      : `${personTitle(type, address)} is pending already and will be adopted. After that, removing it from the program or running \`pulumi destroy\` deletes it.`,
};

export const organizationInviteLifecycle: Lifecycle<OrganizationInviteInputs, OrganizationInviteOutputs> = {
  resource: invite,

  check: (context, request) => checkPerson(type, context, request),

  diff: (context, olds, news) => diffPerson(type, context, olds, news),

  previewOutputs: (olds, news) => ({ ...news, ...(olds && { accepted: olds.accepted }) }),

  warnInPreview(context, olds, news) {
    if (olds === undefined || !("accepted" in olds) || !olds.accepted || olds.role === news.role) return;
    context.warn(usedWarning(addressOf(type, olds)));
  },

  async create(context, inputs) {
    const id = idOf({ organization: inputs.organization, name: inputs.email });
    const sent = await inviteOrAdopt(context, inputs);
    context.ownership.hold(thingOf(type, addressOf(type, inputs)));
    if (sent.accepted || sent.role === inputs.role) return { id, outputs: outputsOf(inputs, sent) };
    return { id, outputs: await inviteAgain(context, id, inputs, sent) };
  },

  async read(context, id, olds) {
    const { address, state } = readTarget(type, context, id, olds);
    const found =
      (await findPerson(type, context, address, "read")) ?? (await unproven(context, address, state));
    if (found === undefined) return undefined;
    const { accepted, role } = found;
    const inputs = withoutUndefined<OrganizationInviteInputs>({
      email: state?.email ?? address.name,
      adopt: state?.adopt,
      organization: address.organization,
      // Of an accepted invite, only the member's role is known, which may have changed since.
      role: accepted && state ? state.role : role,
    });
    return { id: state ? id : idOf(address), inputs, outputs: outputsOf(inputs, found) };
  },

  async update(context, id, olds, news) {
    const { accepted } = olds;
    if (news.role === olds.role && olds.__unsettled !== true) return outputsOf(news, { accepted });
    const address = addressOf(type, olds);
    const found = accepted ? olds : await findPerson(type, context, address, "update");
    if (found === undefined) throw missingPerson(type, address);
    if (found.accepted) {
      context.warn(usedWarning(address));
      return outputsOf(news, found);
    }
    if (found.role === news.role) return outputsOf(news, found);
    return inviteAgain(context, id, news, { ...found, name: address.name });
  },

  async delete(context, olds) {
    const { organization } = olds;
    const address = addressOf(type, olds);
    await deleteNamed(context, {
      kind: INVITES,
      address,
      organization,
      assumed: { ...olds, name: address.name },
      nothingToDelete: ({ accepted }) => (accepted ? acceptedWarning(address) : undefined),
      delete: (found, guard) => context.api.organizations.deleteInvite(organization, found.name, { guard }),
    });
  },
};

function inviteOrAdopt(context: Context, inputs: OrganizationInviteInputs): Promise<Invite> {
  const { email, role, organization, adopt } = inputs;
  const address = addressOf(type, inputs);
  return createNamed(context, {
    kind: INVITES,
    name: email,
    organization,
    replacesExisting: true,
    create: async () => {
      await context.api.organizations.invite(organization, { email, role });
      return { name: email, role, accepted: false };
    },
    isAsRequested: (found) => found.role === role,
    adopt: adopt
      ? (found) => {
          holdAdopted(context, thingOf(type, address));
          return found;
        }
      : undefined,
    takenProblem: (found) => type.takenProblem(address, found),
    hint: refusedHint("Only teams on a paid plan have invites."),
    listCommand: "turso org invites list",
  });
}

/** Sends a new invite with the role of the inputs, which replaces the pending one. */
async function inviteAgain(
  context: Context,
  id: string,
  inputs: OrganizationInviteInputs,
  found: Invite,
): Promise<OrganizationInviteOutputs> {
  const { organization, role } = inputs;
  const send = () => context.api.organizations.invite(organization, { email: found.name, role });
  const changed = await changeRole(type, context, { organization, found, role, send });
  if (changed.outcome === "done") return outputsOf(inputs, changed.person);
  const { code, text, cause } = changed.error;
  const known = { ...outputsOf(inputs, found), role: found.role, __unsettled: true };
  throw new PartialError(id, known, code, text, { cause });
}

/**
 * The invite as state has it, if the API does not report the addresses of all members: one of them may have
 * accepted it.
 */
async function unproven(
  context: Context,
  address: Address,
  olds: OrganizationInviteOutputs | undefined,
): Promise<Invite | undefined> {
  const { isComplete } = await context.collection(INVITES).listForRead(address.organization);
  if (isComplete || olds?.role === undefined) return undefined;
  context.warn(
    `${personTitle(type, address)} is no longer pending, and the API does not report the email addresses of all members: it may have been accepted or deleted. ` +
      "It stays in state as it is. If it was deleted, run `pulumi state delete URN`, then `pulumi up`.",
  );
  return { name: address.name, role: olds.role, accepted: olds.accepted };
}

const usedWarning = (address: Address) =>
  `${personTitle(type, address)} was accepted, so its role has no effect any more. Use an OrganizationMember to change the role of the member.`;

const acceptedWarning = (address: Address) =>
  `${personTitle(type, address)} was accepted, so there is nothing to delete. The member stays in the organization. ` +
  "To remove the member, run `turso org members rm USERNAME`, or manage it with an OrganizationMember.";

function outputsOf(
  inputs: OrganizationInviteInputs,
  { accepted }: { accepted: boolean },
): OrganizationInviteOutputs {
  return { ...inputsIn(invite, { ...inputs }), role: inputs.role, accepted };
}
