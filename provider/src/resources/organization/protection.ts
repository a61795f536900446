/** Who must not be removed from an organization or demoted: owners, and the user of the API token. */
import { TursoError } from "../../api/index.js";
import type { Listing, Named } from "../../lifecycle/collection.js";
import { type Problem, UserError } from "../../lifecycle/errors.js";
import type { Context } from "../../lifecycle/lifecycle.js";
import { queryForPreview } from "../../lifecycle/query.js";
import { type Member, TOKEN_USER } from "./kind.js";

/** What is to be done to a member. */
interface Act {
  /** The member in messages. */
  title: string;
  organization: string | undefined;
  verb: "removed" | "demoted";
}

/** The refusal of it; undefined if it is allowed. */
export async function refusal(context: Context, act: Act, member: Member): Promise<UserError | undefined> {
  const problem = await problemOf(act, member, () => context.collection(TOKEN_USER).list(act.organization));
  return problem && new UserError(problem.code, problem.reason);
}

/** The same for a check, as far as the API can be asked. */
export function problemInPreview(
  context: Context,
  preview: boolean | undefined,
  act: Act,
  member: Member,
): Promise<Problem | undefined> {
  return problemOf(act, member, () =>
    queryForPreview(context, preview, () => context.collection(TOKEN_USER).listForCheck(act.organization)),
  );
}

/** The known roles, from most to least. */
const RANKS = ["owner", "admin", "member", "viewer"];

/** Whether a member could do less than before. What an unknown role may do is not known. */
export function isDemotion(from: string, to: string): boolean {
  return from !== to && (!RANKS.includes(from) || RANKS.indexOf(to) > RANKS.indexOf(from));
}

type Users = () => Promise<Listing<Named> | undefined>;

async function problemOf(act: Act, member: Member, users: Users): Promise<Problem | undefined> {
  const { title, verb } = act;
  const refuse = (...lines: string[]): Problem => ({
    code: "MEMBER_PROTECTED",
    reason: [...lines, keep(act, member)].join("\n"),
  });
  if (member.role === "owner") return refuse(`${title} is an owner and cannot be ${verb}.`);
  const user = await tokenUser(member, users);
  switch (user.outcome) {
    case "another":
      return undefined;
    case "same":
      return refuse(
        `${title} is the user of the API token in use and cannot be ${verb}: later operations would fail.`,
        "Use a token of another admin, then retry.",
      );
    case "unknown":
      // Only owners and admins can manage members, so the token is not that of a member or viewer.
      if (member.role === "member" || member.role === "viewer") return undefined;
      return refuse(
        `${title} may be the user of the API token in use and cannot be ${verb}: Turso does not report whose token it is.`,
        `${user.cause.message.split("\n")[0]}`,
        "Use a token that may read its user, or make the change in Turso's dashboard and run `pulumi refresh`.",
      );
  }
}

function keep({ verb }: Act, { role }: Member): string {
  if (verb === "demoted" && role !== "owner") return `To keep the role, set \`role: "${role}"\`.`;
  return "To keep the member without managing it, run `pulumi state delete URN` (`pulumi stack --show-urns` lists the URNs).";
}

/** Whether the token belongs to a member. */
type TokenUser = { outcome: "same" } | { outcome: "another" } | { outcome: "unknown"; cause: TursoError };

async function tokenUser({ name }: Member, users: Users): Promise<TokenUser> {
  try {
    const listing = await users();
    return { outcome: listing?.get(name) === undefined ? "another" : "same" };
  } catch (cause) {
    // A token that is restricted to an organization may not be allowed to read its user.
    if (cause instanceof TursoError) return { outcome: "unknown", cause };
    throw cause;
  }
}
