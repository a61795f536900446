/** What a preview says of a group: inputs that cannot be, and all that `up` would trip over. */
import { textProblem, titleOf } from "./address.js";
import { type GroupInputs, locationOf, replacesOf, withoutUndefined } from "./groupState.js";
import {
  type CheckFailure,
  type CheckRequest,
  type Context,
  describe,
  isUnknown,
  lookUp,
  NO_NAME,
  type Properties,
  type State,
  UNKNOWN,
} from "./lifecycle.js";
import { isAws, placeOf, samePlace, unknownLocation } from "./locations.js";
import { generatedName } from "./names.js";
import { organizationProblem } from "./organization.js";

const INPUTS = [
  "name",
  "location",
  "organization",
  "replicas",
  "extensions",
  "deleteProtection",
  "forceDestroy",
  "adopt",
];

export async function checkGroup(
  context: Context,
  request: CheckRequest,
): Promise<{ inputs: State; failures: CheckFailure[] }> {
  const { olds, news, resource, proposedName } = request;
  const organization = news.organization ?? context.organization;
  const failures = inputProblems(news);
  if (olds !== undefined) {
    const problem = organizationProblem(olds.organization, organization, news.organization !== undefined);
    if (problem !== undefined) failures.push({ property: "organization", reason: problem });
  }
  const given = news.name ?? keptName(olds, news.location, organization) ?? proposedName;
  if (given === NO_NAME) {
    failures.push({
      property: "name",
      reason: "it is required, for pulumi:autonaming is disabled for this stack: declare one (e.g. prod)",
    });
  } else if (given !== undefined && given === proposedName) {
    const problem = textProblem(given, "e.g. prod");
    if (problem !== undefined) {
      failures.push({ property: "name", reason: `pulumi:autonaming gives '${given}', but ${problem}` });
    }
  }
  if (failures.length > 0) return { inputs: { ...news }, failures };

  const name = given ?? generatedName(resource, news.location, organization);
  const inputs = withoutUndefined<State>({
    ...news,
    name,
    organization,
    deleteProtection: news.deleteProtection ?? context.deleteProtection,
    // What refresh found stays known as long as the program does not take it up.
    __name: olds?.name === name ? olds?.__name : undefined,
    __primary: olds?.location === news.location ? olds?.__primary : undefined,
  });
  return { inputs, failures: await foresee(context, request, inputs as unknown as GroupInputs) };
}

/** A name that was generated, or is no longer declared, stays with the group while its place does. */
function keptName(olds: Properties | undefined, location: unknown, organization: unknown): unknown {
  if (olds === undefined || organization !== olds.organization) return undefined;
  return samePlace(location, olds.location) || samePlace(location, olds.__primary) ? olds.name : undefined;
}

/** What is wrong with the inputs by themselves. */
function inputProblems(news: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string | undefined) => {
    if (reason !== undefined) failures.push({ property, reason });
  };
  for (const key of Object.keys(news)) {
    if (!INPUTS.includes(key)) fail(key, `a Group has no such input; it has ${INPUTS.join(", ")}`);
  }
  fail("location", textProblem(news.location, "e.g. aws-us-east-1 or lhr"));
  if (news.name !== undefined) fail("name", textProblem(news.name, "e.g. prod"));
  if (news.organization !== undefined)
    fail("organization", textProblem(news.organization, "the slug, e.g. acme"));
  fail("replicas", replicasProblem(news.replicas, news.location));
  fail(
    "extensions",
    news.extensions === "all" ? undefined : listProblem(news.extensions, '"all", or e.g. ["vector"]'),
  );
  for (const key of ["deleteProtection", "forceDestroy", "adopt"]) {
    const value = news[key];
    if (value !== undefined && value !== UNKNOWN && typeof value !== "boolean") {
      fail(key, `it must be true or false, but is ${describe(value)}`);
    }
  }
  return failures;
}

function listProblem(value: unknown, example: string): string | undefined {
  if (value === undefined || value === UNKNOWN) return undefined;
  if (!Array.isArray(value)) return `it must be a list (${example}), but is ${describe(value)}`;
  return value.map((item) => textProblem(item, example)).find((problem) => problem !== undefined);
}

function replicasProblem(replicas: unknown, location: unknown): string | undefined {
  const problem = listProblem(replicas, 'e.g. ["ams"]');
  if (problem !== undefined || !Array.isArray(replicas)) return problem;
  const codes = replicas.filter((code): code is string => code !== UNKNOWN);
  const twice = codes.find((code, i) => codes.findIndex((other) => samePlace(code, other)) < i);
  if (twice !== undefined) return `'${twice}' is there twice`;
  if (codes.some((code) => samePlace(code, location))) {
    return `'${String(location)}' is the group's primary location; replicas are further ones`;
  }
  const aws = [String(location), ...codes].find(isAws);
  if (aws !== undefined && replicas.length > 0) {
    return `Turso offers no replicas on AWS, where '${aws}' is: leave replicas out, or declare []`;
  }
  return undefined;
}

