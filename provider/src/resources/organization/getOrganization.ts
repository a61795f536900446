import type * as pulumi from "@pulumi/pulumi";
import { TursoApiError } from "../../api/index.js";
import { UserError } from "../../lifecycle/errors.js";
import { checkingArguments } from "../../lifecycle/function.js";
import { boolean, name, type ObjectType, string } from "../../lifecycle/valueTypes.js";
import {
  type CallOptions,
  callInProgram,
  type OutputArgs,
  type OutputCallOptions,
  outputOf,
} from "../../program/functions.js";

export interface GetOrganizationArgs {
  /**
   * Slug of the organization.
   *
   * @default the provider's organization, else your personal account
   */
  organization?: string;
}

export type GetOrganizationOutputArgs = OutputArgs<GetOrganizationArgs>;

/** An organization, or a personal account, as it is now. Properties that the API leaves out are absent. */
export interface OrganizationResult {
  /** Its slug. The slug of a personal account is the user's name. */
  slug: string;
  /** Its name, which is `personal` for a personal account. */
  name?: string;
  /** `personal` or `team`. Only teams have members and invites. */
  type?: string;
  /** Its plan, e.g. `developer`. */
  plan?: string;
  /** Whether usage beyond the plan's limits is allowed, and billed. */
  overages?: boolean;
  /** Whether members must use multi-factor authentication. */
  requireMfa?: boolean;
}

export const organizationResultType: ObjectType<OrganizationResult> = {
  name: "OrganizationResult",
  fields: {
    slug: { type: string, always: true },
    name: { type: string },
    type: { type: string },
    plan: { type: string },
    overages: { type: boolean },
    requireMfa: { type: boolean },
  },
};

export const getOrganizationFunction = checkingArguments<GetOrganizationArgs, OrganizationResult>({
  name: "getOrganization",
  args: { organization: { type: name("the slug, e.g. acme") } },
  result: organizationResultType,

  async run({ api, organization: byDefault }, { organization = byDefault }) {
    if (organization !== undefined) {
      return api.organizations.retrieve(organization).catch((error: unknown) => {
        throw error instanceof TursoApiError && error.isNotFound ? missing(organization, error) : error;
      });
    }
    const personal = (await api.organizations.list()).find(({ type }) => type === "personal");
    if (personal !== undefined) return personal;
    throw new UserError(
      "NOT_FOUND",
      "getOrganization: the API token does not give access to your personal account. Pass `organization`, or set `turso:organization`.",
    );
  },
});

function missing(organization: string, cause: TursoApiError): UserError {
  return new UserError(
    "NOT_FOUND",
    `Organization '${organization}' does not exist.\nCheck the slug: \`turso org list\` lists the organizations.\n${cause.summary}`,
    { cause },
  );
}

/**
 * Reads an organization. Makes one request.
 *
 * ```ts
 * const { plan } = await turso.getOrganization({ organization: "acme" });
 * ```
 *
 * @throws if the organization does not exist
 */
export function getOrganization(
  args: GetOrganizationArgs = {},
  options?: CallOptions,
): Promise<OrganizationResult> {
  return callInProgram(getOrganizationFunction, args, options);
}

/**
 * Reads an organization when the arguments are known and the resources that they come from exist; unknown until
 * then. Makes one request.
 *
 * @param options `dependsOn`: resources that must exist first
 */
export function getOrganizationOutput(
  args: GetOrganizationOutputArgs = {},
  options: OutputCallOptions = {},
): pulumi.Output<OrganizationResult> {
  return outputOf("getOrganizationOutput", args, options, getOrganization);
}
