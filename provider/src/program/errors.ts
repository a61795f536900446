import * as pulumi from "@pulumi/pulumi";
import { type ErrorCode, withCode } from "../lifecycle/errors.js";

/** An error of the user's program. The SDK shows the message of a RunError without a stack. */
export function programError(code: ErrorCode, text: string): Error {
  // The SDK hangs on a lone surrogate.
  return new pulumi.RunError(withCode(code, text).toWellFormed());
}
