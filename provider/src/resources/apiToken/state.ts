/** What state has of an API token. */
import { changesOf, inputsIn } from "../../lifecycle/inputs.js";
import { titleOf } from "../../lifecycle/resourceId.js";
import type { Properties, State } from "../../lifecycle/values.js";
import { type ApiTokenInputs, apiToken } from "./apiToken.js";

/** The inputs that state has. */
export function inputsInState(values: Properties): ApiTokenInputs {
  const { __from, __group } = values;
  return {
    ...inputsIn(apiToken, values),
    ...(typeof __from === "string" && { __from }),
    ...(typeof __group === "string" && { __group }),
  };
}

export const called = ({ name, organization }: Pick<ApiTokenInputs, "name" | "organization">) =>
  titleOf({ type: apiToken.name, name, organization });

/**
 * What a change of inputs does. Without a group, a token opens the whole organization, so removing the group
 * needs a new token. Removing another input does not.
 */
export function replacementOf(olds: State, news: State) {
  const { changed, replaces } = changesOf(apiToken, olds, news);
  const isWider = olds.group !== undefined && news.group === undefined;
  return { changed, replaces: isWider ? ["group", ...replaces] : replaces };
}
