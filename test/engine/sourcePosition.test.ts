/**
 * Where a resource stands in the user's program: in state, and in the SDK's error for one that cannot be
 * registered.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { Provider } from "pulumi-turso/native";
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts } from "../support/hosts.ts";

const lines = readFileSync(import.meta.filename, "utf8").split("\n");
/** The line of this file that ends with this comment. */
const lineOf = (comment: string) => lines.findIndex((line) => line.endsWith(`// ${comment}`)) + 1;

describeHosts("the source position of a resource", ({ host, turso, startEngine }) => {
  class Mine extends turso.Group {
    constructor(name: string, location: string) {
      super(name, { name, location });
    }
  }

  class Plain extends turso.Group {}

  class App extends pulumi.ComponentResource {
    constructor(name: string) {
      super("my:App", name);
      new turso.Group("within", { name: "within", location: "lhr" }, { parent: this }); // within
    }
  }

  test("is the user's line, also for a subclass, in a component, and for a group that is read", async () => {
    const { store, url } = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: url, TURSO_API_TOKEN: TOKEN } });
    const module = join(engine.stack.workspace.workDir, "module.mjs");
    writeFileSync(
      module,
      `import * as turso from "${host === "native" ? "pulumi-turso/native" : "pulumi-turso"}";\nnew turso.Group("module", { name: "module", location: "lhr" });\n`,
    );
    engine.program = async () => {
      const group = new turso.Group("group", { name: "group", location: "lhr" }); // group
      new turso.GroupToken("token", { group: group.id }); // token
      new Mine("mine", "lhr"); // mine
      new Plain("plain", { name: "plain", location: "lhr" }); // plain
      new App("app");
      turso.Group.get("read", "there"); // read
      ["each"].map((name) => new turso.Group(name, { name, location: "lhr" })); // each
      await import(pathToFileURL(module).href);
      if (host === "native") new Provider("provider"); // provider
    };
    store.account().createGroup({ name: "there", location: "lhr" });
    expect(await engine.run("up")).toMatchObject({ failed: false });
    const { checkpoint } = JSON.parse(await engine.stateText()) as {
      checkpoint: { latest: { resources: { urn: string; sourcePosition?: string }[] } };
    };
    const positions = Object.fromEntries(
      checkpoint.latest.resources
        .filter(({ urn }) => urn.includes("turso:"))
        .map(({ urn, sourcePosition }) => [urn.split("::").at(-1), sourcePosition]),
    );
    const { workDir } = engine.stack.workspace;
    const at = (file: string, line: number) =>
      expect.stringMatching(new RegExp(`^project:///${relative(workDir, file)}#${line},\\d+$`));
    const here = ["group", "token", "mine", "plain", "within", "each", "read"];
    expect(positions).toEqual({
      ...Object.fromEntries(here.map((name) => [name, at(import.meta.filename, lineOf(name))])),
      module: at(module, 2),
      ...(host === "native" && { provider: at(import.meta.filename, lineOf("provider")) }),
    });
  });

  test("is in the SDK's error for one that the engine refuses to register", async () => {
    const { url } = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: url, TURSO_API_TOKEN: TOKEN } });
    engine.program = async () => {
      new turso.Group("group", { location: "lhr" }, { customTimeouts: { create: "soon" } }); // refused
    };
    const result = await engine.run("preview");
    expect(result.diagnostics).toContain("failed to register new resource group");
    expect(result.diagnostics).toContain(`(${import.meta.filename}:${lineOf("refused")}:`);
  });
});
