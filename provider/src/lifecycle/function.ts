/** What a function of the package does, whichever host runs it: plain values in, plain values out. */
import { UserError } from "./errors.js";
import type { Context } from "./lifecycle.js";
import { suggestion } from "./nearest.js";
import { type AnyObjectType, type Field, type Fields, type ObjectType, problemOf } from "./valueTypes.js";

/** What a host gives a function. */
type FunctionContext = Pick<Context, "api" | "organization">;

export interface ProviderFunction<Args extends object, Result extends object> {
  /** The name in the package, e.g. `getGroup`. */
  readonly name: string;
  /** The arguments. `always`: it is required. */
  readonly args: Fields<Args>;
  readonly result: ObjectType<Result>;
  /** @throws UserError if an argument is invalid, or the API fails */
  run(context: FunctionContext, args: Args): Promise<Result>;
}

/** A function whose arguments and result are not known to the compiler. */
export interface AnyFunction {
  readonly name: string;
  readonly args: Readonly<Record<string, Field>>;
  readonly result: AnyObjectType;
  run(context: FunctionContext, args: object): Promise<object>;
}

/** The same function, which refuses invalid arguments. */
export function checkingArguments<Args extends object, Result extends object>(
  fn: ProviderFunction<Args, Result>,
): ProviderFunction<Args, Result> {
  const { name, args: rows } = fn;
  return {
    ...fn,
    async run(context, args) {
      checkArguments(name, rows, args);
      return fn.run(context, args);
    },
  };
}

/** `name`: what has the arguments. @throws UserError if one is unknown, missing or of the wrong type */
export function checkArguments(name: string, rows: Readonly<Record<string, Field>>, args: object): void {
  const names = Object.keys(rows);
  const unknown = Object.keys(args).find((key) => !names.includes(key));
  if (unknown !== undefined)
    throw new UserError(
      "UNKNOWN_ARGUMENT",
      `${name} has no argument '${unknown}'; ${suggestion(unknown, names)}`,
    );
  for (const [key, { type, always }] of Object.entries(rows)) {
    const problem = problemOf(type, Reflect.get(args, key), always);
    if (problem !== undefined) throw new UserError("INVALID_INPUT", `${name}: \`${key}\` ${problem}.`);
  }
}
