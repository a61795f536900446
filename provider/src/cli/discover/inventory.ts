/** What of an organization a program can hold, with the inputs and outputs that state will have of it. */
import { isDeepStrictEqual } from "node:util";
import { UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { idOf } from "../../lifecycle/resourceId.js";
import type { State } from "../../lifecycle/values.js";
import { KINDS, type Kind } from "./kinds.js";
import type { Lists } from "./lists.js";

/** Something that a resource can manage. */
export interface Found {
  readonly kind: Kind;
  readonly name: string;
  /** The ID of the resource. */
  readonly id: string;
  /** Both as the resource itself would write them into state. */
  readonly inputs: State;
  readonly outputs: State;
}

/** Something that no program can hold, or that this version of the package cannot. */
export interface LeftOut {
  readonly kind: Kind;
  readonly name: string;
  readonly reason: string;
}

export interface Inventory {
  readonly found: readonly Found[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * `isMeant`: whether a name was asked for. `problemOf`: why the program cannot hold something, whatever its
 * resource can.
 */
export async function takeInventory(
  context: Context,
  lists: Lists,
  isMeant: (name: string) => boolean,
  problemOf: (found: Found) => string | undefined = () => undefined,
): Promise<Inventory> {
  const results: (Found | LeftOut)[] = [];
  for (const kind of KINDS) {
    for (const { name, leftOut } of kind.list(lists).filter((item) => isMeant(item.name))) {
      const { organization } = lists;
      const result =
        leftOut === undefined
          ? await describe(context, kind, organization, name)
          : { kind, name, reason: leftOut };
      const reason = "id" in result ? problemOf(result) : undefined;
      results.push(reason === undefined ? result : { kind, name, reason });
    }
  }
  return {
    found: results.filter((result) => "id" in result),
    leftOut: results.filter((result) => "reason" in result),
  };
}

/** Reads one thing with the lifecycle of its resource. The lists are known, so this makes no request. */
async function describe(
  context: Context,
  kind: Kind,
  organization: string,
  name: string,
): Promise<Found | LeftOut> {
  const { lifecycle } = kind;
  const address = idOf({ organization, name });
  try {
    const plain = await lifecycle.read(context, address, undefined);
    if (plain === undefined) return { kind, name, reason: "It was deleted in the meantime." };
    const managed = kind.managed(plain.outputs);
    const read = isDeepStrictEqual(managed, {})
      ? plain
      : await lifecycle.read(context, plain.id, { ...plain.outputs, ...managed });
    const { id, inputs, outputs } = read ?? plain;
    const problem = await problemWith(context, kind, name, inputs, outputs);
    return problem === undefined ? { kind, name, id, inputs, outputs } : { kind, name, reason: problem };
  } catch (error) {
    if (!(error instanceof UserError && error.code === "INVALID_ID")) throw error;
    return { kind, name, reason: "Its name cannot be part of a URL." };
  }
}

/**
 * Why a program with these inputs would not leave the thing as it is. The lifecycle checks and compares them
 * as it does in the preview after the import.
 */
async function problemWith(
  context: Context,
  { lifecycle }: Kind,
  name: string,
  inputs: State,
  outputs: State,
): Promise<string | undefined> {
  const resource = { urn: `urn:pulumi:discover::discover::discover::${name}`, project: "", stack: "", name };
  const request = { olds: inputs, news: inputs, resource, preview: true };
  const { inputs: checked, failures } = await lifecycle.check(context, request);
  const [failure] = failures;
  if (failure !== undefined) return `Its input \`${failure.property}\` would be refused: ${failure.reason}.`;
  const { changes } = lifecycle.diff(context, outputs, checked);
  return changes ? "Its inputs would be changed by the first `pulumi up`." : undefined;
}
