/**
 * getGroup, getGroups and getLocations, called by a program while the engine runs it. On the dynamic host they run in the program, which
 * here is this process, so the settings are in the stack's configuration; on the native host the engine's variables reach them.
 */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeHost, describeHosts, type Host } from "../support/hosts.ts";

/** A stack with its settings where its host's functions see them; `config` puts them into the stack's configuration anyhow. */
async function start(
  { host, startEngine }: Host,
  organization: string | undefined,
  config?: Record<string, string>,
) {
  const emulator = await emulate();
  if (host === "native" && config === undefined) {
    const env = {
      TURSO_API_BASEURL: emulator.url,
      TURSO_API_TOKEN: TOKEN,
      TURSO_ORGANIZATION: organization ?? "",
    };
    return { emulator, engine: await startEngine({ env }) };
  }
  const settings = {
    "turso:baseUrl": emulator.url,
    "turso:apiToken": TOKEN,
    ...(organization !== undefined && { "turso:organization": organization }),
    ...config,
  };
  const engine = await startEngine({
    config: Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [
        key,
        { value, secret: key.startsWith("turso:apiToken") },
      ]),
    ),
  });
  return { emulator, engine };
}

describeHosts("functions", (host) => {
  const { turso } = host;

  test("outputs stay unknown in the preview that creates their group, and are the group afterwards, in both forms of the API", async () => {
    const { emulator, engine } = await start(host, undefined);
    const forms = [
      { form: "own", of: {}, base: "/v1/groups", prefix: "" },
      { form: "acme", of: { organization: "acme" }, base: "/v1/organizations/acme/groups", prefix: "acme/" },
    ];
    let known: string[] = [];
    const note = (what: string, value: unknown) => known.push(`${what}: ${JSON.stringify(value)}`);
    engine.program = async () => {
      known = [];
      for (const { form, of } of forms) {
        const group = new turso.Group(`${form}-shop`, { name: "shop", location: "lhr", ...of });
        group.name.apply((name) => note(`${form} name`, name));
        const found = turso.getGroupOutput({ name: group.name, ...of });
        found.id.apply((id) => note(`${form} found`, id));
        const { groups } = turso.getGroupsOutput(of, { dependsOn: [group] });
        groups.apply((all) => note(`${form} all`, all.map(({ name }) => name).includes("shop")));
        new turso.Group(`${form}-twin`, { name: "twin", location: found.location, ...of });
      }
      const { locations } = await turso.getLocations();
      note("lhr", locations.lhr);
    };
    const create = ["create"];
    expect(await engine.run("preview")).toMatchObject({
      failed: false,
      steps: { "own-shop": create, "own-twin": create, "acme-shop": create, "acme-twin": create },
    });
    const before = ['acme name: "shop"', 'lhr: "London, United Kingdom"', 'own name: "shop"'];
    expect(known.sort()).toEqual(before);
    for (const { base } of forms) expect(requestsOf(emulator)).not.toContain(`GET ${base}/shop`);

    expect(await engine.run("up")).toMatchObject({ failed: false });
    const all = [
      ...before,
      ...forms.flatMap(({ form, prefix }) => [`${form} all: true`, `${form} found: "${prefix}shop"`]),
    ].sort();
    expect(known.sort()).toEqual(all);
    for (const { of } of forms)
      expect(emulator.store.account(of.organization).group("twin").primary).toBe("lhr");

    // From now on the preview knows it all.
    known = [];
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
    expect(known.sort()).toEqual(all);
  });

  describe("in an organization", () => {
    test("a missing group is an error that names it, without a stack", async () => {
      const { engine } = await start(host, "acme");
      engine.program = async () => {
        await turso.getGroup({ name: "prod" });
      };
      const { failed, text } = await engine.run("preview");
      expect(failed).toBe(true);
      expect(text).toContain("Group 'prod' in organization 'acme' does not exist.");
      expect(text).not.toMatch(/^\s+at /m);
    });

    test.each([
      [{ nam: "prod" }, "getGroup has no argument 'nam'; did you mean 'name'?"],
      [{ name: "prod", kind: "x" }, "getGroup has no argument 'kind'; it has name and organization"],
      [{}, "getGroup: `name` is required (e.g. prod)"],
      ["prod", 'getGroup: the arguments must be an object such as { name: "prod" }, got a string.'],
    ])("getGroup(%j) says which arguments there are", async (args, problem) => {
      const { emulator, engine } = await start(host, "acme");
      engine.program = async () => {
        await turso.getGroup(args as { name: string });
      };
      const { failed, text } = await engine.run("preview");
      expect(failed).toBe(true);
      expect(text).toContain(problem);
      expect(requestsOf(emulator)).toEqual([]);
    });

    test("each organization is asked with its own token", async () => {
      const { emulator, engine } = await start(host, undefined, {
        "turso:apiToken": "another-token",
        "turso:apiTokens": JSON.stringify({ acme: TOKEN }),
      });
      emulator.store.account("acme").createGroup({ name: "prod", location: "lhr" });
      engine.program = async () => ({
        names: (await turso.getGroups({ organization: "acme" })).groups.map(({ id }) => id).join(),
      });
      const acme = await engine.run("preview");
      expect(acme.text).toMatch(/names: "acme\/prod"/);
      engine.program = async () => {
        await turso.getGroups({ organization: "beta" });
      };
      const beta = await engine.run("preview");
      expect(beta.failed).toBe(true);
      expect(beta.text).toContain("401 not authenticated");
      // The plugin knows that tokens are set by organization here.
      const key = host.host === "native" ? "--path 'turso:apiTokens.beta'" : "turso:apiToken";
      expect(beta.text).toContain(`Then set it: \`pulumi config set --secret ${key}\``);
      for (const { text } of [acme, beta]) expect(text).not.toContain(TOKEN);
    });
  });
});

describeHost("dynamic", "functions", ({ turso, startEngine }) => {
  test("a token that stands unencrypted in stack configuration is refused", async () => {
    const emulator = await emulate();
    const engine = await startEngine({
      config: { "turso:baseUrl": { value: emulator.url }, "turso:apiToken": { value: TOKEN } },
    });
    engine.program = async () => {
      await turso.getLocations();
    };
    const { failed, text } = await engine.run("preview");
    expect(failed).toBe(true);
    expect(text).toContain("pulumi config set --secret turso:apiToken");
    expect(requestsOf(emulator)).toEqual([]);
  });
});
