/** What the state file holds of groups and tokens. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine, StateResource } from "../support/stack.ts";
import type { Place } from "./report.ts";

export interface StateGroup {
  urn: string;
  place: Place;
  /** The resource's name in the program. */
  resource: string;
  uuid: string;
  /** The group's name, and the one that the program gave, if that is another. */
  name: string;
  declaredName: string;
  location: string;
  /** Where it is, if it was moved elsewhere. */
  primary: string;
  replicas?: string[];
  deleteProtection?: boolean;
  forceDestroy: boolean;
  adopt: boolean;
  locations: string[];
  protected: boolean;
  /** Replaced by another one, and yet to be deleted. */
  doomed: boolean;
  /** To be replaced by the next up, whatever the program says (`pulumi state taint`). */
  tainted: boolean;
  /** Not all of it is done. */
  unfinished: boolean;
  inputs: Record<string, unknown>;
}

export interface StateToken {
  resource: string;
  groupUuid: string;
  doomed: boolean;
}

export interface State {
  groups: StateGroup[];
  tokens: StateToken[];
  /** Creates of which a killed engine does not know what became. */
  pending: number;
  /** Resources of whose update a killed engine does not know what became: until a refresh, state has what was before. */
  updating: string[];
  text: string;
}

interface Checkpoint {
  checkpoint?: {
    latest?: {
      resources?: (StateResource & {
        delete?: boolean;
        pendingReplacement?: boolean;
        taint?: boolean;
        provider?: string;
      })[];
      pending_operations?: { type: string; resource: { urn: string } }[];
    };
  };
}

export async function readState(engine: Engine): Promise<State> {
  const text = await engine.stateText().catch(() => "{}");
  const { resources = [], pending_operations: pending } =
    (JSON.parse(text) as Checkpoint).checkpoint?.latest ?? {};
  const ofType = (type: string) => resources.filter((resource) => resource.type.endsWith(type));
  return {
    groups: ofType(":Group").map(
      ({ urn, provider, inputs, outputs, delete: doomed, pendingReplacement, taint, initErrors }) => {
        const name = String(outputs?.name);
        return {
          urn,
          place: placeOf(urn, provider),
          resource: nameOf(urn),
          uuid: String(outputs?.uuid),
          name,
          declaredName: String(outputs?.__declaredName ?? name),
          location: String(outputs?.location),
          primary: String(outputs?.primary),
          ...(Array.isArray(outputs?.replicas) && { replicas: outputs.replicas as string[] }),
          ...(typeof outputs?.deleteProtection === "boolean" && {
            deleteProtection: outputs.deleteProtection,
          }),
          forceDestroy: outputs?.forceDestroy === true,
          adopt: outputs?.adopt === true,
          locations: (outputs?.locations ?? []) as string[],
          protected: outputs?.protected === true,
          doomed: doomed === true || pendingReplacement === true,
          tainted: taint === true && doomed !== true && pendingReplacement !== true,
          unfinished: (initErrors ?? []).length > 0,
          inputs,
        };
      },
    ),
    tokens: ofType(":GroupToken").map(({ urn, outputs, delete: doomed }) => ({
      resource: nameOf(urn),
      groupUuid: String(outputs?.groupUuid),
      doomed: doomed === true,
    })),
    pending: pending?.length ?? 0,
    updating: (pending ?? [])
      .filter(({ type }) => type === "updating")
      .map(({ resource }) => nameOf(resource.urn)),
    text,
  };
}

/**
 * A killed engine may leave files that are written half: then the state is the one before, which is less than there is;
 * answers whether it is.
 */
export function mendState(home: string, before: State): boolean {
  const folder = join(home, ".pulumi", "stacks", "shop");
  for (const name of readdirSync(folder))
    if (name.endsWith(".attrs") && statSync(join(folder, name)).size === 0) rmSync(join(folder, name));
  const file = join(folder, "dev.json");
  try {
    JSON.parse(readFileSync(file, "utf8"));
    return false;
  } catch {
    writeFileSync(file, before.text);
    return true;
  }
}

/** The group that state has for a resource, if it is not to be deleted. */
export function current(state: State, resource: string): StateGroup | undefined {
  return state.groups.find((group) => group.resource === resource && !group.doomed);
}

function placeOf(urn: string, provider = ""): Place {
  const types = (urn.split("::")[2] ?? "").split("$");
  return {
    host: types.at(-1)?.startsWith("turso:") ? "native" : "dynamic",
    explicit: provider.includes("::explicit::"),
    component: types.at(-2),
  };
}

function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

/** Whether two lists hold the same, in any order. */
export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
