/** Lost responses and stale lists: no other group is adopted, and no created group is left untracked. */

import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { createClient } from "../../../src/api/index.js";
import { Collection, Listing } from "../../../src/lifecycle/collection.js";
import { PartialError } from "../../../src/lifecycle/errors.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import type { GroupInputs, GroupOutputs } from "../../../src/resources/group/group.js";
import { GROUPS } from "../../../src/resources/group/kind.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor, placeOf } from "../../context.ts";

const INPUTS: GroupInputs = { name: "prod", location: "lhr" };
const POST = { method: "POST", path: /\/groups$/ };
const always = { times: Number.POSITIVE_INFINITY };

/** A process of the provider whose check has listed the groups. */
async function start({ checked = true } = {}) {
  const emulator = await emulate();
  const account = emulator.store.account();
  const process = async () => {
    const context = contextFor(emulator.url, undefined, {}, { maxRetries: 2, pause: 5 });
    if (checked) await context.collection(GROUPS).listForCheck(undefined);
    emulator.requests.length = 0;
    return context;
  };
  return { emulator, account, process };
}

describe("a create whose response is lost", () => {
  test("has created the group that did not exist before: one POST, one GET", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", "GET /v1/groups/prod"]);
  });

  test("is retried if three GETs find nothing", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "before" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    const get = "GET /v1/groups/prod";
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", get, get, get, "POST /v1/groups"]);
  });

  test.each([
    ["in the same location", "lhr"],
    ["in another location", "ams"],
  ])("never takes a group that existed before, %s", async (_, location) => {
    const { emulator, account, process } = await start();
    account.createGroup({ name: "prod", location });
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toMatchObject({ code: "NAME_TAKEN" });
    expect(account.group("prod").primary).toBe(location);
  });

  test("never takes a group that was created meanwhile in another location", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    account.createGroup({ name: "prod", location: "ams" });
    emulator.fail({ ...POST, drop: "after" });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toMatchObject({ code: "OUTCOME_UNKNOWN" });
  });

  test("has created the group if the one of that name before was deleted outside Pulumi", async () => {
    const { emulator, account, process } = await start();
    account.createGroup({ name: "prod", location: "lhr" });
    const context = await process();
    account.deleteGroup("prod");
    emulator.fail({ ...POST, drop: "after" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
  });

  test("has an unknown outcome if it is not known what existed before", async () => {
    const { emulator, process } = await start({ checked: false });
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });

  test("waits for a group that the API does not show yet", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    emulator.store.createLag = 600;
    emulator.fail({ ...POST, drop: "after" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    expect([...new Set(context.warnings)]).toEqual([expect.stringContaining("does not show it yet")]);
  });

  test("has an unknown outcome if the group cannot be read either", async () => {
    const { emulator, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    emulator.fail({ ...always, method: "GET", status: 503 });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
      message: expect.stringContaining("Group 'prod'"),
    });
  });
});

test("adopt: true does not adopt a group that this process has deleted and the API still shows", async () => {
  const { emulator, account, process } = await start();
  const first = await groupLifecycle.create(await process(), INPUTS);
  const context = await process();
  emulator.store.deleteLag = 60_000;
  await groupLifecycle.delete(context, first.outputs);
  const { outputs } = await groupLifecycle.create(context, { ...INPUTS, adopt: true });
  expect(outputs.uuid).toBe(account.group("prod").uuid);
  expect(outputs.uuid).not.toBe(first.outputs.uuid);
});

describe("adopt: true", () => {
  const adopting = { ...INPUTS, adopt: true };

  test("creates the group if the listed one was deleted meanwhile", async () => {
    const { emulator, account, process } = await start();
    const { uuid } = account.createGroup(INPUTS);
    const context = await process();
    account.deleteGroup("prod");
    const { outputs } = await groupLifecycle.create(context, adopting);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    expect(outputs.uuid).not.toBe(uuid);
    expect(requestsOf(emulator)).toEqual(["GET /v1/groups/prod", "POST /v1/groups"]);
  });

  test("adopts the group as it is now, not as it was listed", async () => {
    const { account, process } = await start();
    account.createGroup(INPUTS);
    const context = await process();
    account.deleteGroup("prod");
    account.createGroup({ ...INPUTS, location: "ams" });
    await expect(groupLifecycle.create(context, adopting)).rejects.toMatchObject({
      code: "ADOPTION_FAILED",
      message: expect.stringContaining("in ams"),
    });
  });

  test("of a group that cannot be read is an error", async () => {
    const { emulator, account, process } = await start();
    account.createGroup(INPUTS);
    const context = await process();
    emulator.fail({ ...always, path: /groups\/prod$/, status: 403, body: { error: "no" } });
    await expect(groupLifecycle.create(context, adopting)).rejects.toMatchObject({
      code: "ADOPTION_FAILED",
    });
    expect(requestsOf(emulator)).toEqual(["GET /v1/groups/prod"]);
  });
});

