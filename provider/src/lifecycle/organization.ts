import { UNKNOWN } from "./unknown.js";

/**
 * Why a resource that state has in the organization `old` (undefined: the user form) cannot be in `now`; undefined when
 * it can. One that is given (`explicit`) and changes is a replacement; a default that resolves differently is an error.
 */
export function organizationProblem({
  urn,
  group,
  old,
  now,
  explicit,
}: {
  urn: string;
  /** Of a Group, its name: a generated one would be another one under the new address. */
  group?: unknown;
  old: unknown;
  now: unknown;
  explicit: boolean;
}): string | undefined {
  if (now === old || now === UNKNOWN || (explicit && old !== undefined)) return undefined;
  const before = old === undefined ? "your personal account" : `organization '${old}'`;
  const setting =
    now === undefined ? "no default organization is set" : `the default organization is '${now}'`;
  const mayBeSame = old === undefined || now === undefined;
  const back =
    old === undefined
      ? "unset `turso:organization` and TURSO_ORGANIZATION"
      : `run \`pulumi config set turso:organization ${old}\` or set TURSO_ORGANIZATION=${old}`;
  const adopt = group === undefined ? "" : `, and set \`name: "${group}"\` and \`adopt: true\``;
  const forward = mayBeSame
    ? `To manage it under the new address, run \`pulumi state delete '${urn}'\`, which deletes nothing at Turso${adopt}.`
    : `To replace it by one in '${now}', and lose what is in it, set \`organization: "${now}"\`.`;
  return [
    `State has this resource in ${before}, but ${explicit ? `its organization is '${now}'` : setting} now. Nothing was changed${mayBeSame ? ", because both may be the same account" : ""}.`,
    `To continue as before, ${back}.`,
    forward,
  ].join("\n");
}
