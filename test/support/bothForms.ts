/**
 * One stack with the same groups in both forms of the API, the personal account and the organization acme:
 * one engine operation proves a rule for both.
 */
import type * as turso from "pulumi-turso";
import type { Account, Emulator, EmulatorOptions, RecordedRequest } from "turso-emulator";
import { emulate, TOKEN } from "./emulator.ts";
import type { Engine, EngineOptions, StateResource } from "./engine.ts";
import type { Host } from "./hosts.ts";

const FORMS = [
  { form: "own", organization: undefined, base: "/v1/" },
  { form: "acme", organization: "acme", base: "/v1/organizations/acme/" },
] as const;

const LOCATIONS = "/v1/locations";

export interface BothForms {
  emulator: Emulator;
  engine: Engine;
  accounts: Account[];
  /**
   * Makes the program declare these groups, by name: `own-NAME` in the personal account, `acme-NAME` in the
   * organization.
   */
  declare(groups: Record<string, turso.GroupArgs>): void;
  /**
   * The writes to a group since the last `forget`, in order, e.g. `["POST groups", "DELETE groups/prod"]`.
   * Throws if the forms differ.
   */
  writes(group: string): string[];
  /**
   * The reads since the last `forget`, sorted. Locations count once for each form, as each may have its own
   * token.
   */
  reads(): string[];
  /** Clears the recorded requests. */
  forget(): void;
  /** The groups of that name in state, one for each form. */
  stored(group: string): Promise<StateResource[]>;
}

/** The same value for each form. */
export const both = <T>(value: T): T[] => FORMS.map(() => value);

/** The steps of an operation in both forms, from the steps of one form, e.g. `{ prod: ["update"] }`. */
export function steps(byGroup: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(byGroup).flatMap(([name, ops]) => FORMS.map(({ form }) => [`${form}-${name}`, ops])),
  );
}

export async function startBothForms(
  host: Host,
  options: EmulatorOptions = {},
  { env, ...engineOptions }: EngineOptions = {},
): Promise<BothForms> {
  const emulator = await emulate(options);
  const engine = await host.startEngine({
    ...engineOptions,
    env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, ...env },
  });
  const requestsByForm = (matches: (request: RecordedRequest) => boolean) => {
    const [own, acme] = FORMS.map(({ organization, base }) =>
      emulator.requests
        .filter((request) => matches(request) && organizationOf(request) === organization)
        .map(({ method, path }) => `${method} ${path.slice(base.length)}`),
    );
    return [own ?? [], acme ?? []] as const;
  };
  const same = ([own, acme]: readonly [string[], string[]]) => {
    if (JSON.stringify(own) !== JSON.stringify(acme))
      throw new Error(`the forms differ: ${own.join(", ")} and ${acme.join(", ")}`);
    return own;
  };
  return {
    emulator,
    engine,
    accounts: FORMS.map(({ organization }) => emulator.store.account(organization)),
    declare(groups) {
      engine.program = async () => {
        for (const { form, organization } of FORMS) {
          for (const [name, args] of Object.entries(groups)) {
            new host.turso.Group(`${form}-${name}`, { name, ...(organization && { organization }), ...args });
          }
        }
      };
    },
    writes: (group) =>
      same(
        requestsByForm(
          (request) => request.method !== "GET" && request.path !== "" && groupOf(request) === group,
        ),
      ),
    reads: () => {
      const [own, acme] = requestsByForm(({ method, path }) => method === "GET" && path !== LOCATIONS);
      const locations = emulator.requests.filter(({ path }) => path === LOCATIONS).length / FORMS.length;
      return [...same([own.sort(), acme.sort()]), ...Array<string>(locations).fill("GET locations")];
    },
    forget() {
      emulator.requests.length = 0;
    },
    async stored(group) {
      const resources = await engine.resources();
      return FORMS.map(({ form }) => {
        const found = resources.find(({ urn }) => urn.endsWith(`::${form}-${group}`));
        if (found === undefined) throw new Error(`state has no ${form}-${group}`);
        return found;
      });
    },
  };
}

function organizationOf({ path }: RecordedRequest): string | undefined {
  return /^\/v1\/organizations\/([^/?]+)/.exec(path)?.[1];
}

function groupOf({ path, body }: RecordedRequest): unknown {
  return /\/groups\/([^/?]+)/.exec(path)?.[1] ?? (body as { name?: unknown } | undefined)?.name;
}
