/** How an API token is revoked. */
import { TursoApiError, TursoError } from "../../api/index.js";
import { UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import type { ApiTokenOutputs } from "./apiToken.js";
import { API_TOKENS } from "./kind.js";
import { NEEDS_ADMIN } from "./messages.js";
import { called } from "./state.js";

export async function revoke(context: Context, olds: ApiTokenOutputs): Promise<void> {
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
      ? [`The token may still be valid. ${NEEDS_ADMIN} The user who created the token can revoke it, too.`]
      : []),
  ];
  return new UserError("DELETE_FAILED", lines.join("\n"), { cause });
}
