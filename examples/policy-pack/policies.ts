// One constant per policy. They apply to the resources of `pulumi-turso` and of `pulumi-turso/native`, in
// programs of any language. policy-config.json shows how to configure them.
import {
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  validateResourceOfType,
} from "@pulumi/policy";
import * as turso from "pulumi-turso";

export const productionIsProtected: ResourceValidationPolicy = {
  name: "turso-production-protected",
  description: "Production groups have delete protection.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      production: {
        type: "string",
        description:
          "Regular expression for the names of production groups, or of the stacks that hold them.",
        default: "(^|[-_])(prod|production)([-_]|$)",
      },
    },
  },
  validateResource: validateResourceOfType(turso.Group, (group, args, reportViolation) => {
    const production = new RegExp(args.getConfig<{ production: string }>().production, "i");
    const stack = args.urn.split(":")[2] ?? "";
    if (group.deleteProtection === true || ![group.name ?? "", stack].some((name) => production.test(name)))
      return;
    reportViolation(
      `Group '${group.name}' in stack '${stack}' is for production, but has no delete protection. Set \`deleteProtection: true\`.`,
    );
  }),
};

export const noForceDestroy: ResourceValidationPolicy = {
  name: "turso-no-force-destroy",
  description: "No group may be deleted together with its databases.",
  enforcementLevel: "mandatory",
  validateResource: validateResourceOfType(turso.Group, (group, _args, reportViolation) => {
    if (group.forceDestroy !== true) return;
    reportViolation(
      `Group '${group.name}' has \`forceDestroy: true\`: deleting or replacing it deletes its databases. Remove \`forceDestroy\`.`,
    );
  }),
};

export const noAdoptLeft: ResourceValidationPolicy = {
  name: "turso-no-adopt-left",
  description: "`adopt` is removed once a group is managed.",
  // A policy cannot tell the `pulumi up` that adopts a group from those after it.
  enforcementLevel: "advisory",
  validateResource: validateResourceOfType(turso.Group, (group, _args, reportViolation) => {
    if (group.adopt !== true) return;
    reportViolation(
      `Group '${group.name}' has \`adopt: true\`. Remove \`adopt\` after the \`pulumi up\` that adopts the group.`,
    );
  }),
};

export const tokensExpire: ResourceValidationPolicy = {
  name: "turso-tokens-expire",
  description: "Tokens expire soon.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      maxDays: {
        type: "number",
        description: "How long a token may be valid, in days.",
        exclusiveMinimum: 0,
        default: 90,
      },
    },
  },
  validateResource: validateResourceOfType(turso.GroupToken, (token, args, reportViolation) => {
    const { maxDays } = args.getConfig<{ maxDays: number }>();
    const { expiration = "never" } = token;
    if (daysOf(expiration) <= maxDays) return;
    const problem = expiration === "never" ? "never expires" : `expires after ${expiration}`;
    reportViolation(
      `GroupToken '${args.name}' ${problem}. Set \`expiration: "${maxDays}d"\` or less, and \`renewBefore\` to renew it in time.`,
    );
  }),
};

export const allowedLocations: ResourceValidationPolicy = {
  name: "turso-allowed-locations",
  description: "Groups are only in allowed locations.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      locations: {
        type: "array",
        items: { type: "string" },
        description: "Codes of the allowed locations, such as aws-eu-west-1. Empty: all.",
        default: [],
      },
    },
  },
  validateResource: validateResourceOfType(turso.Group, (group, args, reportViolation) => {
    const { locations } = args.getConfig<{ locations: string[] }>();
    if (locations.length === 0) args.notApplicable("No locations are configured.");
    const allowed = locations.map(placeOf);
    const forbidden = [group.location, ...(group.replicas ?? [])].filter(
      (location) => !allowed.includes(placeOf(location)),
    );
    if (forbidden.length === 0) return;
    reportViolation(
      `Group '${group.name}' is in ${forbidden.join(", ")}. Allowed locations: ${locations.join(", ")}. Changing the location of an existing group deletes its databases.`,
    );
  }),
};

export const groupNames: ResourceValidationPolicy = {
  name: "turso-group-names",
  description: "Names of groups have one form.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      pattern: {
        type: "string",
        description: "Regular expression for the whole name.",
        default: "[a-z][a-z0-9]*(-[a-z0-9]+)*",
      },
    },
  },
  validateResource: validateResourceOfType(turso.Group, ({ name }, args, reportViolation) => {
    const { pattern } = args.getConfig<{ pattern: string }>();
    if (name === undefined || new RegExp(`^(?:${pattern})$`).test(name)) return;
    reportViolation(
      `The name of group '${name}' does not match ${pattern}. Set another \`name\` before you create the group: changing it later deletes its databases.`,
    );
  }),
};

export const apiTokensAreLimited: ResourceValidationPolicy = {
  name: "turso-api-tokens-limited",
  description: "API tokens are limited to what one group needs.",
  enforcementLevel: "advisory",
  validateResource: validateResourceOfType(turso.ApiToken, (token, args, reportViolation) => {
    // The ID of a group may not be known yet; whether there are scopes is, and they need a group.
    const { scopes } = token;
    if (scopes !== undefined && scopes !== "full-access") return;
    const reach =
      scopes === undefined ? "may change the whole organization" : "may do everything in its group";
    reportViolation(
      `ApiToken '${args.name}' ${reach}. Set \`group\`, and \`scopes\` to what its user needs, such as ["read", "db:create"].`,
    );
  }),
};

/** Reports people who become administrators. */
const reportAdmin = (
  { role }: { role: string },
  args: ResourceValidationArgs,
  reportViolation: ReportViolation,
) => {
  const { admins } = args.getConfig<{ admins: string[] }>();
  if ((role !== "admin" && role !== "owner") || admins.includes(args.name)) return;
  reportViolation(
    `'${args.name}' has the role '${role}'. Set \`role: "member"\` or \`"viewer"\`, or add '${args.name}' to \`admins\` in the settings of this policy.`,
  );
};

export const fewAdmins: ResourceValidationPolicy = {
  name: "turso-few-admins",
  description: "Only people who are listed are administrators.",
  enforcementLevel: "mandatory",
  configSchema: {
    properties: {
      admins: {
        type: "array",
        items: { type: "string" },
        description: "Names of the OrganizationMembers and OrganizationInvites that may be administrators.",
        default: [],
      },
    },
  },
  validateResource: [
    validateResourceOfType(turso.OrganizationMember, reportAdmin),
    validateResourceOfType(turso.OrganizationInvite, reportAdmin),
  ],
};

const SECONDS = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 };

/** The days of a duration such as `2w1d30m`; of anything else, such as `never`: Infinity. */
function daysOf(duration: string): number {
  const part = /(\d+(?:\.\d+)?)(ms|us|ns|[wdhms])/g;
  if (duration.replace(part, "") !== "") return Number.POSITIVE_INFINITY;
  const seconds = [...duration.matchAll(part)].map(
    ([, count, unit]) => Number(count) * SECONDS[unit as keyof typeof SECONDS],
  );
  return seconds.reduce((sum, each) => sum + each, 0) / SECONDS.d;
}

/** `us-east-1` and `aws-us-east-1` are the same location. */
const placeOf = (location: string) => location.replace(/^aws-/, "");
