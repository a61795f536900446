/** Names, values and messages come from strangers: no text in a preview is more than text in the report. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { toMarkdown } from "../../../src/cli/report/markdown.js";
import { toText } from "../../../src/cli/report/plain.js";
import { parsePreview } from "../../../src/cli/report/preview.js";
import { summaryOf } from "../../../src/cli/report/summary.js";
import { rendered } from "./rendered.ts";

/** A group with this name, in each place where a preview can name it. */
function report(name: string, message = name): { markdown: string; text: string } {
  const urn = (index: number) => `urn:pulumi:${name}::${name}::${name}::${name}${index}`;
  const state = (value: unknown) => ({ custom: true, inputs: { [name]: value, map: { [name]: [name] } } });
  const digest = {
    steps: [
      { op: "create", urn: urn(0), newState: state(name) },
      { op: "replace", urn: urn(1), oldState: state(name), newState: state([name]), replaceReasons: [name] },
      { op: "delete", urn: urn(2), oldState: state(name) },
      { op: "update", urn: urn(3), oldState: state(name), newState: state(1), diffReasons: [name] },
    ],
    diagnostics: [
      { severity: "error", message },
      { severity: "error", urn: urn(1), message: `error: ${message}\n${message}` },
      { severity: "warning", message },
    ],
    duration: 1,
  };
  const summary = summaryOf(parsePreview(JSON.stringify(digest)), { allow: [], failOn: "never" });
  return {
    markdown: toMarkdown(summary, { title: name, marker: "marker" }),
    text: toText(summary, name),
  };
}

/** The elements of a report, in any number and order. */
const EXPECTED = /^<(!-- marker --|\/?(h2|h3|p|strong|ul|li|blockquote|pre|code|details|summary)|br)>$/;

/** What a report may say outside of code, with the counts replaced. */
const PROSE = new Set(
  rendered(report("plain").markdown)
    .prose.split("\n")
    .map((line) => line.replace(/\d+/g, "N").trim()),
);

function expectHarmless(name: string, message?: string): void {
  const { markdown, text } = report(name, message);
  const { elements, prose } = rendered(markdown);
  for (const element of elements) expect(element).toMatch(EXPECTED);
  expect(elements.filter((element) => element === "<details>")).toHaveLength(1);
  // Forges look for mentions, references and links here, after all escapes are undone.
  for (const line of prose.split("\n")) {
    const shown = line.replace(/\d+/g, "N").trim();
    expect(PROSE, JSON.stringify(line)).toContain(shown);
  }
  // GitLab runs a line that starts with a slash as a command.
  expect(markdown).not.toMatch(/^\s*\//m);
  for (const shown of [markdown, text])
    expect(shown).not.toMatch(/[^\n\P{Cc}]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
  expect(markdown.length).toBeLessThanOrEqual(60_000);
}

const DANGERS = [
  "<img src=x onerror=alert(1)>",
  "@team",
  "@org/team",
  "|",
  "`",
  "```",
  "````",
  "~~~",
  "\\`",
  "\\",
  "#1",
  "GH-1",
  "user/repo#1",
  "a5c3785ed8d6a35868bc169f07e40e889087fd2e",
  "https://evil.example",
  "www.evil.example",
  "me@evil.example",
  "<!--",
  "-->",
  "</details>",
  "</code>",
  "</pre>",
  "<script>",
  "&lt;",
  "&#64;team",
  "[a](javascript:alert(1))",
  "![a](http://evil.example/a.png)",
  "**b**",
  "_i_",
  "\n",
  "\r\n",
  "\r",
  "\n\n",
  "\n# h",
  "\n- [ ] task",
  "\n> q",
  "\n/close",
  "\n```\n<b>",
  "\t",
  " ",
  "  ",
  "\u202e",
  "\u200b",
  "\u2028",
  "\u0000",
  "\u001b[31m",
  "\u009b31m",
  "\ud800",
  "\u{e0041}",
  "::",
  "$",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of a workflow
  "${{ secrets.TOKEN }}",
  "::set-output name=a::b",
  "$$x$$",
  ":+1:",
  "]",
  "]]>",
  "<?",
  "<%",
];
const danger = fc.array(fc.oneof(fc.constantFrom(...DANGERS), fc.string({ unit: "binary", maxLength: 5 })), {
  maxLength: 8,
});

test("a group with a hostile name harms nothing", () => {
  expectHarmless("<img src=x onerror=alert(1)> @team | \\`");
  for (const text of DANGERS) expectHarmless(text);
});

test("no text harms a report", () => {
  fc.assert(
    fc.property(danger, danger, (name, message) => {
      expectHarmless(name.join(""), message.join(""));
    }),
    { numRuns: 100 },
  );
});

test("ordinary text is shown as it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."abc `|<>&@#*_\\[]()~"), minLength: 1, maxLength: 40 }),
      (text) => {
        const message = `x${text}x`;
        expect(rendered(report("name", message).markdown).code).toContain(message);
      },
    ),
  );
});

test("a long text is cut, and a report of long texts still has the limit", () => {
  for (const text of [
    "`".repeat(100_000),
    "x".repeat(100_000),
    "\n".repeat(100_000),
    "\u202e".repeat(10_000),
    "😀".repeat(10_000),
  ])
    expectHarmless(text);
});
