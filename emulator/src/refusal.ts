/** Why a call is refused. The HTTP status of each: invalid 400, forbidden 403, missing 404, conflict 409. */
export type Reason = "invalid" | "forbidden" | "missing" | "conflict";

/** Thrown when a call breaks a rule of the Turso API. The message is the error text of the HTTP response. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Reason;
  /** The `code` of the HTTP response, such as `feature_not_available_for_starter_plan`. */
  readonly code: string | undefined;

  constructor(reason: Reason, message: string, code?: string) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}
