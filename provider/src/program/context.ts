/**
 * What the class sends to a dynamic provider in the property `__context`, because the engine does not send
 * it.
 */
export interface ProgramContext {
  /** The resource's URN. */
  urn: string;
  preview: boolean;
}

export function isProgramContext(value: unknown): value is ProgramContext {
  if (typeof value !== "object" || value === null || !("urn" in value) || !("preview" in value)) return false;
  return typeof value.urn === "string" && typeof value.preview === "boolean";
}
