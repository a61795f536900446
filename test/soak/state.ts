/** The groups and tokens in the state file. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine, StateResource } from "../support/stack.ts";
import type { Place } from "./report.ts";

export interface StateGroup {
  urn: string;
  place: Place;
  /** The name of the resource in the program. */
  resource: string;
  uuid: string;
  /** The name of the group, and the one in the program. */
  name: string;
  declaredName: string;
  location: string;
  /** Its actual location: differs if it was moved outside Pulumi. */
  primary: string;
  replicas?: string[];
  deleteProtection?: boolean;
  forceDestroy: boolean;
  adopt: boolean;
  locations: string[];
  protected: boolean;
  /** Replaced, but not deleted yet. */
  doomed: boolean;
  /** The next up replaces it (`pulumi state taint`). */
  tainted: boolean;
  /** Its last create or update was incomplete. */
  unfinished: boolean;
  inputs: Record<string, unknown>;
}

export interface StateToken {
  resource: string;
  groupUuid: string;
  doomed: boolean;
}

/** A member or an invite. */
export interface StatePerson {
  resource: string;
  /** The username, or the email address. */
  name: string;
  role: string;
  /** Replaced, but not removed yet. */
  doomed: boolean;
}

export interface StateApiToken {
  resource: string;
  id: string;
  name: string;
  /** Replaced, but not revoked yet. */
  doomed: boolean;
}

export interface State {
  groups: StateGroup[];
  tokens: StateToken[];
  apiTokens: StateApiToken[];
  people: StatePerson[];
  /** Pending operations of a killed engine, whose outcome is unknown. */
  pending: number;
  /** Resources with a pending update of a killed engine: until a refresh, state has their old values. */
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
    people: [...ofType(":OrganizationMember"), ...ofType(":OrganizationInvite")].map(
      ({ urn, outputs, delete: doomed, pendingReplacement }) => ({
        resource: nameOf(urn),
        // A member has an email address, too.
        name: String(outputs?.username ?? outputs?.email),
        role: String(outputs?.role),
        doomed: doomed === true || pendingReplacement === true,
      }),
    ),
    apiTokens: ofType(":ApiToken").map(({ urn, outputs, delete: doomed, pendingReplacement }) => ({
      resource: nameOf(urn),
      id: String(outputs?.tokenId),
      name: String(outputs?.name),
      doomed: doomed === true || pendingReplacement === true,
    })),
    pending: pending?.length ?? 0,
    updating: (pending ?? [])
      .filter(({ type }) => type === "updating")
      .map(({ resource }) => nameOf(resource.urn)),
    text,
  };
}

/**
 * Restores the state before the operation if a killed engine left a truncated file. Returns whether it did:
 * then state has less than the API.
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

/** The group that state has for a resource, unless it is to be deleted. */
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

/** Whether two lists have the same items, in any order. */
export function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
