/**
 * The real Pulumi engine, for tests and scripts: an inline program and a separate file backend. Tests read
 * what the engine did from the emulator and from the state file, never through the provider's client.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CommandError,
  type ConfigMap,
  type EngineEvent,
  LocalWorkspace,
  type PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import * as sdk from "@pulumi/pulumi/runtime/settings.js";
import { getPulumi, pulumiEnv } from "../../tools/pulumi.ts";

/**
 * Lets no two operations share connections. A program that is still running when its engine has ended leaves a
 * client of the SDK that never stops to reconnect to the engine's port. If a later engine gets this port, the SDK
 * would find it unavailable, and take that for the end of the engine: nothing in the program is registered.
 */
export function separateConnections(): void {
  // Not in the SDK's types.
  const options: unknown = Reflect.get(sdk, "grpcClientOptions");
  if (typeof options !== "object" || options === null) throw new Error("the SDK has no gRPC options");
  Reflect.set(options, "grpc.use_local_subchannel_pool", 1);
}

export interface Engine {
  readonly stack: Stack;
  /** The program that the next operation runs. */
  program: PulumiFn;
  /** Runs one operation. Never rejects: most tests are about what a user sees of a failure. */
  run(operation: Operation, options?: RunOptions): Promise<Result>;
  /**
   * The resources in state, without the stack and providers, with secrets as they are stored, or decrypted.
   */
  resources(options?: { decrypted?: boolean }): Promise<StateResource[]>;
  /** The text of the state file, with encrypted secrets. */
  stateText(): Promise<string>;
}

export type Operation = "preview" | "up" | "previewRefresh" | "refresh" | "destroy";

export interface RunOptions {
  /** Let `refresh` and `destroy` run the program and use the current configuration. */
  runProgram?: boolean;
  /** Sends Ctrl-C when it is aborted. */
  signal?: AbortSignal;
  /** Let `up` and `destroy` continue with other resources after a failure. */
  continueOnError?: boolean;
  /** Where the engine and its plugins send traces. */
  tracing?: string;
  /** Let `refresh` remove the pending creates of a killed engine from state. */
  clearPendingCreates?: boolean;
  /** Let the operation fail if it changes anything, also a provider. */
  expectNoChanges?: boolean;
  /** Let `up` and `destroy` refresh first. */
  refresh?: boolean;
  /** The URNs that the operation is limited to. Default: all. */
  target?: string[];
  /** Folders of policy packs for `preview` and `up`, and files with their settings. */
  policyPacks?: string[];
  policyPackConfigs?: string[];
}

export interface Result {
  failed: boolean;
  /** Standard output and standard error. */
  text: string;
  /** The summary of errors and warnings at the end. Before it, lines may be repeated. */
  diagnostics: string;
  /**
   * Steps by resource name, e.g. `{ analytics: ["create-replacement", "replace", "delete-replaced"] }`,
   * without unchanged resources.
   */
  steps: Record<string, string[]>;
  /**
   * The detailed diff of the host, by resource and property, e.g. `{ analytics: { location: "update-replace"
   * } }`.
   */
  diffs: Record<string, Record<string, string>>;
}

export interface StateResource {
  urn: string;
  id: string;
  type: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
  initErrors?: string[];
}

interface Checkpoint {
  resources?: StateResource[];
}

export interface EngineOptions {
  /** Environment of the engine and of the provider process. */
  env?: Record<string, string>;
  config?: ConfigMap;
  project?: string;
  stack?: string;
  /** Whether the engine knows the native plugin. Default: false. */
  native?: boolean;
  /** Where the stacks are kept. Default: a temporary folder. */
  dir?: string;
}

function diagnosticsOf(text: string): string {
  return /^Diagnostics:\n[\s\S]*?(?=^Resources:|(?![\s\S]))/m.exec(text)?.[0] ?? "";
}

let command: Promise<PulumiCommand> | undefined;

/**
 * The CLI without the queries for outputs and history that the Automation API sends after every operation:
 * two to three more processes whose results no test reads. `stack.outputs()` still works.
 */
