/** A create that is refused: whether the name is taken does not depend on the status, but on whether the group exists. */

import { describe, expect, test } from "vitest";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import { groupLifecycle } from "../../../src/resources/group/lifecycle.js";
import { contextFor } from "../../context.ts";

const INPUTS = { name: "prod", location: "lhr" };

async function start(status: number, error: string) {
  const emulator = await emulate();
  const account = emulator.store.account();
  emulator.fail({ method: "POST", path: /\/groups$/, status, body: { error } });
  const create = (more = {}) => groupLifecycle.create(contextFor(emulator.url), { ...INPUTS, ...more });
  return { emulator, account, create };
}

describe.each([
  [400, "group with same name already exists"],
  [409, "group already exists"],
  [422, "group name not available"],
])("a create that is answered with %i", (status, text) => {
  test("of a group that exists says that the name is taken, and what the API said", async () => {
    const { emulator, account, create } = await start(status, text);
    account.createGroup(INPUTS);
    await expect(create()).rejects.toThrow(
      /^Group 'prod' already exists and is not managed by this resource/,
    );
    emulator.fail({ method: "POST", status, body: { error: text } });
    await expect(create()).rejects.toThrow(`POST /v1/groups: ${status} ${text}`);
    expect(requestsOf(emulator).slice(0, 2)).toEqual(["POST /v1/groups", "GET /v1/groups/prod"]);
  });

  test("of a group that exists, and no list shows yet, adopts it with adopt: true", async () => {
    const { emulator, account, create } = await start(status, text);
    emulator.store.listLag = 60_000;
    const { uuid } = account.createGroup(INPUTS);
    expect((await create({ adopt: true })).outputs.uuid).toBe(uuid);
  });
});

describe.each([
  [400, "group name is too long"],
  [422, "unprocessable"],
])("a create that is answered with %i", (status, text) => {
  test("of a group that does not exist shows what the API said", async () => {
    const { emulator, create } = await start(status, text);
    await expect(create()).rejects.toThrow(
      `Group 'prod' could not be created in lhr.\nPOST /v1/groups: ${status} ${text}`,
    );
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", "GET /v1/groups/prod"]);
  });

  test("of a group of which nobody knows whether it exists shows what the API said", async () => {
    const { emulator, create } = await start(status, text);
    emulator.fail({ method: "GET", status: 403, body: { error: "no" } });
    await expect(create({ adopt: true })).rejects.toThrow(`${status} ${text}`);
  });
});
