/**
 * The operations of the matrix, as the lifecycles make them, and what must be true of state and API after
 * each.
 */

import type { Emulator } from "turso-emulator";
import { expect } from "vitest";
import type { Context } from "../../src/lifecycle/lifecycle.js";
import type { ApiTokenInputs, ApiTokenOutputs } from "../../src/resources/apiToken/apiToken.js";
import { apiTokenLifecycle } from "../../src/resources/apiToken/lifecycle.js";
import { getGroupsFunction } from "../../src/resources/group/getGroups.js";
import type { GroupInputs, GroupOutputs } from "../../src/resources/group/group.js";
import { groupTokenLifecycle } from "../../src/resources/group/groupToken.js";
import { groupTokenInvalidationLifecycle } from "../../src/resources/group/groupTokenInvalidation.js";
import { groupLifecycle } from "../../src/resources/group/lifecycle.js";
import {
  type OrganizationInviteOutputs,
  organizationInviteLifecycle,
} from "../../src/resources/organization/invite.js";
import {
  type OrganizationMemberOutputs,
  organizationMemberLifecycle,
} from "../../src/resources/organization/member.js";
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
  /** What state has of the member. */
  member?: OrganizationMemberOutputs | undefined;
  /** What state has of the invite. */
  invite?: OrganizationInviteOutputs | undefined;
  /** An older token of the group. */
  leaked: string;
}

/** The resource that an operation is about. */
interface Subject {
  /** How errors name it. */
  title: RegExp;
  /** What state has of it. */
  state: "state" | "apiToken" | "member" | "invite";
}

const API_TOKEN: Subject = { title: /ApiToken 'ci' in organization 'acme'/, state: "apiToken" };
const MEMBER: Subject = { title: /OrganizationMember 'alice' in organization 'acme'/, state: "member" };
const INVITE: Subject = {
  title: /OrganizationInvite 'bob@example.com' in organization 'acme'/,
  state: "invite",
};

export interface Operation {
  name: string;
  /** The request that fails. */
  method: string;
  path: RegExp;
  /** Whether state and the API have the group before the operation. */
  starts: "with the group" | "without it";
  /** Default: the group. */
  subject?: Subject;
  /** What else exists before. */
  prepare?(context: Context, world: World): Promise<void>;
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

const CI: ApiTokenInputs = { name: "ci", organization: ORGANIZATION };
const apiTokens = (world: World) => account(world).listApiTokens();

/** Checks first, as hosts do. */
export async function createApiToken(context: Context, world: World): Promise<void> {
  const news = { ...CI };
  const { failures } = await apiTokenLifecycle.check(context, {
    olds: undefined,
    news,
    resource: placeOf("ci", "ApiToken"),
  });
  if (failures[0] !== undefined) throw new Error(failures[0].reason);
  world.apiToken = (await apiTokenLifecycle.create(context, CI)).outputs;
}

async function update(context: Context, world: World, change: Partial<GroupInputs>): Promise<void> {
  const { state } = world;
  if (state === undefined) return expect.unreachable("there is no group to change");
  world.state = await groupLifecycle.update?.(context, "acme/prod", state, { ...INPUTS, ...change });
}

const ALICE = { username: "alice", role: "admin", organization: ORGANIZATION };
const BOB = { email: "bob@example.com", role: "member", organization: ORGANIZATION };

async function addMember(context: Context, world: World, adopt = false): Promise<void> {
  const news = { ...ALICE, ...(adopt && { adopt }) };
  const place = placeOf("alice", "OrganizationMember");
  const { failures } = await organizationMemberLifecycle.check(context, {
    olds: undefined,
    news,
    resource: place,
  });
  if (failures[0] !== undefined) throw new Error(failures[0].reason);
  world.member = (await organizationMemberLifecycle.create(context, news)).outputs;
}

async function sendInvite(context: Context, world: World, adopt = false): Promise<void> {
  const news = { ...BOB, ...(adopt && { adopt }) };
  const place = placeOf("bob", "OrganizationInvite");
  const { failures } = await organizationInviteLifecycle.check(context, {
    olds: undefined,
    news,
    resource: place,
  });
  if (failures[0] !== undefined) throw new Error(failures[0].reason);
  world.invite = (await organizationInviteLifecycle.create(context, news)).outputs;
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
    subject: API_TOKEN,
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
    starts: "with the group",
    subject: API_TOKEN,
    prepare: createApiToken,
    async run(context, world) {
      world.apiToken = (await apiTokenLifecycle.read(context, "acme/ci", world.apiToken))?.outputs;
    },
    isDone: (world) => apiTokens(world)[0]?.token === world.apiToken?.token,
  },
  {
    name: "revoke an API token",
    method: "DELETE",
    path: /\/api-tokens\/[\w-]+$/,
    starts: "with the group",
    subject: API_TOKEN,
    prepare: createApiToken,
    async run(context, world) {
      if (world.apiToken !== undefined) await apiTokenLifecycle.delete(context, world.apiToken);
      world.apiToken = undefined;
    },
    isDone: (world) => apiTokens(world).length === 0,
  },
  {
    name: "add a member",
    method: "POST",
    path: /\/members$/,
    starts: "without it",
    subject: MEMBER,
    run: (context, world, again) => addMember(context, world, again),
    isDone: (world) => account(world).members.get("alice")?.role === "admin",
  },
  {
    name: "change a role",
    method: "PATCH",
    path: /\/members\/alice$/,
    starts: "with the group",
    subject: MEMBER,
    prepare: addMember,
    async run(context, world) {
      if (world.member === undefined) return expect.unreachable("there is no member to change");
      const news = { ...ALICE, role: "viewer" };
      world.member = await organizationMemberLifecycle.update?.(context, "acme/alice", world.member, news);
    },
    isDone: (world) => account(world).members.get("alice")?.role === "viewer",
  },
  {
    name: "remove a member",
    method: "DELETE",
    path: /\/members\/alice$/,
    starts: "with the group",
    subject: MEMBER,
    prepare: addMember,
    async run(context, world) {
      if (world.member !== undefined) await organizationMemberLifecycle.delete(context, world.member);
      world.member = undefined;
    },
    isDone: (world) => !account(world).members.has("alice"),
  },
  {
    name: "send an invite",
    method: "POST",
    path: /\/invites$/,
    starts: "without it",
    subject: INVITE,
    run: (context, world, again) => sendInvite(context, world, again),
    isDone: (world) => account(world).invites.get("bob@example.com")?.role === "member",
  },
  {
    name: "delete an invite",
    method: "DELETE",
    path: /\/invites\/bob%40example.com$/,
    starts: "with the group",
    subject: INVITE,
    prepare: sendInvite,
    async run(context, world) {
      if (world.invite !== undefined) await organizationInviteLifecycle.delete(context, world.invite);
      world.invite = undefined;
    },
    isDone: (world) => account(world).invites.size === 0,
  },
];
