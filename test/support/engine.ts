/** The real Pulumi engine for tests, see stack.ts. Its files are removed after the test. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, inject, onTestFinished } from "vitest";
import { type Engine, type EngineOptions, startStack } from "./stack.ts";

export type { Engine, EngineOptions, Operation, Result, RunOptions, StateResource } from "./stack.ts";

/** `describe` for tests that need the engine: skipped without a Pulumi CLI (see globalSetup.ts). */
export const describeEngine = describe.skipIf(!inject("engine"));

/** Creates a folder for one test; it is removed after the test. */
export function temporaryFolder(parent = tmpdir()): string {
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "pulumi-turso-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts a stack for one test. Its files are removed after the test. */
export function startEngine(options: EngineOptions = {}): Promise<Engine> {
  return startStack(temporaryFolder, options);
}
