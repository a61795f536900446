import type * as pulumi from "@pulumi/pulumi";
import {
  type ApiToken as ApiTokenInfo,
  type ApiTokenLimits,
  TursoApiError,
  TursoError,
} from "../api/index.js";
import { generatedName, generatedNameProblems } from "../lifecycle/autoname.js";
import type { ListedKind, Listing } from "../lifecycle/collection.js";
import { type CheckFailure, messageOf, UserError } from "../lifecycle/errors.js";
import { changesOf, inputsIn } from "../lifecycle/inputs.js";
import type { CheckRequest, Context, Lifecycle } from "../lifecycle/lifecycle.js";
import { queryForPreview } from "../lifecycle/query.js";
import { checkWithReference, referenceInputs } from "../lifecycle/reference.js";
import { idOf, titleOf } from "../lifecycle/resourceId.js";
import type { Inputs, Outputs, ResourceType, ValuesOf } from "../lifecycle/resourceType.js";
import { UNKNOWN } from "../lifecycle/unknown.js";
import { parseUrn } from "../lifecycle/urn.js";
import { describe, type Properties, type State, withoutUndefined } from "../lifecycle/values.js";
import { anyMap, name, oneOf, string, type ValueType } from "../lifecycle/valueTypes.js";
import { isOfType, TursoResource } from "../program/resource.js";

/** What an ApiToken of a group can be allowed to do. */
export type ApiTokenScope = keyof typeof SCOPES;

/**
 * The inputs of an ApiToken. Changing one creates a new token and revokes the old one. Removing `keepers` does
 * neither.
 */
export interface ApiTokenArgs {
  /**
   * Name of the token, unique among all API tokens of your Turso user. If you set it, the old token is revoked
   * before a new one is created.
   *
   * @default the resource's name and seven hexadecimal digits, which differ for each replacement
   */
  name?: pulumi.Input<string>;
  /**
   * Slug of the organization that the token is limited to. For your personal account, it is the account's slug
   * in `turso org list`.
   *
   * @default the organization in `group`, if that is an ID, else the provider's organization
   */
  organization?: pulumi.Input<string>;
  /**
   * The group that the token is limited to: its name or its ID. Prefer the ID (`group.id`). The token is
   * revoked together with the group.
   *
   * @default the whole organization
   */
  group?: pulumi.Input<string>;
  /**
   * What the token can do in its group: a list of scopes, `read-only` or `full-access`. Required with `group`,
   * and refused without it.
   *
   * @default none
   */
  scopes?: pulumi.Input<"read-only" | "full-access" | pulumi.Input<ApiTokenScope>[]>;
  /**
   * Any values. When one changes, the token is replaced.
   *
   * @default none
   */
  keepers?: pulumi.Input<Record<string, unknown>>;
}

/**
 * A token for the Turso Platform API, limited to an organization, or to a group and what it can do there. It
 * does not expire. Deleting an ApiToken revokes it. Turso returns its value only when it is created, so an
 * ApiToken cannot be imported.
 *
 * ```ts
 * const ci = new turso.ApiToken("ci", { group: group.id, scopes: ["read", "db:create"] });
 * export const token = ci.token; // a secret
 * ```
 *
 * @see https://docs.turso.tech/api-reference/tokens/create
 */
export class ApiToken extends TursoResource {
  /** Name of the token. */
  declare readonly name: pulumi.Output<string>;
  /** Slug of the organization that the token is limited to. */
  declare readonly organization: pulumi.Output<string>;
  /** Name of the group that the token is limited to; absent: the whole organization. */
  declare readonly group: pulumi.Output<string | undefined>;
  /** What the token can do in its group, as set in the program. */
  declare readonly scopes: pulumi.Output<"read-only" | "full-access" | ApiTokenScope[] | undefined>;
  /** Values whose change replaces the token. */
  declare readonly keepers: pulumi.Output<Record<string, unknown> | undefined>;
  /** The token, always a secret. */
  declare readonly token: pulumi.Output<string>;
  /** ID of the token, with which it can be revoked. */
  declare readonly tokenId: pulumi.Output<string>;

  /** Whether a value is an ApiToken, from `pulumi-turso` or from `pulumi-turso/native`. */
  static override isInstance(value: unknown): value is ApiToken {
    return isOfType(apiToken, value);
  }

  constructor(name: string, args: ApiTokenArgs = {}, options?: pulumi.CustomResourceOptions) {
    super(apiToken, name, args, options);
  }
}