async function quickCommand(): Promise<{
  command: PulumiCommand;
  quick: <T>(work: () => Promise<T>) => Promise<T>;
}> {
  command ??= getPulumi({ offline: true, log: () => {} });
  const pulumi = await command;
  const original = Reflect.get(pulumi, "run") as (args: string[], ...rest: unknown[]) => Promise<unknown>;
  let skip = false;
  const run = async (args: string[], ...rest: unknown[]) => {
    const query = args[0] === "stack" ? args[1] : undefined;
    if (skip && query === "output") return { stdout: "{}", stderr: "", code: 0 };
    if (skip && query === "history") return { stdout: "[]", stderr: "", code: 0 };
    return original.call(pulumi, args, ...rest);
  };
  return {
    command: Object.create(pulumi, { run: { value: run } }),
    quick: async (work) => {
      skip = true;
      return work().finally(() => {
        skip = false;
      });
    },
  };
}

/** Starts a new stack. `folder` creates the folders for its files, and must remove them later. */
export async function startStack(
  folder: (parent?: string) => string,
  {
    env = {},
    config = {},
    project = "shop",
    stack: stackName = "dev",
    dir,
    native = false,
  }: EngineOptions = {},
): Promise<Engine> {
  separateConnections();
  const { command: pulumiCommand, quick } = await quickCommand();
  const home = dir ?? folder();
  const backend = pulumiEnv({ pulumi: pulumiCommand, dir: home, project: process.cwd() });
  // In a given folder, the stack may already exist; to check that takes a process.
  const stack = await LocalWorkspace[dir ? "createOrSelectStack" : "createStack"](
    { stackName, projectName: project, program: () => engine.program() },
    {
      pulumiCommand,
      // State records the position of a resource in the program relative to this folder: below the project,
      // as for users.
      workDir: folder("node_modules/.cache"),
      envVars: { TURSO_API_TOKEN: "", TURSO_API_BASEURL: "", TURSO_ORGANIZATION: "", ...backend, ...env },
      // The provider process resolves packages from `main`.
      projectSettings: {
        name: project,
        runtime: "nodejs",
        main: process.cwd(),
        backend: { url: backend.PULUMI_BACKEND_URL ?? "" },
        ...(native && {
          plugins: { providers: [{ name: "turso", path: join(process.cwd(), "provider/dist/plugin") }] },
        }),
      },
    },
  );
  if (Object.keys(config).length > 0) await stack.setAllConfig(config);

  const engine: Engine = {
    stack,
    program: async () => {},
    async run(operation, flags = {}) {
      let text = "";
      const steps: Record<string, string[]> = {};
      const diffs: Record<string, Record<string, string>> = {};
      const options = {
        color: "never" as const,
        onOutput: (chunk: string) => {
          text += chunk;
        },
        onError: (chunk: string) => {
          text += chunk;
        },
        onEvent: ({ resourcePreEvent: event }: EngineEvent) => {
          if (event === undefined || event.metadata.op === "same") return;
          if (event.metadata.type.startsWith("pulumi:")) return;
          const name = event.metadata.urn.split("::").at(-1) ?? "";
          steps[name] = [...(steps[name] ?? []), event.metadata.op];
          for (const [property, { diffKind }] of Object.entries(event.metadata.detailedDiff ?? {}))
            diffs[name] = { ...diffs[name], [property]: diffKind };
        },
        ...flags,
      };
      try {
        await quick<unknown>(() => stack[operation](options));
        return { failed: false, text, diagnostics: diagnosticsOf(text), steps, diffs };
      } catch (error) {
        // The Automation API, not the engine, reports a program that fails in this process.
        const shown = error instanceof CommandError ? text : `${text}\n${String(error)}`;
        return { failed: true, text: shown, diagnostics: diagnosticsOf(shown), steps, diffs };
      }
    },
    async resources({ decrypted = false } = {}) {
      // An export takes a process, reading the file does not.
      const { resources = [] } = decrypted
        ? ((await stack.exportStack()) as { deployment: Checkpoint }).deployment
        : ((JSON.parse(await engine.stateText()) as { checkpoint: { latest?: Checkpoint } }).checkpoint
            .latest ?? {});
      return resources.filter(({ type }) => !type.startsWith("pulumi:"));
    },
    // The Automation API would export it with its secrets decrypted.
    stateText: () => readFile(join(home, ".pulumi", "stacks", project, `${stackName}.json`), "utf8"),
  };
  return engine;
}
