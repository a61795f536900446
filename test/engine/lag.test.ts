/** The name of a deleted group stays taken for a while. Every group stands in both forms of the API. */
import { expect, test } from "vitest";
import { startBothForms, steps } from "../support/bothForms.ts";
import { describeHosts } from "../support/hosts.ts";

describeHosts("a create whose name this stack has just given free waits for it", (host) => {
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
    expect(replaced.text).toMatch(
      /Group 'prod' is gone, but its name is still taken; waiting until Turso gives it free/,
    );
    expect(emulator.requests.filter(({ status }) => status === 409).length).toBeGreaterThan(1);
    expect(writes("prod").slice(0, 2)).toEqual(["DELETE groups/prod", "POST groups"]);
    const after = accounts.map((account) => account.group("prod"));
    expect(after).toMatchObject([{ primary: "ams" }, { primary: "ams" }]);
    for (const { uuid } of after) expect(before).not.toContain(uuid);

    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    forget();
    // However long the engine took until here: the lag is not over yet.
    emulator.fail({ method: "POST", times: 2, status: 409, body: { error: "group already exists" } });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: ["create"] }) });
    expect(emulator.requests.filter(({ status }) => status === 409).length).toBeGreaterThan(1);
    expect(await stored("prod")).toMatchObject(
      accounts.map((account) => ({ outputs: { uuid: account.group("prod").uuid } })),
    );
  });
});
