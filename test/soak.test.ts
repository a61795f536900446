/** A short soak, always of the same seeds; `npm run soak` runs others for as long as one likes. */
import { expect, test } from "vitest";
import { HOSTS, runSeed } from "./soak/run.ts";
import { REGRESSIONS } from "./soak/seeds.ts";
import { describeEngine } from "./support/engine.ts";

describeEngine("random programs against random faults", () => {
  test.each(HOSTS)("on the %s host leave state and API consistent", async (host) => {
    const { violations, ups } = await runSeed({ seed: 3, host, steps: 3 });
    expect(violations).toEqual([]);
    expect(ups.ok).toBeGreaterThan(0);
  });

  test.skipIf(REGRESSIONS.length === 0).each(REGRESSIONS)(
    "seed $seed on the $host host, which found a bug once: $bug",
    async (options) => {
      expect((await runSeed(options)).violations).toEqual([]);
    },
  );
});
