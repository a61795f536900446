/**
 * Errors for users. Each has a code, which ends the first line of its message, because Pulumi shows nothing
 * but text.
 */
import { TursoApiError, TursoConnectionError, TursoError } from "../api/index.js";

/**
 * Every code, in alphabetical order. docs/troubleshooting.md says what causes each error and how to fix it.
 */
export const ERROR_CODES = [
  "ADOPTION_FAILED",
  "API_ERROR",
  "API_UNREACHABLE",
  "CREATE_FAILED",
  "DELETE_FAILED",
  "DUPLICATE_RESOURCE",
  "FORBIDDEN",
  "HOLDS_DATA",
  "INVALID_ID",
  "INVALID_INPUT",
  "INVALID_RESPONSE",
  "INVALID_SETTING",
  "INVALIDATION_FAILED",
  "MANAGED_BY_ANOTHER_RESOURCE",
  "MAY_HOLD_DATA",
  "MEMBER_PROTECTED",
  "NAME_NOT_RELEASED",
  "NAME_REQUIRED",
  "NAME_TAKEN",
  "NOT_FOUND",
  "NOT_IMPORTABLE",
  "NOT_SUPPORTED",
  "NO_TOKEN",
  "ORGANIZATION_CHANGED",
  "OUTCOME_UNKNOWN",
  "OWNERSHIP_UNKNOWN",
  "PACKAGE_NOT_FOUND",
  "PLAINTEXT_TOKEN",
  "PLUGIN_NOT_INSTALLED",
  "PROTECTED",
  "READ_FAILED",
  "TOKEN_IN_USE",
  "TOKEN_NOT_ISSUED",
  "UNAUTHORIZED",
  "UNKNOWN_ARGUMENT",
  "UNKNOWN_EXTENSION",
  "UNKNOWN_INPUT",
  "UNKNOWN_LOCATION",
  "UNRESTRICTED_TOKEN",
  "UPDATE_FAILED",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A message with its code at the end of its first line. */
export function withCode(code: ErrorCode, text: string): string {
  return text.replace(/(?=\n|$)/, ` [${code}]`);
}

/** An error whose message says everything that a user needs: hosts show it without a stack. */
export class UserError extends Error {
  readonly code: ErrorCode;
  /** The message without the code. */
  readonly text: string;

  constructor(code: ErrorCode, text: string, options?: { cause?: unknown }) {
    super(withCode(code, text), options);
    this.code = code;
    this.text = text;
  }

  /** The same error with more to say. */
  extended(more: string): UserError {
    return new UserError(this.code, `${this.text}\n${more}`, { cause: this });
  }
}

/** The error for a `get` or an import of what does not exist. */
export function missingError(type: string, id: string): UserError {
  return new UserError("NOT_FOUND", `${type} '${id}' does not exist.\nCheck the name and the organization.`);
}

/** There is no API token. A preview goes on without one. */
export class MissingTokenError extends UserError {
  /** The same for the warning of a preview: a clause, and a sentence. */
  readonly inPreview: { problem: string; remedy: string };

  constructor(text: string, inPreview: { problem: string; remedy: string }) {
    super("NO_TOKEN", text);
    this.inPreview = inPreview;
  }
}

/**
 * A create or update that was completed only in part. State records `outputs`, which is what exists now, and
 * marks the resource as not initialized, so that the next `up` finishes it.
 */
export class PartialError extends UserError {
  readonly id: string;
  readonly outputs: object;

  constructor(id: string, outputs: object, code: ErrorCode, text: string, options?: { cause?: unknown }) {
    super(code, text, options);
    this.id = id;
    this.outputs = outputs;
  }

  override extended(more: string): PartialError {
    return new PartialError(this.id, this.outputs, this.code, `${this.text}\n${more}`, { cause: this });
  }
}

/** Why something is refused. */
export interface Problem {
  code: ErrorCode;
  reason: string;
}

/** An input that is refused, and why. Pulumi shows the reason after "has a problem:". */
export interface CheckFailure extends Problem {
  /** Name of the input; "" when it is no single input. */
  property: string;
}

/** A refusal as the engine shows it: the first line of the reason ends with the code. */
export function shownFailure({ property, code, reason }: CheckFailure): { property: string; reason: string } {
  return { property, reason: withCode(code, reason).toWellFormed() };
}

/** Whether an error's message says everything that a user needs. */
export function explainsItself(error: unknown): boolean {
  return error instanceof UserError || error instanceof TursoError;
}

/** The same error; one of the client's as a UserError with a code. */
export function asUserError(error: unknown): Error {
  if (error instanceof TursoError) return new UserError(codeOf(error), error.message, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

function codeOf(error: TursoError): ErrorCode {
  if (error instanceof TursoConnectionError) return "API_UNREACHABLE";
  if (!(error instanceof TursoApiError)) return "INVALID_RESPONSE";
  if (error.status === 401) return "UNAUTHORIZED";
  return error.status === 403 ? "FORBIDDEN" : "API_ERROR";
}

/** An error and its causes. */
export function causesOf(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
