import { Refusal } from "./refusal.js";
import type { Pagination } from "./store/base.js";

/** Maximum number of items in a response, whatever the request's `limit`. */
const MAX_ITEMS = 1_000;

export type Page<T> = {
  items: T[];
  /** Absent where the response does not report whether there are more items. */
  pagination?: { next: string | null };
};

/** The part of a list that one response returns. A cursor names the last item of the previous page. */
export function pageOf<T extends { readonly uuid: string }>(
  all: readonly T[],
  { limit, cursor }: { limit?: string | undefined; cursor?: string | undefined },
  pagination: Pagination,
): Page<T> {
  if (pagination === "never") return { items: all.slice(0, MAX_ITEMS) };
  const start = cursor ? all.findIndex(({ uuid }) => cursorOf(uuid) === cursor) + 1 : 0;
  if (cursor && start === 0) throw new Refusal("invalid", "invalid cursor");
  const end = start + parseLimit(limit);
  const items = all.slice(start, end);
  if (pagination === "with limit" && !limit) return { items };
  const last = items.at(-1);
  return { items, pagination: { next: last && end < all.length ? cursorOf(last.uuid) : null } };
}

function parseLimit(limit: string | undefined): number {
  if (!limit) return MAX_ITEMS;
  if (!/^[1-9]\d*$/.test(limit)) throw new Refusal("invalid", "invalid limit");
  return Math.min(Number(limit), MAX_ITEMS);
}

/** Encoded, so that clients do not build cursors themselves. */
function cursorOf(uuid: string): string {
  return Buffer.from(uuid).toString("base64url");
}
