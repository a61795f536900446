/** How a resource compares with state, if it manages something that has a name. */
import type { Changes } from "./inputs.js";
import type { Context, Diff } from "./lifecycle.js";
import type { Thing } from "./ownership.js";
import { isUnknown } from "./unknown.js";
import type { State } from "./values.js";

/**
 * The diff for these changes of inputs. Before a dependency is deleted to be replaced, the engine calls diff
 * with unknown inputs, and deletes this resource if the result is a replacement. In a preview, the resource has
 * been checked before: there, an unknown input may replace.
 *
 * @param declared the thing with the address that the program gave it, which may differ from that in state
 */
export function diffNamed(
  { ownership }: Pick<Context, "ownership">,
  { changed, replaces: wanted }: Changes,
  { news, declared, thing }: { news: State; declared: Thing; thing: Thing },
): Diff {
  const isGuess = !ownership.isDeclared(declared);
  const replaces = wanted.filter((key) => !(isGuess && isUnknown(news[key])));
  ownership.noteDiff(declared, thing, { replaces: replaces.length > 0 });
  return { changes: changed.length > 0 || replaces.length > 0, replaces, deleteBeforeReplace: false };
}