describe("a group of several locations whose primary the API does not report", () => {
  const group = { name: "prod", locations: ["lhr", "ams"] };

  test("is not adopted, and the preview says so", async () => {
    const { emulator, process } = await start({ checked: false });
    emulator.fail({ ...always, path: /\/groups$/, method: "GET", status: 200, body: { groups: [group] } });
    emulator.fail({ ...always, path: /\/groups\/prod$/, status: 200, body: { group } });
    for (const [adopt, code] of [
      [true, "ADOPTION_FAILED"],
      [false, "NAME_TAKEN"],
    ] as const) {
      const { failures } = await groupLifecycle.check(await process(), {
        olds: undefined,
        news: { ...INPUTS, adopt },
        resource: placeOf("prod"),
      });
      expect(failures).toMatchObject([{ property: "name", code }]);
    }
    await expect(groupLifecycle.create(await process(), { ...INPUTS, adopt: true })).rejects.toMatchObject({
      code: "ADOPTION_FAILED",
    });
  });

  test("is not taken for the one that a create has made whose response was lost", async () => {
    const { emulator, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    emulator.fail({ ...always, path: /\/groups\/prod$/, status: 200, body: { group } });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });

  test("is adopted if it has one location", async () => {
    const { emulator, process } = await start({ checked: false });
    const one = { ...group, locations: ["lhr"] };
    emulator.fail({ ...always, path: /\/groups$/, method: "GET", status: 200, body: { groups: [one] } });
    emulator.fail({ ...always, path: /\/groups\/prod$/, status: 200, body: { group: one } });
    const { outputs } = await groupLifecycle.create(await process(), { ...INPUTS, adopt: true });
    expect(outputs).toMatchObject(one);
  });
});

describe("a delete whose response is lost", () => {
  test("is done if the group no longer exists, and does not delete another one that has its name", async () => {
    const { emulator, account, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), INPUTS);
    const context = await process();
    emulator.fail({ method: "DELETE", drop: "after" });
    const deleting = groupLifecycle.delete(context, outputs);
    while (account.groups.size > 0) await new Promise(setImmediate);
    const { uuid } = account.createGroup({ name: "prod", location: "lhr" });
    await deleting;
    expect(account.group("prod").uuid).toBe(uuid);
    expect(requestsOf(emulator).filter((request) => request.startsWith("DELETE"))).toHaveLength(1);
  });

  test("is retried while the group exists", async () => {
    const { emulator, account, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), INPUTS);
    emulator.fail({ method: "DELETE", drop: "before" });
    await groupLifecycle.delete(await process(), outputs);
    expect(account.groups.size).toBe(0);
  });

  test("has an unknown outcome if a retry is refused", async () => {
    const { emulator, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), INPUTS);
    const context = await process();
    emulator.store.deleteLag = 60_000;
    emulator.fail({ method: "DELETE", status: 502, applied: true });
    emulator.fail({ ...always, method: "DELETE", status: 402, body: { error: "pay first" } });
    await expect(groupLifecycle.delete(context, outputs)).rejects.toMatchObject({
      code: "OUTCOME_UNKNOWN",
    });
  });
});

