/** Which stacks the SDK captures while it constructs a resource. */
import { fileURLToPath } from "node:url";

/**
 * Call it right before the SDK's constructor of a resource. Afterwards, also after an error, call the
 * function that it returns. Without this,
 *
 * - the SDK captures four stacks for each property and formats them, only to name the promises that never
 *   settle. `pulumi up` looks up each frame in source maps, which is most of what a declaration costs;
 * - the source position in state is a line of this package: the SDK expects one constructor between its own
 *   and the user's code.
 *
 * Errors keep their stacks: the SDK captures that of a failed registration after it has read the last
 * property.
 *
 * @param called what the user's code called: its callers are the user's code
 * @param between how many of its callers are this package's
 */
export function trimStacks(
  inputs: Record<string, unknown>,
  called: NewableFunction,
  between = 0,
): () => void {
  const { prepareStackTrace, stackTraceLimit } = Error;
  if (prepareStackTrace === undefined || process.env.PULUMI_DEBUG_PROMISE_LEAKS) return () => {};
  const callers = callersOf(called) - between;
  let limit = 0;
  Error.prepareStackTrace = (error, frames) => {
    // The SDK lifts the limit only for the position. It skips five frames: four of its own and one
    // constructor.
    if (Error.stackTraceLimit === Infinity)
      return readable(prepareStackTrace(error, frames.toSpliced(5, frames.length - 5 - callers)));
    Error.stackTraceLimit = limit;
    return "";
  };
  const last = Object.entries(inputs).at(-1);
  if (last !== undefined) {
    const [key, value] = last;
    const get = () => {
      Object.defineProperty(inputs, key, { value, writable: true });
      limit = stackTraceLimit;
      Error.stackTraceLimit = limit;
      return value;
    };
    Object.defineProperty(inputs, key, { get, configurable: true, enumerable: true });
  }
  return () => {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  };
}

/**
 * Puts the path of each frame in parentheses, which the SDK expects. Frames of modules have URLs; unnamed
 * functions have no parentheses.
 */
function readable(stack: string): string {
  return stack.replace(
    /^ +at (?:async )?(?:.*? \()?(.+:\d+:\d+)\)?$/gm,
    (_, place: string) => `    at code (${place.startsWith("file:") ? fileURLToPath(place) : place})`,
  );
}

/** How many frames there are below the last call of a function. */
function callersOf(called: NewableFunction): number {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = Infinity;
    Error.prepareStackTrace = (_, frames) => frames.length;
    const here: { stack?: unknown } = {};
    Error.captureStackTrace(here, called);
    return Number(here.stack);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}
