/**
 * Groups that move from one resource to another, in every way a program can do that. Every case is a group in
 * the same stack, so that one operation of the engine proves all cases.
 */
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import type { Emulator, Group } from "turso-emulator";
import { TOKEN } from "./emulator.ts";
import type { Engine } from "./stack.ts";

/** How a program declares a group. */
export interface Form {
  what: string;
  turso: typeof dynamic;
  resource: "a" | "b" | "c";
  component?: "my:A" | "my:B";
  /** With an explicit provider. */
  explicit?: boolean;
  /** Default: `personal`, the slug of the personal account. Null: not set. */
  organization?: string | null;
}

export const FORMS: readonly Form[] = [
  { what: "dynamic", turso: dynamic, resource: "a" },
  { what: "dynamic, renamed", turso: dynamic, resource: "b" },
  { what: "native", turso: native, resource: "b" },
  { what: "native, explicit provider", turso: native, resource: "b", explicit: true },
  { what: "dynamic, in a component", turso: dynamic, resource: "a", component: "my:A" },
  { what: "native, in another component", turso: native, resource: "a", component: "my:B" },
  { what: "dynamic, personal account", turso: dynamic, resource: "c", organization: null },
  { what: "native, another spelling of the slug", turso: native, resource: "b", organization: "Personal" },
];

/** How an `up` ends after every group has moved, before any is deleted. */
export type Ending = "succeeds" | "fails" | "is killed" | "has only targets";

/** A group, and how it is declared in the first `up`, the second, and so on. */
export interface Handover {
  name: string;
  forms: readonly Form[];
}

/** Every sequence of `count` forms without the same form twice in a row. */
export function handovers(count: number, forms = FORMS): Handover[] {
  const orders = (left: number): Form[][] =>
    left === 0
      ? [[]]
      : orders(left - 1).flatMap((order) =>
          forms.filter((form) => form !== order.at(-1)).map((form) => [...order, form]),
        );
  return orders(count).map((order, i) => ({ name: `g${i}`, forms: order }));
}

/**
 * The program that declares every group in its form at this step, and with `last` another group that depends
 * on all of them.
 */
export function declare(cases: readonly Handover[], step: number, emulator: Emulator, last = false) {
  return async () => {
    const provider = new native.Provider("explicit", { apiToken: TOKEN, baseUrl: emulator.url });
    const groups = cases.map(({ name, forms }) => {
      const form = forms[Math.min(step, forms.length - 1)] as Form;
      const { turso, resource, component, explicit, organization = "personal" } = form;
      const parent = component && new pulumi.ComponentResource(component, `${name}-component`);
      const args = {
        name,
        location: "lhr",
        adopt: true,
        forceDestroy: true,
        ...(organization !== null && { organization }),
      };
      return new turso.Group(`${name}-${resource}`, args, {
        ...(parent && { parent }),
        ...(explicit && { provider }),
      });
    });
    if (last) new dynamic.Group("last", { name: "last", location: "lhr" }, { dependsOn: groups });
  };
}

/** Makes the emulator ignore the case of slugs, as Turso may. */
export function ignoreCase({ store }: Emulator): void {
  const { account } = store;
  store.account = (organization) => account.call(store, organization?.toLowerCase());
}

/** The groups that no longer exist or were recreated. */
export function lost(
  cases: readonly Handover[],
  emulator: Emulator,
  before: ReadonlyMap<string, Group>,
): string[] {
  const { groups } = emulator.store.account();
  return cases
    .filter(({ name }) => groups.get(name) !== before.get(name))
    .map(({ name, forms }) => `${name}: ${forms.map(({ what }) => what).join(" → ")}`);
}

/** The groups that are not in state exactly once. */
export async function unrecorded(cases: readonly Handover[], engine: Engine): Promise<string[]> {
  const resources = (await engine.resources()).filter(({ type }) => type.endsWith(":Group"));
  return cases
    .map(({ name }) => `${name}: ${resources.filter(({ outputs }) => outputs?.name === name).length}`)
    .filter((line) => !line.endsWith(": 1"));
}
