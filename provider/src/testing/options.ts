/** Which options the functions of this package have, and which ones of a resource mocks cannot know the effect of. */
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";
import type { StoreOptions } from "turso-emulator";
import { suggestion } from "../lifecycle/nearest.js";
import { describe } from "../lifecycle/values.js";

/** Refuses options that do not exist, which JavaScript lets through. `known` has all that exist. */
export function checkOptions(subject: string, given: object, known: Readonly<Record<string, true>>): void {
  if (describe(given) !== "an object")
    throw new TypeError(
      `${subject}: the options must be an object such as { organization: "acme" }, got ${describe(given)}.`,
    );
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  if (unknown !== undefined)
    throw new TypeError(`${subject} has no option '${unknown}': ${suggestion(unknown, Object.keys(known))}`);
}

/** The options of an emulator without a port. */
export const STORE_OPTIONS: Record<keyof StoreOptions, true> = {
  token: true,
  organizations: true,
  locations: true,
  plan: true,
  lag: true,
  createLag: true,
  deleteLag: true,
  listLag: true,
  clock: true,
  pagination: true,
};

/**
 * The options that only the engine applies. They have no effect on a new resource. `ownAliases`: how many
 * aliases this package adds.
 */
export function engineOptions(request: RegisterResourceRequest, ownAliases: number): string[] {
  const newer: Partial<RegisterResourceRequest> = request;
  const given: Record<string, boolean> = {
    aliases: request.getAliasesList().length + request.getAliasurnsList().length > ownAliases,
    deleteBeforeReplace: request.getDeletebeforereplacedefined(),
    deletedWith: request.getDeletedwith() !== "",
    ignoreChanges: request.getIgnorechangesList().length > 0,
    protect: request.getProtect() === true,
    replaceOnChanges: request.getReplaceonchangesList().length > 0,
    // Older SDKs have neither.
    replaceWith: (newer.getReplaceWithList?.call(request) ?? []).length > 0,
    replacementTrigger: newer.hasReplacementTrigger?.call(request) === true,
    retainOnDelete: request.getRetainondelete() === true,
  };
  return Object.keys(given).filter((option) => given[option]);
}

/** The options that only the engine applies, to new resources as well. */
export function alwaysEngineOptions(request: RegisterResourceRequest): string[] {
  const given: Record<string, boolean> = {
    import: request.getImportid() !== "",
    transforms: request.getTransformsList().length > 0,
  };
  return Object.keys(given).filter((option) => given[option]);
}

/** An error for what mocks cannot know. */
export function notMocked(subject: string, what: string): Error {
  return new Error(
    `${subject} has ${what}, which the Pulumi engine applies, so mockTurso cannot know the result.\n` +
      'Test this on the engine, with `useEmulator()` of "pulumi-turso/testing".',
  );
}
