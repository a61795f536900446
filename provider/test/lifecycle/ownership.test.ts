import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { Ownership, type Thing } from "../../src/lifecycle/ownership.js";

const thing = (more: Partial<Thing> = {}): Thing => ({ type: "Group", name: "prod", ...more });
const folder = join(tmpdir(), `pulumi-turso${process.getuid === undefined ? "" : `-${process.getuid()}`}`);

/** The address of an engine of its own for each test. */
let port = 50_000;
const engine = () => `127.0.0.1:${port++}`;

/** What a check and a diff of a resource with this group in state do. */
function declared(ownership: Ownership, urn: string, group: Thing, { replaces = false } = {}): void {
  ownership.declare(urn, { name: group.name }, [group]);
  ownership.noteDiff(thing({ ...group, uuid: undefined }), group, { replaces });
}

describe("a thing is held", () => {
  test("by a create, and by a diff that does not replace", () => {
    const ownership = new Ownership();
    expect(ownership.isHeld(thing())).toBe(false);
    ownership.hold(thing());
    expect(ownership.isHeld(thing())).toBe(true);

    const next = new Ownership();
    declared(next, "urn", thing({ uuid: "u1" }));
    expect(next.isHeld(thing({ name: "renamed", uuid: "u1" }))).toBe(true);
  });

  test("by the check of what state has, and by the check of an adoption", () => {
    const ownership = new Ownership();
    ownership.declare("urn", {}, [thing({ name: "checked" })]);
    ownership.intend("other", thing({ name: "adopted" }));
    for (const name of ["checked", "adopted"]) expect(ownership.isHeld(thing({ name }))).toBe(true);
  });

  test("by its exact address until its diff: a group of the same name in another organization is another one", () => {
    const ownership = new Ownership();
    ownership.declare("urn", {}, [thing()]);
    expect(ownership.isHeld(thing({ organization: "acme", uuid: "u2" }))).toBe(false);
    expect(ownership.isHeld(thing({ uuid: "u1" }))).toBe(true);
  });

  test("not by the diff of a refresh, or by one that replaces", () => {
    const ownership = new Ownership();
    ownership.noteDiff(thing(), thing({ uuid: "u1" }), { replaces: false });
    declared(ownership, "other", thing({ name: "replaced" }), { replaces: true });
    for (const name of ["prod", "replaced"]) expect(ownership.isHeld(thing({ name }))).toBe(false);
  });

  test("no longer, after the engine has checked the resource as a new one", () => {
    const ownership = new Ownership();
    declared(ownership, "urn", thing());
    ownership.declare("urn", undefined, []);
    expect(ownership.isHeld(thing())).toBe(false);
    expect(ownership.inState("urn")).toMatchObject({ inputs: { name: "prod" } });
  });

  test.each([
    ["equal uuids, whatever the address", { uuid: "u1" }, { uuid: "u1", name: "x", organization: "y" }, true],
    ["other uuids, whatever the address", { uuid: "u1" }, { uuid: "u2" }, false],
    ["one uuid: the address", { uuid: "u1" }, {}, true],
    ["another spelling of the slug", { organization: "Acme" }, { organization: "acme" }, true],
    ["another organization", { organization: "acme" }, { organization: "other" }, false],
    ["the personal account and a slug, which may be its own", {}, { organization: "acme" }, true],
    ["another name", {}, { name: "x" }, false],
    ["another type", {}, { type: "Database" }, false],
  ])("%s", (_title, held, asked, expected) => {
    const ownership = new Ownership();
    ownership.hold(thing(held));
    expect(ownership.isHeld(thing(asked))).toBe(expected);
  });
});

test("an adoption in any process sees a deletion until it ends", () => {
  const address = engine();
  const [one, two] = [new Ownership(address), new Ownership(address)];
  const end = one.startDeletion(thing());
  expect([one, two].map((process) => process.isBeingDeleted(thing()))).toEqual([true, true]);
  end();
  expect([one, two].map((process) => process.isBeingDeleted(thing()))).toEqual([false, false]);
});

test("the first of two resources that manage one group claims it, in any process", () => {
  const address = engine();
  const [one, two] = [new Ownership(address), new Ownership(address)];
  expect(one.claim("urn:a", thing())).toBeUndefined();
  expect(one.claim("urn:a", thing())).toBeUndefined();
  expect(two.claim("urn:b", thing())).toBe("urn:a");
  expect(new Ownership(engine()).claim("urn:b", thing())).toBeUndefined();
});

describe("processes of one operation", () => {
  const dist = join(process.cwd(), "provider/dist/lifecycle/ownership.js");
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  /** A process that holds the group prod and runs until it is killed. */
  async function holder(address: string): Promise<ChildProcess> {
    const source = `
      const { Ownership } = require(${JSON.stringify(dist)});
      new Ownership(${JSON.stringify(address)}).hold({ type: "Group", name: "prod" });
      process.stdin.resume();
      process.stdout.write("held");
    `;
    const child = spawn(process.execPath, ["-e", source], { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    await once(child.stdout, "data");
    return child;
  }

  test("know what the others hold, as long as those run", async () => {
    const address = engine();
    const child = await holder(address);
    expect(new Ownership(address).isHeld(thing())).toBe(true);
    expect(new Ownership(engine()).isHeld(thing())).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(new Ownership(address).isHeld(thing())).toBe(false);
  });

  test("know what another one notes and releases later", () => {
    const address = engine();
    const [one, two] = [new Ownership(address), new Ownership(address)];
    declared(one, "urn", thing());
    expect(two.isHeld(thing())).toBe(true);
    one.hold(thing({ name: "more" }));
    expect(two.isHeld(thing({ name: "more" }))).toBe(true);
    one.declare("urn", undefined, []);
    expect(two.isHeld(thing())).toBe(false);
  });

  test.skipIf(process.getuid === undefined)(
    "do not trust a folder that others can write to, but a create succeeds",
    () => {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o777);
      onTestFinished(() => chmodSync(folder, 0o700));
      const ownership = new Ownership(engine());
      ownership.hold(thing());
      expect(ownership.claim("urn", thing())).toBeUndefined();
      expect(() => ownership.isHeld(thing({ name: "x" }))).toThrow("only this user can write to");
    },
  );

  test("may end and remove their files while another one reads", () => {
    const address = engine();
    // As if the file had been removed since the folder was read.
    const path = join(folder, `${address.replace(":", "_")}-${process.ppid}-00000000`);
    symlinkSync(join(folder, "gone"), path);
    onTestFinished(() => rmSync(path));
    expect(new Ownership(address).isHeld(thing())).toBe(false);
  });

  test("remove their files when they end", async () => {
    const address = engine();
    const child = await holder(address);
    const files = () => readdirSync(folder).filter((name) => name.startsWith(address.replace(":", "_")));
    expect(files()).toHaveLength(1);
    const source = `process.exit()`;
    child.kill("SIGKILL");
    await once(child, "exit");
    for (const name of files()) rmSync(join(folder, name));
    const own = spawn(process.execPath, [
      "-e",
      `const { Ownership } = require(${JSON.stringify(dist)});
       new Ownership(${JSON.stringify(address)}).hold({ type: "Group", name: "prod" }); ${source}`,
    ]);
    await once(own, "exit");
    expect(files()).toEqual([]);
  });
});
