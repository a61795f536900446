import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/lifecycle/settings.js";

const settings = (config: Record<string, string> = {}, env: Record<string, string> = {}) =>
  readSettings((key) => config[key], env);

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

test("nothing set is the user form of the public API; an empty value is nothing", () => {
  expect(settings()).toMatchObject({
    organization: undefined,
    baseUrl: "https://api.turso.tech",
    requests: {},
  });
  expect(settings({ "turso:organization": "" }, { TURSO_ORGANIZATION: " " }).organization).toBeUndefined();
});

describe("the token", () => {
  test("is missed only when it is needed, and the error says how to set it", () => {
    const { token } = settings();
    expect(() => token(undefined)).toThrow("pulumi config set --secret turso:apiToken");
    expect(() => token(undefined)).toThrow("TURSO_API_TOKEN");
  });

  test("is minted for one organization: the error names it, or says which it is for a personal account", () => {
    const { token } = settings();
    expect(() => token("acme")).toThrow("`turso auth api-tokens mint NAME --org acme`, then run");
    expect(() => token(undefined)).toThrow(
      "`turso auth api-tokens mint NAME --org ORGANIZATION` (for a personal account, ORGANIZATION is its slug in `turso org list`)",
    );
  });

  test("may have a line break at its end, as files have, but none within", () => {
    expect(settings({}, { TURSO_API_TOKEN: "abc\n" }).token(undefined)).toBe("abc");
    const { token } = settings({}, { TURSO_API_TOKEN: "abc\ndef" });
    expect(() => token(undefined)).toThrow(
      "TURSO_API_TOKEN is not a token: it contains a space, a line break",
    );
    expect(() => token(undefined)).not.toThrow("abc");
    expect(() => token(undefined)).toThrow("run `turso auth login` first");
  });
});

describe("turso:apiTokens", () => {
  test("has a token for each organization; the others use turso:apiToken", () => {
    const { token } = settings({ "turso:apiTokens": '{"acme":"a","beta":"b"}', "turso:apiToken": "rest" });
    expect(["acme", "beta", "other", undefined].map(token)).toEqual(["a", "b", "rest", "rest"]);
    expect(() => settings({ "turso:apiTokens": '{"acme":"a"}' }).token("beta")).toThrow(
      "for organization 'beta'",
    );
  });

  test("is asked for none of what every object has", () => {
    const { token } = settings({ "turso:apiTokens": '{"acme":"a"}', "turso:apiToken": "rest" });
    for (const slug of ["constructor", "valueOf", "__proto__"]) expect(token(slug)).toBe("rest");
  });

  test.each(["a-token", "[1]", '{"acme":5}', '{"acme":""}'])("%s is refused without being shown", (value) => {
    const { token } = settings({ "turso:apiTokens": value });
    expect(() => token("acme")).toThrow("turso:apiTokens must be an object of organization → token");
    expect(() => token("acme")).not.toThrow(value);
  });
});

test("turso:deleteProtection is true, false or not set", () => {
  const read = (value: string) => settings({ "turso:deleteProtection": value }).deleteProtection;
  expect([read("true"), read("false"), read("")]).toEqual([true, false, undefined]);
  expect(() => read("yes")).toThrow('turso:deleteProtection is "yes", but must be true or false');
});

describe("how requests are made", () => {
  test("is as configured, or else as the variables say", () => {
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
    ["turso:requestTimeout", ["0", "60s", "-1", "1e3", "3601"], "a number of seconds from 0.1 to 3600"],
    ["turso:maxRetries", ["-1", "2.5", "21", "many"], "a whole number from 0 to 20"],
    ["turso:maxRequestsPerSecond", ["0", "fast", "1001"], "a number from 0.1 to 1000"],
  ])("%s is refused when it is one of %j", (key, values, what) => {
    for (const value of values)
      expect(() => settings({ [key]: value })).toThrow(`${key} is "${value}", but must be ${what}.`);
    const variables = { TURSO_REQUEST_TIMEOUT: "soon" };
    expect(() => settings({}, variables)).toThrow('TURSO_REQUEST_TIMEOUT is "soon"');
  });
});

describe("the organization", () => {
  test.each(["..", "a/b", "my org"])("%j is refused, naming the setting", (slug) => {
    expect(() => settings({ "turso:organization": slug })).toThrow("turso:organization is");
    expect(() => settings({}, { TURSO_ORGANIZATION: slug })).toThrow("TURSO_ORGANIZATION is");
  });
});

describe("the base URL", () => {
  test.each([
    ["https://turso.example/", "https://turso.example"],
    ["https://turso.example/api//", "https://turso.example/api"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://localhost:8080/", "http://localhost:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ])("%s is %s", (given, expected) => {
    expect(settings({ "turso:baseUrl": given }).baseUrl).toBe(expected);
  });

  test.each([
    ["api.turso.tech", "that has no scheme (did you mean https://api.turso.tech?)"],
    ["localhost:8080", "that has no scheme (did you mean http://localhost:8080?)"],
    ["127.0.0.1:8080/", "that has no scheme (did you mean http://127.0.0.1:8080/?)"],
    ["no url", "that is not a URL"],
    ["secret:secret@host", "only https"],
    ["htps://api.turso.tech", "only https"],
    ["http://api.turso.tech", "unencrypted"],
    ["http://127.0.0.1.evil.example", "unencrypted"],
    ["https://api.turso.tech/v1", "/v1"],
    ["https://me:secret@api.turso.tech", "user name or password"],
    ["https://me:se@cret-secret@api.turso.tech", "user name or password"],
    ["https://api.turso.tech?token=secret", "query"],
  ])("%s is refused: %s", (given, why) => {
    const read = () => settings({}, { TURSO_API_BASEURL: given });
    expect(read).toThrow("TURSO_API_BASEURL is");
    expect(read).toThrow(why);
    expect(read).not.toThrow("secret");
  });
});
