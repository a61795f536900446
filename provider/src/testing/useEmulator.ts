/** An emulator for tests on the real engine, in any test framework. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Emulator, EmulatorOptions } from "turso-emulator";
import { loadEmulator } from "./emulator.js";
import { checkOptions, STORE_OPTIONS } from "./options.js";

/** What a test framework calls before, between and after tests: the module `vitest` or `node:test`. */
export interface TestHooks {
  beforeAll?: Hook;
  /** `beforeAll` in `node:test`. */
  before?: Hook;
  afterEach?: Hook;
  afterAll?: Hook;
  /** `afterAll` in `node:test`. */
  after?: Hook;
}

// The frameworks' own types of a hook differ in what they pass to it.
type Hook = (work: () => Promise<void>) => unknown;

export interface UseEmulatorOptions extends EmulatorOptions {
  /**
   * Slug of the default organization.
   *
   * @default the personal account
   */
  organization?: string;
  /**
   * Where to register the hooks: `import * as hooks from "vitest"`, or from `"node:test"`.
   *
   * @default the global functions `beforeAll`, `afterEach` and `afterAll`, which Jest has
   */
  hooks?: TestHooks;
}

const OPTIONS: Record<keyof UseEmulatorOptions, true> = {
  ...STORE_OPTIONS,
  organization: true,
  hooks: true,
  state: true,
  stateFile: true,
  port: true,
  latency: true,
  seed: true,
};

/** An emulator that runs during the tests of a file. */
export interface TestEmulator extends Omit<Emulator, "close"> {
  /**
   * Variables for the Automation API (`envVars`) and the Pulumi CLI: they point the provider to the emulator, and
   * keep stacks in a temporary folder, without a login.
   */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts an emulator before the tests of a file. After each test it has its first state again; after all tests
 * it is closed. Call it at the top of the file or in `describe`, and use the result in tests only.
 *
 * ```ts
 * import * as hooks from "vitest";
 * const emulator = useEmulator({ hooks, organization: "acme" });
 * ```
 * @throws Error if `hooks` has no hooks and there are no global ones, or an option does not exist
 */
export function useEmulator(given: UseEmulatorOptions = {}): TestEmulator {
  checkOptions("useEmulator", given, OPTIONS);
  const { hooks, ...options } = given;
  const functions: TestHooks = hooks ?? globalHooks();
  const { beforeAll, before = beforeAll, afterEach, afterAll, after = afterAll } = functions;
  if (before === undefined || afterEach === undefined || after === undefined)
    throw new Error(
      "There are no global test hooks. Pass those of your test framework:\n" +
        '`import * as hooks from "vitest"` (or "node:test"), then `useEmulator({ hooks })`.',
    );
  let running: StartedEmulator | undefined;
  before(async () => {
    running = await startTestEmulator(options);
  });
  afterEach(async () => running?.reset());
  after(async () => {
    await running?.close();
    running = undefined;
  });
  // The emulator starts after this call.
  return new Proxy({} as TestEmulator, {
    get(_, property) {
      if (running === undefined) throw new Error("The emulator runs only during the tests of its file.");
      return Reflect.get(running, property);
    },
  });
}

function globalHooks(): TestHooks {
  const names = ["beforeAll", "afterEach", "afterAll"];
  return Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
}

/** A {@link TestEmulator} that the test closes itself. */
export interface StartedEmulator extends TestEmulator {
  /** Stops the emulator and removes the stacks. */
  close(): Promise<void>;
}

/** Starts an emulator as `useEmulator` does, for tests without hooks. */
export async function startTestEmulator(
  given: Omit<UseEmulatorOptions, "hooks"> = {},
): Promise<StartedEmulator> {
  checkOptions("startTestEmulator", given, OPTIONS);
  const { organization, ...options } = given;
  const emulator = await loadEmulator().startEmulator(options);
  const stacks = mkdtempSync(join(tmpdir(), "pulumi-turso-test-"));
  return {
    ...emulator,
    env: {
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: options.token ?? "test",
      TURSO_ORGANIZATION: organization ?? "",
      // The engine wants two slashes before the drive letter of Windows.
      PULUMI_BACKEND_URL: pathToFileURL(stacks).href.replace(/^file:\/\/\/(?=[A-Za-z]:\/)/, "file://"),
      PULUMI_CONFIG_PASSPHRASE: "test",
    },
    reset() {
      emulator.reset();
      if (options.state !== undefined) emulator.store.load(options.state);
    },
    async close() {
      await emulator.close();
      rmSync(stacks, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
