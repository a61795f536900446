import { UNKNOWN } from "./lifecycle.js";

/**
 * Why a resource that state has in the organization `old` (undefined: the user form) cannot be in `now`; undefined when
 * it can. One that is given (`explicit`) and changes is a replacement; a default that resolves differently is an error.
 */
export function organizationProblem(old: unknown, now: unknown, explicit: boolean): string | undefined {
  if (now === old || now === UNKNOWN) return undefined;
  const before =
    old === undefined
      ? "in the account of the API token's user, without an organization"
      : `in organization '${old}'`;
  if (old === undefined || now === undefined) {
    const [setting, back] =
      old === undefined
        ? [`'${now}' is set now`, "unset turso:organization and TURSO_ORGANIZATION"]
        : [
            "none is set now",
            `\`pulumi config set turso:organization ${old}\`, or set TURSO_ORGANIZATION=${old}`,
          ];
    return (
      `state has it ${before}, and ${setting}. It may be the same under another address, so nothing is planned. ` +
      `To go on as before, ${back}. To manage it under the new address instead, forget this resource with ` +
      "`pulumi state delete URN` (nothing is deleted at Turso), and declare adopt: true on a group."
    );
  }
  if (explicit) return undefined;
  return (
    `state has it ${before}, but the default organization is '${now}' now. Nothing is planned. To go on as before, ` +
    `\`pulumi config set turso:organization ${old}\` or set TURSO_ORGANIZATION=${old}. To replace it by one in '${now}', ` +
    `and lose what is in it, declare organization: "${now}".`
  );
}
