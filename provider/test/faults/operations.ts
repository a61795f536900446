/**
 * The operations of the matrix, as the lifecycles make them, and what must be true of state and API after
 * each.
 */

import type { Emulator } from "turso-emulator";
import { expect } from "vitest";
import type { Context } from "../../src/lifecycle/lifecycle.js";
import {
  type ApiTokenInputs,
  type ApiTokenOutputs,
  apiTokenLifecycle,
} from "../../src/resources/apiToken.js";
import { getGroupsFunction } from "../../src/resources/group/getGroups.js";
import type { GroupInputs, GroupOutputs } from "../../src/resources/group/group.js";
import { groupTokenLifecycle } from "../../src/resources/group/groupToken.js";
import { groupTokenInvalidationLifecycle } from "../../src/resources/group/groupTokenInvalidation.js";
import { groupLifecycle } from "../../src/resources/group/lifecycle.js";
import { placeOf } from "../context.ts";

/** A stack with at most one group, `prod` in the organization acme, which has another group too. */
export interface World {
  emulator: Emulator;
  /** What state has of the group. */
  state?: GroupOutputs | undefined;
  /** What state has of the group's token or its invalidation. */
  other?: { jwt?: string; invalidatedAt?: string } | undefined;
  /** What state has of the API token. */
  apiToken?: ApiTokenOutputs | undefined;
  /** An older token of the group. */
  leaked: string;
}

export interface Operation {
  name: string;
  /** The request that fails. */
  method: string;
  path: RegExp;
  /** What state and the API have before the operation. */
  starts: "with the group" | "without it" | "with an API token";
  /** What its errors name. Default: the group. */
  names?: RegExp;
  run(context: Context, world: World, again?: boolean): Promise<void>;
  /** Whether the API has what the inputs say. */
  isDone(world: World): boolean;
}

const ORGANIZATION = "acme";
export const INPUTS: GroupInputs = { name: "prod", location: "lhr", organization: ORGANIZATION };
const REFERENCE = { group: "prod", organization: ORGANIZATION };
const resource = placeOf("prod");

export const account = ({ emulator }: World) => emulator.store.account(ORGANIZATION);
const group = (world: World) => account(world).groups.get("prod");

/** Checks first, as hosts do. */
export async function create(context: Context, world: World, inputs: GroupInputs): Promise<void> {
  const { failures } = await groupLifecycle.check(context, {
    olds: undefined,
    news: { ...inputs },
    resource,
  });
  if (failures[0] !== undefined) throw new Error(failures[0].reason);
  world.state = (await groupLifecycle.create(context, inputs)).outputs;
}

const API_TOKEN: ApiTokenInputs = { name: "ci", organization: ORGANIZATION };
const apiTokens = (world: World) => account(world).listApiTokens();

/** Checks first, as hosts do. */
export async function createApiToken(context: Context, world: World): Promise<void> {
  const news = { ...API_TOKEN };
  const { failures } = await apiTokenLifecycle.check(context, {
    olds: undefined,
    news,
    resource: placeOf("ci", "ApiToken"),
  });
  if (failures[0] !== undefined) throw new Error(failures[0].reason);
  world.apiToken = (await apiTokenLifecycle.create(context, API_TOKEN)).outputs;
}

async function update(context: Context, world: World, change: Partial<GroupInputs>): Promise<void> {
  const { state } = world;
  if (state === undefined) return expect.unreachable("there is no group to change");
  world.state = await groupLifecycle.update?.(context, "acme/prod", state, { ...INPUTS, ...change });
}

