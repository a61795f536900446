/**
 * Text of strangers: names, values and messages, safe for a terminal, for Markdown and for the forges that
 * render it.
 */

/**
 * What does not show, or changes how other characters show: control and bidi characters, zero-width
 * characters, line separators, lone surrogates. ESC starts a terminal sequence.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** One line of text, with everything invisible written as an escape sequence. */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    if (character === "\t") return " ";
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** The same, cut at `limit` characters. */
export function visible(text: string, limit = 300): string {
  const shown = printable(text);
  if (shown.length <= limit) return shown;
  // Does not end in half a character.
  const kept = shown.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "");
  return `${kept}… (${shown.length - kept.length} more characters)`;
}

/** The lines of a message, without empty ones at the end. */
export function linesOf(message: string): string[] {
  return message.trimEnd().split(/\r\n|[\n\r]/);
}

/**
 * Markdown that shows one line literally. Escaping it instead would not be enough: GitHub resolves mentions
 * and references after it has undone every escape, but never in code.
 */
export function codeSpan(text: string, limit?: number): string {
  const shown = visible(text, limit);
  const fence = "`".repeat(longestRun(shown) + 1);
  // Markdown removes one space at each end, if both are there.
  const pad = /^[ `]|[ `]$|^$/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0);
}
