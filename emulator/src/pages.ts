import { Refusal } from "./refusal.js";
import type { Pagination } from "./store/store.js";

/** The most records that a response has, whatever `limit` asks for. */
const MOST = 1_000;

export type Page<T> = {
  items: T[];
  /** Absent where the response does not report whether there are more. */
  pagination?: { next: string | null };
};

/** The part of a list that one response shows. A cursor names the last record of the page before. */
export function pageOf<T extends { readonly uuid: string }>(
  all: readonly T[],
  { limit, cursor }: { limit?: string | undefined; cursor?: string | undefined },
  pagination: Pagination,
): Page<T> {
  if (pagination === "never") return { items: all.slice(0, MOST) };
  const start = cursor ? all.findIndex(({ uuid }) => cursorOf(uuid) === cursor) + 1 : 0;
  if (cursor && start === 0) throw new Refusal("invalid", "invalid cursor");
  const end = start + sizeOf(limit);
  const items = all.slice(start, end);
  if (pagination === "with limit" && !limit) return { items };
  const last = items.at(-1);
  return { items, pagination: { next: last && end < all.length ? cursorOf(last.uuid) : null } };
}

function sizeOf(limit: string | undefined): number {
  if (!limit) return MOST;
  if (!/^[1-9]\d*$/.test(limit)) throw new Refusal("invalid", "invalid limit");
  return Math.min(Number(limit), MOST);
}

/** Opaque, so that no client makes one of its own. */
function cursorOf(uuid: string): string {
  return Buffer.from(uuid).toString("base64url");
}
