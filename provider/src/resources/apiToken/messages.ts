import { IF_MANAGED } from "../../lifecycle/sharing.js";
import type { ApiTokenInputs } from "./apiToken.js";
import { called } from "./state.js";

/** What to do about a name that another token of the user has. */
export function takenProblem(inputs: Pick<ApiTokenInputs, "name" | "organization">): string {
  return [
    `Your Turso user already has an API token named '${inputs.name}', which is not managed by this resource. Names are unique among all API tokens of a user, and an existing token cannot be adopted.`,
    "Choose another name, leave `name` unset, or:",
    IF_MANAGED,
    `- If nothing uses it (an interrupted \`up\` may have created it), run \`turso auth api-tokens revoke ${inputs.name}\`, then retry.`,
    "- If `replaceOnChanges` replaces this resource, set the option `deleteBeforeReplace: true`.",
    "- If you forced its replacement (`pulumi state taint`, `--target-replace`), leave `name` unset or change it.",
  ].join("\n");
}

export const takenWarning = (name: string, next: string) =>
  `An API token named '${name}' exists already, so the new token is named '${next}'. If it is not being replaced now, an interrupted \`pulumi up\` may have created it: revoke it with \`turso auth api-tokens revoke ${name}\`.`;

export const forcedWarning = (inputs: ApiTokenInputs) =>
  `${called(inputs)} will be replaced by a token of the same name. That needs the resource option \`deleteBeforeReplace: true\`, or another name.`;

export const NEEDS_ADMIN =
  "This needs a token of an admin or owner of the organization that is not limited to a group. Set such a token as `turso:apiToken`, then retry.";
