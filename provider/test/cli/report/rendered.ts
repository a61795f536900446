/** Renders a report as a forge does: CommonMark with GitHub's tables, raw HTML and links from plain URLs. */
import MarkdownIt from "markdown-it";

const renderer = new MarkdownIt({ html: true, linkify: true });

export interface Rendered {
  /** Everything in angle brackets that is not text. */
  elements: string[];
  /** What a forge looks for mentions and references in: all text that is not code. */
  prose: string;
  /** The text of all code. */
  code: string;
}

export function rendered(markdown: string): Rendered {
  const html = renderer.render(markdown);
  const codes: string[] = [];
  const withoutCode = html.replace(
    /<code(?: class="language-diff")?>([\s\S]*?)<\/code>/g,
    (_, code: string) => {
      codes.push(unescaped(code));
      return "<code></code>";
    },
  );
  return {
    elements: withoutCode.match(/<[^>]*>/g) ?? [],
    prose: unescaped(withoutCode.replace(/<[^>]*>/g, "")),
    code: codes.join("\n"),
  };
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}
