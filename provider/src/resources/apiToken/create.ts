/** How an API token is created, also if the response is lost. */
import {
  type ApiToken as ApiTokenInfo,
  type ApiTokenLimits,
  TursoApiError,
  TursoError,
} from "../../api/index.js";
import type { Listing } from "../../lifecycle/collection.js";
import { messageOf, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import type { ApiTokenInputs } from "./apiToken.js";
import { type Listed, OWN_TOKENS } from "./kind.js";
import { NEEDS_ADMIN, takenProblem } from "./messages.js";
import { PRESETS, sameScopes } from "./scopes.js";
import { called } from "./state.js";

type Minted = { outcome: "created"; id: string; token: string } | { outcome: "revoked" };

/** How often a token is created whose response is lost each time. */
const ATTEMPTS = 3;

/**
 * Creates the token. If the response is lost, its value is lost as well: the token that was created is revoked,
 * and another one is created.
 */
export async function mint(context: Context, inputs: ApiTokenInputs): Promise<{ id: string; token: string }> {
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
    ...(status === 403 ? [NEEDS_ADMIN] : []),
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
