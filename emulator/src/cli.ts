import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EmulatorOptions, startEmulator } from "./index.js";

const HELP = `turso-emulator: the Turso Platform API on this machine, for trying and testing without an account

  --port NUMBER          port on 127.0.0.1; 0 is any that is free (default 8080)
  --latency MS           delay of every answer, in milliseconds (default 0)
  --lag MS               how long the name of a deleted group stays taken (default 0)
  --organization SLUG    an organization there is; repeat for more (default: any, created on first use)
  --token TOKEN          the only token that is let in (default: any)
  --version              the version of this package
  --help                 this text
`;

type Arguments = EmulatorOptions & { help: boolean; version: boolean };

/** Throws an error that a person can act on. */
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

/** The largest number by default is that of a timer. */
function parseNumber(flag: string, text: string, largest = 2 ** 31 - 1): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= largest) return number;
  throw new Error(`${flag} must be a whole number from 0 to ${largest}, not '${text}'.`);
}

function instructions(url: string, { token = "any", organizations }: EmulatorOptions): string {
  const organization = organizations?.[0] ?? "acme";
  return `The Turso Platform API is emulated at ${url} until you press Ctrl-C.

Pulumi:
  pulumi config set turso:baseUrl ${url}
  pulumi config set --secret turso:apiToken ${token}
or, instead of configuration, and for the Turso CLI too:
  export TURSO_API_BASEURL=${url} TURSO_API_TOKEN=${token}
  export TURSO_ORGANIZATION=${organization}   # Pulumi only; without it, the groups are your own
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
    return fail(`${error instanceof Error ? error.message : error}\nTry turso-emulator --help.`, 2);
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
      ? fail(`port ${options.port} is in use. Choose another with --port, or any with --port 0.`, 1)
      : fail(`could not listen on port ${options.port}: ${error.message}`, 1),
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void emulator.close().then(() => process.exit(0)));
  }
  // Last: whoever reads this may stop the emulator at once.
  process.stdout.write(instructions(emulator.url, options));
}

void main();