const SCOPES = {
  read: "List and retrieve the group and its databases, with configuration and usage.",
  "db:create": "Create databases in the group.",
  "db:delete": "Delete databases of the group.",
  "db:configure": "Change the configuration of databases.",
  "db:mint-token": "Create tokens of databases.",
  "db:rotate-creds": "Invalidate all tokens of a database.",
  "group:configure": "Configure, rename and unarchive the group, add and remove locations.",
  "group:mint-token": "Create tokens of the group.",
  "group:rotate-creds": "Invalidate all tokens of the group and its databases.",
};
const PRESETS: Readonly<Record<string, readonly string[]>> = {
  "read-only": ["read"],
  "full-access": Object.keys(SCOPES),
};

const scope = oneOf({ name: "ApiTokenScope", description: "What an API token of a group can do." }, SCOPES);

/** A list of scopes, or a preset, which means the same as its scopes. */
const scopes: ValueType<"read-only" | "full-access" | ApiTokenScope[]> = {
  schema: { oneOf: [{ type: "string" }, { type: "array", items: scope.schema }] },
  ...(scope.enumeration && { enumeration: scope.enumeration }),
  problem(value) {
    if (typeof value === "string" && Object.hasOwn(PRESETS, value)) return undefined;
    if (!Array.isArray(value))
      return `must be "read-only", "full-access" or a list of scopes, got ${typeof value === "string" ? JSON.stringify(value) : describe(value)}`;
    if (value.length === 0) return "must have at least one scope";
    const problems = value.map((one) => (one === UNKNOWN ? undefined : scope.problem(one)));
    const index = problems.findIndex((problem) => problem !== undefined);
    return index < 0 ? undefined : `has an invalid item ${index + 1}: it ${problems[index]}`;
  },
  equal: (a, b) => sameScopes(a, b),
};

/** Whether two values grant the same. */
function sameScopes(a: unknown, b: unknown): boolean {
  const listOf = (value: unknown) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : (PRESETS[String(value)] ?? [value]);
    return JSON.stringify([...new Set(items)].sort());
  };
  return listOf(a) === listOf(b);
}

const { required: _, ...group } = referenceInputs.group;

const inputs = {
  name: { type: name("e.g. ci"), always: true, change: "replace" },
  organization: { ...referenceInputs.organization, always: true, stable: true },
  group,
  scopes: { type: scopes, change: "replace" },
  keepers: { type: anyMap, change: "replace" },
} satisfies Inputs<ApiTokenArgs>;

const outputs = {
  token: { type: string, always: true, secret: true, stable: true },
  tokenId: { type: string, always: true, stable: true },
} satisfies Outputs<ApiToken, ApiTokenArgs>;

const apiToken = { name: "ApiToken", inputs, outputs } satisfies ResourceType;

/**
 * The inputs as check returns them and state records them. `__group`: the name under which a refresh found the
 * group, where it is no longer `group`. `__from`: the name in the program before this change.
 */
export type ApiTokenInputs = ValuesOf<typeof inputs> & { __from?: string; __group?: string };

/** The outputs as state records them. */
export type ApiTokenOutputs = ApiTokenInputs & ValuesOf<typeof outputs>;

/** API tokens by ID, because only the names of a user's own tokens are unique. */
interface Listed extends ApiTokenInfo {
  uuid: string;
  title: string;
}
const byId = (tokens: readonly ApiTokenInfo[]): { items: Listed[] } => ({
  items: tokens.map((token) => ({ ...token, name: token.id, uuid: token.id, title: token.name })),
});
/** The tokens of an organization. */
const API_TOKENS: ListedKind<Listed> = {
  list: async (api, organization) => byId(await api.apiTokens.list(organization)),
};
/** The tokens of the user whose token the provider uses for an organization. */
const OWN_TOKENS: ListedKind<Listed> = {
  list: async (api, organization) => byId(await api.apiTokens.listOwn(organization)),
};

