import { baseUrlProblem } from "../api/http/baseUrl.js";
import { segmentProblem } from "../api/http/paths.js";
import { type ClientOptions, DEFAULT_BASE_URL, TursoApiError } from "../api/index.js";
import { asUserError, causesOf, MissingTokenError, UserError, withCode } from "./errors.js";
import { suggestion } from "./nearest.js";
import { boolean, integer, number, string, stringMap, type ValueType } from "./valueTypes.js";

/** The provider's settings, from stack configuration (`turso:*`) or else from `TURSO_*` variables. */
export interface Settings {
  /** Slug of the default organization; undefined: the personal account. */
  organization: string | undefined;
  /** Base URL of the API, without a trailing slash. */
  baseUrl: string;
  /** The stack's default for `deleteProtection`; undefined: not managed. */
  deleteProtection: boolean | undefined;
  /** Limits of requests, as the client takes them. */
  requests: Pick<ClientOptions, "timeout" | "maxRetries" | "maxRequestsPerSecond">;
  /**
   * The API token for an organization (undefined: the personal account). Called when a request is made, so
   * that a preview needs no token.
   *
   * @throws MissingTokenError if there is none
   */
  token: (organization: string | undefined) => string;
}

interface Setting {
  readonly type: ValueType<unknown>;
  /** Whether it is always a secret in state. */
  readonly secret?: true;
  /** The environment variable that is used where stack configuration does not set it. */
  readonly variable?: string;
}

/**
 * Every setting. In stack configuration its key is `turso:` and its name; for an explicit provider, the name
 * is an argument. The TSDoc of `ProviderArgs` describes each.
 */
export const SETTINGS = {
  apiToken: { type: string, secret: true, variable: "TURSO_API_TOKEN" },
  apiTokens: { type: stringMap, secret: true },
  organization: { type: string, variable: "TURSO_ORGANIZATION" },
  baseUrl: { type: string, variable: "TURSO_API_BASEURL" },
  deleteProtection: { type: boolean },
  requestTimeout: { type: number, variable: "TURSO_REQUEST_TIMEOUT" },
  maxRetries: { type: integer, variable: "TURSO_MAX_RETRIES" },
  maxRequestsPerSecond: { type: number },
} satisfies Record<string, Setting>;

const NAMES = Object.keys(SETTINGS);

type Key = `turso:${keyof typeof SETTINGS}`;

/** Returns one value of the stack configuration, e.g. of `turso:organization`. */
export type StackConfig = (key: Key) => string | undefined;

/**
 * A warning for each unknown key `turso:…` in stack configuration. A project called `turso` has keys of its
 * own there.
 */
export function unknownKeys(keys: readonly string[], project: string): string[] {
  if (project === "turso") return [];
  return keys
    .filter((key) => key.startsWith("turso:"))
    .map((key) => key.slice("turso:".length))
    .filter((name) => !NAMES.includes(name))
    .map(
      (name) =>
        `turso:${name} in the stack configuration is not a setting of this provider and is ignored; ` +
        suggestion(name, NAMES, "turso:"),
    );
}

/** A refusal for each unknown argument of an explicit provider. */
export function unknownArguments(names: readonly string[]): string[] {
  return names
    .filter((name) => !NAMES.includes(name))
    .map((name) =>
      withCode("UNKNOWN_ARGUMENT", `a Provider has no argument '${name}'; ${suggestion(name, NAMES)}`),
    );
}

/**
 * The error for an organization (undefined: the personal account) without a token. `othersHave`: other
 * organizations have one. `provider`: the explicit provider that lacks it.
 */
function missingToken(
  slug: string | undefined,
  { othersHave, provider }: { othersHave: boolean; provider: string | undefined },
): MissingTokenError {
  const of = slug === undefined ? "" : ` for organization '${slug}'`;
  if (provider !== undefined) {
    const problem = `The provider '${provider}' has no API token${of}`;
    const remedy =
      "Pass `apiToken` to `new turso.Provider(…)`, or set the variable TURSO_API_TOKEN. " +
      "(Stack configuration is used by the default provider only.)";
    return new MissingTokenError(`${problem}.\n${remedy}`, { problem, remedy });
  }
  const mint =
    slug === undefined
      ? "`turso auth api-tokens mint NAME --org ORGANIZATION` (for a personal account, ORGANIZATION is its slug in `turso org list`)"
      : `\`turso auth api-tokens mint NAME --org ${slug}\``;
  const key = othersHave && slug !== undefined ? `--path 'turso:apiTokens.${slug}'` : "turso:apiToken";
  const set = `\`pulumi config set --secret ${key}\`, or set the variable TURSO_API_TOKEN.`;
  return new MissingTokenError(`No Turso API token is set${of}.\nCreate one with ${mint}, then run ${set}`, {
    // The same for every organization if none has a token, so that a preview warns once.
    problem: `No API token is set${othersHave ? of : ""}`,
    remedy: `Run ${set}`,
  });
}

/**
 * Reads and validates the settings of the stack, or of the explicit provider called `provider`.
 *
 * @throws UserError if a setting is invalid; it says how to set it
 */
