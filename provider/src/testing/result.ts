import type { ErrorCode } from "../lifecycle/errors.js";

/** A resource in the result of a run. Components and providers are not in it. */
export interface MockedResource {
  /** The name in the program. */
  name: string;
  /** The type: `Group` for those of this package, e.g. `aws:s3/bucket:Bucket` for others. */
  type: string;
  urn: string;
}

/** A resource that is updated or replaced. */
export interface ChangedResource extends MockedResource {
  /** The inputs that change; in a replacement, those that need it. */
  properties: string[];
}

/** What the provider refuses, or fails to do. */
export interface Refusal extends MockedResource {
  /** The input that is refused; "" if it is no single input. */
  property: string;
  /** The code at the end of the message's first line, e.g. `HOLDS_DATA`. */
  code: ErrorCode;
  /** The message that `pulumi up` shows. */
  message: string;
}

/** What `pulumi up` does with the program, or would do if it is refused or in a preview. */
export interface MockResult<T = unknown> {
  created: MockedResource[];
  updated: ChangedResource[];
  replaced: ChangedResource[];
  deleted: MockedResource[];
  unchanged: MockedResource[];
  /** Empty, unless the run is told to expect refusals. */
  refused: Refusal[];
  warnings: string[];
  /** What the program returned; for `import("./index.js")`, its exports. */
  outputs: T;
}

/** Thrown by a run that is refused, unless it expects refusals. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly result: MockResult;

  constructor(result: MockResult) {
    super(
      result.refused
        .map(
          ({ type, name, property, message }) =>
            `${type} '${name}'${property && `, ${property}`}: ${message}`,
        )
        .join("\n"),
    );
    this.result = result;
  }
}
