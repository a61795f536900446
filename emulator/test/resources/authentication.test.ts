import { expect, test } from "vitest";
import { start } from "../help.ts";

test("an API token expires in the future, as the official CLI requires", async () => {
  const { call } = await start();
  const { status, body } = await call("GET", "/v1/auth/validate");
  expect(status).toBe(200);
  expect(Number(Object(body).exp)).toBeGreaterThan(Date.now() / 1000);
});