describe("an update", () => {
  test("reads the group if the list and state disagree, and does what is left to do", async () => {
    const { emulator, account, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), { ...INPUTS, replicas: ["ams"] });
    // The list is from before the replica.
    const context = await process();
    const listed = new Listing([{ ...account.group("prod"), locations: ["lhr"] }]);
    context.collection(GROUPS).list = async () => listed;
    const updated = await groupLifecycle.update?.(context, "prod", outputs, { ...INPUTS, replicas: [] });
    expect(account.group("prod").locations).toEqual(["lhr"]);
    expect(updated).toMatchObject({ locations: ["lhr"], replicas: [] });
    expect(requestsOf(emulator)).toEqual(["GET /v1/groups/prod", "DELETE /v1/groups/prod/locations/ams"]);
  });

  const shown = { name: "prod", primary: "lhr", locations: ["lhr"], delete_protection: false };
  const changes = [
    ["a replica", { replicas: [] }, { replicas: ["ams"] }, { group: shown }],
    [
      "that one was removed",
      { replicas: ["ams"] },
      { replicas: [] },
      { group: { ...shown, locations: ["lhr", "ams"] } },
    ],
    ["the protection", { deleteProtection: false }, { deleteProtection: true }, { delete_protection: false }],
  ] satisfies [string, Partial<GroupInputs>, Partial<GroupInputs>, object][];

  test.each(changes)(
    "whose response does not show %s yet reads the group once",
    async (_, before, change, body) => {
      const { emulator, account, process } = await start();
      const inputs = { ...INPUTS, ...before };
      const { outputs } = await groupLifecycle.create(await process(), inputs);
      const context = await process();
      emulator.fail({ path: /locations|configuration/, status: 200, body, applied: true });
      const updated = await groupLifecycle.update?.(context, "prod", outputs, { ...inputs, ...change });
      expect(updated).toMatchObject({ ...change, locations: account.group("prod").locations });
      expect(requestsOf(emulator).at(-1)).toBe("GET /v1/groups/prod");
    },
  );

  test.each(changes)("after which the API does not show %s is an error", async (_, before, change, body) => {
    const { emulator, process } = await start();
    const inputs = { ...INPUTS, ...before };
    const { outputs } = await groupLifecycle.create(await process(), inputs);
    const context = await process();
    emulator.fail({ path: /locations|configuration/, status: 200, body });
    const error: unknown = await groupLifecycle
      .update?.(context, "prod", outputs, { ...inputs, ...change })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PartialError);
    expect(error).toMatchObject({ code: "UPDATE_FAILED", outputs: { ...outputs, __unsettled: true } });
  });

  test.each([
    ["a replica was added", { replicas: ["ams", "fra"] }],
    ["one was removed", { replicas: [] }],
    ["it was protected", { deleteProtection: true }],
  ])(
    "that fails and cannot be checked, although %s, records what was before, and undoing it reads the group first",
    async (_, change) => {
      const { emulator, account, process } = await start();
      const inputs = { ...INPUTS, replicas: ["ams"], deleteProtection: false };
      const { outputs } = await groupLifecycle.create(await process(), inputs);
      const context = await process();
      emulator.fail({ ...always, path: /locations|configuration/, status: 503, applied: true });
      emulator.fail({ ...always, method: "GET", path: /\/groups\/prod$/, status: 503 });
      const error: unknown = await groupLifecycle
        .update?.(context, "prod", outputs, { ...inputs, ...change })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PartialError);
      const { outputs: partial } = error as { outputs: GroupOutputs };
      expect(partial).toEqual({ ...outputs, __unsettled: true });
      expect(account.group("prod")).not.toMatchObject({ locations: ["lhr", "ams"], deleteProtection: false });

      emulator.heal();
      expect(groupLifecycle.previewOutputs?.(partial, INPUTS)).toMatchObject({
        locations: UNKNOWN,
        protected: UNKNOWN,
      });
      const undone = await groupLifecycle.update?.(await process(), "prod", partial, inputs);
      expect(undone).toEqual(outputs);
      expect(account.group("prod")).toMatchObject({ locations: ["lhr", "ams"], deleteProtection: false });
      expect(requestsOf(emulator)).toContain("GET /v1/groups/prod");
    },
  );

  test("after a failed one reads the group, because a list may be as old as state", async () => {
    const { account, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), INPUTS);
    const context = await process();
    const listed = new Listing([{ ...account.group("prod") }]);
    context.collection(GROUPS).list = async () => listed;
    account.protectGroup("prod", true);
    const unsettled = { ...outputs, __unsettled: true } as const;
    const inputs = { ...INPUTS, deleteProtection: false };
    expect(await groupLifecycle.update?.(context, "prod", unsettled, inputs)).toMatchObject({
      protected: false,
    });
    expect(account.group("prod").deleteProtection).toBe(false);
  });
});

test("reads send one request of their own if the check's failed, which had less patience", async () => {
  const { emulator, account } = await start();
  account.createGroup({ name: "prod", location: "lhr" });
  const options = { token: "eyJ-the-api-token-0123456789", baseUrl: emulator.url, pause: 5 };
  const groups = new Collection(GROUPS, createClient(options), createClient({ ...options, maxRetries: 0 }));
  emulator.fail({ status: 503 });
  const check = groups.listForCheck(undefined);
  const reads = [groups.list(undefined), groups.list(undefined), groups.list(undefined)];
  await expect(check).rejects.toThrow("503");
  for (const listing of await Promise.all(reads)) expect([...listing.keys()]).toEqual(["prod"]);
  expect(emulator.requests).toHaveLength(2);
});
