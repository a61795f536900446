import { object, optional, ParseError, text } from "./parse.js";
import type { Query } from "./paths.js";

/** A list, and whether it is all there is. */
export interface Pages<T> {
  items: T[];
  /** False: a response did not report whether there is more. It may have been cut: what is missing may exist. */
  isComplete: boolean;
}

/** What a list request sends, and how its response is read. */
interface PageRequest<T> {
  query: Query;
  parse: (answer: unknown) => Page<T>;
}

interface Page<T> {
  items: T[];
  /** Where the next page begins; null: there is none; undefined: the response does not report it. */
  next: string | null | undefined;
}

/** Reads a list to its end, however many pages it has. */
export async function allPages<T>(
  query: Query,
  parseItems: (answer: unknown) => T[],
  send: (page: PageRequest<T>) => Promise<Page<T>>,
): Promise<Pages<T>> {
  const items: T[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const page = await send({
      query: { ...query, cursor },
      parse: (answer) => ({ items: parseItems(answer), next: nextIn(answer, seen) }),
    });
    for (const item of page.items) items.push(item);
    if (typeof page.next !== "string") return { items, isComplete: page.next === null };
    seen.add(page.next);
    cursor = page.next;
  }
}

/** The cursor of the next page. One that was used before would lead in a circle. */
function nextIn(answer: unknown, seen: ReadonlySet<string>): Page<unknown>["next"] {
  const { pagination } = optional(object(answer, "the answer"), "pagination", object, "the answer");
  // Pages may also be counted (`page`, `total_pages`), as in audit logs: that says nothing of a next one.
  if (pagination === undefined || !("next" in pagination)) return undefined;
  const { next } = optional(pagination, "next", text, "pagination");
  if (next !== undefined && seen.has(next)) throw new ParseError("pagination.next repeats a cursor");
  return next ?? null;
}
