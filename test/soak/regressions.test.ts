/** The seeds of the soak test that found a bug. `npm run soak` runs others, for as long as you like. */
import { expect, test } from "vitest";
import { describeEngine } from "../support/engine.ts";
import { REGRESSIONS } from "./seeds.ts";
import { runInProcess } from "./worker.ts";

describeEngine("random programs against random faults", () => {
  test.concurrent.each(REGRESSIONS)(
    "seed $seed on the $host host leaves state and API consistent, which once failed: $bug",
    async ({ bug: _, ...options }) => {
      const { violations, ups } = await runInProcess(options);
      expect(violations).toEqual([]);
      expect(ups.ok).toBeGreaterThan(0);
    },
  );
});