/** What the API would refuse, or a change would destroy. Asks only about what is new: an unchanged group is not asked about. */
async function foresee(
  context: Context,
  { olds, resource, preview }: CheckRequest,
  inputs: GroupInputs,
): Promise<CheckFailure[]> {
  const before = olds as unknown as GroupInputs | undefined;
  const owner = `${resource.project}/${resource.stack}/${resource.name}`;
  const { directory } = context;
  const { organization, location, replicas } = inputs;
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string | undefined) => {
    if (reason !== undefined) failures.push({ property, reason });
  };
  const known = ![inputs.name, location, organization ?? ""].includes(UNKNOWN);
  if (before !== undefined) {
    directory.own(before, owner);
    if (before.__name !== undefined)
      directory.own({ organization: before.organization, name: before.__name }, owner);
  }

  if (known) {
    const other = directory.claim(inputs, owner);
    if (other !== undefined)
      fail("name", `the resource '${other.split("/").at(-1)}' declares the same group`);
  }

  const replaces =
    before === undefined
      ? []
      : replacesOf(before, inputs).filter((key) => !isUnknown(inputs[key as keyof GroupInputs]));
  const codes = [
    ...(before === undefined || replaces.includes("location") ? [["location", location] as const] : []),
    ...(Array.isArray(replicas) ? replicas : [])
      .filter((code) => !before?.replicas?.some((old) => placeOf(old) === placeOf(code)))
      .map((code) => ["replicas", code] as const),
  ].filter(([, code]) => code !== UNKNOWN);
  if (codes.length > 0) {
    const locations = await lookUp(context, preview, () => directory.locations(organization));
    for (const [property, code] of codes) fail(property, locations && unknownLocation(code, locations));
  }

  if (before === undefined && known && !directory.owns(inputs, owner)) {
    fail("name", await takenProblem(context, preview, inputs));
  }
  if (before !== undefined && replaces[0] !== undefined) {
    fail(replaces[0], await lossProblem(context, preview, before, replaces));
  }
  return failures;
}

/** Why a new group cannot have its name: there is one already, and it is not to be adopted or is elsewhere. */
async function takenProblem(
  context: Context,
  preview: boolean | undefined,
  inputs: GroupInputs,
): Promise<string | undefined> {
  const groups = await lookUp(context, preview, () =>
    context.directory.groups(inputs.organization, Infinity),
  );
  const there = groups?.get(inputs.name);
  if (there === undefined) return undefined;
  const where = locationOf(there);
  if (!inputs.adopt) {
    return (
      `${titleOf(inputs)} exists already (in ${where}), and this resource does not manage it. Choose another name; or, to manage ` +
      `that group with it, declare adopt: true${samePlace(where, inputs.location) ? "" : ` and location: "${where}"`}. ${LEFT_BEHIND}`
    );
  }
  return samePlace(where, inputs.location) ? undefined : elsewhereProblem(inputs, where);
}

/** Why a group cannot be adopted that has its primary elsewhere. */
export function elsewhereProblem(inputs: GroupInputs, where: string): string {
  return (
    `${titleOf(inputs)} exists already, but in ${where}: it cannot be adopted as a group in ${inputs.location}. ` +
    `Declare location: "${where}", or choose another name.`
  );
}

/** Why the group in state cannot be replaced: it is protected, or databases would go with it. */
async function lossProblem(
  context: Context,
  preview: boolean | undefined,
  before: GroupInputs,
  replaces: string[],
): Promise<string | undefined> {
  const { organization } = before;
  const address = { organization, name: before.__name ?? before.name };
  const change = `changing ${replaces.join(", ")} replaces ${titleOf(address)}`;
  const groups = await lookUp(context, preview, () => context.directory.groups(organization, Infinity));
  if (groups?.get(address.name)?.deleteProtection ?? before.deleteProtection) {
    return `${change}, which is protected from deletion. ${LIFT_PROTECTION}, then change ${replaces.join(", ")}.`;
  }
  if (before.forceDestroy === true) return undefined;
  const databases = await lookUp(context, preview, () => context.directory.databases(organization, Infinity));
  if (databases === undefined) {
    return preview === true
      ? undefined
      : `${change}, and whether it holds databases cannot be found out now. Try again later.`;
  }
  const names = databases.get(address.name) ?? [];
  if (names.length === 0) return undefined;
  return (
    `${change}, which holds ${listed(names)}. They would be deleted with it, and no revert brings data back. ` +
    `If that is what you want, ${FORCE_DESTROY}, then change ${replaces.join(", ")}.`
  );
}

/** What to do about a group that nobody recorded. */
export const LEFT_BEHIND =
  "If an `up` that was broken off has left it behind, adopt: true takes it over, and `pulumi refresh --clear-pending-creates` then forgets what was pending.";

export const LIFT_PROTECTION =
  "If that is what you want, declare deleteProtection: false and run `pulumi up`";
export const FORCE_DESTROY = "declare forceDestroy: true and run `pulumi up`";

/** "12 databases (a, b, … and 2 more)": at most ten by name. */
export function listed(names: string[]): string {
  const more = names.length > 10 ? ` and ${names.length - 10} more` : "";
  return `${names.length} database${names.length === 1 ? "" : "s"} (${names.slice(0, 10).join(", ")}${more})`;
}
