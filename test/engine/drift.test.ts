/**
 * A stack whose groups were changed outside Pulumi: renamed, moved, deleted, deleted and created again, or
 * transferred to another organization. Every group is declared in both forms of the API.
 */
import type * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { type BothForms, both, startBothForms, steps } from "../support/bothForms.ts";
import { describeHosts, describeLifecycle, type Host } from "../support/hosts.ts";
import { errorLine, warningLine } from "../support/messages.ts";

/** A stack of five groups, each of which is then changed outside Pulumi. */
async function drifted(host: Host, more: (stack: BothForms) => void = () => {}) {
  const stack = await startBothForms(host);
  const { accounts, emulator, engine, declare } = stack;
  const groups: Record<string, turso.GroupArgs> = {};
  for (const name of ["deleted", "remade", "transferred", "renamed", "moved"])
    groups[name] = { location: "lhr" };
  declare(groups);
  more(stack);
  expect(await engine.run("up")).toMatchObject({ failed: false });
  const uuids = (name: string) => accounts.map((account) => account.group(name).uuid);
  const before = { renamed: uuids("renamed"), moved: uuids("moved") };
  for (const [i, account] of accounts.entries()) {
    account.deleteGroup("deleted");
    account.deleteGroup("remade");
    account.createGroup({ name: "remade", location: "lhr" });
    account.transferGroup("transferred", `other-${i}`);
    account.renameGroup("renamed", "renamed-2");
    account.movePrimary("moved", "aws-eu-west-1");
  }
  const others = accounts.map((_, i) => emulator.store.account(`other-${i}`));
  const strangers = uuids("remade");
  stack.forget();
  return { ...stack, groups, before, others, strangers };
}

/** The groups that this stack no longer manages are untouched. */
function expectLeftAlone({ accounts, others, strangers }: Awaited<ReturnType<typeof drifted>>) {
  expect(accounts.map((account) => account.group("remade").uuid)).toEqual(strangers);
  for (const other of others) expect([...other.groups.keys()]).toEqual(["transferred"]);
}

describeHosts("groups that were changed outside Pulumi", (host) => {
  test("with a refresh: it removes deleted groups from state and warns of renamed and moved ones; up recreates the deleted ones, and an edit accepts the others without a request", async () => {
    let location = "lhr";
    const stack = await drifted(host, ({ engine }) => {
      const declared = engine.program;
      engine.program = async () => {
        await declared();
        new host.turso.Group("generated", { location });
      };
    });
    const { accounts, engine, groups, before, writes, reads, forget, stored } = stack;
    const generated = [...(accounts[0]?.groups.values() ?? [])].find(({ name }) => name.startsWith("gen"));
    accounts[0]?.movePrimary(generated?.name ?? "", "aws-eu-west-1");

    const refresh = await engine.run("refresh");
    expect(refresh.failed).toBe(false);
    expect(refresh.text).toMatch(/warning: .*'renamed' (?!in organization).*'renamed-2'/);
    expect(refresh.text).toMatch(warningLine("'renamed' in organization 'acme'", "'renamed-2'"));
    expect(refresh.text).toMatch(warningLine("'moved' in organization 'acme'", "lhr", "eu-west-1"));
    for (const edit of ['name: "renamed-2"', 'location: "aws-eu-west-1"'])
      expect(refresh.text).toContain(edit);
    expect(reads()).toEqual([
      "GET groups",
      "GET groups/deleted",
      "GET groups/deleted",
      "GET groups/remade",
      "GET groups/transferred",
      "GET groups/transferred",
    ]);
    expect((await engine.resources()).map(({ id }) => id).sort()).toEqual([
      "acme/moved",
      "acme/renamed-2",
      generated?.name,
      "moved",
      "renamed-2",
    ]);
    expect(await stored("renamed")).toMatchObject(
      before.renamed.map((uuid) => ({ inputs: { name: "renamed" }, outputs: { name: "renamed-2", uuid } })),
    );
    expect(await stored("moved")).toMatchObject(
      before.moved.map((uuid) => ({
        inputs: { location: "lhr" },
        outputs: { location: "lhr", primary: "eu-west-1", uuid },
      })),
    );

    const preview = await engine.run("preview");
    expect(preview.failed).toBe(true);
    expect(preview.text).toMatch(errorLine("NAME_TAKEN", "'remade'"));
    delete groups.remade;
    forget();
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: steps({ deleted: ["create"], transferred: ["create"] }),
    });
    expect(writes("deleted")).toEqual(["POST groups"]);
    for (const name of ["renamed", "renamed-2", "moved", "remade"]) expect(writes(name)).toEqual([]);
    expectLeftAlone(stack);

    groups.renamed = { name: "renamed-2", location: "lhr" };
    groups.moved = { location: "aws-eu-west-1" };
    location = "aws-eu-west-1";
    forget();
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: { ...steps({ renamed: ["update"], moved: ["update"] }), generated: ["update"] },
    });
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
    expect(stack.emulator.requests).toEqual([]);
    expect(accounts[0]?.groups.get(generated?.name ?? "")).toEqual(generated);
    expect(await stored("renamed")).toMatchObject(both({ inputs: { name: "renamed-2" } }));
    for (const { inputs, outputs } of [...(await stored("renamed")), ...(await stored("moved"))])
      for (const hidden of ["__name", "__primary", "__declaredName"])
        expect([inputs, outputs]).not.toContainEqual(
          expect.objectContaining({ [hidden]: expect.anything() }),
        );

    for (const account of accounts) account.renameGroup("renamed-2", "renamed-3");
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    for (const account of accounts) expect([...account.groups.keys()]).toEqual(["remade"]);
    expectLeftAlone(stack);
  });
});

