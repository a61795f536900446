/** The real Pulumi engine for tests, see stack.ts: what it leaves on disk ends with the test. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, inject, onTestFinished } from "vitest";
import { type Engine, type EngineOptions, startStack } from "./stack.ts";

export type { Engine, EngineOptions, Operation, Result, RunOptions, StateResource } from "./stack.ts";

/** `describe` for tests that need the engine: skipped where there is no Pulumi CLI (see globalSetup.ts). */
export const describeEngine = describe.skipIf(!inject("engine"));

/** A folder for one test. */
export function temporaryFolder(parent = tmpdir()): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "pulumi-turso-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A stack of its own for one test; after it, everything is removed that it left on disk. */
export function startEngine(options: EngineOptions = {}): Promise<Engine> {
  return startStack(temporaryFolder, options);
}
