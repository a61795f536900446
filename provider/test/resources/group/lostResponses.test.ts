/** What the lifecycle of a Group makes of answers that are lost, or old: nobody's group is taken, and none of ours is lost. */

import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { createClient } from "../../../src/api/index.js";
import { Collection, Listing } from "../../../src/lifecycle/collection.js";
import { PartialError } from "../../../src/lifecycle/errors.js";
import { UNKNOWN } from "../../../src/lifecycle/unknown.js";
import { GROUPS } from "../../../src/resources/group/kind.js";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import type { GroupInputs, GroupOutputs } from "../../../src/resources/group/state.js";
import { contextFor, placeOf } from "../../context.ts";

const INPUTS: GroupInputs = { name: "prod", location: "lhr" };
const POST = { method: "POST", path: /\/groups$/ };
const always = { times: Number.POSITIVE_INFINITY };

/** A process of the provider whose check has seen what there is. */
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

describe("a create whose answer is lost", () => {
  test("is the group that was not there and now is: one POST, one look", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", "GET /v1/groups/prod"]);
  });

  test("is made again when three looks find nothing", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "before" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    const look = "GET /v1/groups/prod";
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", look, look, look, "POST /v1/groups"]);
  });

  test.each([
    ["in the same place", "lhr"],
    ["elsewhere", "ams"],
  ])("never takes a group that was there before, %s", async (_, location) => {
    const { emulator, account, process } = await start();
    account.createGroup({ name: "prod", location });
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toThrow("Group 'prod' is there");
    expect(account.group("prod").primary).toBe(location);
  });

  test("never takes a group that has come elsewhere meanwhile", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    account.createGroup({ name: "prod", location: "ams" });
    emulator.fail({ ...POST, drop: "after" });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toThrow("Group 'prod' is there");
  });

  test("takes a group that was made anew under the name of one that was deleted elsewhere", async () => {
    const { emulator, account, process } = await start();
    account.createGroup({ name: "prod", location: "lhr" });
    const context = await process();
    account.deleteGroup("prod");
    emulator.fail({ ...POST, drop: "after" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
  });

  test("is not guessed about when nobody knows what was there before", async () => {
    const { emulator, process } = await start({ checked: false });
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toThrow(
      /is there, and may be what this resource has just created.* adopt: true/,
    );
  });

  test("waits for a group that is not shown yet", async () => {
    const { emulator, account, process } = await start();
    const context = await process();
    emulator.store.createLag = 600;
    emulator.fail({ ...POST, drop: "after" });
    const { outputs } = await groupLifecycle.create(context, INPUTS);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    expect([...new Set(context.warnings)]).toEqual([
      "Group 'prod' seems to be created, but is not shown yet; waiting until it is.",
    ]);
  });

  test("is named, with what to do, when no look gets an answer either", async () => {
    const { emulator, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    emulator.fail({ ...always, method: "GET", status: 503 });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toThrow(
      /Group 'prod' could not be created.*may have been created all the same.*adopt: true.*refresh --clear-pending-creates/s,
    );
  });
});

test("adopt: true does not take a group that this process has deleted and that is shown on", async () => {
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

  test("creates the group when the one that the list shows was deleted meanwhile", async () => {
    const { emulator, account, process } = await start();
    const { uuid } = account.createGroup(INPUTS);
    const context = await process();
    account.deleteGroup("prod");
    const { outputs } = await groupLifecycle.create(context, adopting);
    expect(outputs.uuid).toBe(account.group("prod").uuid);
    expect(outputs.uuid).not.toBe(uuid);
    expect(requestsOf(emulator)).toEqual(["GET /v1/groups/prod", "POST /v1/groups"]);
  });

  test("takes the group as it is now, not as the list shows it", async () => {
    const { account, process } = await start();
    account.createGroup(INPUTS);
    const context = await process();
    account.deleteGroup("prod");
    account.createGroup({ ...INPUTS, location: "ams" });
    await expect(groupLifecycle.create(context, adopting)).rejects.toThrow("already exists, but in ams");
  });

  test("of a group that cannot be read is an error", async () => {
    const { emulator, account, process } = await start();
    account.createGroup(INPUTS);
    const context = await process();
    emulator.fail({ ...always, path: /groups\/prod$/, status: 403, body: { error: "no" } });
    await expect(groupLifecycle.create(context, adopting)).rejects.toThrow(
      "Group 'prod' already exists and was not adopted, because it could not be read.",
    );
    expect(requestsOf(emulator)).toEqual(["GET /v1/groups/prod"]);
  });
});

describe("a group of several locations whose primary the API does not report", () => {
  const group = { name: "prod", locations: ["lhr", "ams"] };

  test("is not adopted, and the preview says so", async () => {
    const { emulator, process } = await start({ checked: false });
    emulator.fail({ ...always, path: /\/groups$/, method: "GET", status: 200, body: { groups: [group] } });
    emulator.fail({ ...always, path: /\/groups\/prod$/, status: 200, body: { group } });
    const problem = /already exists, and the API does not report which location is its primary/;
    for (const [adopt, reason] of [
      [true, problem],
      [false, /already exists and is not managed by this resource/],
    ] as const) {
      const { failures } = await groupLifecycle.check(await process(), {
        olds: undefined,
        news: { ...INPUTS, adopt },
        resource: placeOf("prod"),
      });
      expect(failures).toMatchObject([{ property: "name", reason: expect.stringMatching(reason) }]);
    }
    await expect(groupLifecycle.create(await process(), { ...INPUTS, adopt: true })).rejects.toThrow(problem);
  });

  test("is not what a create made whose answer was lost", async () => {
    const { emulator, process } = await start();
    const context = await process();
    emulator.fail({ ...POST, drop: "after" });
    emulator.fail({ ...always, path: /\/groups\/prod$/, status: 200, body: { group } });
    await expect(groupLifecycle.create(context, INPUTS)).rejects.toThrow(
      "Group 'prod' is there, and may be what this resource has just created",
    );
  });

  test("is adopted where it has one location", async () => {
    const { emulator, process } = await start({ checked: false });
    const one = { ...group, locations: ["lhr"] };
    emulator.fail({ ...always, path: /\/groups$/, method: "GET", status: 200, body: { groups: [one] } });
    emulator.fail({ ...always, path: /\/groups\/prod$/, status: 200, body: { group: one } });
    const { outputs } = await groupLifecycle.create(await process(), { ...INPUTS, adopt: true });
    expect(outputs).toMatchObject(one);
  });
});

describe("a delete whose answer is lost", () => {
  test("is done when the group is gone, and leaves alone one that has come under its name", async () => {
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

  test("is made again while the group is there", async () => {
    const { emulator, account, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), INPUTS);
    emulator.fail({ method: "DELETE", drop: "before" });
    await groupLifecycle.delete(await process(), outputs);
    expect(account.groups.size).toBe(0);
  });

  test("is not called a refusal when a repeat is refused", async () => {
    const { emulator, process } = await start();
    const { outputs } = await groupLifecycle.create(await process(), INPUTS);
    const context = await process();
    emulator.store.deleteLag = 60_000;
    emulator.fail({ method: "DELETE", status: 502, applied: true });
    emulator.fail({ ...always, method: "DELETE", status: 402, body: { error: "pay first" } });
    await expect(groupLifecycle.delete(context, outputs)).rejects.toThrow(
      "whether it was deleted could not be found out. Run this again.",
    );
  });
});

describe("an update", () => {
  test("asks for the group itself where the list and state disagree, and does what is left to do", async () => {
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
      "that one is gone",
      { replicas: ["ams"] },
      { replicas: [] },
      { group: { ...shown, locations: ["lhr", "ams"] } },
    ],
    ["the protection", { deleteProtection: false }, { deleteProtection: true }, { delete_protection: false }],
  ] satisfies [string, Partial<GroupInputs>, Partial<GroupInputs>, object][];

  test.each(changes)("whose response does not show %s yet looks once", async (_, before, change, body) => {
    const { emulator, account, process } = await start();
    const inputs = { ...INPUTS, ...before };
    const { outputs } = await groupLifecycle.create(await process(), inputs);
    const context = await process();
    emulator.fail({ path: /locations|configuration/, status: 200, body, applied: true });
    const updated = await groupLifecycle.update?.(context, "prod", outputs, { ...inputs, ...change });
    expect(updated).toMatchObject({ ...change, locations: account.group("prod").locations });
    expect(requestsOf(emulator).at(-1)).toBe("GET /v1/groups/prod");
  });

  test.each(changes)(
    "after which %s is not shown at all is not called done",
    async (_, before, change, body) => {
      const { emulator, process } = await start();
      const inputs = { ...INPUTS, ...before };
      const { outputs } = await groupLifecycle.create(await process(), inputs);
      const context = await process();
      emulator.fail({ path: /locations|configuration/, status: 200, body });
      const error: unknown = await groupLifecycle
        .update?.(context, "prod", outputs, { ...inputs, ...change })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(PartialError);
      expect(String(error)).toContain("The API accepted the change, but does not show it yet.");
      expect(error).toMatchObject({ outputs: { ...outputs, __unsettled: true } });
    },
  );

  test.each([
    ["a replica was added", { replicas: ["ams", "fra"] }],
    ["one was removed", { replicas: [] }],
    ["it was protected", { deleteProtection: true }],
  ])(
    "that fails and cannot look, although %s, records what was before, and undoing it looks first",
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

  test("of one that failed asks for the group itself, for a list may be as old as state", async () => {
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

test("a read does not take a check's impatience for the answer, nor ask more than once for many", async () => {
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