describeLifecycle("groups that were changed outside Pulumi", (host) => {
  test("without a refresh: preview and up see nothing, an edit changes the groups that still exist, and destroy deletes no other", async () => {
    const stack = await drifted(host);
    const { accounts, emulator, engine, groups, writes, forget } = stack;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    expect(emulator.requests).toEqual([]);

    for (const args of Object.values(groups)) args.deleteProtection = true;
    const edit = await engine.run("up", { continueOnError: true });
    expect(edit.failed).toBe(true);
    for (const name of ["deleted", "remade", "transferred"]) {
      expect(edit.text).toMatch(errorLine("NOT_FOUND", `'${name}' in organization 'acme'`));
      expect(writes(name)).toEqual([]);
    }
    for (const name of ["renamed-2", "moved"])
      expect(writes(name)).toEqual([`PATCH groups/${name}/configuration`]);

    for (const account of accounts)
      for (const name of account.groups.keys()) account.protectGroup(name, false);
    forget();
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    for (const name of ["renamed-2", "moved"]) expect(writes(name)).toEqual([`DELETE groups/${name}`]);
    for (const account of accounts) expect([...account.groups.keys()]).toEqual(["remade"]);
    expectLeftAlone(stack);
    expect(await engine.resources()).toEqual([]);
  });

  test("an update of a group that was renamed says to refresh; so does a token that uses its old id", async () => {
    const { accounts, engine } = await startBothForms(host);
    let tokens = false;
    let deleteProtection = false;
    engine.program = async () => {
      for (const organization of [undefined, "acme"]) {
        const form = organization ?? "own";
        const args = {
          name: "data",
          location: "lhr",
          deleteProtection,
          ...(organization && { organization }),
        };
        const group = new host.turso.Group(`${form}-group`, args);
        if (tokens) new host.turso.GroupToken(`${form}-token`, { group: group.id });
      }
    };
    expect(await engine.run("up")).toMatchObject({ failed: false });
    for (const account of accounts) account.renameGroup("data", "warehouse");
    deleteProtection = true;
    const updated = await engine.run("up");
    expect(updated.failed).toBe(false);
    for (const title of ["Group 'data'", "Group 'data' in organization 'acme'"])
      expect(updated.diagnostics).toMatch(warningLine(`${title}`, "'warehouse'"));
    expect(updated.diagnostics).toContain("`pulumi refresh`");

    tokens = true;
    const refused = await engine.run("up");
    expect(refused.failed).toBe(true);
    expect(refused.diagnostics).toContain("[TOKEN_NOT_ISSUED]");
    expect(refused.diagnostics).toContain("`pulumi refresh`");
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect((await engine.resources()).map(({ id }) => id.replace(/\/[0-9a-f]{12}$/, "")).sort()).toEqual([
      "acme/warehouse",
      "acme/warehouse",
      "warehouse",
      "warehouse",
    ]);
  });
});
