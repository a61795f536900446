import type { AccountBase } from "./base.js";

export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * How the items of a resource are written in a state: a seed, the file of `--state`, and what
 * `GET /_emulator/state` returns. The schema, the types, loading and saving follow from the resources in
 * `resources/list.ts`.
 */
export type Seed<Key extends string, Item extends object> = {
  /** Key of the list of items in an account. */
  readonly key: Key;
  /** What the list is, for editors. */
  readonly description: string;
  /** JSON Schema of an item. Editors show its descriptions. */
  readonly schema: JsonSchema;
  /**
   * Adds an item to an account. Resources load in the order of `resources/list.ts`, and no lag applies.
   * @throws A `Refusal` for what the schema cannot express, such as a name that is taken.
   */
  load(account: AccountBase, item: Item): void;
  /** Every item of an account, complete and as JSON: loading them gives the same account. */
  save(account: AccountBase): Item[];
};

/** Keeps the types of key and item, from which the type of the whole state follows. */
export function defineSeed<const Key extends string, Item extends object>(
  seed: Seed<Key, Item>,
): Seed<Key, Item> {
  return seed;
}
