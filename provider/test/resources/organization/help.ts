/** An emulator with the organization acme, and a lifecycle in it. */
import type { Account, Emulator } from "turso-emulator";
import { emulate, requestsOf } from "../../../../test/support/emulator.ts";
import type { ClientOptions } from "../../../src/api/index.js";
import type { CheckFailure } from "../../../src/lifecycle/errors.js";
import type { CheckRequest, Context, Lifecycle } from "../../../src/lifecycle/lifecycle.js";
import type { State } from "../../../src/lifecycle/values.js";
import { contextFor, placeOf } from "../../context.ts";

type Warned = Context & { warnings: string[] };

export interface World<I extends object, O extends object> {
  emulator: Emulator;
  acme: Account;
  /** A process of the provider, whose context is `context`. */
  context: Warned;
  process(options?: Partial<ClientOptions>): Warned;
  /** The codes and properties that check refuses, in a preview. */
  check(context: Context, news: object, more?: Partial<CheckRequest>): Promise<CheckFailure[]>;
  /** Checks and creates, as hosts do. */
  create(context: Context, news: I): Promise<{ id: string; outputs: O }>;
  /** The requests since the last call, without the organization's path. */
  requests(): string[];
}

export async function world<I extends object, O extends object>(
  lifecycle: Lifecycle<I, O>,
): Promise<World<I, O>> {
  const emulator = await emulate();
  const process = (options: Partial<ClientOptions> = {}) => contextFor(emulator.url, "acme", {}, options);
  const check = async (context: Context, news: object, more: Partial<CheckRequest> = {}) => {
    const resource = placeOf("it", lifecycle.resource.name);
    const request = { olds: undefined, news: { ...news }, resource, preview: true, ...more };
    return (await lifecycle.check(context, request)).failures;
  };
  return {
    emulator,
    acme: emulator.store.account("acme"),
    context: process(),
    process,
    check,
    async create(context, news) {
      const { inputs, failures } = await lifecycle.check(context, {
        olds: undefined,
        news: Object.fromEntries(Object.entries(news)),
        resource: placeOf("it", lifecycle.resource.name),
        preview: false,
      });
      if (failures[0]) throw new Error(`${failures[0].code}: ${failures[0].reason}`);
      return lifecycle.create(context, inputs as State & I);
    },
    requests() {
      const all = requestsOf(emulator).map((one) => one.replace(/\/v\d\/organizations\/acme/, ""));
      emulator.requests.length = 0;
      return all;
    },
  };
}
