/**
 * A create that is refused: not its status decides whether the name is taken, but whether the group exists.
 */
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
])("a create with the response %i", (status, text) => {
  test("of a group that exists is an error about the name, with the API's text", async () => {
    const { emulator, account, create } = await start(status, text);
    account.createGroup(INPUTS);
    await expect(create()).rejects.toMatchObject({
      code: "NAME_TAKEN",
      message: expect.stringContaining(`POST /v1/groups: ${status} ${text}`),
    });
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", "GET /v1/groups/prod"]);
  });

  test("of a group that exists but is not listed yet adopts it with adopt: true", async () => {
    const { emulator, account, create } = await start(status, text);
    emulator.store.listLag = 60_000;
    const { uuid } = account.createGroup(INPUTS);
    expect((await create({ adopt: true })).outputs.uuid).toBe(uuid);
  });
});

describe.each([
  [400, "group name is too long"],
  [422, "unprocessable"],
])("a create with the response %i", (status, text) => {
  test("of a group that does not exist shows the API's text", async () => {
    const { emulator, create } = await start(status, text);
    await expect(create()).rejects.toMatchObject({
      code: "CREATE_FAILED",
      message: expect.stringContaining(`POST /v1/groups: ${status} ${text}`),
    });
    expect(requestsOf(emulator)).toEqual(["POST /v1/groups", "GET /v1/groups/prod"]);
  });

  test("of a group that cannot be read shows the API's text", async () => {
    const { emulator, create } = await start(status, text);
    emulator.fail({ method: "GET", status: 403, body: { error: "no" } });
    await expect(create({ adopt: true })).rejects.toMatchObject({
      code: "CREATE_FAILED",
      message: expect.stringContaining(`${status} ${text}`),
    });
  });
});
