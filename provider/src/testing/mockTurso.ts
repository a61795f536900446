/** Runs programs in unit tests, with the real lifecycles and an emulator in the same process. */
import type * as pulumi from "@pulumi/pulumi";
import type {
  Account,
  ApiToken,
  EmulatorState,
  Group,
  GroupToken,
  InProcessEmulator,
  Invite,
  Member,
  StoreOptions,
} from "turso-emulator";
import type { Clock } from "../api/http/pacing.js";
import { type MockedApi, mockApi, mockedApi } from "../program/mocked.js";
import { Deployment, type OtherProviders, type StackState } from "./deployment.js";
import { loadEmulator } from "./emulator.js";
import { checkOptions, notMocked, STORE_OPTIONS } from "./options.js";
import { type MockResult, RefusedError } from "./result.js";
import { runProgram } from "./runtime.js";

export interface MockOptions extends Partial<OtherProviders> {
  /**
   * Slug of the default organization.
   *
   * @default `turso:organization` of `config`, else the personal account
   */
  organization?: string;
  /**
   * What exists at Turso before the first run: the seed of `turso-emulator`.
   *
   * @default nothing
   */
  state?: EmulatorState;
  /**
   * The stack's configuration, e.g. `{ "turso:deleteProtection": true, stage: "dev" }`. A key without a
   * namespace is the project's; one that is undefined is not set.
   *
   * @default none
   */
  config?: Readonly<Record<string, ConfigValue | SecretValue | undefined>>;
  /**
   * Outputs of other stacks by their names, e.g. `{ "acme/network/prod": { region: "eu" } }`.
   *
   * @default none
   */
  stackReferences?: OtherProviders["stackReferences"];
  /**
   * What a function of another provider returns.
   *
   * @default such a call is an error
   */
  call?: pulumi.runtime.Mocks["call"];
  /**
   * ID and outputs of a resource of another provider.
   *
   * @default the name followed by `-id`, and the inputs
   */
  newResource?: pulumi.runtime.Mocks["newResource"];
  /** @default "project" */
  project?: string;
  /** @default "stack" */
  stack?: string;
  /**
   * Further options of the emulator, e.g. `organizations`: the only ones that exist.
   *
   * @default none
   */
  emulator?: StoreOptions;
  /**
   * Milliseconds without progress after which a run fails whose program has ended.
   *
   * @default 4000
   */
  timeout?: number;
}

type ConfigValue = string | number | boolean | object;
type SecretValue = { value: ConfigValue; secret: true };

export interface RunOptions {
  /**
   * Whether the run returns refusals in `refused`, instead of throwing a {@link RefusedError}.
   *
   * @default false
   */
  expectRefusals?: boolean;
  /**
   * Configuration of this run, which overrides that of the mock.
   *
   * @default none
   */
  config?: MockOptions["config"];
}

const OPTIONS: Record<keyof MockOptions, true> = {
  organization: true,
  state: true,
  config: true,
  stackReferences: true,
  call: true,
  newResource: true,
  project: true,
  stack: true,
  emulator: true,
  timeout: true,
};
const RUN_OPTIONS: Record<keyof RunOptions, true> = { expectRefusals: true, config: true };

/**
 * Creates a mock of Turso, and of a stack whose state is empty.
 *
 * ```ts
 * const mock = await mockTurso({ organization: "acme" });
 * const { outputs } = await mock.run(() => import("../index.js"));
 * expect(mock.groups).toMatchObject([{ name: "prod", primary: "aws-us-east-1" }]);
 * ```
 * @throws Error if `turso-emulator` is not installed or refuses `state`, or an option does not exist
 */
export async function mockTurso(options: MockOptions = {}): Promise<MockTurso> {
  return new MockTurso(options);
}

