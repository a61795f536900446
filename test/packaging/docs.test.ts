/**
 * The tables of docs/reference claim behaviours; each row that does names the test which proves it. Links
 * lead to what exists.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const tests = globSync(["provider/test/**/*.test.ts", "test/**/*.test.ts", "emulator/test/**/*.test.ts"])
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

test.each(globSync("docs/**/*.md"))("%s names only tests that there are", (file) => {
  const text = readFileSync(file, "utf8");
  for (const [, title = ""] of text.matchAll(/<!-- test: (.*?) -->/g)) {
    expect(tests.includes(`"${title}`), `a test whose title begins with "${title}"`).toBe(true);
  }
});

test.each(globSync("docs/reference/*.md"))(
  "every row of %s that says what happens on a change names its test",
  (file) => {
    const rows = readFileSync(file, "utf8").split("\n");
    let proven = false;
    for (const row of rows) {
      if (!row.startsWith("|")) proven = false;
      else if (/when it changes|the preview|the next preview/.test(row)) proven = true;
      else if (proven && !row.startsWith("|---")) expect(row).toMatch(/<!-- test: .* -->$/);
    }
  },
);

// A token that is minted without an organization is of a deprecated kind.
test.each(
  globSync(
    [
      "*.md",
      "provider/*.{md,json}",
      "emulator/*.md",
      "docs/**/*.md",
      "examples/**/*.{md,ts,yaml}",
      "tools/*.ts",
    ],
    {
      exclude: ["**/node_modules/**", "CHANGELOG.md"],
    },
  ),
)("%s mints API tokens for one organization only", (file) => {
  const commands = readFileSync(file, "utf8").match(/api-tokens mint [^`\n]*/g) ?? [];
  for (const command of commands) expect(command).toMatch(/^api-tokens mint \w+ --org [\w-]+/);
});

/** The text without code blocks. */
const proseOf = (file: string) => readFileSync(file, "utf8").replaceAll(/^```.*?^```/gms, "");

/** The anchors that a page's headings have on GitHub. */
function anchorsOf(file: string): string[] {
  const headings = proseOf(file).match(/^#+ .*/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, "")
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

test.each(
  globSync(["*.md", "{bench,docs,emulator,examples,provider,test}/**/*.md"], {
    exclude: ["**/node_modules/**"],
  }),
)("links in %s lead to a file and a heading that exist", (file) => {
  for (const [, link = ""] of proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
    // The list of issues is no file, but GitHub resolves a relative link to it.
    if (/^https?:|^(\.\.\/)+issues$/.test(link)) continue;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    expect(existsSync(target), link).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target), link).toContain(anchor);
  }
});
