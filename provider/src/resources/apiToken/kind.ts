import type { ApiToken } from "../../api/index.js";
import type { ListedKind } from "../../lifecycle/collection.js";

/** API tokens by ID, because only the names of a user's own tokens are unique. */
export interface Listed extends ApiToken {
  uuid: string;
  title: string;
}

const byId = (tokens: readonly ApiToken[]): { items: Listed[] } => ({
  items: tokens.map((token) => ({ ...token, name: token.id, uuid: token.id, title: token.name })),
});

/** The tokens of an organization. */
export const API_TOKENS: ListedKind<Listed> = {
  list: async (api, organization) => byId(await api.apiTokens.list(organization)),
};

/** The tokens of the user whose token the provider uses for an organization. */
export const OWN_TOKENS: ListedKind<Listed> = {
  list: async (api, organization) => byId(await api.apiTokens.listOwn(organization)),
};
