/** What happens to a stack whose group was changed behind its back. */
import * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine } from "../support/engine.ts";

describeEngine.each([
  { form: "user", organization: undefined, prefix: "" },
  { form: "organization", organization: "acme", prefix: "acme/" },
])("in the $form form", ({ organization, prefix }) => {
  /** A stack that has created one group. */
  async function up(args: turso.GroupArgs) {
    const emulator = await emulate();
    const env = {
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      ...(organization !== undefined && { TURSO_ORGANIZATION: organization }),
    };
    const engine = await startEngine({ env });
    const program = { args };
    engine.program = async () => {
      new turso.Group("analytics", program.args);
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const account = emulator.store.account(organization);
    const [group] = account.groups.values();
    if (group === undefined) throw new Error("up created no group");
    emulator.requests.length = 0;
    return { emulator, engine, account, program, group };
  }

  const writes = (emulator: Awaited<ReturnType<typeof emulate>>) =>
    requestsOf(emulator).filter((request) => !request.startsWith("GET"));

  test("deleted: refresh forgets it, the next up creates it anew, destroy has nothing to do", async () => {
    const { engine, account, group } = await up({ location: "lhr" });
    account.deleteGroup(group.name);
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.resources()).toEqual([]);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["create"] } });
    expect([...account.groups.values()]).toMatchObject([{ name: group.name, primary: "lhr" }]);
    account.deleteGroup(group.name);
    expect(await engine.run("destroy")).toMatchObject({ failed: false, steps: { analytics: ["delete"] } });
  });

  test("renamed: refresh tells, up leaves it alone, the new name is accepted without a call, destroy finds it", async () => {
    const { emulator, engine, account, program, group } = await up({ name: "prod", location: "lhr" });
    account.renameGroup("prod", "prod2");
    const refresh = await engine.run("refresh");
    expect(refresh.failed).toBe(false);
    expect(refresh.text).toContain(
      `was renamed to 'prod2' outside of this stack. To accept that, declare name: "prod2"`,
    );
    expect(await engine.resources()).toMatchObject([
      { id: `${prefix}prod2`, inputs: { name: "prod" }, outputs: { name: "prod2", uuid: group.uuid } },
    ]);
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });

    program.args = { name: "prod2", location: "lhr" };
    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["update"] } });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator)).toEqual([]);
    expect(await engine.resources()).toMatchObject([
      { id: `${prefix}prod2`, inputs: { name: "prod2" }, outputs: { name: "prod2" } },
    ]);

    account.renameGroup("prod2", "prod3");
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(account.groups.size).toBe(0);
  });

  test("moved: refresh tells, up leaves it alone, the new location is accepted without a call and keeps the generated name", async () => {
    const { emulator, engine, account, program, group } = await up({ location: "lhr" });
    account.movePrimary(group.name, "aws-eu-west-1");
    const refresh = await engine.run("refresh");
    expect(refresh.failed).toBe(false);
    expect(refresh.text).toContain("was moved from lhr to eu-west-1 outside of this stack");
    expect(refresh.text).toContain(`declare location: "aws-eu-west-1"`);
    expect(await engine.resources()).toMatchObject([
      { inputs: { location: "lhr" }, outputs: { location: "lhr", primary: "eu-west-1" } },
    ]);
    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    program.args = { location: "aws-eu-west-1" };
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: { analytics: ["update"] } });
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator)).toEqual([]);
    expect([...account.groups.values()]).toMatchObject([{ uuid: group.uuid, name: group.name }]);
    const [state] = await engine.resources();
    expect(state).toMatchObject({ outputs: { location: "aws-eu-west-1", name: group.name } });
    expect(state?.inputs).not.toHaveProperty("__primary");
  });

  test("made again by somebody else: destroy leaves it alone, refresh forgets ours, up refuses to take it", async () => {
    const { emulator, engine, account } = await up({ name: "prod", location: "lhr" });
    account.deleteGroup("prod");
    const stranger = account.createGroup({ name: "prod", location: "lhr" });
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.resources()).toEqual([]);
    const refused = await engine.run("up");
    expect(refused.failed).toBe(true);
    expect(refused.text).toContain("exists already, and this stack did not create it");
    expect(await engine.resources()).toEqual([]);

    account.deleteGroup("prod");
    expect(await engine.run("up")).toMatchObject({ failed: false });
    account.deleteGroup("prod");
    account.createGroup({ name: "prod", location: "lhr" });
    emulator.requests.length = 0;
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(writes(emulator)).toEqual([]);
    expect(account.groups.get("prod")?.uuid).not.toBe(stranger.uuid);
    expect(await engine.resources()).toEqual([]);
  });
});
