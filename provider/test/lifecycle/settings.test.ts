import { describe, expect, test } from "vitest";
import { type ErrorCode, UserError } from "../../src/lifecycle/errors.js";
import { readSettings } from "../../src/lifecycle/settings.js";

const settings = (config: Record<string, string> = {}, env: Record<string, string> = {}) =>
  readSettings((key) => config[key], env);

/** The error of a setting that is invalid or missing: its message has all these parts. */
const error = (code: ErrorCode, ...named: string[]) =>
  expect.toSatisfy(
    (thrown) =>
      thrown instanceof UserError &&
      thrown.code === code &&
      named.every((part) => thrown.text.includes(part)),
    `${code} with ${named.join(", ")}`,
  );

test("stack configuration wins over variables", () => {
  const env = { TURSO_API_TOKEN: "t1", TURSO_ORGANIZATION: "o1", TURSO_API_BASEURL: "https://one.example" };
  const config = {
    "turso:apiToken": "t2",
    "turso:organization": "o2",
    "turso:baseUrl": "https://two.example",
  };
  expect(settings({}, env)).toMatchObject({ organization: "o1", baseUrl: "https://one.example" });
  expect(settings({}, env).token(undefined)).toBe("t1");
  expect(settings(config, env)).toMatchObject({ organization: "o2", baseUrl: "https://two.example" });
  expect(settings(config, env).token(undefined)).toBe("t2");
});

test("without settings, it is the personal account at the public API; an empty value is not set", () => {
  expect(settings()).toMatchObject({
    organization: undefined,
    baseUrl: "https://api.turso.tech",
    requests: {},
  });
  expect(settings({ "turso:organization": "" }, { TURSO_ORGANIZATION: " " }).organization).toBeUndefined();
});

describe("the token", () => {
  test("is required only when it is used, and the error has the commands to mint and set it", () => {
    const { token } = settings();
    const set = ["`pulumi config set --secret turso:apiToken`", "TURSO_API_TOKEN"];
    expect(() => token("acme")).toThrow(
      error("NO_TOKEN", "'acme'", "`turso auth api-tokens mint NAME --org acme`", ...set),
    );
    expect(() => token(undefined)).toThrow(
      error("NO_TOKEN", "`turso auth api-tokens mint NAME --org ORGANIZATION`", "`turso org list`", ...set),
    );
  });

  test("may end with a line break, as files do, but not contain one", () => {
    expect(settings({}, { TURSO_API_TOKEN: "abc\n" }).token(undefined)).toBe("abc");
    const { token } = settings({}, { TURSO_API_TOKEN: "abc\ndef" });
    expect(() => token(undefined)).toThrow(error("INVALID_SETTING", "TURSO_API_TOKEN", "`turso auth login`"));
    expect(() => token(undefined)).not.toThrow("abc");
  });
});

describe("turso:apiTokens", () => {
  test("has a token for each organization; the others use turso:apiToken", () => {
    const { token } = settings({ "turso:apiTokens": '{"acme":"a","beta":"b"}', "turso:apiToken": "rest" });
    expect(["acme", "beta", "other", undefined].map(token)).toEqual(["a", "b", "rest", "rest"]);
    expect(() => settings({ "turso:apiTokens": '{"acme":"a"}' }).token("beta")).toThrow(
      error("NO_TOKEN", "'beta'", "`pulumi config set --secret --path 'turso:apiTokens.beta'`"),
    );
  });

  test("has no token for names that every object has", () => {
    const { token } = settings({ "turso:apiTokens": '{"acme":"a"}', "turso:apiToken": "rest" });
    for (const slug of ["constructor", "valueOf", "__proto__"]) expect(token(slug)).toBe("rest");
  });

  test.each(["a-token", "[1]", '{"acme":5}', '{"acme":""}'])(
    "%s is refused, and the error does not show it",
    (value) => {
      const { token } = settings({ "turso:apiTokens": value });
      expect(() => token("acme")).toThrow(error("INVALID_SETTING", "turso:apiTokens"));
      expect(() => token("acme")).not.toThrow(value);
    },
  );
});