export const OPERATIONS: Operation[] = [
  {
    name: "create",
    method: "POST",
    path: /\/groups$/,
    starts: "without it",
    run: (context, world, again = false) => create(context, world, { ...INPUTS, adopt: again }),
    isDone: (world) => group(world) !== undefined,
  },
  {
    name: "read",
    method: "GET",
    path: /\/groups/,
    starts: "with the group",
    async run(context, world) {
      const read = await groupLifecycle.read(context, "acme/prod", world.state);
      world.state = read?.outputs;
    },
    isDone: () => true,
  },
  {
    name: "list",
    method: "GET",
    path: /\/groups/,
    starts: "with the group",
    async run(context) {
      const { groups } = await getGroupsFunction.run(context, { organization: ORGANIZATION });
      // A list shows what the API has at that moment, which may be stale.
      expect(groups.map(({ name }) => name)).toContain("other");
    },
    isDone: () => true,
  },
  {
    name: "add a replica",
    method: "POST",
    path: /\/locations\/fra$/,
    starts: "with the group",
    run: (context, world) => update(context, world, { replicas: ["ams", "fra"] }),
    isDone: (world) => group(world)?.locations.join() === "lhr,ams,fra",
  },
  {
    name: "remove a replica",
    method: "DELETE",
    path: /\/locations\/ams$/,
    starts: "with the group",
    run: (context, world) => update(context, world, { replicas: [] }),
    isDone: (world) => group(world)?.locations.join() === "lhr",
  },
  {
    name: "protect",
    method: "PATCH",
    path: /\/configuration$/,
    starts: "with the group",
    run: (context, world) => update(context, world, { deleteProtection: true }),
    isDone: (world) => group(world)?.deleteProtection === true,
  },
  {
    name: "delete",
    method: "DELETE",
    path: /\/groups\/prod$/,
    starts: "with the group",
    async run(context, world) {
      if (world.state !== undefined) await groupLifecycle.delete(context, world.state);
      world.state = undefined;
    },
    isDone: (world) => group(world) === undefined,
  },
  {
    name: "issue a token",
    method: "POST",
    path: /\/auth\/tokens/,
    starts: "with the group",
    async run(context, world) {
      world.other = (await groupTokenLifecycle.create(context, { ...REFERENCE, expiration: "1h" })).outputs;
    },
    isDone: ({ emulator }) => emulator.store.tokens.size > 1,
  },
  {
    name: "invalidate tokens",
    method: "POST",
    path: /\/auth\/rotate$/,
    starts: "with the group",
    async run(context, world) {
      const inputs = { ...REFERENCE, onCreate: true };
      world.other = (await groupTokenInvalidationLifecycle.create(context, inputs)).outputs;
    },
    isDone: ({ emulator, leaked }) => !emulator.store.tokenIsValid(leaked),
  },
  {
    name: "create an API token",
    method: "POST",
    path: /\/auth\/api-tokens\/ci$/,
    starts: "without it",
    names: /ApiToken 'ci' in organization 'acme'/,
    async run(context, world, again = false) {
      // What the error says: a token whose value is lost has to be revoked.
      if (again) for (const { uuid } of apiTokens(world)) account(world).revokeApiToken(uuid);
      await createApiToken(context, world);
    },
    // No token is left whose value is lost.
    isDone: (world) =>
      apiTokens(world)
        .map(({ uuid }) => uuid)
        .join() === world.apiToken?.tokenId,
  },
  {
    name: "read an API token",
    method: "GET",
    path: /\/api-tokens$/,
    starts: "with an API token",
    names: /ApiToken 'ci' in organization 'acme'/,
    async run(context, world) {
      world.apiToken = (await apiTokenLifecycle.read(context, "acme/ci", world.apiToken))?.outputs;
    },
    isDone: (world) => apiTokens(world)[0]?.token === world.apiToken?.token,
  },
  {
    name: "revoke an API token",
    method: "DELETE",
    path: /\/api-tokens\/[\w-]+$/,
    starts: "with an API token",
    names: /ApiToken 'ci' in organization 'acme'/,
    async run(context, world) {
      if (world.apiToken !== undefined) await apiTokenLifecycle.delete(context, world.apiToken);
      world.apiToken = undefined;
    },
    isDone: (world) => apiTokens(world).length === 0,
  },
];
