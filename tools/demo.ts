/**
 * `npm run demo`: previews, creates, replaces and deletes the group of examples/group, with the real Pulumi
 * engine and an emulator of the Turso API. It needs no account, and removes everything it created.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { styleText } from "node:util";
import * as automation from "@pulumi/pulumi/automation/index.js";
import { type Emulator, startEmulator } from "turso-emulator";
import { getPulumi, pulumiEnv } from "./pulumi.ts";

const EXAMPLE = join(import.meta.dirname, "..", "examples", "group");
const TOKEN = "the-token-of-the-demo";
const GROUPS = "/v1/organizations/acme/groups";

const INTRODUCTION = `
This demo runs the program examples/group/index.ts with the real Pulumi engine and an emulator of the Turso API.
It needs no account, and sends nothing to Turso.`;

const OWN_ACCOUNT = `To run the same program with your own Turso account, in the root of this repository:

  turso auth login
  turso org list                                # shows the SLUG of your organization and of your personal account
  turso auth api-tokens mint pulumi --org SLUG  # creates an API token
  pulumi stack init dev
  pulumi config set --secret turso:apiToken     # asks for the API token
  pulumi config set turso:organization SLUG
  pulumi up                                     # \`pulumi destroy\` deletes the group
`;

/** Aborted by Ctrl-C: no further step starts. */
const stopped = new AbortController();
/** Aborted to stop the engine: the Automation API then sends it SIGINT. */
const engineStop = new AbortController();
let engineKnows = false;

function stop(): void {
  if (stopped.signal.aborted) return;
  stopped.abort();
  // In a terminal, Ctrl-C reaches the engine directly, and a second SIGINT would cancel the requests in
  // progress. The engine prints a line when it receives one. Without that line, the signal was sent to this
  // process alone.
  setTimeout(() => engineKnows || engineStop.abort(), 1000).unref();
}

/** Options of every operation: the engine's output is shown immediately. */
const live = {
  color: process.stdout.isTTY && process.stdout.hasColors() ? "always" : "never",
  suppressProgress: true,
  signal: engineStop.signal,
  onOutput(text: string) {
    engineKnows ||= text.includes("received; cancelling");
    process.stdout.write(text);
  },
  onError: (text: string) => process.stderr.write(text),
} as const;

async function main(): Promise<void> {
  const start = Date.now();
  try {
    const pulumi = await getPulumi();
    // Before this line, there is nothing to clean up.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
    process.stdout.on("error", stop);
    // The engine, the provider and the emulator use loopback, which the user's proxy cannot reach.
    process.env.NO_PROXY = process.env.no_proxy = "127.0.0.1";
    // Node warns about TypeScript without "type" in package.json. The example has none, like a user's
    // program.
    process.removeAllListeners("warning");

    console.log(INTRODUCTION);
    await demo(pulumi);
    console.log(bold(`\nDone in ${Math.round((Date.now() - start) / 1000)} s. ${OWN_ACCOUNT}`));
  } catch (error) {
    const aborted = stopped.signal.aborted;
    const reason = error instanceof Error ? error.message : error;
    console.error(
      aborted
        ? "\nStopped. All processes have ended, and everything that the demo created was removed."
        : `\nThe demo failed: ${reason}`,
    );
    process.exitCode = aborted ? 130 : 1;
  }
}

async function demo(pulumi: automation.PulumiCommand): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-turso-demo-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.on("exit", removeFolder);
  const emulator = await startEmulator({ token: TOKEN });
  try {
    await steps(await createStack(pulumi, folder, emulator.url), emulator);
  } finally {
    await emulator.close();
    removeFolder();
  }
  const response = await fetch(emulator.url).catch(() => undefined);
  check(response === undefined, "the emulator still responds");
  check(!existsSync(folder), `${folder} still exists`);
  console.log("The emulator: closed. The temporary folder: removed.");
}

async function createStack(
  pulumi: automation.PulumiCommand,
  folder: string,
  url: string,
): Promise<automation.Stack> {
  const workDir = join(folder, "project");
  mkdirSync(workDir);
  const projectName = "turso-group";
  let run = 0;
  // The query makes Node run the file again for each operation.
  const program = async () => ({
    ...(await import(`${pathToFileURL(join(EXAMPLE, "index.ts"))}?run=${++run}`)),
  });
  // All three variables, so that none of the user's own is used.
  const turso = { TURSO_API_TOKEN: TOKEN, TURSO_API_BASEURL: url, TURSO_ORGANIZATION: "acme" };
  return automation.LocalWorkspace.createStack(
    { stackName: "demo", projectName, program },
    {
      pulumiCommand: pulumi,
      workDir,
      // TMPDIR: files that providers share while they run are removed with the folder.
      envVars: { ...pulumiEnv({ pulumi, dir: folder, project: EXAMPLE }), ...turso, TMPDIR: folder },
      // The provider process looks for packages in `main`.
      projectSettings: { name: projectName, runtime: "nodejs", main: EXAMPLE },
    },
  );
}

