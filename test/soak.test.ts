/** A short soak, always of the seeds that found something; `npm run soak` runs others for as long as one likes. */
import { expect, test } from "vitest";
import { HOSTS } from "./soak/report.ts";
import { REGRESSIONS } from "./soak/seeds.ts";
import { runInProcess } from "./soak/worker.ts";
import { describeEngine } from "./support/engine.ts";

describeEngine("random programs against random faults", () => {
  test.runIf(process.env.MODE === "exhaustive").each(Array.from({ length: 8 }, (_, i) => i))(
    "a seed of the day leaves state and API consistent (%i)",
    async (i) => {
      // Another one every day, named by the title of a violation.
      const seed = 10 * Math.floor(Date.now() / 86_400_000) + i;
      const { violations } = await runInProcess({ seed, host: HOSTS[i % HOSTS.length] ?? "native" });
      expect(violations).toEqual([]);
    },
  );

  test.concurrent.each(REGRESSIONS)(
    "seed $seed on the $host host, which found a bug once, leaves state and API consistent: $bug",
    async ({ bug: _, ...options }) => {
      const { violations, ups } = await runInProcess(options);
      expect(violations).toEqual([]);
      expect(ups.ok).toBeGreaterThan(0);
    },
  );
});