/** A mock of Turso, and the state of one stack. */
export class MockTurso {
  /** The emulator: what it holds, the requests that it received, faults. */
  readonly emulator: InProcessEmulator;
  /** The warnings of all runs. */
  readonly warnings: string[] = [];
  readonly #options: MockOptions;
  readonly #organization: string | undefined;
  readonly #api: MockedApi;
  #stack: StackState = new Map();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MockOptions) {
    checkOptions("mockTurso", options, OPTIONS);
    if (options.emulator !== undefined) checkOptions("`emulator`", options.emulator, STORE_OPTIONS);
    this.#options = options;
    this.#organization = configOf(options).values["turso:organization"];
    this.emulator = loadEmulator().createEmulator(options.emulator);
    this.#api = apiOf(this.emulator);
    if (options.state !== undefined) this.emulator.store.load(options.state);
  }

  /** The account of the default organization, as the emulator has it. */
  get account(): Account {
    return this.emulator.store.account(this.#organization);
  }

  /** The groups of the default organization. */
  get groups(): Group[] {
    return [...this.account.groups.values()];
  }

  /** The group tokens of the default organization. */
  get tokens(): GroupToken[] {
    const groups = this.groups.map(({ uuid }) => uuid);
    return [...this.emulator.store.tokens.values()].filter(({ group }) => groups.includes(group));
  }

  /** The members of the default organization. */
  get members(): Member[] {
    return [...this.account.members.values()];
  }

  /** The pending invites of the default organization. */
  get invites(): Invite[] {
    return [...this.account.invites.values()];
  }

  /** The API tokens that are limited to the default organization. */
  get apiTokens(): ApiToken[] {
    return this.account.listApiTokens();
  }

  /**
   * Runs a program as `pulumi up` does. If a resource is refused, nothing changes, because `up` ends with its
   * preview. If a write fails, what was completed stays.
   *
   * @throws RefusedError if something is refused, unless refusals are expected
   * @throws the program's error; nothing changes then
   */
  run<T>(program: () => T | Promise<T>, options: RunOptions = {}): Promise<MockResult<T>> {
    return this.#inTurn(() => this.#deploy(program, options, false));
  }

  /** Runs a program as `pulumi preview` does: writes nothing, and leaves outputs unknown. */
  preview<T>(program: () => T | Promise<T>, options: RunOptions = {}): Promise<MockResult<T>> {
    return this.#inTurn(() => this.#deploy(program, options, true));
  }

  /** Deletes everything that the runs have created, as `pulumi destroy` does. */
  destroy(options: RunOptions = {}): Promise<MockResult<undefined>> {
    return this.#inTurn(() => this.#deploy(undefined, options, false));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (mockedApi() === this.#api)
      throw new Error(
        "The program runs in this mock already. It cannot wait for another run of the same mock.",
      );
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #deploy<T>(
    program: (() => T | Promise<T>) | undefined,
    options: RunOptions,
    preview: boolean,
  ): Promise<MockResult<T>> {
    checkOptions("A run", options, RUN_OPTIONS);
    const { expectRefusals = false, config: overrides } = options;
    if (program !== undefined && typeof program !== "function")
      throw new TypeError(
        'Pass a function: `mock.run(() => import("./index.js"))`. Otherwise the program runs before its mocks exist.',
      );
    const { store, requests } = this.emulator;
    const [before, count] = [store.save(), requests.length];
    const config = configOf({ ...this.#options, config: { ...this.#options.config, ...overrides } });
    if (config.values["pulumi:autonaming"] !== undefined)
      throw notMocked("The configuration", "`pulumi:autonaming`");
    const deployment = this.#deployment(config, preview);
    let isDone = false;
    try {
      const outputs = program && (await this.#runIn(deployment, program, { config, preview }));
      const [error] = deployment.errors;
      if (error !== undefined) throw error;
      // Functions of "pulumi-turso" only send requests.
      const isUsed = deployment.isUsed || requests.length > count;
      if (program !== undefined && !isUsed) throw new Error(NOTHING);
      await deployment.finish();
      isDone = !deployment.isRefused && !preview;
      const result = { ...deployment.result, outputs: outputs as T };
      if (result.refused.length > 0 && !expectRefusals) throw new RefusedError(result);
      return result;
    } finally {
      if (isDone) this.#stack = deployment.state;
      else store.load(before);
      this.warnings.push(...deployment.result.warnings);
    }
  }

  #deployment({ values }: Config, preview: boolean): Deployment {
    const { stackReferences = {}, newResource, call } = this.#options;
    return new Deployment({
      ...this.#api,
      ...(preview && { preview: true as const }),
      state: this.#stack,
      defaultProvider: { config: (key) => values[key] },
      others: { stackReferences, newResource, call },
    });
  }

  #runIn<T>(
    deployment: Deployment,
    program: () => T | Promise<T>,
    { config, preview }: { config: Config; preview: boolean },
  ): Promise<T> {
    const { project = "project", stack = "stack", timeout = 4000 } = this.#options;
    return runProgram(program, {
      project,
      stack,
      preview,
      timeout,
      config: config.values,
      secretKeys: config.secretKeys,
      monitor: deployment.monitor(),
      onStart: (monitor) => mockApi(monitor, this.#api),
      warn: (message) => deployment.warn(message),
    });
  }
}

/** An emulator instead of the Turso API, and no variable of the machine. */
function apiOf(emulator: InProcessEmulator): MockedApi {
  const clock = virtualClock(emulator.store.clock);
  const fetch = (url: string, init: RequestInit) => {
    const { origin } = new URL(url);
    return emulator.fetch(`http://localhost${url.slice(origin.length)}`, init);
  };
  return { env: { TURSO_API_TOKEN: "mock" }, transport: { fetch, clock } };
}

const NOTHING = [
  "The program registered no resource, so nothing was tested.",
  "A module runs only once: if the program was imported before, import it again with `vi.resetModules()` or `jest.resetModules()`, or let it export a function and call that. To test that everything is deleted, use `mock.destroy()`.",
].join("\n");

/** The stack's configuration with full keys, and which of them are secret. */
interface Config {
  values: Record<string, string>;
  secretKeys: string[];
}

function configOf({ config = {}, organization, project = "project" }: MockOptions): Config {
  const values: Record<string, string> = {};
  const secretKeys: string[] = [];
  const given = { ...config, ...(organization !== undefined && { "turso:organization": organization }) };
  for (const [name, setting] of Object.entries(given)) {
    if (setting === undefined || setting === null) continue;
    const key = name.includes(":") ? name : `${project}:${name}`;
    const { value, secret } = isSecretValue(setting) ? setting : { value: setting, secret: false };
    values[key] = typeof value === "string" ? value : JSON.stringify(value);
    if (secret) secretKeys.push(key);
  }
  return { values, secretKeys };
}

function isSecretValue(setting: ConfigValue | SecretValue): setting is SecretValue {
  return typeof setting === "object" && "value" in setting && "secret" in setting;
}

/** A clock for which pauses take no time. It moves that of the emulator, and has its date. */
function virtualClock(clock: InProcessEmulator["store"]["clock"]): Clock {
  let now = 0;
  return {
    now: () => now,
    date: () => clock.now(),
    async wait(milliseconds, signal) {
      if (signal?.aborted) return "stopped";
      const pause = Math.max(milliseconds, 0);
      now += pause;
      clock.advance(pause);
      return "over";
    },
  };
}
