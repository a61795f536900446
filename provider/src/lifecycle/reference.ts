/** The group that a resource belongs to: as its inputs `group` and `organization` name it. */
import type { CheckFailure } from "./errors.js";
import { inputProblems, inputsIn } from "./inputs.js";
import type { CheckRequest, Context } from "./lifecycle.js";
import { changedOrganizationProblems } from "./organization.js";
import type { Inputs, ResourceType } from "./resourceType.js";
import { UNKNOWN } from "./unknown.js";
import { describe, type State } from "./values.js";
import { name, type ValueType } from "./valueTypes.js";

/** The group as state has it in inputs. */
export interface GroupReference {
  /** The group's name. */
  group: string;
  /** Slug of its organization; absent in the personal account. */
  organization?: string;
  /**
   * The name in the program before this change, if it was another one: outputs may still have it. Hidden in
   * previews.
   */
  __from?: string;
}

const groupName = name("a group's name, or its ID as in group.id");

/** A group's name, or its ID `organization/name`. */
const reference: ValueType<string> = {
  ...groupName,
  // The engine sends no value for an output of a resource that is left out.
  example:
    "a group's name, or its ID as in group.id; if it is an output of a Group that `--target` leaves out, target that Group as well",
  problem(value) {
    if (typeof value !== "string")
      return `must be a group's name, or its ID as in group.id, got ${describe(value)}`;
    const parts = value.split("/");
    if (parts.length > 2) return "must be a group's name, or its ID organization/name";
    return parts.map((part) => groupName.problem(part)).find((problem) => problem !== undefined);
  },
};

/** The inputs that identify the group. */
export const referenceInputs = {
  group: {
    type: reference,
    required: true,
    change: "replace",
    // A refresh may find the group under a new name. Both names mean the group until the program accepts the
    // new one.
    same: (_old, now, olds, news) =>
      (news.__from === undefined ? [olds.group, olds.__group] : [olds.__group ?? olds.group]).includes(now),
  },
  organization: { type: name("the slug, e.g. acme"), change: "replace" },
} satisfies Inputs<{ group: string; organization?: string }>;

/** The check of a resource that belongs to a group. `problems`: the failures of rules between its inputs. */
export function checkWithReference(
  resource: ResourceType,
  context: Pick<Context, "organization">,
  request: CheckRequest,
  problems: CheckFailure[] = [],
): { inputs: State; failures: CheckFailure[] } {
  const { news } = request;
  const invalid = [...inputProblems(resource, news), ...problems];
  if (invalid.length > 0) return { inputs: { ...news }, failures: invalid };
  const { reference, failures } = checkReference(context, request);
  const { __from } = reference;
  const inputs = inputsIn(resource, { ...news, ...reference });
  return { inputs: { ...inputs, ...(__from !== undefined && { __from }) }, failures };
}

/**
 * Resolves the inputs `group` and `organization`, which are valid by themselves, to the name and organization
 * that state records.
 */
function checkReference(
  context: Pick<Context, "organization">,
  { olds, news, resource: { urn } }: Pick<CheckRequest, "olds" | "news" | "resource">,
): { reference: { group?: unknown; organization?: unknown; __from?: unknown }; failures: CheckFailure[] } {
  const { group, organization: given } = news;
  const [name, slug] = typeof group === "string" && group !== UNKNOWN ? group.split("/").reverse() : [group];
  const organization = slug ?? given ?? (group === UNKNOWN ? UNKNOWN : context.organization);
  const isAnother = olds !== undefined && name !== UNKNOWN && olds.group !== name;
  const reference = {
    group: name,
    ...(organization !== undefined && { organization }),
    ...(isAnother && { __from: olds.group }),
  };
  if (slug !== undefined && given !== undefined && given !== UNKNOWN && given !== slug) {
    const reason = `it contradicts \`group\`, which is in organization '${String(slug)}'. Remove \`organization\``;
    return { reference, failures: [{ property: "organization", code: "INVALID_INPUT", reason }] };
  }
  const explicit = slug !== undefined || given !== undefined;
  if (olds === undefined) return { reference, failures: [] };
  const failures = changedOrganizationProblems({ urn, old: olds.organization, now: organization, explicit });
  return { reference, failures };
}