export const apiTokenLifecycle: Lifecycle<ApiTokenInputs, ApiTokenOutputs> = {
  resource: apiToken,

  async check(context, request) {
    const { olds, news, resource, proposedName } = request;
    const before = olds && inputsInState(olds);
    const address = { type: apiToken.name, name: before?.name ?? "", organization: before?.organization };
    context.ownership.declare(resource.urn, olds, before ? [address] : []);
    const checked = checkWithReference(apiToken, context, request, scopeProblems(news));
    if (checked.failures.length > 0) return checked;
    const limited = { ...checked.inputs, ...keptGroup(before, checked.inputs) };
    const given = news.name ?? keptName(before, limited) ?? proposedName;
    const failures = [
      ...unrestrictedProblems(limited),
      ...generatedNameProblems(inputs.name.type, given, proposedName),
    ];
    if (failures.length > 0) return { inputs: { ...news }, failures };
    const found = { ...limited, name: given ?? (await freshName(context, request, limited)) };
    return { inputs: found, failures: await nameProblems(context, request, inputsInState(found), before) };
  },

  diff(_context, olds, news) {
    const { changed, replaces } = replacementOf(olds, news);
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: news.name === olds.name };
    // If the program only accepts the group's new name, the token does not change.
    const changes = changed.some((key) => !(key in referenceInputs));
    return { changes, replaces: [], deleteBeforeReplace: false };
  },

  async create(context, inputs) {
    const { id, token } = await mint(context, inputs);
    return {
      id: idOf({ organization: inputs.organization, name: id }),
      outputs: { ...inputsIn(apiToken, inputs), token, tokenId: id },
    };
  },

  async read(context, id, olds) {
    // If a program passes arguments with an ID, the host passes them as state.
    if (olds?.token === undefined || olds.tokenId === undefined) {
      throw new UserError(
        "NOT_IMPORTABLE",
        `ApiToken '${id}' cannot be read or imported, because the Turso API never returns a token again. Create a new ApiToken, then revoke this token.`,
      );
    }
    const found = await find(context, olds);
    if (found === undefined) return undefined;
    const inputs = inputsIn(apiToken, olds);
    const moved = found.group !== undefined && found.group !== inputs.group ? { __group: found.group } : {};
    const { token, tokenId } = olds;
    return { id, inputs: { ...inputs, ...moved }, outputs: { ...inputs, ...moved, token, tokenId } };
  },

  async update(_context, _id, olds, news) {
    const { token, tokenId, __group } = olds;
    return withoutUndefined<ApiTokenOutputs>({
      ...inputsIn(apiToken, news),
      __group: __group === news.group ? undefined : __group,
      token,
      tokenId,
    });
  },

  async delete(context, olds) {
    const { organization, token, tokenId } = olds;
    const { apiTokens } = context.api;
    if (apiTokens.isInUse(organization, token)) throw inUseError(olds);
    try {
      await apiTokens.revoke(organization, tokenId);
    } catch (error) {
      // The API may hide a token of another user, so only the token itself shows whether it was revoked.
      const mayBeRevoked =
        error instanceof TursoError &&
        (error.mayHaveBeenApplied || (error instanceof TursoApiError && error.isNotFound));
      const isAccepted = !mayBeRevoked || (await apiTokens.isAccepted(token).catch(() => true));
      if (isAccepted) throw revokeError(olds, error);
    }
    context.collection(API_TOKENS).recordDelete(organization, { name: tokenId, uuid: tokenId });
  },
};

/** The inputs that state has. */
function inputsInState(values: Properties): ApiTokenInputs {
  const { __from, __group } = values;
  return {
    ...inputsIn(apiToken, values),
    ...(typeof __from === "string" && { __from }),
    ...(typeof __group === "string" && { __group }),
  };
}

const called = ({ name, organization }: Pick<ApiTokenInputs, "name" | "organization">) =>
  titleOf({ type: apiToken.name, name, organization });

/**
 * What a change of inputs does. Without a group, a token opens the whole organization, so removing the group
 * needs a new token. Removing another input does not.
 */
