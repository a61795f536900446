/** Why a call is refused. The HTTP status of each: invalid 400, forbidden 403, missing 404, conflict 409. */
export type Reason = "invalid" | "forbidden" | "missing" | "conflict";

/** Thrown when a call breaks a rule of the Turso API. The message is the error text of the HTTP response. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Reason;

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}
