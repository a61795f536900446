/** One cell of the matrix: an operation meets with a fault, and what comes of it is judged. */

import { type Emulator, startEmulator } from "turso-emulator";
import { expect } from "vitest";
import { TOKEN } from "../../../test/support/emulator.ts";
import { formsOf } from "../../../test/support/secrets.ts";
import type { ClientOptions } from "../../src/api/index.js";
import { PartialError } from "../../src/lifecycle/errors.js";
import type { GroupOutputs } from "../../src/resources/group/state.js";
import { contextFor } from "../context.ts";
import { type MatrixFault, SHOWN_ON } from "./faults.ts";
import { account, create, INPUTS, type Operation, type World } from "./operations.ts";

/**
 * - `done`: the API has what is declared, and state says so.
 * - `refused`: nothing was changed, and the error says why.
 * - `perhaps`: nobody knows, and the error says so and what to do.
 * - `partial`: state has what is true, as not initialised, and the next `up` does the rest.
 * - `late`: state has what the API shows, which is no longer so.
 */
export type Outcome = "done" | "refused" | "perhaps" | "partial" | "late";

/** How long a lag lasts, in milliseconds. */
const LAG = 400;

/** A process of the provider, as impatient as a test has to be. */
const contextOf = ({ url }: Emulator, more: Partial<ClientOptions> = {}) =>
  contextFor(url, "acme", {}, { maxRetries: 5, pause: 10, timeout: 20, ...more });

/** The operation under a fault that hits once or always; then, without any, what the error says that makes it good. */
export async function cell(
  operation: Operation,
  { name, fault, lag }: MatrixFault,
  times: number,
): Promise<{ outcome: Outcome; warnings: string[] }> {
  const emulator = await startEmulator({ token: TOKEN });
  try {
    const world = await prepared(emulator, operation, lag);
    const before = { api: apiOf(world), state: world.state };
    if (fault) {
      const given = fault();
      if ("refuse" in given && times > 1) given.refuse = Number.POSITIVE_INFINITY;
      emulator.fail({ ...given, method: operation.method, path: operation.path, times });
    }
    if (name === SHOWN_ON && operation.name === "read") account(world).deleteGroup("prod");
    const context = contextOf(emulator, {
      ...(/drips|no answer/.test(name) && { timeout: 0.3 }),
      // A 429 is repeated for as long as the budget lasts, and no pause is longer than half of it.
      ...(name.startsWith("429") && { budget: times > 1 ? 1 : 4 }),
      ...(lag && { pause: LAG }),
    });
    const error: unknown = await operation.run(context, world).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const outcome = judged(operation, world, error, before);
    leaksNothing(error, context.warnings);

    emulator.heal();
    Object.assign(emulator.store, { listLag: 0, createLag: 0, deleteLag: 0, lag: 0 });
    if (lag) await new Promise((resolve) => setTimeout(resolve, LAG));
    await converges(operation, world, outcome);
    expect(account(world).group("somebodys"), "what somebody else has").toMatchObject({ primary: "ams" });
    expect(account(world).databasesIn("somebodys")).toHaveLength(1);
    return { outcome, warnings: context.warnings };
  } finally {
    await emulator.close();
  }
}

async function prepared(emulator: Emulator, { starts }: Operation, lag: MatrixFault["lag"]): Promise<World> {
  const acme = emulator.store.account("acme");
  acme.createGroup({ name: "somebodys", location: "ams" });
  acme.createDatabase({ name: "data", group: "somebodys" });
  const world: World = { emulator, leaked: "" };
  if (starts === "without it") lag?.(emulator, LAG);
  // Before, something of the same name was there and is gone.
  acme.createGroup({ name: "prod", location: "lhr" });
  acme.deleteGroup("prod");
  if (starts === "with the group") {
    lag?.(emulator, LAG);
    await create(contextOf(emulator), world, { ...INPUTS, replicas: ["ams"] });
    world.leaked = acme.mintToken("prod").jwt;
  }
  return world;
}

/** What there is at Turso of ours. */
const apiOf = (world: World) => {
  const { uuid, locations, deleteProtection } = account(world).groups.get("prod") ?? {};
  const tokens = world.emulator.store.tokens.size;
  return JSON.stringify({ uuid, locations, deleteProtection, tokens });
};

/** What happened, after making sure that neither state nor the error lies. */
function judged(
  operation: Operation,
  world: World,
  error: unknown,
  before: { api: string; state: GroupOutputs | undefined },
): Outcome {
  if (error === undefined) {
    if (operation.name === "read" && !account(world).groups.has("prod") && world.state) return "late";
    expect(operation.isDone(world), "the API has what is declared").toBe(true);
    isTrue(world.state, world);
    return "done";
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof PartialError) {
    isTrue(error.outputs as GroupOutputs, world);
    world.state = error.outputs as GroupOutputs;
    return "partial";
  }
  expect(message).toMatch(operation.name === "list" ? /\/groups/ : /[Gg]roup 'prod' in organization 'acme'/);
  if (
    /may have been (created|minted)|may be invalid all the same|whether it was deleted could not be/.test(
      message,
    )
  ) {
    return "perhaps";
  }
  expect(apiOf(world), `nothing was changed, for the error does not say so:\n${message}`).toBe(before.api);
  return "refused";
}

/** State says of the group what there is. */
function isTrue(state: GroupOutputs | undefined, world: World): void {
  const there = account(world).groups.get("prod");
  if (state === undefined) expect(there, "state has no group").toBeUndefined();
  else
    expect(state).toMatchObject({
      uuid: there?.uuid,
      locations: there?.locations,
      protected: there?.deleteProtection,
    });
}

/** Once the fault is over, the same again makes good what it left; for a create that is adopting. */
async function converges(operation: Operation, world: World, outcome: Outcome): Promise<void> {
  if (outcome === "done") return;
  await operation.run(contextOf(world.emulator), world, outcome === "perhaps");
  expect(operation.isDone(world), "the next `up` converges").toBe(true);
  isTrue(world.state, world);
}

function leaksNothing(error: unknown, warnings: string[]): void {
  const shown = [String(error), (error as Error | undefined)?.stack, ...warnings].join("\n");
  for (const form of formsOf(TOKEN)) expect(shown).not.toContain(form);
}
