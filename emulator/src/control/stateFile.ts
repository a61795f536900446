import { existsSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { EmulatorState } from "../store/state.js";
import type { Store } from "../store/store.js";
import { loadText } from "./readState.js";

/** Longest wait for the response of an emulator that may use the same file, in milliseconds. */
const LOCK_TIMEOUT = 2_000;

/** A file that holds the state of a store. */
export type StateFile = {
  /** Writes the state if it has changed. The file always holds a complete state. */
  save(): void;
  /** Saves for the last time. Another emulator can use the file from then on. */
  close(): void;
};

/**
 * Loads the state of a file, or `initial` if the file does not exist, and keeps the file up to date.
 * @param url Of this emulator. A second emulator finds the first one by it.
 * @throws An error with a message for the user.
 */
export async function openStateFile(
  name: string,
  { store, url, initial }: { store: Store; url: string; initial: EmulatorState | undefined },
): Promise<StateFile> {
  const path = pathOf(name);
  const lock = `${path}.lock`;
  await refuseSecondEmulator(name, path, lock);
  if (existsSync(path)) loadText(readFileSync(path, "utf8"), name, (state) => store.load(state));
  else if (initial) store.load(initial);
  rmSync(lock, { force: true });
  writeFileSync(lock, url, { flag: "wx" });

  let written = "";
  let isClosed = false;
  // While this emulator refused connections, for example, another one may have taken the file.
  const owner = () => (existsSync(lock) ? readFileSync(lock, "utf8") : url);
  const save = () => {
    const text = `${JSON.stringify(store.save(), undefined, 2)}\n`;
    if (text === written) return;
    if (owner() !== url) throw new Error(`${name} is in use by the emulator at ${owner()}`);
    replaceFile(path, text);
    written = text;
  };
  save();
  return {
    save,
    close() {
      if (isClosed || owner() !== url) return;
      isClosed = true;
      try {
        save();
      } finally {
        rmSync(lock, { force: true });
      }
    },
  };
}

/** The absolute path, which `GET /_emulator/health` returns as well. */
export function pathOf(name: string): string {
  return existsSync(name) ? realpathSync(name) : resolve(name);
}

/** A file replaces another one at once. Only its owner can read it, because it holds tokens. */
function replaceFile(path: string, text: string): void {
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
  renameSync(temporary, path);
}

/** An emulator that was killed leaves its lock behind, so the lock holds only while that emulator responds. */
async function refuseSecondEmulator(name: string, path: string, lock: string): Promise<void> {
  if (!existsSync(lock)) return;
  const url = readFileSync(lock, "utf8").trim();
  const health = await fetch(`${url}/_emulator/health`, { signal: AbortSignal.timeout(LOCK_TIMEOUT) })
    .then((response): unknown => response.json())
    .catch(() => undefined);
  if (Object(health).stateFile !== path) return;
  throw new Error(`${name} is in use by the emulator at ${url}. Stop it, or choose another file.`);
}
