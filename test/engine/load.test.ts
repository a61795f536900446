/**
 * Many groups, and many programs, in one organization: the requests that the server counts, and which program
 * gets which group.
 */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHost, describeLifecycle } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

describeLifecycle("forty groups", ({ turso, startEngine }) => {
  test("cost a preview as many requests as one group, an up one request each, and the other operations hardly any", async () => {
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
    declare(40);
    const preview = await count("preview");
    expect(preview).toBe(previewOfOne);
    const up = await count("up");
    expect(groups.size).toBe(40);
    expect(preview + up).toBeLessThanOrEqual(44);
    expect(await count("preview", "up")).toBe(0);
    // As `pulumi refresh` does: first its preview, in a process of its own.
    expect(await count("previewRefresh", "refresh")).toBeLessThanOrEqual(3);
    expect(await count("destroy")).toBeLessThanOrEqual(50);
    expect(groups.size).toBe(0);
  });
});

describeHost("native", "three programs at once", ({ turso, startEngine }) => {
  test("get their own groups, and all but one get an error for a group that each of them creates, while the API rate-limits them", {
    tags: ["exhaustive"],
  }, async () => {
    const emulator = await emulate({ latency: 20 });
    emulator.fail({ status: 429, probability: 0.15, times: Number.POSITIVE_INFINITY });
    const { groups } = emulator.store.account("acme");
    const env = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" };
    let shared = true;
    const engines = await Promise.all(
      ["one", "two", "three"].map(async (project) => {
        const engine = await startEngine({ env, project });
        const declare = (name: string) => new turso.Group(name, { name, location: "lhr" });
        engine.program = async () => {
          for (let i = 0; i < 15; i++) declare(`${project}-${i}`);
          if (shared) declare("shared");
        };
        return engine;
      }),
    );
    const ups = await Promise.all(engines.map((engine) => engine.run("up")));
    expect(ups.map(({ failed }) => failed).sort()).toEqual([false, true, true]);
    const losers = engines.filter((_, i) => ups[i]?.failed);
    for (const { diagnostics } of ups.filter(({ failed }) => failed))
      expect(diagnostics).toMatch(errorLine("NAME_TAKEN", "'shared' in organization 'acme'"));

    shared = false;
    for (const { failed } of await Promise.all(losers.map((engine) => engine.run("up"))))
      expect(failed).toBe(false);
    expect(groups.size).toBe(46);
    const resources = await Promise.all(engines.map((engine) => engine.resources()));
    const uuids = resources.flat().map(({ outputs }) => outputs.uuid);
    expect(uuids.sort()).toEqual([...groups.values()].map(({ uuid }) => uuid).sort());
    await Promise.all(engines.map((engine) => engine.run("destroy")));
    expect(groups.size).toBe(0);
  });
});
