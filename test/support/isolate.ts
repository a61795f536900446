/** Runs in a worker before each test file: gives it its own folders. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { isolated } from "./isolation.ts";

const { folder, shared } = inject("workers");
Object.assign(process.env, isolated(mkdtempSync(join(folder, "w")), shared));
