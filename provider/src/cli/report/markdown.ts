/** A report for a comment on a pull request, or for the summary of a job. */

import { parseUrn } from "../../lifecycle/urn.js";
import { codeSpan, linesOf, visible } from "../text.js";
import type { Change } from "./changes.js";
import { lineOf } from "./diff.js";
import type { Diagnostic } from "./preview.js";
import { count, headlineOf, type Summary, titleOf, verdictOf } from "./summary.js";

/** GitHub refuses a comment of more than 65,536 characters. A workflow may add some of its own. */
export const LIMIT = 60_000;

/** For the sentences that say what was left out. */
const RESERVE = 600;

const MAX_LINES = 60;

export interface MarkdownOptions {
  title: string | undefined;
  /** Identifies the comment: a workflow finds it again by its first line. */
  marker: string;
}

export function toMarkdown(summary: Summary, { title, marker }: MarkdownOptions): string {
  const name = title ?? summary.stack;
  const verdict = verdictOf(summary);
  const head = [
    `<!-- ${marker} -->`,
    `## ${titleOf(summary)}${name === undefined ? "" : ` of ${codeSpan(name)}`}`,
    "",
    `**${headlineOf(summary)}**${verdict === undefined ? "" : ` ${verdict}`}`,
    "",
  ].join("\n");
  return head + bodyOf(summary, LIMIT - RESERVE - head.length);
}

/** What does not fit ends the body: nothing that is less important follows it. */
function bodyOf(summary: Summary, limit: number): string {
  let body = "";
  for (const { title, entries } of sectionsOf(summary)) {
    if (entries.length === 0) continue;
    const { text, complete } = section(title, entries, limit - body.length);
    body += text;
    if (!complete) return `${body}\nWhat follows is not shown: the report is too long.\n`;
  }
  return body + fullDiff(summary.changes, limit - body.length);
}

/** In the order in which they are cut last. */
function sectionsOf({ refresh, changes, destructive, errors, renewals, warnings }: Summary) {
  const drift = refresh ? changes.filter(({ renewal }) => !renewal) : [];
  return [
    { title: "Changed outside Pulumi", entries: drift.map(driftEntry) },
    { title: "Destructive changes", entries: destructive.map(destructiveEntry) },
    { title: "Errors", entries: errors.map(diagnosticEntry) },
    { title: "Token renewals", entries: renewals.map(renewalEntry) },
    { title: "Warnings", entries: warnings.map(diagnosticEntry) },
  ];
}

/** As many whole entries as there is room for. */
function section(title: string, entries: readonly string[], room: number) {
  const head = `\n### ${title}\n\n`;
  const { kept, left } = fitting(entries, room - head.length);
  const note =
    left === 0 ? "" : `- ${count(left, "more is", "more are")} not shown: the report is too long.\n`;
  return { text: `${head}${kept.join("")}${note}`, complete: left === 0 };
}

function fitting(entries: readonly string[], room: number): { kept: string[]; left: number } {
  const kept: string[] = [];
  let used = 0;
  for (const entry of entries) {
    used += entry.length;
    if (used > room) break;
    kept.push(entry);
  }
  return { kept, left: entries.length - kept.length };
}

function destructiveEntry({ action, name, type, loss, allowed, diff }: Change): string {
  const why = action === "replace" ? diff.filter(({ forcesReplacement }) => forcesReplacement) : [];
  const lines = [
    ...why.slice(0, 5).map((change) => codeSpan(lineOf(change).replace(" (forces replacement)", ""))),
    ...(loss === undefined ? [] : [loss]),
  ];
  return item(`**${action}** ${resource(name, type)}${allowed ? " (allowed)" : ""}`, lines);
}

function driftEntry({ action, name, type, diff }: Change): string {
  const what = action === "delete" ? "no longer exists" : "changed";
  const lines = action === "delete" ? [] : diff.slice(0, MAX_LINES).map((change) => codeSpan(lineOf(change)));
  return item(`${resource(name, type)} ${what}`, lines);
}

function renewalEntry({ name, type }: Change): string {
  return item(resource(name, type), [
    "The token is due for renewal: `pulumi up` issues a new one. The old one stays valid until it expires.",
  ]);
}

function diagnosticEntry({ urn, message }: Diagnostic): string {
  const place = urn === undefined ? undefined : parseUrn(urn);
  const subject = place === undefined ? "The preview" : resource(place.name, typeName(place.type));
  const lines = linesOf(message);
  const shown = lines.slice(0, MAX_LINES).map((line) => codeSpan(line, 2_000));
  return item(subject, [...shown, ...moreLines(lines.length - shown.length)]);
}

function typeName(type: string): string {
  return type.replace(/^pulumi-nodejs:dynamic\/turso:/, "turso:index:");
}

function moreLines(number: number): string[] {
  return number === 0 ? [] : [`(${count(number, "more line")})`];
}

function resource(name: string, type: string): string {
  return `${codeSpan(name, 120)} (${codeSpan(type, 120)})`;
}

/** A list item. A backslash at the end of a line is a line break. */
function item(first: string, lines: readonly string[]): string {
  const quote = lines.map((line) => `  > ${line}`).join("\\\n");
  return `- ${first}\n${quote === "" ? "" : `\n${quote}\n`}\n`;
}

/** Folded, because it is long. */
function fullDiff(changes: readonly Change[], room: number): string {
  if (changes.length === 0) return "";
  const entries = changes.map(diffEntry);
  const head = `\n<details>\n<summary>${count(changes.length, "change")} in detail</summary>\n\n\`\`\`diff\n`;
  const foot = "```\n\n</details>\n";
  const { kept, left } = fitting(entries, room - head.length - foot.length);
  if (kept.length === 0) return "\nThe changes in detail are not shown: the report is too long.\n";
  const note =
    left === 0
      ? ""
      : `\n${count(left, "more change is", "more changes are")} not shown: the report is too long.\n`;
  return `${head}${kept.join("")}${foot}${note}`;
}

/** Each line starts with a sign: so it gets a color, and cannot end the block of code. */
function diffEntry({ action, name, type, diff }: Change): string {
  const sign = { create: "+", import: "+", delete: "-", replace: "!", update: "!" }[action];
  const lines = diff.map(lineOf);
  const shown = [...lines.slice(0, MAX_LINES), ...moreLines(Math.max(0, lines.length - MAX_LINES))];
  const head = `${sign} ${action} ${visible(type, 120)} ${visible(name, 120)}`;
  return [head, ...shown.map((line) => `${sign}   ${line}`), ""].join("\n");
}
