/** What a program cannot hold, for people: Markdown for a file, plain text for a terminal. */

import { codeSpan, printable } from "../text.js";
import type { Inventory } from "./inventory.js";
import { KINDS } from "./kinds.js";
import type { Lists } from "./lists.js";

/** Something that was not imported, or that needs attention. */
export interface Section {
  readonly title: string;
  readonly text: string;
  /** Names, which come from strangers, and for some of them the reason. */
  readonly items: readonly { readonly name: string; readonly reason?: string }[];
}

/** All sections, without those that say nothing. */
export function sectionsOf(
  lists: Lists,
  { found, leftOut }: Inventory,
  isMeant: (name: string) => boolean,
): Section[] {
  const groups = lists.groups.filter(({ name }) => isMeant(name));
  const names = new Set(groups.map(({ name }) => name));
  const databases = (lists.databases ?? []).filter(({ group }) => group === undefined || names.has(group));
  const imported = new Set(found.map(({ name }) => name));
  const archived = groups.filter(({ archived, name }) => archived === true && imported.has(name));
  return [
    ...KINDS.map(({ plural, singular }) => ({
      title: `${capitalized(plural)} that cannot be declared`,
      text: `They were left out. A program could not hold such a ${singular} without changing it.`,
      items: leftOut.filter(({ kind }) => kind.plural === plural),
    })).filter(({ items }) => items.length > 0),
    ...(archived.length === 0
      ? []
      : [
          {
            title: "Archived groups",
            text: "They were imported. Turso archived them, because they were not used. Unarchive a group with `turso group unarchive NAME` before you change its replicas.",
            items: archived.map(({ name }) => ({ name })),
          },
        ]),
    ...(databases.length === 0
      ? []
      : [
          {
            title: "Databases",
            text: `These groups hold ${databases.length} database${databases.length === 1 ? "" : "s"}. This version of the package has no resource for databases. They stay as they are, and a group that holds databases is never deleted without \`forceDestroy: true\`.`,
            items: [],
          },
        ]),
    ...owners(lists),
    ...apiTokens(lists),
    {
      title: "Group tokens",
      text: "The API lists no group tokens. Existing ones stay valid. For new ones, declare a GroupToken.",
      items: [],
    },
    {
      title: "Extensions",
      text: "The API does not report the SQLite extensions of a group, so they are not managed.",
      items: [],
    },
    ...lists.unreadable.map(({ what, reason }) => ({
      title: `Could not read ${what}`,
      text: "What this organization has of them is not known.",
      items: [{ name: what, reason }],
    })),
  ];
}

function owners({ members = [] }: Lists): Section[] {
  const items = members.filter(({ role }) => role === "owner").map(({ name }) => ({ name }));
  if (items.length === 0) return [];
  return [{ title: "Owners", text: "Owners are never managed: nothing changes or removes them.", items }];
}

function apiTokens({ apiTokens = [] }: Lists): Section[] {
  if (apiTokens.length === 0) return [];
  return [
    {
      title: "API tokens",
      text: "The API returns the value of an API token only once, so existing ones cannot be imported. They stay valid. To manage one, declare an ApiToken, which creates a new one, use its value, then revoke the old one.",
      items: apiTokens.map(({ name }) => ({ name })),
    },
  ];
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const NOTE = "This file is written by `pulumi-turso discover` and replaced by the next one.";

/** Whether a file is a report of this command. */
export const isReport = (text: string): boolean => text.includes(NOTE);

/** A report that renders as it reads, whatever the names are. */
export function markdownReport(
  organization: string,
  summary: readonly string[],
  sections: readonly Section[],
): string {
  const parts = sections.map(({ title, text, items }) => {
    const list = items.map(
      ({ name, reason }) =>
        `- ${codeSpan(name)}${reason === undefined ? "" : `: ${codeSpan(reason, Number.POSITIVE_INFINITY)}`}\n`,
    );
    return `## ${title}\n\n${text}\n${list.length === 0 ? "" : `\n${list.join("")}`}`;
  });
  return [
    `# Organization ${codeSpan(organization)}\n\n${NOTE}\n\n${summary.map((line) => `- ${line}\n`).join("")}`,
    ...parts,
  ].join("\n");
}

/** The sections as lines for a terminal, with at most five names each. */
export function textReport(sections: readonly Section[]): string[] {
  return sections.map(({ title, text, items }) => {
    const shown = items
      .slice(0, 5)
      .map(({ name, reason }) => printable(reason === undefined ? name : `${name} (${reason})`));
    const more = items.length > shown.length ? [`and ${items.length - shown.length} more`] : [];
    const list = items.length === 0 ? "" : ` ${items.length}: ${[...shown, ...more].join(", ")}`;
    return `- ${title}.${list === "" ? ` ${text}` : list}`;
  });
}