async function steps(stack: automation.Stack, { url, requests, store }: Emulator): Promise<void> {
  const writes = () => requests.filter(({ method }) => method !== "GET").length;

  headline(1, "Preview", "Shows what `pulumi up` will do. It only reads from the API.");
  await stack.setConfig("location", { value: "aws-us-east-1" });
  await engine(() => stack.preview(live));
  check(writes() === 0, "the preview changed something");

  headline(2, "Up", "Creates the group with one request, and saves it to Pulumi's state.");
  await engine(() => stack.up(live));
  check(writes() === 1, `the creation took ${writes()} requests`);

  headline(3, "The group in the API", "An HTTP request to the emulator, without Pulumi.");
  await showGroups(url, ["aws-us-east-1"]);

  headline(4, "Up again", "Program and state agree, so there is nothing to request.");
  requests.length = 0;
  const { summary } = await engine(() => stack.up(live));
  check(Object.keys(summary.resourceChanges ?? {}).join() === "same", "the second up made changes");
  check(requests.length === 0, `the second up sent ${requests.length} requests to Turso`);
  console.log("No changes, 0 requests to the Turso API.");

  headline(
    5,
    "Another location, while the group holds a database",
    "Changing the location replaces the group, and the database would be lost. The preview refuses.",
  );
  const account = store.account("acme");
  const [group = ""] = account.groups.keys();
  account.createDatabase({ name: "orders", group });
  await stack.setConfig("location", { value: "aws-eu-west-1" });
  const refused = await engine(() => stack.preview(live)).then(
    () => false,
    (error: Error) => error.cause instanceof automation.CommandError,
  );
  check(refused && account.databases.has("orders"), "the preview did not refuse");
  account.deleteDatabase("orders");

  headline(
    6,
    "Another location, without a database",
    "The group is empty now, so the preview shows the replacement.",
  );
  const { changeSummary } = await engine(() => stack.preview({ ...live, diff: true }));
  check(changeSummary.replace === 1, "the preview shows no replacement");

  headline(7, "Up with the other location", "Creates the new group, then deletes the old one.");
  await engine(() => stack.up(live));
  await showGroups(url, ["aws-eu-west-1"]);

  headline(8, "Destroy", "Deletes everything that this stack created.");
  await engine(() => stack.destroy(live));

  headline(9, "Nothing is left", "The emulator has no group any more, and the demo removes its files.");
  await showGroups(url, []);
  await stack.workspace.removeStack(stack.name);
  check((await stack.workspace.listStacks()).length === 0, "the stack still exists");
  console.log("Pulumi's stack: removed.");
}

/** Runs one operation of the engine, unless Ctrl-C was pressed. */
async function engine<Result>(operation: () => Promise<Result>): Promise<Result> {
  stopped.signal.throwIfAborted();
  const result = await operation().catch((error: unknown) => {
    // The message of a CommandError repeats the whole output.
    throw error instanceof automation.CommandError
      ? new Error("Pulumi ended with the error above.", { cause: error })
      : error;
  });
  stopped.signal.throwIfAborted();
  return result;
}

/** Shows the groups at Turso, and checks that there is one in each of `locations` and nowhere else. */
async function showGroups(url: string, locations: string[]): Promise<void> {
  const response = await fetch(url + GROUPS, { headers: { authorization: `Bearer ${TOKEN}` } });
  const body = (await response.json()) as { groups: { locations: string[] }[] };
  console.log(`GET ${GROUPS}\n${response.status} ${JSON.stringify(body, null, 2)}`);
  const found = body.groups.flatMap((group) => group.locations).join();
  check(found === locations.join(), `groups expected in [${locations}], found in [${found}]`);
}

function headline(number: number, title: string, why: string): void {
  console.log(`\n${bold(`${number}/9  ${title}`)}\n     ${why}\n`);
}

function bold(text: string): string {
  return styleText("bold", text, { stream: process.stdout });
}

function check(fact: boolean, otherwise: string): void {
  if (!fact) throw new Error(otherwise);
}

await main();
