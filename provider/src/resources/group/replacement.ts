/** Why a group must not be replaced: a replacement deletes the group, with every database in it. */

import type { Problem } from "../../lifecycle/errors.js";
import { FORCE_DESTROY, LIFT_PROTECTION } from "../../lifecycle/guard.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { queryForPreview } from "../../lifecycle/query.js";
import { DATABASES } from "../database/kind.js";
import { type Contents, contentsOf, listed } from "./contents.js";
import type { GroupInputs } from "./group.js";
import { GROUPS } from "./kind.js";
import { isAws } from "./location.js";
import { groupTitle } from "./state.js";

interface Replacement {
  /** What state has. */
  before: GroupInputs;
  inputs: GroupInputs;
  /** The inputs that the user has changed; none if the replacement is forced. */
  edited: string[];
}

/**
 * Why the group in state cannot be replaced: it has delete protection, or databases would be deleted with it.
 */
export async function replacementProblem(
  context: Context,
  preview: boolean | undefined,
  replacement: Replacement,
): Promise<Problem | undefined> {
  const { before, edited } = replacement;
  const { organization } = before;
  const name = nameNow(before);
  const subject = `${edited.length > 0 ? `Changing ${edited.join(", ")}` : "This change"} replaces ${groupTitle({ organization, name })}`;
  const groups = await queryForPreview(context, preview, () =>
    context.collection(GROUPS).listForCheck(organization),
  );
  if (groups?.get(name)?.deleteProtection ?? before.deleteProtection) {
    const reason = `${subject}, which has delete protection enabled.\nTo replace it, ${LIFT_PROTECTION}${retry(edited)}.`;
    return { code: "PROTECTED", reason };
  }
  if (before.forceDestroy === true) return undefined;
  const contents = await queryForPreview(context, preview, () =>
    contentsOf({ name, formerNames: [before.name] }, groups, (filter) =>
      context.collection(DATABASES).listForCheck(organization, filter),
    ),
  );
  if (contents === undefined) {
    if (preview === true) return undefined;
    const reason = `${subject}. Failed to check whether it holds databases. Retry later.`;
    return { code: "MAY_HOLD_DATA", reason };
  }
  return contents.outcome === "empty" ? undefined : lossProblem(subject, contents, replacement);
}

/** The name that the group has at Turso, as far as state knows. */
const nameNow = ({ name, __name }: GroupInputs) => __name ?? name;

const retry = (edited: string[]) =>
  edited.length > 0 ? `, then change ${edited.join(", ")}` : ", then retry";

/** The refusal of a replacement that would delete data, with the ways to keep it. */
function lossProblem(
  subject: string,
  contents: Exclude<Contents, { outcome: "empty" }>,
  { before, inputs, edited }: Replacement,
): Problem {
  const isCertain = contents.outcome === "holds";
  const what = isCertain
    ? `which holds ${listed(contents.databases)}. Data would be lost.`
    : `which may hold databases: ${contents.reason}.`;
  const lines = [
    `${subject}, ${what}`,
    ...waysToKeep(before, inputs, edited),
    inputs.forceDestroy === true
      ? `To delete the data, undo the change, run \`pulumi up\` with \`forceDestroy: true\`${retry(edited)}: \`forceDestroy\` takes effect after a \`pulumi up\`.`
      : `To delete the data, ${FORCE_DESTROY}${retry(edited)}.`,
    "Turso may be able to restore a deleted group for up to five days (paid plans with recovery enabled).",
  ];
  return { code: isCertain ? "HOLDS_DATA" : "MAY_HOLD_DATA", reason: lines.join("\n") };
}

/** How to get what the program sets without losing data, line by line. */
function waysToKeep(before: GroupInputs, inputs: GroupInputs, edited: string[]): string[] {
  const name = nameNow(before);
  const copy = "and copy each database with `turso db create --from-dump`";
  const isMigration = isAws(inputs.location) && !isAws(before.location);
  const ways: Record<string, string> = {
    name: `run \`turso group rename ${name} ${inputs.name}\`, then \`pulumi refresh\``,
    organization: `run \`turso group transfer ${name} ${inputs.organization}\` and \`pulumi state delete URN\` (\`pulumi stack --show-urns\` lists the URNs), and set \`name: "${name}"\` and \`adopt: true\``,
    location: isMigration
      ? "run `turso group aws-migration`, then `pulumi refresh`"
      : `create a new Group there ${copy}`,
    extensions: `create a new Group with them ${copy}`,
  };
  return edited.map((input) => `To keep the data, ${ways[input]}.`);
}
