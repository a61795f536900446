/** URNs: how the engine identifies a resource. */

/** A resource's place in Pulumi. */
export interface ResourcePlace {
  /** Identifies the resource: two components may have resources of the same name. */
  urn: string;
  project: string;
  stack: string;
  /** The resource's name in the program. */
  name: string;
  /**
   * Types of the components that it is in, the outermost first, e.g. `my:App$my:Data`; undefined at the top
   * level.
   */
  parentType?: string | undefined;
}

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