export function readSettings(
  config: StackConfig,
  env: NodeJS.ProcessEnv = process.env,
  provider?: string,
): Settings {
  const find = (name: keyof typeof SETTINGS) => {
    const key: Key = `turso:${name}`;
    const { variable = "" }: Setting = SETTINGS[name];
    const [value, source] = config(key)?.trim() ? [config(key), key] : [env[variable], variable];
    return value?.trim() ? { value: value.trim(), source } : undefined;
  };

  const organization = find("organization");
  const problem = organization && segmentProblem(organization.value);
  if (organization && problem !== undefined) {
    throw new UserError(
      "INVALID_SETTING",
      `${organization.source} is ${JSON.stringify(organization.value)}, but an organization's slug ${problem}.\n` +
        "Run `turso org list` to list the slugs.",
    );
  }

  let parsed: ReturnType<typeof parseTokens> | undefined;
  const tokens = () => (parsed ??= parseTokens(config("turso:apiTokens")));

  const numberIn = (name: keyof typeof SETTINGS, limits: Limits) => {
    const given = find(name);
    return given && parseNumber(given, limits);
  };
  const timeout = numberIn("requestTimeout", {
    what: "a number of seconds from 0.1 to 3600",
    from: 0.1,
    to: 3600,
  });
  const maxRetries = numberIn("maxRetries", {
    what: "a whole number from 0 to 20",
    from: 0,
    to: 20,
    whole: true,
  });
  const maxRequestsPerSecond = numberIn("maxRequestsPerSecond", {
    what: "a number from 0.1 to 1000",
    from: 0.1,
    to: 1000,
  });

  const baseUrl = find("baseUrl");
  return {
    organization: organization?.value,
    baseUrl: baseUrl ? parseBaseUrl(baseUrl.value, baseUrl.source) : DEFAULT_BASE_URL,
    deleteProtection: parseBoolean(config, "turso:deleteProtection"),
    requests: {
      ...(timeout !== undefined && { timeout }),
      ...(maxRetries !== undefined && { maxRetries }),
      ...(maxRequestsPerSecond !== undefined && { maxRequestsPerSecond }),
    },
    token: (slug) => {
      const token = tokens().get(slug) ?? find("apiToken");
      if (token === undefined) {
        throw missingToken(slug, { othersHave: tokens().size > 0, provider });
      }
      if (!/^[\x21-\x7e]+$/.test(token.value)) {
        throw new UserError(
          "INVALID_SETTING",
          `${token.source} is not a valid API token: it contains a space, a line break or another invalid character.\n` +
            "If it came from `turso auth api-tokens mint`, run `turso auth login` first, then set it again.",
        );
      }
      return token.value;
    },
  };
}

/** The tokens of `turso:apiTokens`, by organization. */
function parseTokens(text: string | undefined): Map<string | undefined, { value: string; source: string }> {
  if (text === undefined) return new Map();
  const refuse = () =>
    new UserError(
      "INVALID_SETTING",
      "turso:apiTokens must map organizations to tokens.\n" +
        "Set each token with `pulumi config set --secret --path 'turso:apiTokens.ORGANIZATION'`.",
    );
  let tokens: unknown;
  try {
    tokens = JSON.parse(text);
  } catch {
    throw refuse();
  }
  if (typeof tokens !== "object" || tokens === null || Array.isArray(tokens)) throw refuse();
  return new Map(
    Object.entries(tokens).map(([slug, value]) => {
      if (typeof value !== "string" || value === "") throw refuse();
      return [slug, { value: value.trim(), source: `turso:apiTokens.${slug}` }];
    }),
  );
}

interface Limits {
  /** What is valid, e.g. `a number from 0.1 to 1000`. */
  what: string;
  from: number;
  to: number;
  whole?: boolean;
}

function parseNumber(
  { value, source }: { value: string; source: string },
  { what, from, to, whole }: Limits,
): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (number >= from && number <= to && (!whole || Number.isInteger(number))) return number;
  throw new UserError("INVALID_SETTING", `${source} is ${JSON.stringify(value)}, but must be ${what}.`);
}

function parseBoolean(config: StackConfig, key: Key): boolean | undefined {
  const value = config(key)?.trim();
  if (value === undefined || value === "") return undefined;
  if (value !== "true" && value !== "false")
    throw new UserError("INVALID_SETTING", `${key} is ${JSON.stringify(value)}, but must be true or false.`);
  return value === "true";
}

function parseBaseUrl(value: string, source: string): string {
  const problem = baseUrlProblem(value);
  if (problem !== undefined) {
    throw new UserError(
      "INVALID_SETTING",
      `${source} is ${JSON.stringify(withoutCredentials(value))}, but ${problem}.\n` +
        `The Turso Platform API is at ${DEFAULT_BASE_URL}, which is the default.`,
    );
  }
  const { origin, pathname } = new URL(value);
  return origin + pathname.replace(/\/+$/, "");
}

function withoutCredentials(value: string): string {
  return value.replace(/(^|\/\/)[^/]*@/, "$1…@").replace(/[?#].*$/s, "?…");
}

/**
 * An error as users see it: with a code, and with what to do about a rejected token. The given error does not
 * change, because resources that share a list share its error.
 */
export function explained(error: unknown, config: StackConfig, provider?: string): Error {
  const shown = asUserError(error);
  if (!(shown instanceof UserError)) return shown;
  const rejected = causesOf(shown).find((cause) => cause instanceof TursoApiError && cause.status === 401);
  if (!(rejected instanceof TursoApiError)) return shown;
  const { organization } = rejected;
  const path = organization && config("turso:apiTokens") && ` --path 'turso:apiTokens.${organization}'`;
  const set =
    provider === undefined
      ? `set it: \`pulumi config set --secret${path || " turso:apiToken"}\`, or the variable TURSO_API_TOKEN.`
      : `pass it as \`apiToken\` or in \`apiTokens\` to the provider '${provider}', or set the variable TURSO_API_TOKEN.`;
  return shown.extended(
    `Then ${set}\n` +
      "`pulumi refresh` and `pulumi destroy` use the configuration of the last `pulumi up`. Add `--run-program` to use the current one.",
  );
}
