/** The name of a deleted group stays taken for a while. Every group is declared in both forms of the API. */
import { expect, test } from "vitest";
import { startBothForms, steps } from "../support/bothForms.ts";
import { describeLifecycle } from "../support/hosts.ts";
import { warningLine } from "../support/messages.ts";

describeLifecycle("a create waits for a name that this stack has just released", (host) => {
  test("in a replacement under the same name, and in an up after a destroy", async () => {
    const { accounts, emulator, engine, declare, writes, forget, stored } = await startBothForms(host, {
      lag: 1500,
    });
    declare({ prod: { location: "lhr" } });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const before = accounts.map((account) => account.group("prod").uuid);

    forget();
    declare({ prod: { location: "ams" } });
    const replaced = await engine.run("up");
    expect(replaced).toMatchObject({
      failed: false,
      steps: steps({ prod: ["delete-replaced", "replace", "create-replacement"] }),
    });
    expect(replaced.text).toMatch(warningLine("'prod'"));
    expect(emulator.requests.filter(({ status }) => status === 409).length).toBeGreaterThan(1);
    expect(writes("prod").slice(0, 2)).toEqual(["DELETE groups/prod", "POST groups"]);
    const after = accounts.map((account) => account.group("prod"));
    expect(after).toMatchObject([{ primary: "ams" }, { primary: "ams" }]);
    for (const { uuid } of after) expect(before).not.toContain(uuid);

    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    forget();
    // The name is still taken, even if the engine took longer than the lag to get here.
    emulator.fail({ method: "POST", times: 2, status: 409, body: { error: "group already exists" } });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: ["create"] }) });
    expect(emulator.requests.filter(({ status }) => status === 409).length).toBeGreaterThan(1);
    expect(await stored("prod")).toMatchObject(
      accounts.map((account) => ({ outputs: { uuid: account.group("prod").uuid } })),
    );
  });
});
