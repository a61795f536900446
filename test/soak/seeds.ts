/** Seeds that found something, and the host that they found it on: every test run repeats them. */
import type { SeedOptions } from "./run.ts";

export const REGRESSIONS: (SeedOptions & { bug: string })[] = [];
