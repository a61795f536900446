/** The seeds of the soak test that found a bug. `npm run soak` runs others, for as long as you like. */
import { expect, test } from "vitest";
import { describeEngine } from "../support/engine.ts";
import { REGRESSIONS } from "./seeds.ts";
import { runInProcess } from "./worker.ts";

describeEngine("random programs against random faults", () => {
  for (const { bug, ...options } of REGRESSIONS) {
    const title = `seed ${options.seed} on the ${options.host} host leaves state and API consistent, which once failed: ${bug}`;
    test.concurrent(title, { tags: ["exhaustive"] }, async () => {
      const { violations, ups } = await runInProcess(options);
      expect(violations).toEqual([]);
      expect(ups.ok).toBeGreaterThan(0);
    });
  }
});
