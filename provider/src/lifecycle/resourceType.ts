/**
 * What a resource takes and returns, declared once: check, diff, the properties of the class, the schema and
 * the tables of docs/reference follow from it. Rules between inputs are functions of the resource.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { State } from "./values.js";
import type { ValueType } from "./valueTypes.js";

/** Settings that are defaults of inputs. */
export interface Defaults {
  /** The default organization; undefined: the personal account. */
  readonly organization: string | undefined;
  /** The default of `deleteProtection`; undefined: not managed. */
  readonly deleteProtection?: boolean | undefined;
}

/** One input. `Value` is what it is in state. */
export interface Input<Value = unknown> {
  readonly type: ValueType<Value>;
  readonly required?: boolean;
  /** Whether it always has a value, because one is generated where the program sets none. */
  readonly always?: boolean;
  /**
   * What a change does: replaces the resource, changes it in place, or is recorded in state without a
   * request.
   */
  readonly change: "replace" | "update" | "local";
  /**
   * Whether a change keeps the resource, although `change` is `replace`: the new value means the same, or
   * accepts what was changed outside Pulumi. Default: only where the values are equal.
   */
  same?(old: Value | undefined, now: Value, olds: State, news: State): boolean;
  /** Whether no update in place changes it, so that dependents need not wait for one. */
  readonly stable?: boolean;
  /** The value where the program sets none. */
  default?(defaults: Defaults): Value | undefined;
  /**
   * Whether the schema marks it as a secret. No resource has such an input yet; the first one needs
   * `pulumi.secret` in the class as well.
   */
  readonly secret?: boolean;
}

/** One output that is not an input. */
export interface Output<Value = unknown> {
  readonly type: ValueType<Value>;
  /** Whether it is never absent. */
  readonly always?: boolean;
  readonly secret?: boolean;
  /** Whether no update in place changes it, so that dependents need not wait for one. */
  readonly stable?: boolean;
}

/** A value without `Input` and `Output`. */
type Plain<T> = T extends pulumi.OutputInstance<infer Value> | Promise<infer Value>
  ? Plain<Value>
  : T extends undefined
    ? never
    : T extends readonly (infer Item)[]
      ? Plain<Item>[]
      : T;

/**
 * A row for each input: a missing one is a compile error, as is one whose type is another or that is not
 * `required` as in `Args`.
 */
export type Inputs<Args> = {
  readonly [K in keyof Args & string]-?: Input<Plain<Args[K]>> & {
    readonly required?: undefined extends Args[K] ? false : true;
  } & (undefined extends Args[K] ? unknown : { readonly required: true });
};

/** A row for each property of the class that is neither an input nor one of Pulumi's. */
export type Outputs<Resource, Args> = {
  readonly [K in Exclude<keyof Resource, keyof Args | keyof pulumi.CustomResource> & string]: Output<
    Plain<Resource[K]>
  >;
};

export interface ResourceType {
  /** The name in the package, e.g. `Group`. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly outputs: Readonly<Record<string, Output>>;
}

/**
 * The name under which `pulumi-turso/provider` exports a resource's provider, e.g. `groupProvider`. Users'
 * states have it: keep it.
 */
export function handlerOf(type: string): string {
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}Provider`;
}

type Rows = Readonly<Record<string, { readonly type: ValueType<unknown> }>>;
type Always = { readonly always: true } | { readonly required: true };
type ValueIn<Row> = Row extends { readonly type: ValueType<infer Value> } ? Value : never;

/** The values of rows, as state has them: what is neither required nor always there may be absent. */
export type ValuesOf<R extends Rows> = {
  -readonly [K in keyof R as R[K] extends Always ? K : never]: ValueIn<R[K]>;
} & { -readonly [K in keyof R as R[K] extends Always ? never : K]?: ValueIn<R[K]> };
