/**
 * getGroup, getGroups and getLocations, called by a program while the engine runs it. They run in the program, which
 * here is this process: so the settings are in the stack's configuration, not in the engine's variables.
 */
import * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeEngine, startEngine } from "../support/engine.ts";

/** A stack with its settings in its configuration. */
async function start(organization: string | undefined, config: Record<string, string> = {}) {
  const emulator = await emulate();
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

describeEngine.each([
  { form: "user", organization: undefined, base: "/v1/groups", prefix: "" },
  { form: "organization", organization: "acme", base: "/v1/organizations/acme/groups", prefix: "acme/" },
])("in the $form form", ({ organization, base, prefix }) => {
  test("outputs stay unknown in the preview that creates their group, and are the group afterwards", async () => {
    const { emulator, engine } = await start(organization);
    let known: string[] = [];
    const note = (what: string, value: unknown) => known.push(`${what}: ${JSON.stringify(value)}`);
    engine.program = async () => {
      known = [];
      const group = new turso.Group("shop", { name: "shop", location: "lhr" });
      group.name.apply((name) => note("name", name));
      const found = turso.getGroupOutput({ name: group.name });
      found.id.apply((id) => note("found", id));
      const { groups } = turso.getGroupsOutput({}, { dependsOn: [group] });
      groups.apply((all) => note("all", all.map(({ name }) => name).includes("shop")));
      const { locations } = await turso.getLocations();
      note("lhr", locations.lhr);
      const twin = new turso.Group("twin", { name: "twin", location: found.location });
      return { twin: twin.primary };
    };
    expect(await engine.run("preview")).toMatchObject({
      failed: false,
      steps: { shop: ["create"], twin: ["create"] },
    });
    expect(known.sort()).toEqual(['lhr: "London, United Kingdom"', 'name: "shop"']);
    expect(requestsOf(emulator)).not.toContain(`GET ${base}/shop`);

    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(known.sort()).toEqual([
      "all: true",
      `found: "${prefix}shop"`,
      'lhr: "London, United Kingdom"',
      'name: "shop"',
    ]);
    expect(emulator.store.account(organization).group("twin").primary).toBe("lhr");

    // From now on the preview knows it all.
    known = [];
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
    expect(known.length).toBe(4);
  });
});

describeEngine("in an organization", () => {
  test("a missing group is an error that names it, without a stack", async () => {
    const { engine } = await start("acme");
    engine.program = async () => {
      await turso.getGroup({ name: "prod" });
    };
    const { failed, text } = await engine.run("preview");
    expect(failed).toBe(true);
    expect(text).toContain("Group 'prod' in organization 'acme' does not exist.");
    expect(text).not.toMatch(/^\s+at .*provider/m);
  });

  test("each organization is asked with its own token", async () => {
    const { emulator, engine } = await start(undefined, {
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
    expect(beta.text).toContain("Then set it: `pulumi config set --secret turso:apiToken`");
    for (const { text } of [acme, beta]) expect(text).not.toContain(TOKEN);
  });

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
