import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["provider/test/**/*.test.ts", "emulator/test/**/*.test.ts", "test/**/*.test.ts"],
    // Every engine starts a process of dynamic providers, which would spend a fifth of its time on compiling the SDK.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/compile") },
    globalSetup: "test/support/globalSetup.ts",
    setupFiles: "test/support/isolate.ts",
    // Ten times what the longest takes on an idle machine.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // An engine test is three processes by itself, but some tests mostly wait: half as many again as there are cores.
    maxWorkers: "150%",
  },
});
