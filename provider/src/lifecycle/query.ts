/** Requests that a check makes. */
import { TursoApiError, TursoConnectionError } from "../api/index.js";
import { MissingTokenError } from "./errors.js";
import type { Context } from "./lifecycle.js";

/** A failure that a preview survives: what was to be checked stays unchecked. */
type Obstacle = MissingTokenError | TursoConnectionError | TursoApiError;

/**
 * Asks the API what a check needs to know. Undefined when the API cannot be asked (no token, no network, 429,
 * 5xx): a preview warns once and goes on. Other errors, such as 401, would fail `up` as well and are thrown.
 */
export async function queryForPreview<T>(
  context: Context,
  preview: boolean | undefined,
  query: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await query();
  } catch (error) {
    if (!isObstacle(error)) throw error;
    if (preview !== false) context.warn(incomplete(error));
    return undefined;
  }
}

function isObstacle(error: unknown): error is Obstacle {
  if (error instanceof TursoApiError) return error.status === 429 || error.status >= 500;
  return error instanceof MissingTokenError || error instanceof TursoConnectionError;
}

/**
 * Says what a preview could not check. Does not name the request, so that it is one warning for any number of
 * lists.
 */
function incomplete(error: Obstacle): string {
  const consequence = "so this preview may be incomplete: what already exists at Turso was not checked.";
  if (error instanceof MissingTokenError)
    return `${error.inPreview.problem}, ${consequence} ${error.inPreview.remedy}`;
  if (error instanceof TursoConnectionError)
    return `Could not reach the Turso API, ${consequence} Cause: ${error.reason}. ${error.hint}`.trim();
  return `The Turso API responded with ${error.status}${error.detail === undefined ? "" : ` ${error.detail}`}, ${consequence}`;
}
