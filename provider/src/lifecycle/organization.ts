import type { CheckFailure } from "./errors.js";
import { UNKNOWN } from "./unknown.js";

/**
 * Why a resource that state has in the organization `old` cannot be in `now` (undefined: the personal
 * account). An organization that the program sets (`explicit`) and changes replaces the resource. A default
 * that resolves differently is an error.
 */
export function changedOrganizationProblems({
  urn,
  name,
  old,
  now,
  explicit,
}: {
  urn: string;
  /**
   * The name that state has, where the resource has one: a generated name would be another one in another
   * organization.
   */
  name?: unknown;
  old: unknown;
  now: unknown;
  explicit: boolean;
}): CheckFailure[] {
  if (now === old || now === UNKNOWN || (explicit && old !== undefined)) return [];
  const before = old === undefined ? "your personal account" : `organization '${old}'`;
  const setting =
    now === undefined ? "no default organization is set" : `the default organization is '${now}'`;
  const mayBeSame = old === undefined || now === undefined;
  const back =
    old === undefined
      ? "unset `turso:organization` and TURSO_ORGANIZATION"
      : `run \`pulumi config set turso:organization ${old}\` or set TURSO_ORGANIZATION=${old}`;
  const adopt = name === undefined ? "" : `, and set \`name: "${name}"\` and \`adopt: true\``;
  const forward = mayBeSame
    ? `To manage it under the new address, run \`pulumi state delete '${urn}'\`, which deletes nothing at Turso${adopt}.`
    : `To replace it with a new one in '${now}', and lose the data in it, set \`organization: "${now}"\`.`;
  const reason = [
    `State has this resource in ${before}, but ${explicit ? `its organization is '${now}'` : setting} now. Nothing was changed${mayBeSame ? ", because both may be the same account" : ""}.`,
    `To continue as before, ${back}.`,
    forward,
  ].join("\n");
  return [{ property: explicit ? "organization" : "", code: "ORGANIZATION_CHANGED", reason }];
}
