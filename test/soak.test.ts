/** A short soak, always of the same seeds; `npm run soak` runs others for as long as one likes. */
import { expect, test } from "vitest";
import { HOSTS } from "./soak/report.ts";
import { REGRESSIONS } from "./soak/seeds.ts";
import { runInProcess } from "./soak/worker.ts";
import { describeEngine } from "./support/engine.ts";

describeEngine("random programs against random faults", () => {
  test.concurrent.each(HOSTS)("on the %s host leave state and API consistent", async (host) => {
    const { violations, ups } = await runInProcess({ seed: 3, host, steps: 3 });
    expect(violations).toEqual([]);
    expect(ups.ok).toBeGreaterThan(0);
  });

  test.concurrent.each(REGRESSIONS)(
    "seed $seed on the $host host, which found a bug once: $bug",
    async ({ bug: _, ...options }) => {
      expect((await runInProcess(options)).violations).toEqual([]);
    },
  );
});
