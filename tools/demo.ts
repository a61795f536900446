/**
 * The main job in one command: `npm run demo` takes the program in examples/group through preview, creation,
 * replacement and removal, with the real engine and an emulated Turso API. No account, and nothing is left.
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
The program examples/group/index.ts, the real Pulumi engine and an emulator of Turso's API.
This needs no account, and nothing leaves this computer.`;

const OWN_ACCOUNT = `The same on your own Turso account, in the root of this repository:

  turso auth api-tokens mint pulumi --org SLUG  creates an API token
  pulumi stack init dev
  pulumi config set --secret turso:apiToken     asks for the token
  pulumi config set turso:organization SLUG     one of \`turso org list\`, which shows your personal account, too
  pulumi up                                     and \`pulumi destroy\` to remove it all
`;

/** Aborted by Ctrl-C: nothing further is started. */
const stopped = new AbortController();
/** Aborted to tell the engine: the Automation API then sends it SIGINT. */
const engineStop = new AbortController();
let engineKnows = false;

function stop(): void {
  if (stopped.signal.aborted) return;
  stopped.abort();
  // In a terminal Ctrl-C reaches the engine by itself, and a second SIGINT would make it give up what is in flight.
  // It says when it has got one. If it does not, the signal was for this process alone.
  setTimeout(() => engineKnows || engineStop.abort(), 1000).unref();
}

/** How an operation runs: what the engine says is shown as it comes. */
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
    // Until here there is nothing to tidy up.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
    process.stdout.on("error", stop);
    // The engine, the provider and the emulator talk on loopback, where the user's proxy would not find them.
    process.env.NO_PROXY = process.env.no_proxy = "127.0.0.1";
    // Node warns of TypeScript without "type" in its package.json. The example stays like a user's program.
    process.removeAllListeners("warning");

    console.log(INTRODUCTION);
    await demo(pulumi);
    console.log(bold(`\nDone in ${Math.round((Date.now() - start) / 1000)} s. ${OWN_ACCOUNT}`));
  } catch (error) {
    const aborted = stopped.signal.aborted;
    const reason = error instanceof Error ? error.message : error;
    console.error(
      aborted ? "\nStopped. Nothing runs any more and nothing is left." : `\nThe demo failed: ${reason}`,
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
  const answer = await fetch(emulator.url).catch(() => undefined);
  check(answer === undefined, "the emulator still answers");
  check(!existsSync(folder), `${folder} is still there`);
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
  // The query makes Node run the file anew for each operation.
  const program = async () => ({
    ...(await import(`${pathToFileURL(join(EXAMPLE, "index.ts"))}?run=${++run}`)),
  });
  // All three variables, so that none of the user's own gets in.
  const turso = { TURSO_API_TOKEN: TOKEN, TURSO_API_BASEURL: url, TURSO_ORGANIZATION: "acme" };
  return automation.LocalWorkspace.createStack(
    { stackName: "demo", projectName, program },
    {
      pulumiCommand: pulumi,
      workDir,
      // What the providers share while they run ends with the folder.
      envVars: { ...pulumiEnv({ pulumi, dir: folder, project: EXAMPLE }), ...turso, TMPDIR: folder },
      // `main` is where the provider process looks for packages.
      projectSettings: { name: projectName, runtime: "nodejs", main: EXAMPLE },
    },
  );
}

async function steps(stack: automation.Stack, { url, requests, store }: Emulator): Promise<void> {
  const writes = () => requests.filter(({ method }) => method !== "GET").length;

  headline(1, "Preview", "What Pulumi is going to do. Turso is asked what there is, and nothing is changed.");
  await stack.setConfig("location", { value: "aws-us-east-1" });
  await engine(() => stack.preview(live));
  check(writes() === 0, "the preview changed something");

  headline(2, "Up", "Pulumi creates the group with one request, and records it in its state.");
  await engine(() => stack.up(live));
  check(writes() === 1, `the creation took ${writes()} requests`);

  headline(3, "The group as the Turso API has it", "Asked over HTTP, past Pulumi.");
  await showGroups(url, ["aws-us-east-1"]);

  headline(4, "Up again", "The program still says what the state says, so Turso is not even asked.");
  requests.length = 0;
  const { summary } = await engine(() => stack.up(live));
  check(Object.keys(summary.resourceChanges ?? {}).join() === "same", "the second up made changes");
  check(requests.length === 0, `the second up sent ${requests.length} requests to Turso`);
  console.log("No changes, 0 requests to the Turso API.");

  headline(
    5,
    "Another location, while there is a database",
    "A group cannot move: it would be replaced, and the database with it be lost. The preview refuses.",
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

  headline(6, "Another location, without a database", "Now the preview shows the replacement.");
  const { changeSummary } = await engine(() => stack.preview({ ...live, diff: true }));
  check(changeSummary.replace === 1, "the preview shows no replacement");

  headline(7, "Up with the other location", "The new group is created, then the old one is deleted.");
  await engine(() => stack.up(live));
  await showGroups(url, ["aws-eu-west-1"]);

  headline(8, "Destroy", "What this stack has created is deleted.");
  await engine(() => stack.destroy(live));

  headline(9, "Nothing is left", "Neither at Turso nor on this computer.");
  await showGroups(url, []);
  await stack.workspace.removeStack(stack.name);
  check((await stack.workspace.listStacks()).length === 0, "the stack is still there");
  console.log("Pulumi's stack: removed.");
}

/** Runs one operation of the engine, unless there was a Ctrl-C. */
async function engine<Result>(operation: () => Promise<Result>): Promise<Result> {
  stopped.signal.throwIfAborted();
  const result = await operation().catch((error: unknown) => {
    // The message of a CommandError is the whole output once more.
    throw error instanceof automation.CommandError
      ? new Error("Pulumi ended with the error above.", { cause: error })
      : error;
  });
  stopped.signal.throwIfAborted();
  return result;
}

/** `locations` is where there has to be a group, and nowhere else. */
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
