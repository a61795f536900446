/** A preview, ordered by what a reviewer must see first. All formats are written from it. */
import { parseUrn } from "../../lifecycle/urn.js";
import { EXIT } from "../command.js";
import { type Change, changesOf } from "./changes.js";
import type { Diagnostic, Preview } from "./preview.js";

export const FAIL_ON = ["destructive", "changes", "never"] as const;
export type FailOn = (typeof FAIL_ON)[number];

export interface Summary {
  /** The project and the stack, e.g. `shop/dev`; absent where the preview names none. */
  stack?: string;
  /** Whether it is the preview of a refresh: its changes were made outside Pulumi. */
  refresh: boolean;
  failed: boolean;
  errors: Diagnostic[];
  destructive: Change[];
  renewals: Change[];
  warnings: Diagnostic[];
  /** All changes, the destructive ones first. */
  changes: Change[];
  /** The changes for which the command fails. */
  refused: Change[];
  exitCode: number;
}

export interface Rules {
  allow: readonly string[];
  failOn: FailOn;
}

export function summaryOf(preview: Preview, { allow, failOn }: Rules): Summary {
  const { steps, refresh, warnings, incomplete } = preview;
  const errors =
    incomplete === undefined || preview.errors.length > 0 ? preview.errors : [{ message: incomplete }];
  const changes = changesOf(preview, allow);
  const destructive = changes.filter((change) => change.destructive);
  const counted = { destructive, changes, never: [] }[failOn];
  const refused = counted.filter(({ allowed }) => !allowed);
  const failed = errors.length > 0 || incomplete !== undefined;
  const urn = steps[0]?.urn;
  const place = urn === undefined ? undefined : parseUrn(urn);
  return {
    ...(place !== undefined && { stack: `${place.project}/${place.stack}` }),
    refresh,
    failed,
    errors,
    destructive,
    renewals: changes.filter(({ renewal }) => renewal),
    warnings,
    changes,
    refused,
    exitCode: failed ? EXIT.failed : refused.length > 0 ? EXIT.unexpectedChanges : EXIT.ok,
  };
}

/** E.g. `Pulumi preview`, before the name of the stack. */
export function titleOf({ refresh }: Summary): string {
  return refresh ? "Drift" : "Pulumi preview";
}

/** The first sentence of a report, e.g. `2 destructive changes, 1 token renewal, 3 other changes.` */
export function headlineOf({ refresh, failed, errors, changes, destructive, renewals }: Summary): string {
  const others = changes.length - destructive.length - renewals.length;
  const one = others === changes.length ? "change" : "other change";
  const counts = [
    count(destructive.length, "destructive change"),
    count(renewals.length, "token renewal"),
    refresh ? count(others, `${one} made outside Pulumi`, `${one}s made outside Pulumi`) : count(others, one),
  ].filter((text) => text !== "");
  const found = counts.length === 0 ? "No changes" : counts.join(", ");
  if (!failed) return `${found}.`;
  const before = counts.length === 0 ? "" : ` Before that: ${found}.`;
  return `The preview failed with ${count(errors.length, "error") || "no message"}.${before}`;
}

/** What `--fail-on` and `--allow` make of the changes; undefined where they change nothing. */
export function verdictOf({ failed, refused }: Summary): string | undefined {
  if (failed || refused.length === 0) return undefined;
  return `This check fails, because ${count(refused.length, "change is", "changes are")} not allowed.`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  if (number === 0) return "";
  return `${number} ${number === 1 ? one : many}`;
}
