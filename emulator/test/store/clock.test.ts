import { describe, expect, test } from "vitest";
import { start } from "../help.ts";

const DAY = 86_400_000;
const GROUP = { name: "prod", location: "lhr" };

/** The claims of a token. */
function claims(jwt: string): { iat: number; exp: number } {
  return JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
}

describe("the clock", () => {
  test("runs from the time that it is set to", async () => {
    const { clock } = await start({ clock: "2030-01-01" });
    const set = Date.parse("2030-01-01");
    expect(clock.now()).toBeGreaterThanOrEqual(set);
    expect(clock.now() - set).toBeLessThan(60_000);
    clock.set(new Date(0));
    expect(clock.now()).toBeLessThan(60_000);
  });

  test.each([
    ["90d", 90 * DAY],
    ["1h30m", 5_400_000],
    ["-1d", -DAY],
    [1_500, 1_500],
  ])("advances by %j", async (duration, ms) => {
    const { clock } = await start();
    clock.advance(duration);
    expect(clock.offset).toBe(ms);
    clock.advance(duration);
    expect(clock.offset).toBe(2 * ms);
    clock.reset();
    expect(clock.offset).toBe(0);
  });

  test.each([
    "",
    "d",
    "1w",
    "1.5d",
    "--1d",
    "1d-1h",
    "1 d",
    Number.NaN,
    Number.POSITIVE_INFINITY,
    `${"9".repeat(30)}d`,
  ])("refuses to advance by %j", async (duration) => {
    const { clock } = await start();
    expect(() => clock.advance(duration)).toThrow("invalid duration");
    expect(clock.offset).toBe(0);
  });

  test.each(["", "soon", Number.NaN, 1e17, 8.64e15, -8.64e15, new Date(Number.NaN)])(
    "refuses the time %j",
    async (time) => {
      const { clock } = await start();
      expect(() => clock.set(time)).toThrow("invalid time");
    },
  );

  test("is real time again after a reset of the emulator", async () => {
    const emulator = await start({ clock: 0 });
    emulator.reset();
    expect(emulator.clock.offset).toBe(0);
  });
});

test("tokens expire by the clock", async () => {
  const { clock, store } = await start();
  const acme = store.account("acme");
  acme.createGroup(GROUP);
  const { jwt } = acme.mintToken("prod", { expiration: "90d" });
  clock.advance("89d");
  expect(store.tokenIsValid(jwt)).toBe(true);
  clock.advance("1d");
  expect(store.tokenIsValid(jwt)).toBe(false);
});

test("a token that is minted in the past expires early for a program with real time", async () => {
  const { clock, store } = await start();
  const acme = store.account("acme");
  acme.createGroup(GROUP);
  clock.advance("-80d");
  const { iat, exp } = claims(acme.mintToken("prod", { expiration: "90d" }).jwt);
  expect(exp - iat).toBe((90 * DAY) / 1000);
  expect(Math.abs(exp * 1000 - Date.now() - 10 * DAY)).toBeLessThan(60_000);
});

test("the API token expires by the clock", async () => {
  const { clock, call } = await start();
  const before = Object((await call("GET", "/v1/auth/validate")).body).exp;
  clock.advance("400d");
  expect(Object((await call("GET", "/v1/auth/validate")).body).exp).toBeGreaterThan(before + 399 * 86_400);
});

test("lags end when the clock advances", async () => {
  const { clock, store, call } = await start({ lag: DAY, createLag: DAY });
  store.account().createGroup(GROUP);
  expect((await call("GET", "/v1/groups/prod")).status).toBe(404);
  clock.advance("1d");
  expect((await call("GET", "/v1/groups/prod")).status).toBe(200);
  store.account().deleteGroup("prod");
  expect((await call("POST", "/v1/groups", GROUP)).status).toBe(409);
  clock.advance("1d");
  expect((await call("POST", "/v1/groups", GROUP)).status).toBe(200);
});
