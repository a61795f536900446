import { defineConfig } from "vitest/config";

const MINUTE = 60_000;

export default defineConfig({
  test: {
    globalSetup: "test/support/globalSetup.ts",
    setupFiles: "test/support/isolate.ts",
    tags: [
      { name: "exhaustive", description: "Takes long and rarely finds anything: `npm run test:exhaustive`." },
    ],
    // An engine test is three processes by itself, but some tests mostly wait: half as many again as there
    // are cores.
    maxWorkers: "150%",
    // The timeouts only guard against hangs: they are ten times what the longest test takes on an idle
    // machine.
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["provider/test/**/*.test.ts", "emulator/test/**/*.test.ts"],
          testTimeout: MINUTE / 2,
        },
      },
      {
        extends: true,
        test: {
          name: "engine",
          include: ["test/{engine,soak,support}/**/*.test.ts"],
          testTimeout: 4 * MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
      {
        extends: true,
        test: {
          name: "packaging",
          include: ["test/packaging/**/*.test.ts"],
          testTimeout: 4 * MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
    ],
  },
});
