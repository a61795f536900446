/**
 * The real Pulumi engine, for tests and for scripts: an inline program, a file backend of its own, and an emulator on loopback.
 * What the engine did is read from the emulator's state and from the exported stack, never through our client.
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
import { getPulumi, pulumiEnv } from "../../tools/pulumi.ts";

export interface Engine {
  readonly stack: Stack;
  /** The program that the next operation runs. */
  program: PulumiFn;
  /** Runs one operation; never rejects, for what a user sees of a failure is what most tests are about. */
  run(operation: Operation, options?: RunOptions): Promise<Result>;
  /** The resources in state, without the stack and providers; their secrets as they are stored, or decrypted. */
  resources(options?: { decrypted?: boolean }): Promise<StateResource[]>;
  /** The state as it is stored, with secrets encrypted, to be searched. */
  stateText(): Promise<string>;
}

export type Operation = "preview" | "up" | "previewRefresh" | "refresh" | "destroy";

export interface RunOptions {
  /** Let `refresh` and `destroy` run the program and use today's configuration. */
  runProgram?: boolean;
  /** Ctrl-C, when it is aborted. */
  signal?: AbortSignal;
  /** Let `up` and `destroy` go on with other resources after a failure. */
  continueOnError?: boolean;
  /** Where the engine and its plugins send traces. */
  tracing?: string;
  /** Let `refresh` forget the creates that a killed engine left in state. */
  clearPendingCreates?: boolean;
  /** Let `up` and `destroy` refresh first. */
  refresh?: boolean;
  /** The URNs that the operation is about. Default: all. */
  target?: string[];
}

export interface Result {
  failed: boolean;
  /** What the screen shows: standard output and standard error. */
  text: string;
  /** The part of it that tells errors and warnings after all is done: what comes before may repeat a line. */
  diagnostics: string;
  /** Steps by resource name, e.g. `{ analytics: ["create-replacement", "replace", "delete-replaced"] }`; unchanged ones are left out. */
  steps: Record<string, string[]>;
  /** What the host says of changes, by resource and property, e.g. `{ analytics: { location: "update-replace" } }`. */
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
  /** Whether the engine gets to know the native plugin. Default: false. */
  native?: boolean;
  /** Where the stacks are kept. Default: a temporary folder. */
  dir?: string;
}

function diagnosticsOf(text: string): string {
  return /^Diagnostics:\n[\s\S]*?(?=^Resources:|(?![\s\S]))/m.exec(text)?.[0] ?? "";
}

let command: Promise<PulumiCommand> | undefined;

/**
 * The CLI without what the Automation API asks after every operation, its outputs and history: two to three more
 * processes whose answers no test reads. `stack.outputs()` by itself does ask.
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

/** A stack of its own. It leaves things on disk: `folder` makes the folders for them, and has to see to their end. */
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
  const { command: pulumiCommand, quick } = await quickCommand();
  const home = dir ?? folder();
  const backend = pulumiEnv({ pulumi: pulumiCommand, dir: home, project: process.cwd() });
  // In a folder that was given, the stack may be there already; to look for it takes a process.
  const stack = await LocalWorkspace[dir ? "createOrSelectStack" : "createStack"](
    { stackName, projectName: project, program: () => engine.program() },
    {
      pulumiCommand,
      // State records where in the program a resource stands, relative to this folder: below the repo, as with users.
      workDir: folder("node_modules/.cache"),
      envVars: { TURSO_API_TOKEN: "", TURSO_API_BASEURL: "", TURSO_ORGANIZATION: "", ...backend, ...env },
      // `main` is where the provider process looks for packages.
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
        // A program that fails in this process is reported by the Automation API, not by the engine.
        const shown = error instanceof CommandError ? text : `${text}\n${String(error)}`;
        return { failed: true, text: shown, diagnostics: diagnosticsOf(shown), steps, diffs };
      }
    },
    async resources({ decrypted = false } = {}) {
      // To export the state takes a process, to read it none.
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
