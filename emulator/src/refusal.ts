/** Why the store refuses: a value is not allowed, not this caller, not there, or taken already. */
export type Reason = "invalid" | "forbidden" | "missing" | "conflict";

/** A rule of Turso that a call broke. The message is the text that the API answers with. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Reason;

  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}
