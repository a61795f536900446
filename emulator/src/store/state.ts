import type { Ajv, ErrorObject } from "ajv";
import { loadAjv } from "../lazy.js";
import { Refusal } from "../refusal.js";
import { type AccountSeeds, RESOURCES } from "../resources/list.js";
import type { StoreBase } from "./base.js";
import { PLANS, type Plan } from "./plan.js";
import type { JsonSchema } from "./seed.js";

/** Version of the format. A file of another version is refused. */
const VERSION = 1;

/** An organization, or the personal account. Every property is optional. */
export type AccountState = AccountSeeds & {
  /** @default the option `plan` of the emulator */
  readonly plan?: Plan;
};

/** The state of an emulator as JSON. Every property is optional. */
export type EmulatorState = {
  readonly version?: typeof VERSION;
  /**
   * Location code → description.
   * @default the locations of the emulator
   */
  readonly locations?: Readonly<Record<string, string>>;
  /** Slug → organization. The slug of the personal account is `personal`. */
  readonly organizations?: Readonly<Record<string, AccountState>>;
};

/** Something that is wrong in a state. */
export type StateProblem = {
  /** Keys and indexes that lead to the value. */
  readonly path: readonly (string | number)[];
  readonly message: string;
};

/** Thrown when a state cannot be loaded. Nothing was loaded then. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly problems: readonly StateProblem[];

  constructor(problems: readonly StateProblem[]) {
    super(problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join("\n"));
    this.problems = problems;
  }
}

/** `organizations.acme.groups[0].name` */
export function pathText(path: StateProblem["path"]): string {
  if (path.length === 0) return "state";
  return path.map((key, i) => (typeof key === "number" ? `[${key}]` : i > 0 ? `.${key}` : key)).join("");
}

/** The JSON Schema of a state, from the resources. */
export function stateSchema(): JsonSchema {
  const lists = RESOURCES.flatMap(({ seed }) => seed ?? []).map(({ key, description, schema }) => [
    key,
    { description, type: "array", items: schema },
  ]);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "State of turso-emulator",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      version: { description: "Version of this format.", const: VERSION },
      locations: {
        description: "Location code → description. Default: the locations of the emulator.",
        type: "object",
        additionalProperties: { type: "string" },
      },
      organizations: {
        description: "Slug → organization. The slug of your personal account is `personal`.",
        type: "object",
        propertyNames: { pattern: "^[^/?#\\s]+$" },
        additionalProperties: {
          type: "object",
          additionalProperties: false,
          properties: {
            plan: { description: "Plan of the organization.", enum: PLANS },
            ...Object.fromEntries(lists),
          },
        },
      },
    },
  };
}

/** What the schema says against a value. Empty: the value is an {@link EmulatorState}. */
export function checkState(value: unknown): StateProblem[] {
  validate ??= new (loadAjv().Ajv)({ allErrors: true, strictTypes: false, verbose: true }).compile(
    stateSchema(),
  );
  if (validate(value)) return [];
  // For a bad key there are two errors. Only one of them names the key.
  return (validate.errors ?? []).filter(({ propertyName }) => propertyName === undefined).map(problemOf);
}
let validate: ReturnType<Ajv["compile"]> | undefined;

function problemOf({ instancePath, keyword, params, message = "", parentSchema }: ErrorObject): StateProblem {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  if (keyword === "additionalProperties") {
    const known = Object.keys(parentSchema?.properties ?? {})
      .filter((key) => key !== "$schema")
      .join(", ");
    return {
      path: [...path, String(params.additionalProperty)],
      message: `unknown key. Valid keys: ${known}`,
    };
  }
  if (keyword === "propertyNames") {
    return { path: [...path, params.propertyName], message: "is not a valid slug" };
  }
  if (keyword === "enum") return { path, message: `must be one of ${params.allowedValues.join(", ")}` };
  if (keyword === "const") return { path, message: `must be ${JSON.stringify(params.allowedValue)}` };
  return { path, message };
}

/**
 * Adds a state that has passed {@link checkState} to an empty store.
 * @returns What the resources refused.
 */
export function fillStore(store: StoreBase, { organizations = {} }: EmulatorState): StateProblem[] {
  const problems: StateProblem[] = [];
  for (const [slug, state] of Object.entries(organizations)) {
    const account = store.createAccount(slug, state.plan);
    const lists = new Map<string, unknown>(Object.entries(state));
    for (const { seed } of RESOURCES) {
      if (!seed) continue;
      // The schema has checked the items.
      for (const [index, item] of ((lists.get(seed.key) ?? []) as readonly never[]).entries()) {
        try {
          seed.load(account, item);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          problems.push({ path: ["organizations", slug, seed.key, index], message: error.message });
        }
      }
    }
  }
  return problems;
}

/** The organizations of a store, complete. Lists without items are left out. */
export function saveAccounts(store: StoreBase): NonNullable<EmulatorState["organizations"]> {
  const states = store.accounts().map((account) => {
    const lists = RESOURCES.flatMap(({ seed }) => (seed ? [[seed.key, seed.save(account)] as const] : []));
    const filled = lists.filter(([, items]) => items.length > 0);
    return [account.slug, { plan: account.plan, ...Object.fromEntries(filled) }] as const;
  });
  return Object.fromEntries(states);
}

export { VERSION as STATE_VERSION };
