import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EmulatorOptions, startEmulator } from "./index.js";

const HELP = `Emulates the Turso Platform API on this machine, for development and tests without a Turso account.

Usage: turso-emulator [options]

  --port NUMBER          port on 127.0.0.1; 0 picks a free port (default 8080)
  --latency MS           delay of every response, in milliseconds (default 0)
  --lag MS               how long the name of a deleted group stays taken, in milliseconds (default 0)
  --organization SLUG    an organization that exists; repeatable (default: every organization exists)
  --token TOKEN          the only API token accepted (default: any token is accepted)
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
  };
}

/** The default of `largest` is the longest delay of a Node.js timer. */
function parseNumber(flag: string, text: string, largest = 2 ** 31 - 1): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= largest) return number;
  throw new Error(`${flag} must be a whole number from 0 to ${largest}, got '${text}'.`);
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
`;
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, "../package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

function fail(message: string, status: number): never {
  process.stderr.write(`turso-emulator: ${message}\n`);
  process.exit(status);
}

async function main(): Promise<void> {
  let options: Arguments;
  try {
    options = parseArguments();
  } catch (error) {
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
    process.stdout.write(`${versionOf()}\n`);
    return;
  }
  const emulator = await startEmulator(options).catch((error: NodeJS.ErrnoException) =>
    error.code === "EADDRINUSE"
      ? fail(`Port ${options.port} is in use. Choose another port, or set \`--port 0\` to use a free one.`, 1)
      : fail(`Failed to listen on port ${options.port}: ${error.message}`, 1),
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void emulator.close().then(() => process.exit(0)));
  }
  // Printed last: a program that reads it may stop the emulator at once.
  process.stdout.write(instructions(emulator.url, options));
}

void main();
