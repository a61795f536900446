/** A report for a terminal or a log, and one for programs. */
import { parseUrn } from "../../lifecycle/urn.js";
import { linesOf, visible } from "../text.js";
import type { Change } from "./changes.js";
import { lineOf } from "./diff.js";
import type { Diagnostic } from "./preview.js";
import { headlineOf, type Summary, titleOf, verdictOf } from "./summary.js";

export function toText(summary: Summary, title: string | undefined): string {
  const name = title ?? summary.stack;
  const blocks = [
    `${titleOf(summary)}${name === undefined ? "" : ` of ${visible(name)}`}`,
    [headlineOf(summary), verdictOf(summary)].filter((sentence) => sentence !== undefined).join(" "),
    ...block("Destructive changes:", summary.destructive.map(changeText)),
    ...block("Errors:", summary.errors.map(diagnosticText)),
    ...block("Token renewals:", summary.renewals.map(changeText)),
    ...block("Warnings:", summary.warnings.map(diagnosticText)),
    ...block("Changes:", summary.changes.map(detailText)),
  ];
  return `${blocks.join("\n\n")}\n`;
}

export function toJson(summary: Summary): string {
  const { stack, refresh, failed, errors, destructive, renewals, warnings, changes, refused, exitCode } =
    summary;
  const urns = (list: readonly Change[]) => list.map(({ urn }) => urn);
  const lists = { destructive: urns(destructive), renewals: urns(renewals), refused: urns(refused) };
  return `${JSON.stringify({ stack, refresh, headline: headlineOf(summary), failed, exitCode, errors, warnings, ...lists, changes }, null, 2)}\n`;
}

function block(title: string, entries: readonly string[]): string[] {
  return entries.length === 0 ? [] : [[title, ...entries].join("\n")];
}

function changeText({ action, name, type, allowed, loss }: Change): string {
  const first = `  ${action} ${visible(name)} (${visible(type)})${allowed ? " (allowed)" : ""}`;
  return [first, ...(loss === undefined ? [] : [`    ${loss}`])].join("\n");
}

function detailText({ action, name, type, diff }: Change): string {
  return [
    `  ${action} ${visible(name)} (${visible(type)})`,
    ...diff.map((change) => `    ${lineOf(change)}`),
  ].join("\n");
}

function diagnosticText({ urn, message }: Diagnostic): string {
  const subject = urn === undefined ? "The preview" : visible(parseUrn(urn).name);
  return [`  ${subject}:`, ...linesOf(message).map((line) => `    ${visible(line, 2_000)}`)].join("\n");
}
