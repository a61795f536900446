/** What a preview changes, resource by resource, and what is lost by it. */
import { parseUrn } from "../../lifecycle/urn.js";
import { diffOf, type PropertyChange } from "./diff.js";
import type { Preview, Step } from "./preview.js";

export interface Change {
  urn: string;
  name: string;
  /** As the native plugin names it, e.g. `turso:index:Group`, on both hosts. */
  type: string;
  action: Action;
  /** Whether it deletes or replaces something, or takes access away. */
  destructive: boolean;
  /** Whether a token is replaced only because it is due for renewal. */
  renewal: boolean;
  /** Whether an `--allow` names it. */
  allowed: boolean;
  /** What is lost, as sentences; only of Turso's resources. */
  loss?: string;
  diff: PropertyChange[];
}

export type Action = "delete" | "replace" | "update" | "create" | "import";

/** The actions, and the operations of the engine that belong to them; the first that applies is the action. */
const ACTIONS: Readonly<Record<Action, readonly string[]>> = {
  replace: [
    "replace",
    "create-replacement",
    "delete-replaced",
    "import-replacement",
    "read-replacement",
    "remove-pending-replace",
  ],
  delete: ["delete"],
  import: ["import"],
  create: ["create"],
  update: ["update"],
};

/** Operations that change nothing. What is discarded was only read. */
const HARMLESS = ["same", "read", "refresh", "discard", "discard-replaced", "diff", "extend-parameterize"];

const KNOWN = new Set([...Object.values(ACTIONS).flat(), ...HARMLESS]);

/** An operation that only a later engine has may lose anything, so it counts as a replacement. */
function isOf(action: Action, { op }: Step): boolean {
  return ACTIONS[action].includes(op) || (action === "replace" && !KNOWN.has(op));
}

/** The changes of a preview, the destructive ones first, then by URN: the engine has no fixed order. */
export function changesOf({ steps, refresh }: Preview, allow: readonly string[] = []): Change[] {
  const isAllowed = matcher(allow);
  const byUrn = Map.groupBy(
    steps.filter(({ urn }) => !isInternal(urn)),
    ({ urn }) => urn,
  );
  const changes = [...byUrn.values()].flatMap((steps) => changeOf(steps, refresh, isAllowed) ?? []);
  const rank = ({ destructive, urn }: Change) => `${destructive ? 0 : 1} ${urn}`;
  return changes.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** The stack itself and its providers hold nothing. */
function isInternal(urn: string): boolean {
  return /^pulumi:(pulumi:Stack|providers:)/.test(parseUrn(urn).type);
}

function changeOf(
  steps: Step[],
  refresh: boolean,
  isAllowed: (change: Place) => boolean,
): Change | undefined {
  const actions = Object.keys(ACTIONS) as Action[];
  const action = actions.find((name) => steps.some((step) => isOf(name, step)));
  if (action === undefined) return undefined;
  // Of an interrupted replacement, the old half is deleted while the new one may stay as it is.
  const acting = steps.filter((step) => isOf(action, step));
  // The step that has both states says most.
  const step = acting.find(({ old, new: new_ }) => old && new_) ?? acting[0];
  if (step === undefined) return undefined;
  const { urn } = step;
  const { name, type: stateType } = parseUrn(urn);
  const type = stateType.replace(/^pulumi-nodejs:dynamic\/turso:/, "turso:index:");
  const diff = diffOf(step);
  const renewal = isSqlToken(type) && diff.length > 0 && diff.every(({ path }) => path === "expiresAt");
  const removed = !refresh && !renewal && (action === "delete" || action === "replace");
  const removes = removed && losesSomething(acting);
  const invalidates = !refresh && revokesTokens(type, action, step, diff);
  const loss = invalidates ? LOSS.invalidation : removes ? lossOf(type, action, step) : undefined;
  return {
    urn,
    name,
    type,
    action,
    destructive: removes || invalidates,
    renewal,
    allowed: isAllowed({ urn, name, type, stateType }),
    ...(loss !== undefined && { loss }),
    diff,
  };
}

/** A component holds nothing, and what is retained is only removed from state. */
function losesSomething(steps: readonly Step[]): boolean {
  const olds = steps.flatMap(({ old }) => old ?? []);
  return olds.length === 0 || olds.some(({ custom, retainOnDelete }) => custom && !retainOnDelete);
}

function isSqlToken(type: string): boolean {
  return /^turso:index:(Group|Database)Token$/.test(type);
}

function revokesTokens(type: string, action: Action, { new: new_ }: Step, diff: PropertyChange[]): boolean {
  if (!/^turso:index:(Group|Database)TokenInvalidation$/.test(type)) return false;
  // It may also be a value that is only known during `pulumi up`.
  if (action === "create" || action === "replace") return (new_?.inputs.onCreate ?? false) !== false;
  return action === "update" && diff.some(({ path }) => /^triggers\b/.test(path));
}

const LOSS = {
  invalidation: "Every token of the group or database is revoked, and applications that use one lose access.",
  forced: "`forceDestroy: true` is in state: it is deleted together with all data in it.",
  deleted: "`pulumi up` deletes it only if it is empty, which a preview cannot check.",
  replaced: "`pulumi up` replaces it only if it is empty.",
  reissued:
    "A new token is issued. The old one stays valid until it expires, or its group or database is deleted.",
  token: "The stack loses the token. At Turso it stays valid until it expires.",
  apiToken: "The token is revoked.",
  member: "The member loses access to the organization.",
  invite: "The invite is withdrawn.",
} as const;

/** What is lost with a resource of Turso. */
function lossOf(type: string, action: Action, { old }: Step): string | undefined {
  const guarded = action === "replace" ? LOSS.replaced : LOSS.deleted;
  const data = old?.inputs.forceDestroy === true ? LOSS.forced : guarded;
  const token = action === "replace" ? LOSS.reissued : LOSS.token;
  const losses: Readonly<Record<string, string>> = {
    Group: data,
    Database: data,
    DatabaseSet: data,
    GroupToken: token,
    DatabaseToken: token,
    ApiToken: LOSS.apiToken,
    OrganizationMember: LOSS.member,
    OrganizationInvite: LOSS.invite,
  };
  return /^turso:index:/.test(type) ? losses[type.slice("turso:index:".length)] : undefined;
}

interface Place {
  urn: string;
  name: string;
  type: string;
  stateType: string;
}

/** Whether a pattern is the URN, the name or the type of a resource. `*` stands for any text. */
function matcher(patterns: readonly string[]): (place: Place) => boolean {
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.replace(/[\\^$.+?()[\]{}|]/g, "\\$&").replaceAll("*", ".*")}$`, "s"),
  );
  return (place) =>
    Object.values(place).some((text: string) => expressions.some((expression) => expression.test(text)));
}
