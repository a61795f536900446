import type { ResourcePlace } from "./lifecycle.js";

/** The parts of a URN: `urn:pulumi:STACK::PROJECT::PARENT$TYPES$TYPE::NAME`. */
export function parseUrn(urn: string): ResourcePlace & { type: string } {
  const [head = "", project = "", qualifiedType = "", ...name] = urn.split("::");
  const types = qualifiedType.split("$");
  const type = types.pop() ?? "";
  return {
    urn,
    project,
    stack: head.replace(/^urn:pulumi:/, ""),
    type,
    name: name.join("::"),
    ...(types.length > 0 && { parentType: types.join("$") }),
  };
}
