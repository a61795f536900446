import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const MINUTE = 60_000;

/** These mostly wait: started first, they run beside the others instead of after them. */
const LONG = /faultMatrix|discover\/discover|retries|proxy/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const [long = [], others = []] = [true, false].map((isLong) =>
      sorted.filter(({ moduleId }) => LONG.test(moduleId) === isLong),
    );
    return [...long, ...others];
  }
}

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
    sequence: { sequencer: LongFirst },
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
