/**
 * getGroup, getGroups and getLocations, called by a program while the engine runs it. On the dynamic host
 * they run in the program, which is this process, so the settings are in the stack configuration. On the
 * native host they see the variables of the engine.
 */
import { describe, expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeHost, describeHosts, type Host } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

/**
 * A stack with its settings where the functions of its host see them. `config` puts them into the stack
 * configuration in any case.
 */
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

  test("outputs stay unknown in the preview that creates their group, and are known afterwards, in both forms of the API", async () => {
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

    // From now on the preview knows every output.
    known = [];
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
    expect(known.sort()).toEqual(all);
  });

  describe("in an organization", () => {
    test("a wrong argument and a missing group are errors that name them, without a stack trace", async () => {
      const { emulator, engine } = await start(host, "acme");
      let args: unknown = { nam: "prod" };
      engine.program = async () => {
        await turso.getGroup(args as { name: string });
      };
      const misspelled = await engine.run("preview");
      expect(misspelled.failed).toBe(true);
      expect(misspelled.text).toMatch(errorLine("UNKNOWN_ARGUMENT", "getGroup", "'nam'", "'name'"));
      expect(requestsOf(emulator)).toEqual([]);

      args = { name: "prod" };
      const missing = await engine.run("preview");
      expect(missing.failed).toBe(true);
      expect(missing.text).toMatch(errorLine("NOT_FOUND", "'prod' in organization 'acme'"));
      for (const { text } of [misspelled, missing]) expect(text).not.toMatch(/^\s+at /m);
    });

    test("each request is sent with the token of its organization", async () => {
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
      expect(beta.text).toMatch(errorLine("UNAUTHORIZED", "GET /v1/organizations/beta/groups: 401"));
      expect(beta.text).toContain("`pulumi config set --secret --path 'turso:apiTokens.beta'`");
      for (const { text } of [acme, beta]) expect(text).not.toContain(TOKEN);
    });
  });
});

describeHost("dynamic", "functions", ({ turso, startEngine }) => {
  test("a plain-text token in stack configuration is refused", async () => {
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
