/** Which options of a resource the mocks cannot know the effect of. */
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb.js";

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