function replacementOf(olds: State, news: State) {
  const { changed, replaces } = changesOf(apiToken, olds, news);
  const isWider = olds.group !== undefined && news.group === undefined;
  return { changed, replaces: isWider ? ["group", ...replaces] : replaces };
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
function keptGroup(before: ApiTokenInputs | undefined, { group }: State): { __group?: string } {
  const __group = before?.group === group ? before?.__group : undefined;
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
  const nameFor = (place: string) => generatedName(resource, { place, organization });
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

type Minted = { outcome: "created"; id: string; token: string } | { outcome: "revoked" };

/** How often a token is created whose response is lost each time. */
const ATTEMPTS = 3;

/**
 * Creates the token. If the response is lost, its value is lost as well: the token that was created is revoked,
 * and another one is created.
 */
async function mint(context: Context, inputs: ApiTokenInputs): Promise<{ id: string; token: string }> {
  const before = await context.collection(OWN_TOKENS).listBeforeCreate(inputs.organization);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const minted = await mintOnce(context, inputs, before);
    if (minted.outcome === "created") return minted;
  }
  const text = `Failed to create ${called(inputs)}: ${ATTEMPTS} times, the response was lost.\nThe tokens that were created were revoked. Retry.`;
  throw new UserError("TOKEN_NOT_ISSUED", text);
}

async function mintOnce(
  context: Context,
  inputs: ApiTokenInputs,
  before: Listing<Listed> | undefined,
): Promise<Minted> {
  let isLost = false;
  const create = async (): Promise<Minted> => {
    try {
      return { outcome: "created", ...(await context.api.apiTokens.create(inputs.name, limitsOf(inputs))) };
    } catch (error) {
      isLost ||= error instanceof TursoError && error.mayHaveBeenApplied;
      throw error;
    }
  };
  const check = () => revokeLost(context, inputs, before);
  try {
    return await context.api.resolveUnknownOutcome(create, check);
  } catch (error) {
    // After a lost response, a taken name shows that the token was created, even if a list did not show it.
    const isTaken = error instanceof TursoApiError && error.status === 409;
    const revoked = isLost && isTaken ? await check().catch(refusedOnly) : undefined;
    if (revoked !== undefined) return revoked;
    throw mintError(inputs, error, isLost);
  }
}

/** A list that fails does not show the token. */
function refusedOnly(error: unknown): undefined {
  if (!(error instanceof TursoError)) throw error;
}

function limitsOf({ organization, group, scopes, __group }: ApiTokenInputs): ApiTokenLimits {
  return {
    organization,
    ...(group !== undefined && { group: __group ?? group }),
    ...(scopes !== undefined && { scopes: typeof scopes === "string" ? [scopes] : scopes }),
  };
}

/**
 * Revokes the token that was created by a request whose response was lost: it did not exist before, exists now,
 * belongs to the same user, and is as requested. Undefined if there is no such token.
 */
async function revokeLost(
  { api }: Context,
  inputs: ApiTokenInputs,
  before: Listing<Listed> | undefined,
): Promise<Minted | undefined> {
  const tokens = await api.apiTokens.listOwn(inputs.organization);
  const found = tokens.find(({ id, name }) => name === inputs.name && before?.has(id) !== true);
  if (found === undefined) return undefined;
  if (before === undefined || !isAsRequested(found, limitsOf(inputs))) throw doubtfulError(inputs, found);
  await api.apiTokens.revoke(inputs.organization, found.id).catch((error: unknown) => {
    if (error instanceof TursoApiError && error.isNotFound) return;
    throw doubtfulError(inputs, found, error);
  });
  return { outcome: "revoked" };
}

function isAsRequested(found: ApiTokenInfo, { organization, group, scopes }: ApiTokenLimits): boolean {
  return (
    found.organization === organization &&
    found.group === group &&
    (scopes === undefined ||
      sameScopes(
        found.scopes,
        scopes.flatMap((one) => PRESETS[one] ?? [one]),
      ))
  );
}

/** The token as it is now; undefined if it was revoked. */
async function find(context: Context, olds: ApiTokenOutputs): Promise<Partial<ApiTokenInfo> | undefined> {
  try {
    const listing = await context.collection(API_TOKENS).listForRead(olds.organization);
    const listed = listing.get(olds.tokenId);
    if (listed !== undefined) return listed;
    // A list lacks the tokens of other users, if the user of this token is a member and no admin.
    if (!(await context.api.apiTokens.isAccepted(olds.token))) return undefined;
  } catch (error) {
    if (!(error instanceof TursoError)) throw error;
    throw new UserError("READ_FAILED", `Failed to read ${called(olds)}.\n${error.message}`, { cause: error });
  }
  context.warn(
    `${called(olds)} is valid, but Turso does not list it. It may belong to another user: then only that user, or an admin or owner of the organization, can revoke it.`,
  );
  return {};
}

/** What to do about a name that another token of the user has. */
function takenProblem(inputs: Pick<ApiTokenInputs, "name" | "organization">): string {
  return [
    `Your Turso user already has an API token named '${inputs.name}', which is not managed by this resource. Names are unique among all API tokens of a user, and an existing token cannot be adopted.`,
    "Choose another name, leave `name` unset, or:",
    "- If a stack manages it under another resource name or parent, use the option `aliases`, `pulumi state rename` or `pulumi state move`.",
    `- If nothing uses it (an interrupted \`up\` may have created it), run \`turso auth api-tokens revoke ${inputs.name}\`, then retry.`,
    "- If `replaceOnChanges` replaces this resource, set the option `deleteBeforeReplace: true`.",
    "- If you forced its replacement (`pulumi state taint`, `--target-replace`), leave `name` unset or change it.",
  ].join("\n");
}

const takenWarning = (name: string, next: string) =>
  `An API token named '${name}' exists already, so the new token is named '${next}'. If it is not being replaced now, an interrupted \`pulumi up\` may have created it: revoke it with \`turso auth api-tokens revoke ${name}\`.`;

const forcedWarning = (inputs: ApiTokenInputs) =>
  `${called(inputs)} will be replaced by a token of the same name. That needs the resource option \`deleteBeforeReplace: true\`, or another name.`;

const NEEDS =
  "This needs a token of an admin or owner of the organization that is not limited to a group. Set such a token as `turso:apiToken`, then retry.";

/** The error for a token that was not created. One that is not the client's explains itself. */
function mintError(inputs: ApiTokenInputs, cause: unknown, isLost: boolean): unknown {
  if (!(cause instanceof TursoError)) return cause;
  const title = called(inputs);
  if (isLost) {
    const more = `The request may still have succeeded. Check with \`turso auth api-tokens list\` whether '${inputs.name}' exists. If so, run \`turso auth api-tokens revoke ${inputs.name}\`: its value is lost. Then retry.`;
    const text = `Failed to create ${title}: the response was lost.\n${cause.message}\n${more}`;
    return new UserError("OUTCOME_UNKNOWN", text, { cause });
  }
  const { status, summary } =
    cause instanceof TursoApiError ? cause : { status: undefined, summary: cause.message };
  if (status === 409) return new UserError("NAME_TAKEN", `${takenProblem(inputs)}\n${summary}`, { cause });
  const hints = [
    ...(status === 403 ? [NEEDS] : []),
    ...(status === 404 && inputs.group !== undefined
      ? [
          `Check that the group '${inputs.group}' exists. If it was renamed outside Pulumi, run \`pulumi refresh\`.`,
        ]
      : []),
  ];
  const lines = [`Failed to create ${title}.`, cause.message, ...hints];
  return new UserError("TOKEN_NOT_ISSUED", lines.join("\n"), { cause });
}

/** The error for a token that this resource may have created, and that was not revoked. */
function doubtfulError(inputs: ApiTokenInputs, { id, createdAt }: ApiTokenInfo, cause?: unknown): UserError {
  const when = createdAt === undefined ? "" : `, created on ${createdAt}`;
  const why =
    cause === undefined
      ? "It is not certain that this resource created it, so it was not revoked."
      : `Failed to revoke it: ${messageOf(cause)}`;
  const lines = [
    `Failed to create ${called(inputs)}: the response was lost, and a token of that name exists now (ID ${id}${when}).`,
    why,
    `If nothing uses it, run \`turso auth api-tokens revoke ${inputs.name}\`, then retry. Its value is lost.`,
  ];
  return new UserError("OUTCOME_UNKNOWN", lines.join("\n"), { cause });
}

function inUseError(olds: ApiTokenOutputs): UserError {
  const text = `${called(olds)} is the token that this provider uses for organization '${olds.organization}', and was not revoked.`;
  const way =
    "Set another token: `pulumi config set --secret turso:apiToken`, or the variable TURSO_API_TOKEN. Then retry.";
  return new UserError("TOKEN_IN_USE", `${text}\n${way}`);
}

/** The error for a token that was not revoked. */
function revokeError(olds: ApiTokenOutputs, cause: unknown): unknown {
  if (!(cause instanceof TursoError)) return cause;
  const title = called(olds);
  if (cause.mayHaveBeenApplied) {
    const text = `Failed to revoke ${title}: the request may still have succeeded. Retry.\n${cause.message}`;
    return new UserError("OUTCOME_UNKNOWN", text, { cause });
  }
  const isRefused = cause instanceof TursoApiError && (cause.status === 403 || cause.isNotFound);
  const lines = [
    `Failed to revoke ${title}.`,
    cause.message,
    ...(isRefused
      ? [`The token may still be valid. ${NEEDS} The user who created the token can revoke it, too.`]
      : []),
  ];
  return new UserError("DELETE_FAILED", lines.join("\n"), { cause });
}
