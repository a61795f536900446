import { object, optional, ParseError, text } from "./parse.js";
import type { Query } from "./paths.js";

/** A list, and whether it is complete. */
interface Pages<T> {
  items: T[];
  /**
   * False: a response did not report whether there are more pages. The list may be truncated: what is missing
   * may exist.
   */
  isComplete: boolean;
}

/** What a list request sends, and how its response is read. */
interface PageRequest<T> {
  query: Query;
  parse: (body: unknown) => Page<T>;
}

interface Page<T> {
  items: T[];
  /** Cursor of the next page; null: this is the last page; undefined: the response does not report it. */
  next: string | null | undefined;
}

/** Reads a list to its end, however many pages it has. */
export async function allPages<T>(
  query: Query,
  parseItems: (body: unknown) => T[],
  send: (page: PageRequest<T>) => Promise<Page<T>>,
): Promise<Pages<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const page = await send({
      query: { ...query, cursor },
      parse: (body) => ({ items: parseItems(body), next: nextIn(body, seen) }),
    });
    for (const item of page.items) items.push(item);
    if (typeof page.next !== "string") return { items, isComplete: page.next === null };
    seen.add(page.next);
    cursor = page.next;
  }
}

/** The cursor of the next page. A cursor that repeats an earlier one would never end. */
function nextIn(body: unknown, seen: ReadonlySet<string>): Page<unknown>["next"] {
  const { pagination } = optional(object(body, "body"), "pagination", object, "body");
  // Numbered pages (`page`, `total_pages`), as in audit logs, have no cursor.
  if (pagination === undefined || !("next" in pagination)) return undefined;
  const { next } = optional(pagination, "next", text, "pagination");
  if (next !== undefined && seen.has(next)) throw new ParseError("pagination.next repeats an earlier cursor");
  return next ?? null;
}