test("turso:deleteProtection is true, false or not set", () => {
  const read = (value: string) => settings({ "turso:deleteProtection": value }).deleteProtection;
  expect([read("true"), read("false"), read("")]).toEqual([true, false, undefined]);
  expect(() => read("yes")).toThrow(
    error("INVALID_SETTING", "turso:deleteProtection", '"yes"', "true or false"),
  );
});

describe("the settings of requests", () => {
  test("come from stack configuration, else from variables", () => {
    const env = { TURSO_REQUEST_TIMEOUT: "2.5", TURSO_MAX_RETRIES: "0" };
    expect(settings({}, env).requests).toEqual({ timeout: 2.5, maxRetries: 0 });
    const config = {
      "turso:requestTimeout": "30",
      "turso:maxRetries": "7",
      "turso:maxRequestsPerSecond": "0.5",
    };
    expect(settings(config, env).requests).toEqual({ timeout: 30, maxRetries: 7, maxRequestsPerSecond: 0.5 });
  });

  test.each([
    ["turso:requestTimeout", ["0", "60s", "-1", "1e3", "3601"], "0.1 to 3600"],
    ["turso:maxRetries", ["-1", "2.5", "21", "many"], "0 to 20"],
    ["turso:maxRequestsPerSecond", ["0", "fast", "1001"], "0.1 to 1000"],
  ])("refuse %s: %j (%s)", (key, values, limits) => {
    for (const value of values)
      expect(() => settings({ [key]: value })).toThrow(error("INVALID_SETTING", key, `"${value}"`, limits));
  });

  test.each(["TURSO_REQUEST_TIMEOUT", "TURSO_MAX_RETRIES"])("refuse an invalid %s", (variable) => {
    expect(() => settings({}, { [variable]: "soon" })).toThrow(error("INVALID_SETTING", variable, '"soon"'));
  });
});

describe("the organization", () => {
  test.each(["..", "a/b", "my org"])("%j is refused, and the error names the setting", (slug) => {
    const named = [`"${slug}"`, "`turso org list`"];
    expect(() => settings({ "turso:organization": slug })).toThrow(
      error("INVALID_SETTING", "turso:organization", ...named),
    );
    expect(() => settings({}, { TURSO_ORGANIZATION: slug })).toThrow(
      error("INVALID_SETTING", "TURSO_ORGANIZATION", ...named),
    );
  });
});

describe("the base URL", () => {
  test.each([
    ["https://turso.example/", "https://turso.example"],
    ["https://turso.example/api//", "https://turso.example/api"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://localhost:8080/", "http://localhost:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ])("%s is used as %s", (given, expected) => {
    expect(settings({ "turso:baseUrl": given }).baseUrl).toBe(expected);
  });

  test.each([
    ["api.turso.tech", "https://api.turso.tech?"],
    ["localhost:8080", "http://localhost:8080?"],
    ["127.0.0.1:8080/", "http://127.0.0.1:8080/?"],
    ["no url", "not a URL"],
    ["secret:secret@host", /https(?!:)/],
    ["htps://api.turso.tech", /https(?!:)/],
    ["http://api.turso.tech", "unencrypted"],
    ["http://127.0.0.1.evil.example", "unencrypted"],
    ["https://api.turso.tech/v1", /\/v1(?!")/],
    ["https://me:secret@api.turso.tech", "user name or password"],
    ["https://me:se@cret-secret@api.turso.tech", "user name or password"],
    ["https://api.turso.tech?token=secret", "query"],
  ])("%s is refused: %s", (given, named) => {
    const read = () => settings({}, { TURSO_API_BASEURL: given });
    expect(read).toThrow(error("INVALID_SETTING", "TURSO_API_BASEURL"));
    expect(read).toThrow(named);
    expect(read).not.toThrow("secret");
  });
});
