/** One cell of the matrix: an operation, a fault, and the outcome. */

import { type Emulator, startEmulator } from "turso-emulator";
import { expect } from "vitest";
import { TOKEN } from "../../../test/support/emulator.ts";
import { formsOf } from "../../../test/support/secrets.ts";
import type { ClientOptions } from "../../src/api/index.js";
import { PartialError, UserError } from "../../src/lifecycle/errors.js";
import type { GroupOutputs } from "../../src/resources/group/group.js";
import { contextFor } from "../context.ts";
import type { MatrixFault } from "./faults.ts";
import { account, create, INPUTS, type Operation, type World } from "./operations.ts";

/**
 * - `done`: the API has what the inputs say, and so has state.
 * - `refused`: nothing was changed, and the error says why.
 * - `unknown`: the error says that the outcome is unknown, and what to do.
 * - `partial`: state has what was completed and is marked as not initialized, and the next `up` does the
 *   rest.
 * - `stale`: state has what the API still shows, which no longer exists.
 */
export type Outcome = "done" | "refused" | "unknown" | "partial" | "stale";

/** How long the API shows changes late, in milliseconds. */
const LAG = 400;

/** Longer than any test takes: what is read is stale, however slow the machine is. */
const STALE = 60_000;

/** A process of the provider with less patience than in production. */
const contextOf = ({ url }: Emulator, more: Partial<ClientOptions> = {}) =>
  contextFor(url, "acme", {}, { maxRetries: 5, pause: 10, timeout: 20, ...more });

/** Runs the operation with a fault that happens once or always, and then again without the fault. */
export async function cell(
  operation: Operation,
  matrixFault: MatrixFault,
  times: number,
): Promise<{ outcome: Outcome; warnings: string[] }> {
  const { fault, lag, deletesBeforeRead, options } = matrixFault;
  const emulator = await startEmulator({ token: TOKEN });
  try {
    const world = await prepared(emulator, operation, matrixFault);
    const before = { api: apiOf(world), state: world.state };
    if (fault) {
      const given = fault();
      if ("refuse" in given && times > 1) given.refuse = Number.POSITIVE_INFINITY;
      emulator.fail({ ...given, method: operation.method, path: operation.path, times });
    }
    if (deletesBeforeRead && operation.name === "read") account(world).deleteGroup("prod");
    const context = contextOf(emulator, {
      ...options?.(times === 1),
      ...(lag && { pause: LAG }),
    });
    const error: unknown = await operation.run(context, world).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const outcome = judged(operation, world, error, before);
    const values = account(world)
      .listApiTokens()
      .map(({ token }) => token);
    leaksNothing(error, context.warnings, [TOKEN, ...values]);

    emulator.heal();
    Object.assign(emulator.store, { listLag: 0, createLag: 0, deleteLag: 0, lag: 0 });
    emulator.clock.advance(STALE);
    await converges(operation, world, outcome);
    expect(account(world).group("other"), "another group").toMatchObject({ primary: "ams" });
    expect(account(world).databasesIn("other")).toHaveLength(1);
    return { outcome, warnings: context.warnings };
  } finally {
    await emulator.close();
  }
}

async function prepared(
  emulator: Emulator,
  { name, starts, prepare }: Operation,
  { lag, deletesBeforeRead }: MatrixFault,
): Promise<World> {
  const duration = deletesBeforeRead && name === "read" ? STALE : LAG;
  const acme = emulator.store.account("acme");
  acme.createGroup({ name: "other", location: "ams" });
  acme.createDatabase({ name: "data", group: "other" });
  const world: World = { emulator, leaked: "" };
  if (starts === "without it") lag?.(emulator, duration);
  // A group of the same name existed before.
  acme.createGroup({ name: "prod", location: "lhr" });
  acme.deleteGroup("prod");
  if (starts === "with the group") {
    lag?.(emulator, duration);
    await create(contextOf(emulator), world, { ...INPUTS, replicas: ["ams"] });
    world.leaked = acme.mintToken("prod").jwt;
  }
  await prepare?.(contextOf(emulator), world);
  return world;
}

/** What the API has. */
const apiOf = (world: World) => {
  const { uuid, locations, deleteProtection } = account(world).groups.get("prod") ?? {};
  const tokens = world.emulator.store.tokens.size;
  const { members, invites } = account(world);
  const apiTokens = account(world).listApiTokens();
  const people = [...members.values(), ...invites.values()].map(({ name, role }) => [name, role]);
  return JSON.stringify({ uuid, locations, deleteProtection, tokens, apiTokens, people });
};

/** The outcome, after checking that state and the error are true. */
function judged(
  operation: Operation,
  world: World,
  error: unknown,
  before: { api: string; state: GroupOutputs | undefined },
): Outcome {
  if (error === undefined) {
    if (operation.name === "read" && !account(world).groups.has("prod") && world.state) return "stale";
    expect(operation.isDone(world), "the API has what the inputs say").toBe(true);
    isTrue(world.state, world);
    return "done";
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof PartialError) {
    Object.assign(world, { [operation.subject?.state ?? "state"]: error.outputs });
    isTrue(world.state, world);
    return "partial";
  }
  const { title = /[Gg]roup 'prod' in organization 'acme'/ } = operation.subject ?? {};
  expect(message).toMatch(operation.name === "list" ? /\/groups/ : title);
  if (error instanceof UserError && error.code === "OUTCOME_UNKNOWN") return "unknown";
  expect(apiOf(world), `nothing was changed, because the error does not say so:\n${message}`).toBe(
    before.api,
  );
  return "refused";
}

/** State has the group, the member and the invite as they are. */
function isTrue(state: GroupOutputs | undefined, world: World): void {
  const { members, invites } = account(world);
  expect(world.member?.role, "the role of the member").toBe(members.get("alice")?.role);
  expect(world.invite?.role, "the role of the invite").toBe(invites.get("bob@example.com")?.role);
  const there = account(world).groups.get("prod");
  if (state === undefined) expect(there, "the API has no group, like state").toBeUndefined();
  else
    expect(state).toMatchObject({
      uuid: there?.uuid,
      locations: there?.locations,
      protected: there?.deleteProtection,
    });
}

/** After the fault, the same operation completes; a create with an unknown outcome adopts the group. */
async function converges(operation: Operation, world: World, outcome: Outcome): Promise<void> {
  if (outcome === "done") return;
  await operation.run(contextOf(world.emulator), world, outcome === "unknown");
  expect(operation.isDone(world), "the next `up` converges").toBe(true);
  isTrue(world.state, world);
}

function leaksNothing(error: unknown, warnings: string[], secrets: string[]): void {
  const shown = [String(error), (error as Error | undefined)?.stack, ...warnings].join("\n");
  for (const form of secrets.flatMap(formsOf)) expect(shown).not.toContain(form);
}
