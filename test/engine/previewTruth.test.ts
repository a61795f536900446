/** A preview reports what `up` would fail on, and warns once of what it cannot check. */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts, describeLifecycle, type Host } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

/** A program with groups in both forms of the API. */
const groups =
  ({ turso }: Host, location: string, count = 1) =>
  async () => {
    for (let i = 0; i < count; i++) {
      new turso.Group(`own-${i}`, { location });
      new turso.Group(`acme-${i}`, { location, organization: "acme", replicas: ["ams"] });
    }
  };

describeLifecycle("a preview", (host) => {
  const { turso, startEngine } = host;

  test.each([
    ["lhrr", "'lhr' (London, United Kingdom)"],
    ["aws-us-est-1", "'aws-us-east-1' (AWS US East (Virginia))"],
  ])("of a group in %s suggests %s", async (location, suggestion) => {
    const emulator = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    engine.program = async () => {
      new turso.Group("analytics", { location });
    };
    const { failed, text } = await engine.run("preview");
    expect(failed).toBe(true);
    const [line] = text.match(errorLine("UNKNOWN_LOCATION", "property location value")) ?? [];
    expect(line).toContain(`{${location}}`);
    expect(line).toContain(suggestion);
  });

  test("with a refused token, or for an organization that the user is not a member of, is an error", async () => {
    const emulator = await emulate({ organizations: ["beta"] });
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    engine.program = groups(host, "lhr");
    const forbidden = await engine.run("preview");
    expect(forbidden).toMatchObject({ failed: true });
    expect(forbidden.text).toMatch(errorLine("FORBIDDEN", "403"));
    engine.stack.workspace.envVars.TURSO_API_TOKEN = "wrong";
    const refused = await engine.run("preview");
    expect(refused).toMatchObject({ failed: true });
    expect(refused.text).toMatch(errorLine("UNAUTHORIZED", "401"));
    expect(refused.text).toContain("`pulumi config set --secret turso:apiToken`");
    expect(emulator.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

describeHosts("a preview", (host) => {
  const { startEngine } = host;

  test("without a token, a server or a working API continues with one line of warning", async () => {
    const emulator = await emulate();
    const engine = await startEngine();
    engine.program = groups(host, "lhr", 10);
    emulator.fail({ status: 503, body: { error: "down" }, times: Number.POSITIVE_INFINITY });
    const cases: [Record<string, string>, string][] = [
      [{ TURSO_API_TOKEN: "" }, "TURSO_API_TOKEN"],
      [{ TURSO_API_BASEURL: "http://127.0.0.1:1" }, "`npx turso-emulator --port 1`"],
      [{}, "503 down"],
    ];
    for (const [env, cause] of cases) {
      const good = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
      Object.assign(engine.stack.workspace.envVars, good, env);
      const { failed, diagnostics, steps } = await engine.run("preview");
      expect(failed).toBe(false);
      expect(Object.values(steps).flat()).toEqual(Array(20).fill("create"));
      expect(diagnostics.trim().split("\n")).toEqual([
        "Diagnostics:",
        expect.stringMatching(host.warnsUnder),
        expect.stringContaining(`warning: `),
      ]);
      expect(diagnostics).toContain(cause);
    }
    // Each list is requested twice (one retry), for any number of groups. Locations are requested once for
    // each form.
    const lists = ["/v1/groups", "/v1/locations", "/v1/locations", "/v1/organizations/acme/groups"];
    expect(emulator.requests.map(({ path }) => path).sort()).toEqual(lists.flatMap((path) => [path, path]));
  });
});
