/** A short soak, always of the seeds that found something; `npm run soak` runs others for as long as one likes. */
import { expect, test } from "vitest";
import { describeEngine } from "../support/engine.ts";
import { REGRESSIONS } from "./seeds.ts";
import { runInProcess } from "./worker.ts";

describeEngine("random programs against random faults", () => {
  test.concurrent.each(REGRESSIONS)(
    "seed $seed on the $host host, which found a bug once, leaves state and API consistent: $bug",
    async ({ bug: _, ...options }) => {
      const { violations, ups } = await runInProcess(options);
      expect(violations).toEqual([]);
      expect(ups.ok).toBeGreaterThan(0);
    },
  );
});
