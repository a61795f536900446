import { expect, test } from "vitest";
import { start } from "../help.ts";

test("the user of the API tokens, under both paths", async () => {
  const { store, call } = await start();
  expect((await call("GET", "/v1/user")).body).toMatchObject({ user: { username: "personal" } });
  store.tokenUser = "alice";
  expect((await call("GET", "/v1/current-user")).body).toMatchObject({
    user: { username: "alice", email: "alice@example.com" },
  });
  expect(store.account("acme").member("alice").role).toBe("owner");
});
