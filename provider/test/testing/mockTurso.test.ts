/** `mockTurso`: programs run without engine, with the real checks, results and refusals. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import * as dynamic from "pulumi-turso";
import * as native from "pulumi-turso/native";
import * as testing from "pulumi-turso/testing";
import { describe, expect, test, vi } from "vitest";

const hosts = [
  { host: "dynamic", turso: dynamic as typeof dynamic },
  { host: "native", turso: native as typeof dynamic },
];

const names = (resources: readonly { name: string }[]) => resources.map(({ name }) => name);

describe.each(hosts)("a program of the $host host", ({ turso }) => {
  test("gets the real names, outputs and secrets", async () => {
    const mock = await testing.mockTurso({ organization: "acme" });
    const { created, outputs, warnings } = await mock.run(() => {
      const group = new turso.Group("prod", { location: "lhr", replicas: ["ams"] });
      const token = new turso.GroupToken("api", { group: group.name, expiration: "90d" });
      return { group, token, upper: group.name.apply((name) => name.toUpperCase()) };
    });
    expect(names(created)).toEqual(["api", "prod"]);
    expect(warnings).toEqual([]);
    const [group] = mock.groups;
    expect(group).toMatchObject({ name: expect.stringMatching(/^prod-[0-9a-f]{7}$/), primary: "lhr" });
    expect(await testing.valueOf(outputs.group.name)).toBe(group?.name);
    expect(await testing.valueOf(outputs.upper)).toBe(group?.name.toUpperCase());
    expect(await testing.valueOf(outputs.group.id)).toBe(`acme/${group?.name}`);
    expect(await testing.valueOf(outputs.group.uuid)).toBe(group?.uuid);
    expect(await testing.valueOf(outputs.group.locations)).toEqual(["lhr", "ams"]);
    expect(await testing.valueOf(outputs.token.jwt)).toBe(mock.tokens[0]?.jwt);
    expect([await testing.isSecret(outputs.token.jwt), await testing.isSecret(outputs.group.name)]).toEqual([
      true,
      false,
    ]);
    const urn = await testing.valueOf(outputs.group.urn);
    expect(urn).toMatch(/^urn:pulumi:stack::project::[\w:/-]+:Group::prod$/);
  });

  test("is planned and changed like by the engine", async () => {
    const mock = await testing.mockTurso({ organization: "acme" });
    const program = (location: string, protect: boolean, more: string[]) => () => {
      const group = new turso.Group("prod", { name: "prod", location, deleteProtection: protect });
      new turso.GroupToken("api", { group: group.id });
      for (const name of more) new turso.Group(name, { location: "lhr" });
    };
    await mock.run(program("lhr", false, ["old"]));
    const same = await mock.run(program("lhr", false, ["old"]));
    expect(names(same.unchanged)).toEqual(["api", "old", "prod"]);
    const count = mock.emulator.requests.length;
    const preview = await mock.preview(program("lhr", true, ["new"]));
    expect(preview).toMatchObject({
      created: [{ name: "new" }],
      updated: [{ name: "prod" }],
      deleted: [{ name: "old" }],
    });
    expect(mock.emulator.requests.slice(count).filter(({ method }) => method !== "GET")).toEqual([]);
    const { updated, created, deleted } = await mock.run(program("lhr", true, ["new"]));
    expect([names(created), names(deleted)]).toEqual([["new"], ["old"]]);
    expect(updated).toEqual([
      {
        name: "prod",
        type: "Group",
        urn: expect.stringMatching(/::prod$/),
        properties: ["deleteProtection"],
      },
    ]);
    expect(mock.groups).toMatchObject([
      { name: "prod", deleteProtection: true },
      { name: expect.stringMatching(/^new-/) },
    ]);
    await mock.run(program("lhr", false, []));
    const { replaced } = await mock.run(program("ams", false, []));
    expect(replaced).toMatchObject([{ name: "api" }, { name: "prod", properties: ["location"] }]);
    expect(mock.groups).toMatchObject([{ name: "prod", primary: "ams" }]);
    expect(names((await mock.destroy()).deleted)).toEqual(["api", "prod"]);
    expect([mock.groups, mock.tokens]).toEqual([[], []]);
  });

  test("is refused as a whole", async () => {
    const mock = await testing.mockTurso({
      organization: "acme",
      state: { organizations: { acme: { groups: [{ name: "taken", location: "lhr" }] } } },
    });
    const program = () => {
      const first = new turso.Group("first", { location: "lhr" });
      new turso.Group("second", { name: "taken", location: "lhr" });
      new turso.Group("third", { location: "lhrr" });
      const token = new turso.GroupToken("api", { group: first.id });
      return { jwt: token.jwt };
    };
    await expect(mock.run(program)).rejects.toThrow(testing.RefusedError);
    await expect(mock.run(program)).rejects.toThrow(/Group 'second', name: .*\[NAME_TAKEN\]/);
    const { refused } = await mock.run(program, { expectRefusals: true });
    expect(refused).toMatchObject([
      { name: "second", property: "name", code: "NAME_TAKEN" },
      {
        name: "third",
        property: "location",
        code: "UNKNOWN_LOCATION",
        message: expect.stringContaining("'lhr'"),
      },
    ]);
    expect(mock.groups).toMatchObject([{ name: "taken" }]);
  });

  test("cannot delete a group that holds databases", async () => {
    const mock = await testing.mockTurso({ organization: "acme" });
    await mock.run(() => new turso.Group("prod", { name: "prod", location: "lhr" }));
    mock.account.createDatabase({ name: "orders", group: "prod" });
    const { refused } = await mock.run(() => new turso.Group("prod", { name: "prod", location: "ams" }), {
      expectRefusals: true,
    });
    expect(refused).toMatchObject([
      { property: "location", code: "HOLDS_DATA", message: expect.stringContaining("orders") },
    ]);
    const destroyed = await mock.destroy({ expectRefusals: true });
    expect(destroyed.refused).toMatchObject([{ name: "prod", property: "", code: "HOLDS_DATA" }]);
    expect(
      names((await mock.run(() => new turso.Group("prod", { name: "prod", location: "lhr" }))).unchanged),
    ).toEqual(["prod"]);
  });

  test("manages an organization", async () => {
    const mock = await testing.mockTurso({ organization: "acme" });
    const program = () => {
      const { groups } = new turso.Organization("org", {
        organization: "acme",
        groups: { prod: { location: "lhr" } },
        tokens: { api: { group: "prod" } },
      });
      new turso.OrganizationInvite("bob", { email: "bob@example.com", role: "member" });
      const token = new turso.ApiToken("ci", {
        scopes: ["read"],
        ...(groups.prod && { group: groups.prod.name }),
      });
      return { token: token.token };
    };
    const { created, outputs } = await mock.run(program);
    expect(created.map(({ type }) => type).sort()).toEqual([
      "ApiToken",
      "Group",
      "GroupToken",
      "OrganizationInvite",
    ]);
    expect(mock.invites).toMatchObject([{ name: "bob@example.com", role: "member" }]);
    expect(mock.apiTokens).toMatchObject([{ name: expect.stringMatching(/^ci-/) }]);
    expect(await testing.isSecret(outputs.token)).toBe(true);
    expect((await mock.run(program)).unchanged).toHaveLength(4);
  });

  test("reads with functions and get", async () => {
    const mock = await testing.mockTurso({
      organization: "acme",
      state: { organizations: { acme: { groups: [{ name: "old", location: "lhr" }] } } },
    });
    const { outputs } = await mock.run(async () => {
      const found = await turso.getGroup({ name: "old" });
      const later = turso.getGroupOutput({ name: "old" });
      const got = turso.Group.get("got", "acme/old");
      return { found, later, got };
    });
    expect(outputs.found.location).toBe("lhr");
    expect(await testing.valueOf(outputs.later.uuid)).toBe(outputs.found.uuid);
    expect(await testing.valueOf(outputs.got.uuid)).toBe(outputs.found.uuid);
    await expect(mock.run(() => turso.getGroup({ name: "none" }))).rejects.toThrow("NOT_FOUND");
    await expect(mock.run(() => ({ g: turso.getGroupOutput({ name: "none" }) }))).rejects.toThrow(
      "NOT_FOUND",
    );
    await expect(mock.run(() => turso.Group.get("got", "acme/none"))).rejects.toThrow("NOT_FOUND");
  });
});

describe("a program", () => {
  const { Group, GroupToken } = dynamic;

  test("may wait, and register in apply", async () => {
    const mock = await testing.mockTurso();
    const { created } = await mock.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const first = new Group("a", { location: "lhr" });
      return first.uuid.apply(async (uuid) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        new Group("b", { location: "lhr", name: `b-${uuid?.slice(0, 4)}` });
      });
    });
    expect(names(created)).toEqual(["a", "b"]);
    expect(mock.groups).toHaveLength(2);
  });

  test("that registers a resource after its end fails the test run", async () => {
    const listeners = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    try {
      const late = new Promise<unknown>((resolve) => process.once("unhandledRejection", resolve));
      const mock = await testing.mockTurso();
      let endOfRun = () => {};
      const isOver = new Promise<void>((resolve) => {
        endOfRun = resolve;
      });
      await mock.run(() => {
        new Group("a", { location: "lhr" });
        void isOver.then(() => new Group("b", { location: "lhr" }));
      });
      endOfRun();
      expect(String(await late)).toContain("after mock.run had ended");
      expect(mock.groups).toHaveLength(1);
    } finally {
      for (const listener of listeners) process.on("unhandledRejection", listener);
    }
  });

  test("that throws changes nothing", async () => {
    const mock = await testing.mockTurso();
    const failing = () => {
      new Group("a", { location: "lhr" });
      throw new Error("broken");
    };
    await expect(mock.run(failing)).rejects.toThrow("broken");
    const failingLater = () => {
      new Group("a", { location: "lhr" }).uuid.apply(() => {
        throw new Error("broken in apply");
      });
    };
    await expect(mock.run(failingLater)).rejects.toThrow("broken in apply");
    expect(mock.groups).toEqual([]);
    expect(names((await mock.run(() => new Group("a", { location: "lhr" }))).created)).toEqual(["a"]);
  });

  test("that registers nothing, or is no function, fails with what to do", async () => {
    const mock = await testing.mockTurso();
    await expect(mock.run(() => {})).rejects.toThrow("vi.resetModules()");
    await expect(mock.run({} as () => void)).rejects.toThrow("Pass a function");
  });

  test("that waits for what never comes fails and says which resource waits", async () => {
    const mock = await testing.mockTurso({ timeout: 1_000 });
    const program = () => {
      new Group("a", { location: "lhr" });
      new Group("stuck", { location: pulumi.output(new Promise<string>(() => {})) });
    };
    await expect(mock.run(program)).rejects.toThrow(/nothing happened for 1 s\. .*'stuck' may wait/);
    expect(mock.groups).toEqual([]);
  });

  test("runs beside other mocks, and leaves nothing behind", async () => {
    const mocks = await Promise.all(
      ["acme", "beta"].map((organization) => testing.mockTurso({ organization, project: organization })),
    );
    await Promise.all(
      mocks.map((mock, i) =>
        mock.run(async () => {
          for (let j = 0; j < 3; j++) {
            new Group(`g${j}`, { location: "lhr", name: `${pulumi.getProject()}-${i}-${j}` });
            await new Promise((resolve) => setTimeout(resolve, 5 * i));
          }
        }),
      ),
    );
    expect(mocks.map(({ groups }) => groups.map(({ name }) => name))).toEqual([
      ["acme-0-0", "acme-0-1", "acme-0-2"],
      ["beta-1-0", "beta-1-1", "beta-1-2"],
    ]);
    expect(pulumi.runtime.getStackResource()).toBeUndefined();
  });

  test("has configuration, stack references and other providers", async () => {
    const mock = await testing.mockTurso({
      organization: "acme",
      config: {
        stage: "dev",
        "turso:deleteProtection": true,
        "aws:region": "eu",
        token: { value: "s3cr3t", secret: true },
      },
      stackReferences: { "acme/network/prod": { location: "lhr", key: pulumi.secret("hidden") } },
      call: ({ token }) => (token === "aws:index/getRegion:getRegion" ? { name: "eu-west-1" } : {}),
      newResource: ({ name, inputs }) => ({ id: `${name}-1`, state: { ...inputs, arn: `arn:${name}` } }),
    });
    const { created, outputs } = await mock.run(async () => {
      const config = new pulumi.Config();
      const network = new pulumi.StackReference("acme/network/prod");
      const region = await pulumi.runtime.invoke("aws:index/getRegion:getRegion", {});
      const location = network.requireOutput("location") as pulumi.Output<string>;
      const group = new Group(`app-${config.require("stage")}`, { location });
      class Bucket extends pulumi.CustomResource {
        declare readonly arn: pulumi.Output<string>;
        constructor(name: string, args: pulumi.Inputs) {
          super("aws:s3/bucket:Bucket", name, { arn: undefined, ...args });
        }
      }
      const bucket = new Bucket("logs", { tag: group.name });
      return {
        region,
        arn: bucket.arn,
        id: bucket.id,
        key: network.getOutput("key"),
        token: config.requireSecret("token"),
      };
    });
    expect(created).toMatchObject([
      { type: "Group", name: "app-dev" },
      { type: "aws:s3/bucket:Bucket", name: "logs" },
    ]);
    expect(mock.groups).toMatchObject([{ deleteProtection: true }]);
    expect(outputs.region).toMatchObject({ name: "eu-west-1" });
    expect(await testing.valueOf([outputs.arn, outputs.id])).toEqual(["arn:logs", "logs-1"]);
    expect([
      await testing.isSecret(outputs.key),
      await testing.valueOf(outputs.key),
      await testing.isSecret(outputs.token),
    ]).toEqual([true, "hidden", true]);
    await expect(mock.run(() => new pulumi.StackReference("acme/other/prod"))).rejects.toThrow(
      "stackReferences",
    );
  });

  test("that has options of the engine is sent to the engine where they matter", async () => {
    const mock = await testing.mockTurso();
    const program = (options: pulumi.CustomResourceOptions) => () =>
      new native.Group("a", { location: "lhr" }, options);
    await mock.run(program({ protect: true, ignoreChanges: ["location"], aliases: [{ name: "old" }] }));
    for (const options of [
      { protect: true },
      { ignoreChanges: ["location"] },
      { aliases: [{ name: "old" }] },
      { replaceOnChanges: ["location"] },
      { deleteBeforeReplace: true },
      { import: "a" },
    ]) {
      const [option] = Object.keys(options);
      await expect(mock.run(program(options))).rejects.toThrow(`the option \`${option}\``);
    }
    expect(names((await mock.run(program({}))).unchanged)).toEqual(["a"]);
  });

  test("with transforms, hooks or automatic names is sent to the engine", async () => {
    const mock = await testing.mockTurso();
    const group = (options?: pulumi.CustomResourceOptions) => new Group("a", { location: "lhr" }, options);
    await expect(mock.run(() => group({ transforms: [() => undefined] }))).rejects.toThrow("useEmulator");
    const hook = () => new pulumi.ResourceHook("hook", () => {});
    await expect(mock.run(() => group({ hooks: { afterCreate: [hook()] } }))).rejects.toThrow("useEmulator");
    const transformed = () => {
      pulumi.runtime.registerResourceTransform(() => undefined);
      group();
    };
    await expect(mock.run(transformed)).rejects.toThrow("useEmulator");
    const config = { "pulumi:autonaming": { mode: "verbatim" } };
    await expect(mock.run(() => group(), { config })).rejects.toThrow("useEmulator");
    expect(names((await mock.run(() => group())).created)).toEqual(["a"]);
  });

  test("has components and explicit providers", async () => {
    const mock = await testing.mockTurso({ organization: "acme" });
    const { outputs } = await mock.run(() => {
      class App extends pulumi.ComponentResource {
        readonly group: dynamic.Group;
        constructor(name: string, options?: pulumi.ComponentResourceOptions) {
          super("my:index:App", name, {}, options);
          this.group = new native.Group(`${name}-data`, { location: "lhr" }, { parent: this });
        }
      }
      const provider = new native.Provider("beta", { organization: "beta" });
      const [plain, explicit] = [new App("one"), new App("two", { providers: [provider] })];
      return { plain: plain.group.id, explicit: explicit.group.id, urn: plain.group.urn };
    });
    expect(await testing.valueOf(outputs.urn)).toBe(
      "urn:pulumi:stack::project::my:index:App$turso:index:Group::one-data",
    );
    expect(await testing.valueOf(outputs.plain)).toMatch(/^acme\/one-data-/);
    expect(await testing.valueOf(outputs.explicit)).toMatch(/^beta\/two-data-/);
    expect(mock.emulator.store.account("beta").groups.size).toBe(1);
  });

  test("retries in no time, and sees lost responses", async () => {
    const mock = await testing.mockTurso();
    mock.emulator.fail({ status: 429, headers: { "retry-after": "30" }, times: 3 });
    mock.emulator.fail({ method: "POST", drop: "after" });
    mock.emulator.fail({ method: "GET", hang: "before" });
    // The pauses of 30 s that the server asks for would take longer than the test may.
    const { warnings } = await mock.run(() => new Group("a", { location: "lhr" }));
    expect(warnings).toContainEqual(expect.stringContaining("rate limit exceeded"));
    expect(mock.groups).toHaveLength(1);
  });

  test("waits in no time for a name that Turso has not released", async () => {
    const location = (code: string) => () => new Group("a", { name: "a", location: code });
    const mock = await testing.mockTurso({ emulator: { lag: 40_000 } });
    await mock.run(location("lhr"));
    const { replaced, warnings } = await mock.run(location("ams"));
    expect([names(replaced), warnings]).toEqual([["a"], [expect.stringContaining("name is still taken")]]);
    const slow = await testing.mockTurso({ emulator: { lag: 120_000 } });
    await slow.run(location("lhr"));
    const { refused } = await slow.run(location("ams"), { expectRefusals: true });
    expect(refused).toMatchObject([{ name: "a", code: "NAME_NOT_RELEASED" }]);
  });

  test("has the date of the emulator", async () => {
    const mock = await testing.mockTurso();
    const program = () => {
      const group = new Group("a", { location: "lhr" });
      new GroupToken("t", { group: group.id, expiration: "90d", renewBefore: "30d" });
    };
    expect((await mock.run(program)).warnings).toEqual([]);
    mock.emulator.store.clock.advance("59d");
    expect((await mock.run(program)).unchanged).toHaveLength(2);
    mock.emulator.store.clock.advance("2d");
    const { replaced, warnings } = await mock.run(program);
    expect(replaced).toMatchObject([{ name: "t", properties: ["expiresAt"] }]);
    expect(warnings).toEqual([expect.stringContaining("renewBefore is 30d")]);
    expect((await mock.run(program)).unchanged).toHaveLength(2);
  });

  test("is refused with options that do not exist", async () => {
    // JavaScript lets them through.
    const wrong: Record<string, string> = { organisation: "acme" };
    await expect(testing.mockTurso(wrong)).rejects.toThrow("did you mean 'organization'?");
    await expect(testing.mockTurso({ emulator: wrong })).rejects.toThrow("`emulator`");
    await expect(testing.mockTurso(JSON.parse('"acme"'))).rejects.toThrow("must be an object");
    expect(() => testing.useEmulator(wrong)).toThrow("did you mean 'organization'?");
    await expect(testing.startTestEmulator(wrong)).rejects.toThrow("did you mean 'organization'?");
    const mock = await testing.mockTurso();
    const program = () => new Group("a", { location: "lhr" });
    const options: Record<string, boolean> = { expectRefusal: true };
    await expect(mock.run(program, options)).rejects.toThrow("did you mean 'expectRefusals'?");
    expect(mock.groups).toEqual([]);
  });

  test("may have configuration that is not set", async () => {
    const mock = await testing.mockTurso({ config: { stage: "dev", other: undefined } });
    const read = () => {
      new Group("a", { location: "lhr" });
      return ["stage", "other"].map((key) => new pulumi.Config().get(key));
    };
    expect((await mock.run(read)).outputs).toEqual(["dev", undefined]);
    expect((await mock.run(read, { config: { stage: undefined } })).outputs).toEqual([undefined, undefined]);
  });

  test("cannot wait for another run of its mock", async () => {
    const mock = await testing.mockTurso();
    const program = () => mock.run(() => new Group("a", { location: "lhr" }));
    await expect(mock.run(program)).rejects.toThrow("another run of the same mock");
  });

  test("is replaced with the resources that it depends on", async () => {
    const mock = await testing.mockTurso({ organization: "acme" });
    const program = (location: string) => () => {
      const group = new Group("a", { name: "a", location });
      new dynamic.ApiToken("id", { group: group.id, scopes: ["read"] });
      new dynamic.ApiToken("name", { group: group.name, scopes: ["read"] });
      new dynamic.ApiToken("other", {});
    };
    await mock.run(program("lhr"));
    const planned = await mock.preview(program("ams"));
    const { replaced, unchanged } = await mock.run(program("ams"));
    expect([replaced, names(unchanged)]).toEqual([planned.replaced, ["other"]]);
    expect(names(replaced)).toEqual(["a", "id", "name"]);
    expect(mock.apiTokens).toHaveLength(3);
  });

  test("deletes later what it could not delete after its replacement", async () => {
    const mock = await testing.mockTurso();
    const program = (location: string) => () => new Group("a", { location });
    await mock.run(program("lhr"));
    mock.emulator.fail({ method: "DELETE", status: 400, times: 2 });
    const { replaced, refused } = await mock.run(program("ams"), { expectRefusals: true });
    expect([names(replaced), refused]).toMatchObject([["a"], [{ name: "a", code: "DELETE_FAILED" }]]);
    expect((await mock.run(program("ams"), { expectRefusals: true })).refused).toHaveLength(1);
    const { unchanged, deleted } = await mock.run(program("ams"));
    expect([names(unchanged), names(deleted)]).toEqual([["a"], ["a"]]);
    expect(mock.groups).toMatchObject([{ primary: "ams" }]);
    expect((await mock.run(program("ams"))).deleted).toEqual([]);
  });

  test("has Pulumi's organization, and known values for resources of other providers", async () => {
    const seen: unknown[] = [];
    const mock = await testing.mockTurso({
      newResource: ({ name, inputs }) => {
        seen.push(inputs);
        return { id: name, state: inputs };
      },
    });
    class Bucket extends pulumi.CustomResource {}
    const { outputs } = await mock.preview(() => {
      const { uuid } = new Group("a", { location: "lhr" });
      new Bucket("aws:s3/bucket:Bucket", "b", { uuid, tag: "x" });
      return pulumi.getOrganization();
    });
    expect([outputs, seen]).toEqual(["organization", [{ tag: "x" }]]);
  });

  test("writes nothing that depends on a write that failed", async () => {
    const mock = await testing.mockTurso();
    mock.emulator.fail({ method: "POST", status: 400 });
    class Bucket extends pulumi.CustomResource {}
    const program = () => {
      const group = new Group("a", { location: "lhr" });
      const token = new GroupToken("t", { group: group.id });
      new Group("b", { location: "lhr" }, { dependsOn: [token] });
      new Bucket("aws:s3/bucket:Bucket", "c", { tag: token.jwt });
    };
    const { refused } = await mock.run(program, { expectRefusals: true });
    expect(refused).toMatchObject([{ name: "a", code: "CREATE_FAILED" }]);
    expect(mock.groups).toEqual([]);
    expect((await mock.run(program)).created).toHaveLength(4);
  });

  test("may only call functions", async () => {
    const mock = await testing.mockTurso();
    const { outputs } = await mock.run(() => dynamic.getGroups());
    expect(outputs.groups).toEqual([]);
  });

  test("runs with fake timers", async () => {
    vi.useFakeTimers();
    try {
      const mock = await testing.mockTurso();
      await mock.run(() => new Group("a", { location: "lhr" }));
      expect(mock.groups).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("has unknown outputs in a preview", async () => {
    const mock = await testing.mockTurso();
    const { outputs } = await mock.preview(() => {
      const group = new Group("a", { location: "lhr", name: "a" });
      new GroupToken("t", { group: group.id });
      return { name: group.name, uuid: group.uuid };
    });
    expect(await testing.valueOf(outputs.name)).toBe("a");
    await expect(testing.valueOf(outputs.uuid)).rejects.toThrow("unknown");
  });

  test("runs without an HTTP client and without a socket", async () => {
    const script = `
      const { Socket } = require("node:net");
      Socket.prototype.connect = () => { throw new Error("a socket is opened"); };
      const turso = require("pulumi-turso");
      const { mockTurso } = require("pulumi-turso/testing");
      mockTurso({ organization: "acme" }).then(async (mock) => {
        const { created } = await mock.run(async () => {
          for (let i = 0; i < 10; i++) {
            const group = new turso.Group("g" + i, { location: "lhr" });
            new turso.GroupToken("t" + i, { group: group.id });
          }
          await turso.getGroups();
        });
        console.log(created.length, Object.keys(require.cache).filter((file) => /[\\\\/]axios[\\\\/]/.test(file)).length);
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script]);
    expect(stdout.trim()).toBe("20 0");
  });
});
