/** A hundred groups in one organization: what the server is asked for, counted there. */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";

describeHosts("a hundred groups", ({ turso, startEngine }) => {
  test("cost a preview as many requests as one group, an up one each, and the rest next to none", async () => {
    const emulator = await emulate({ latency: 20 });
    const engine = await startEngine({
      env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" },
    });
    const declare = (count: number) => {
      engine.program = async () => {
        for (let i = 0; i < count; i++) new turso.Group(`g${i}`, { location: "lhr" });
      };
    };
    const { groups } = emulator.store.account("acme");
    /** How many requests the operations took. */
    const count = async (...operations: Parameters<typeof engine.run>[0][]) => {
      emulator.requests.length = 0;
      for (const operation of operations)
        expect(await engine.run(operation)).toMatchObject({ failed: false });
      return emulator.requests.length;
    };

    declare(1);
    const previewOfOne = await count("preview");
    declare(100);
    const preview = await count("preview");
    expect(preview).toBe(previewOfOne);
    const up = await count("up");
    expect(groups.size).toBe(100);
    expect(preview + up).toBeLessThanOrEqual(104);
    expect(await count("preview", "up")).toBe(0);
    // As `pulumi refresh` does: first the preview of it, in a process of its own.
    expect(await count("previewRefresh", "refresh")).toBeLessThanOrEqual(3);
    expect(await count("destroy")).toBeLessThanOrEqual(110);
    expect(groups.size).toBe(0);
  });
});
