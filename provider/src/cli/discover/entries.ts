/** What things are called in the program, and their entries in the import file. */
import type { State } from "../../lifecycle/values.js";
import { dynamicProviderText, tokenOf } from "../../program/resource.js";
import { version } from "../../version.js";
import type { Found } from "./inventory.js";
import type { Kind } from "./kinds.js";
import type { ImportEntry } from "./known.js";
import { freeName, resourceName } from "./names.js";

export type Host = "dynamic" | "native";

/** Something that is new to the program. */
export interface Entry {
  readonly found: Found;
  /** The name of its resource; in an organization file its key. */
  readonly name: string;
  /** The name of its variable, or its key in a YAML program. */
  readonly identifier: string;
}

/** What the program has already, and how it names what is new. */
export interface Naming {
  isNameTaken(kind: Kind, name: string): boolean;
  /** The identifier for a thing, unless it is taken. */
  identifier(name: string, kind: Kind): string;
  isIdentifierTaken(identifier: string): boolean;
}

/** Names for what is new. */
export function entriesOf(found: readonly Found[], naming: Naming): Entry[] {
  const names = new Set<string>();
  const identifiers = new Set<string>();
  return found.map((item) => {
    const { kind } = item;
    const name = freeName(
      resourceName(item.name, kind.singular),
      (free) => names.has(`${kind.plural} ${free}`) || naming.isNameTaken(kind, free),
    );
    const identifier = freeName(
      naming.identifier(item.name, kind),
      (free) => identifiers.has(free) || naming.isIdentifierTaken(free),
    );
    names.add(`${kind.plural} ${name}`);
    identifiers.add(identifier);
    return { found: item, name, identifier };
  });
}

/** The inputs that a program sets: without those that the lifecycles keep for themselves. */
export function declaredInputs({ inputs }: Found): [string, unknown][] {
  return Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
}

/** The component that has all resources of an organization file. */
export interface Component {
  readonly name: string;
}

const COMPONENT = "turso:index:Organization";

/** The entries of an import file. Those of a component come after it. */
export function importEntries(entries: readonly Entry[], host: Host, component?: Component): ImportEntry[] {
  const resources = entries.map(({ found, name }): ImportEntry => {
    const { kind, id, inputs, outputs } = found;
    const { name: type } = kind.lifecycle.resource;
    const withMark = (values: State) =>
      host === "native" ? values : { ...values, __provider: dynamicProviderText(type) };
    return {
      type: tokenOf[host](type),
      name: component === undefined ? name : `${component.name}/${kind.plural}/${name}`,
      id,
      ...(component && { parent: component.name }),
      ...(host === "native" && { version }),
      inputs: withMark(inputs),
      outputs: withMark(outputs),
    };
  });
  return component === undefined
    ? resources
    : [{ type: COMPONENT, name: component.name, component: true }, ...resources];
}
