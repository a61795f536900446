/** A lifecycle's diff as the engine wants it: which properties changed, and how. */
import { isDeepStrictEqual } from "node:util";
import * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { outputsThat } from "../../lifecycle/inputs.js";
import type { AnyLifecycle, Diff } from "../../lifecycle/lifecycle.js";
import type { State } from "../../lifecycle/values.js";

/** What the engine knows of a resource. */
interface Sides {
  olds: State;
  oldInputs: State;
  news: State;
}

export function diffResponse({ resource }: AnyLifecycle, diff: Diff, sides: Sides): pb.DiffResponse {
  const { changes, replaces, deleteBeforeReplace } = diff;
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const response = new pb.DiffResponse()
    .setChanges(changes ? DIFF_SOME : DIFF_NONE)
    .setReplacesList(replaces)
    .setDeletebeforereplace(deleteBeforeReplace)
    .setStablesList(replaces.length > 0 ? [] : stableOutputs(resource))
    .setHasdetaileddiff(true);
  if (!changes) return response;
  const details = detailsOf(replaces, sides);
  for (const [key, detail] of details) response.getDetaileddiffMap().set(key, detail);
  return response.setDiffsList([...details.keys()]);
}

const stableOutputs = (resource: AnyLifecycle["resource"]) => [
  ...outputsThat(resource, ({ stable }) => stable === true),
  ...Object.keys(resource.inputs).filter((key) => resource.inputs[key]?.stable),
];

/** What happens to each property that changes. */
function detailsOf(
  replaces: readonly string[],
  { olds, oldInputs, news }: Sides,
): Map<string, pb.PropertyDiff> {
  const declared = changedKeys(oldInputs, news);
  // If no input has changed, a failed update left something undone.
  const undone = declared.length + replaces.length === 0 ? changedKeys(olds, news, Object.keys(news)) : [];
  const detail = (key: string) => {
    // If no input shows the reason (for example, a token is due for renewal), it is shown at an output.
    const inInputs = declared.includes(key);
    const before = inInputs ? oldInputs : olds;
    const kind = kindOf({ added: !(key in before), removed: inInputs && !(key in news) });
    const { [kind]: update, [`${kind}_REPLACE` as const]: replace } = pb.PropertyDiff.Kind;
    return new pb.PropertyDiff().setInputdiff(inInputs).setKind(replaces.includes(key) ? replace : update);
  };
  return new Map([...declared, ...undone, ...replaces].map((key) => [key, detail(key)]));
}

function kindOf({ added, removed }: { added: boolean; removed: boolean }): "ADD" | "DELETE" | "UPDATE" {
  if (added) return "ADD";
  return removed ? "DELETE" : "UPDATE";
}

/** The properties whose values differ, without those that a lifecycle or host keeps for itself. */
function changedKeys(
  before: State,
  now: State,
  keys = [...new Set([...Object.keys(before), ...Object.keys(now)])],
): string[] {
  return keys.filter((key) => !key.startsWith("__") && !isDeepStrictEqual(before[key], now[key]));
}
