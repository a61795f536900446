/**
 * Writes the states of a commit:
 *
 *     npm run states -- COMMIT
 *
 * The provider is built from the commit, in a separate folder. Engine and emulator are the current ones.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "turso-emulator";
import { type HostName, programOf, saveState, settingsOf, type Turso } from "../../support/savedStates.ts";
import { startStack } from "../../support/stack.ts";

const TOKEN = "eyJ-the-api-token-0123456789";
const root = join(import.meta.dirname, "../../..");

/** Builds the provider of a commit below this repository, so that it finds the dependencies. */
function checkOut(commit: string): string {
  const folder = join(root, ".states", commit);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  const archive = execFileSync("git", ["archive", commit], { cwd: root, maxBuffer: 2 ** 30 });
  execFileSync("tar", ["-x"], { cwd: folder, input: archive });
  symlinkSync("../provider", join(folder, "node_modules/pulumi-turso"));
  // The provider may have had other dependencies then. The SDK is a peer, so that it stays the one of the tests.
  execFileSync(
    "npm",
    ["install", "--no-save", "--ignore-scripts", "--legacy-peer-deps", "--workspaces=false"],
    {
      cwd: join(folder, "provider"),
      stdio: "inherit",
    },
  );
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-b", "provider"], { cwd: folder, stdio: "inherit" });
  if (existsSync(join(folder, "tools/bundle-plugin.ts")))
    execFileSync(process.execPath, ["tools/bundle-plugin.ts"], { cwd: folder, stdio: "inherit" });
  return folder;
}

async function write(commit: string, host: HostName, organization: string | undefined, turso: Turso) {
  const folders: string[] = [];
  const folder = (parent = tmpdir()) => {
    mkdirSync(parent, { recursive: true });
    const made = mkdtempSync(join(parent, "states-"));
    folders.push(made);
    return made;
  };
  const emulator = await startEmulator({ token: TOKEN });
  try {
    const program = await programOf(commit);
    const account = emulator.store.account(organization);
    program.seed?.(account);
    const settings = settingsOf(emulator, organization);
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
    const engine = await startStack(folder, { ...settings, env, native: host === "native" });
    const must = async (operation: "up" | "refresh") => {
      const { failed, text } = await engine.run(operation);
      if (failed) throw new Error(text);
    };
    engine.program = async () => program.declare(turso, { first: true, account: organization });
    await must("up");
    program.meanwhile?.(account, emulator);
    await must("refresh");
    engine.program = async () => program.declare(turso, { first: false, account: organization });
    if (program.unfinished === undefined) await must("up");
    else {
      const { text } = await engine.run("up", { continueOnError: true });
      const isUnfinished = (await engine.resources()).some(({ initErrors = [] }) => initErrors.length > 0);
      if (!isUnfinished) throw new Error(text);
    }
    saveState(commit, host, organization, emulator, await engine.stateText());
  } finally {
    await emulator.close();
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  }
}

const [commit] = process.argv.slice(2);
if (commit === undefined) throw new Error("usage: npm run states -- COMMIT");
const folder = checkOut(commit);
try {
  process.chdir(folder);
  const require = createRequire(join(folder, "x.js"));
  for (const organization of (await programOf(commit)).organizations) {
    await write(commit, "dynamic", organization, require("pulumi-turso") as Turso);
    if (existsSync("provider/dist/native.js"))
      await write(commit, "native", organization, require("pulumi-turso/native") as Turso);
  }
} finally {
  process.chdir(root);
  rmSync(join(root, ".states"), { recursive: true, force: true });
}
