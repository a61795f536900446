import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import {
  type EmulatorOptions,
  type EmulatorState,
  loadText,
  PLANS,
  type Plan,
  StateTextError,
  Store,
  startEmulator,
} from "./index.js";
import { version } from "./version.js";

const HELP = `Emulates the Turso Platform API on this machine, for development and tests without a Turso account.

Usage: turso-emulator [options]

  --port NUMBER          port on 127.0.0.1; 0 picks a free port (default 8080)
  --latency MS           delay of every response, in milliseconds (default 0)
  --lag MS               how long the name of a deleted group stays taken, in milliseconds (default 0)
  --organization SLUG    an organization that exists; repeatable (default: every organization exists)
  --token TOKEN          the only API token accepted (default: any token is accepted)
  --plan PLAN            plan of the organizations: ${PLANS.join(", ")} (default developer)
  --seed FILE            JSON or YAML file with organizations, groups, databases and so on to start with
  --state FILE           file that keeps the state: loaded at the start if it exists, written on every change
  --clock TIME           time of the emulator's clock at the start, such as 2027-01-31 (default: real time)
  --version              print the version
  --help                 print this text
`;

type Arguments = EmulatorOptions & { help: boolean; version: boolean };

/** @throws An error with a message for the user. */
function parseArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8080" },
      latency: { type: "string", default: "0" },
      lag: { type: "string", default: "0" },
      organization: { type: "string", multiple: true },
      token: { type: "string" },
      plan: { type: "string" },
      seed: { type: "string" },
      state: { type: "string" },
      clock: { type: "string" },
      version: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    help: values.help,
    version: values.version,
    port: parseNumber("--port", values.port, 65_535),
    latency: parseNumber("--latency", values.latency),
    lag: parseNumber("--lag", values.lag),
    ...(values.organization === undefined ? {} : { organizations: values.organization }),
    ...(values.token === undefined ? {} : { token: values.token }),
    ...(values.plan === undefined ? {} : { plan: parsePlan(values.plan) }),
    ...(values.seed === undefined ? {} : { state: readSeed(values.seed) }),
    ...(values.state === undefined ? {} : { stateFile: values.state }),
    ...(values.clock === undefined ? {} : { clock: parseTime(values.clock) }),
  };
}

function parsePlan(text: string): Plan {
  const plan = PLANS.find((known) => known === text);
  if (plan) return plan;
  throw new Error(`--plan must be one of ${PLANS.join(", ")}, got '${text}'.`);
}

function parseTime(text: string): number {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new Error(`--clock must be a time such as 2027-01-31 or 2027-01-31T12:00:00Z, got '${text}'.`);
}

function readSeed(file: string): EmulatorState {
  let seed: EmulatorState = {};
  loadText(readText(file), file, (state) => {
    new Store().load(state);
    seed = state;
  });
  return seed;
}

/** The default of `largest` is the longest delay of a Node.js timer. */
function parseNumber(flag: string, text: string, largest = 2 ** 31 - 1): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= largest) return number;
  throw new Error(`${flag} must be a whole number from 0 to ${largest}, got '${text}'.`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`Failed to read ${file}: ${error instanceof Error ? error.message : error}.`);
  }
}

function instructions(url: string, { token = "emulator-token", organizations }: EmulatorOptions): string {
  const organization = organizations?.[0] ?? "acme";
  return `The Turso emulator is running at ${url}. Press Ctrl-C to stop it.

Pulumi:
  pulumi config set turso:baseUrl ${url}
  pulumi config set --secret turso:apiToken ${token}
  pulumi config set turso:organization ${organization}   # without it: your personal account

Pulumi and the Turso CLI, with environment variables:
  export TURSO_API_BASEURL=${url} TURSO_API_TOKEN=${token}
  export TURSO_ORGANIZATION=${organization}   # used by Pulumi only; without it: your personal account

@tursodatabase/api:
  createClient({ org: "${organization}", token: "${token}", baseUrl: "${url}/v1/" })

State and requests, in a browser:
  ${url}/_emulator
`;
}

function fail(message: string, status: number): never {
  process.stderr.write(`turso-emulator: ${message}\n`);
  process.exit(status);
}

function failToStart(error: NodeJS.ErrnoException, { port, stateFile }: EmulatorOptions): never {
  if (error instanceof StateTextError) return fail(`Invalid state. It was not changed.\n${error.message}`, 2);
  if (error.code === undefined) return fail(error.message, 1);
  if (error.syscall !== "listen")
    return fail(`Failed to keep the state in ${stateFile}: ${error.message}.`, 1);
  return error.code === "EADDRINUSE"
    ? fail(`Port ${port} is in use. Choose another port, or set \`--port 0\` to use a free one.`, 1)
    : fail(`Failed to listen on port ${port}: ${error.message}`, 1);
}

async function main(): Promise<void> {
  let options: Arguments;
  try {
    options = parseArguments();
  } catch (error) {
    if (error instanceof StateTextError) return fail(`Invalid seed.\n${error.message}`, 2);
    return fail(
      `${error instanceof Error ? error.message : error}\nRun \`turso-emulator --help\` to see the options.`,
      2,
    );
  }
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  if (options.version) {
    process.stdout.write(`${version}\n`);
    return;
  }
  const emulator = await startEmulator(options).catch((error) => failToStart(error, options));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      emulator.close().then(
        () => process.exit(0),
        (error: Error) => fail(`Failed to keep the state: ${error.message}`, 1),
      );
    });
  }
  // Printed last: a program that reads it may stop the emulator at once.
  process.stdout.write(instructions(emulator.url, options));
}

void main();
