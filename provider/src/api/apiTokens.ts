import { TursoApiError } from "./errors/TursoApiError.js";
import { allPages } from "./http/pages.js";
import { list, object, optional, text } from "./http/parse.js";
import type { Send } from "./http/send.js";
import type { ClientOptions } from "./options.js";

/** An API token, without its value. Only name and ID are certain: what a server does not send is absent. */
export interface ApiToken {
  /** Unique ID, by which an organization revokes it. */
  id: string;
  /** Unique among the tokens of a user, not among those of an organization. */
  name: string;
  /** Slug of the organization that it is limited to; absent: every organization of its user. */
  organization?: string;
  /** Name of the group that it is limited to; absent: all of the organization. */
  group?: string;
  /** What it can do in its group, e.g. `["read", "db:create"]`. Presets are listed as their scopes. */
  scopes?: string[];
  /** Username of the user who created it. Only admins and owners of an organization see it. */
  owner?: string;
  /** The date of its creation, e.g. `2026-05-21`. */
  createdAt?: string;
}

/** What an API token to create is limited to. */
export interface ApiTokenLimits {
  /** Slug of the organization. */
  organization: string;
  /** Name of a group. Needs scopes. */
  group?: string;
  /** Scopes of the group, e.g. `["read", "db:create"]`, or the presets `read-only` and `full-access`. */
  scopes?: readonly string[];
}

function parseApiToken(value: unknown, where: string): ApiToken {
  const token = object(value, where);
  const { owner } = optional(token, "owner", object, where);
  const { username } = owner === undefined ? {} : optional(owner, "username", text, `${where}.owner`);
  const { created_at: createdAt } = optional(token, "created_at", text, where);
  return {
    id: text(token.id, `${where}.id`),
    name: text(token.name, `${where}.name`),
    ...optional(token, "organization", text, where),
    ...optional(token, "group", text, where),
    ...optional(token, "scopes", texts, where),
    ...(username !== undefined && { owner: username }),
    ...(createdAt !== undefined && { createdAt }),
  };
}

const texts = (value: unknown, where: string) =>
  list(value, where).map((item, i) => text(item, `${where}[${i}]`));

const tokensIn = (body: unknown): ApiToken[] =>
  list(object(body, "body").tokens, "tokens").map((token, i) => parseApiToken(token, `tokens[${i}]`));

/**
 * The tokens of this API. No error contains the value of a token.
 *
 * @see https://docs.turso.tech/api-reference/tokens
 */
export class ApiTokensApi {
  readonly #send: Send;
  readonly #token: ClientOptions["token"];

  constructor(send: Send, token: ClientOptions["token"]) {
    this.#send = send;
    this.#token = token;
  }

  /**
   * Lists the tokens that are limited to an organization: for its admins and owners all of them, for others
   * those that they created. Without an organization, lists all tokens of your user.
   */
  async list(organization: string | undefined): Promise<ApiToken[]> {
    if (organization === undefined) return this.listOwn(undefined);
    const { items } = await allPages({}, tokensIn, (page) =>
      this.#send("GET", organization, ["api-tokens"], page),
    );
    return items;
  }

  /** Lists all tokens of the user whose token this client sends for `organization`. */
  async listOwn(organization: string | undefined): Promise<ApiToken[]> {
    const { items } = await allPages({}, tokensIn, (page) =>
      this.#send("GET", undefined, ["auth", "api-tokens"], { ...page, tokenOf: organization }),
    );
    return items;
  }

  /**
   * Creates a token. Returns its ID and its value, which the API never returns again. If the response is lost,
   * the token may exist.
   *
   * @throws TursoApiError with status 409 if your user has a token of that name, 404 if the group does not
   * exist, 400 if a scope is unknown
   */
  async create(
    name: string,
    { organization, group, scopes }: ApiTokenLimits,
  ): Promise<{ id: string; token: string }> {
    return this.#send("POST", undefined, ["auth", "api-tokens", name], {
      tokenOf: organization,
      // A new group may not be visible immediately.
      retryNotFound: group !== undefined,
      body: { organization, ...(group !== undefined && { group }), ...(scopes !== undefined && { scopes }) },
      parse: (body) => {
        const { id, token } = object(body, "body");
        return { id: text(id, "id"), token: text(token, "token") };
      },
    });
  }

  /**
   * Revokes a token that is limited to an organization. Admins and owners can revoke every one, others those
   * that they created.
   *
   * @throws TursoApiError whose `isNotFound` is true if the organization has no such token
   */
  async revoke(organization: string, id: string): Promise<void> {
    return this.#send("DELETE", organization, ["api-tokens", id], { repeatable: true });
  }

  /** Whether the API accepts a token, which then has not been revoked. Sends that token, not the client's. */
  async isAccepted(token: string): Promise<boolean> {
    try {
      await this.#send("GET", undefined, ["auth", "validate"], {
        token,
        parse: (body) => object(body, "body"),
      });
      return true;
    } catch (error) {
      if (error instanceof TursoApiError && error.status === 401 && error.detail !== undefined) return false;
      throw error;
    }
  }

  /** Whether this client sends a token with its requests for an organization. */
  isInUse(organization: string, token: string): boolean {
    const own = this.#token;
    return (typeof own === "function" ? own(organization) : own) === token;
  }
}
