import { describe, expect, test } from "vitest";
import type { EmulatorState } from "../../src/index.ts";
import { ACCOUNTS, start } from "../help.ts";

const LIMIT = {
  status: 403,
  body: { error: expect.stringContaining("plan starter"), code: "feature_not_available_for_starter_plan" },
};

describe.each(ACCOUNTS)("plan starter, $account", ({ root, organization }) => {
  test("allows one group at a time", async () => {
    const { call } = await start({ plan: "starter" });
    const create = (name: string) => call("POST", `${root}/groups`, { name, location: "lhr" });
    expect(await create("prod")).toMatchObject({ status: 200 });
    expect(await create("dev")).toMatchObject(LIMIT);
    expect(await call("DELETE", `${root}/groups/prod`)).toMatchObject({ status: 200 });
    expect(await create("dev")).toMatchObject({ status: 200 });
  });

  test("refuses a transfer to an account that has a group", async () => {
    const { store, call } = await start();
    store.account("other").createGroup({ name: "prod", location: "lhr" });
    const account = store.account(organization);
    account.createGroup({ name: "dev", location: "lhr" });
    account.plan = "starter";
    const transfer = () =>
      call("POST", "/v1/organizations/other/groups/prod/transfer", { organization: account.slug });
    expect(await transfer()).toMatchObject(LIMIT);
    account.plan = "developer";
    expect(await transfer()).toMatchObject({ status: 200 });
  });
});

test("the plan of an organization comes first, and a state may hold more than it allows", async () => {
  const groups = ["a", "b"].map((name) => ({ name, location: "lhr" }));
  const organizations: EmulatorState["organizations"] = {
    free: { plan: "starter", groups },
    paid: { plan: "pro", groups },
    other: { groups },
  };
  const { call } = await start({ plan: "scaler", state: { organizations } });
  const create = async (organization: string) =>
    (await call("POST", `/v1/organizations/${organization}/groups`, { name: "c", location: "lhr" })).status;
  expect(await create("free")).toBe(403);
  expect(await create("paid")).toBe(200);
  expect(await create("other")).toBe(200);
});
