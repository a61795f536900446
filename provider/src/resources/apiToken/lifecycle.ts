/** The lifecycle of an API token: what check, diff, create, read, update and delete do. */
import { type ApiToken as ApiTokenInfo, TursoError } from "../../api/index.js";
import { UserError } from "../../lifecycle/errors.js";
import { inputsIn } from "../../lifecycle/inputs.js";
import type { Context, Lifecycle } from "../../lifecycle/lifecycle.js";
import { referenceInputs } from "../../lifecycle/reference.js";
import { idOf } from "../../lifecycle/resourceId.js";
import { isUnknown } from "../../lifecycle/unknown.js";
import { withoutUndefined } from "../../lifecycle/values.js";
import { type ApiTokenInputs, type ApiTokenOutputs, apiToken } from "./apiToken.js";
import { checkApiToken } from "./check.js";
import { mint } from "./create.js";
import { revoke } from "./delete.js";
import { API_TOKENS } from "./kind.js";
import { called, replacementOf } from "./state.js";

export const apiTokenLifecycle: Lifecycle<ApiTokenInputs, ApiTokenOutputs> = {
  resource: apiToken,

  check: checkApiToken,

  diff({ ownership }, olds, news) {
    const { changed, replaces: wanted } = replacementOf(olds, news);
    // Before a dependency is deleted to be replaced, the engine calls diff with unknown inputs, and deletes the
    // token if the result is a replacement. That is too early, unless the token dies with its group.
    const isGuess = !ownership.isDeclared({ ...olds, type: apiToken.name });
    const replaces = wanted.filter(
      (key) => key === "group" || !(isGuess && isUnknown(Reflect.get(news, key))),
    );
    if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: news.name === olds.name };
    // If the program only accepts the group's new name, the token does not change.
    const changes = changed.some((key) => !(key in referenceInputs));
    return { changes, replaces: [], deleteBeforeReplace: false };
  },

  async create(context, inputs) {
    const { id, token } = await mint(context, inputs);
    return {
      id: idOf({ organization: inputs.organization, name: id }),
      outputs: withoutUndefined<ApiTokenOutputs>({
        ...inputsIn(apiToken, inputs),
        __group: inputs.__group,
        token,
        tokenId: id,
      }),
    };
  },

  async read(context, id, olds) {
    // If a program passes arguments with an ID, the host passes them as state.
    if (olds?.token === undefined || olds.tokenId === undefined) {
      throw new UserError(
        "NOT_IMPORTABLE",
        `ApiToken '${id}' cannot be read or imported, because the Turso API never returns a token again. Create a new ApiToken, then revoke this token.`,
      );
    }
    const found = await find(context, olds);
    if (found === undefined) return undefined;
    const inputs = inputsIn(apiToken, olds);
    const moved = found.group !== undefined && found.group !== inputs.group ? { __group: found.group } : {};
    const { token, tokenId } = olds;
    return { id, inputs: { ...inputs, ...moved }, outputs: { ...inputs, ...moved, token, tokenId } };
  },

  async update(_context, _id, olds, news) {
    const { token, tokenId, __group } = olds;
    return withoutUndefined<ApiTokenOutputs>({
      ...inputsIn(apiToken, news),
      __group: __group === news.group ? undefined : __group,
      token,
      tokenId,
    });
  },

  delete: revoke,
};

/** The token as it is now; undefined if it was revoked. */
async function find(context: Context, olds: ApiTokenOutputs): Promise<Partial<ApiTokenInfo> | undefined> {
  try {
    const listing = await context.collection(API_TOKENS).listForRead(olds.organization);
    const listed = listing.get(olds.tokenId);
    if (listed !== undefined) return listed;
    // A list lacks the tokens of other users, if the user of this token is a member and no admin.
    if (!(await context.api.apiTokens.isAccepted(olds.token))) return undefined;
  } catch (error) {
    if (!(error instanceof TursoError)) throw error;
    throw new UserError("READ_FAILED", `Failed to read ${called(olds)}.\n${error.message}`, { cause: error });
  }
  context.warn(
    `${called(olds)} is valid, but Turso does not list it. It may belong to another user: then only that user, or an admin or owner of the organization, can revoke it.`,
  );
  return {};
}
