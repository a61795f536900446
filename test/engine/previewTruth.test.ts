/** A preview says what `up` would trip over, and says once what it cannot know. */
import { expect, test } from "vitest";
import { emulate, TOKEN } from "../support/emulator.ts";
import { describeHosts, type Host } from "../support/hosts.ts";

/** A program with groups in both forms of the API. */
const groups =
  ({ turso }: Host, location: string, count = 1) =>
  async () => {
    for (let i = 0; i < count; i++) {
      new turso.Group(`own-${i}`, { location });
      new turso.Group(`acme-${i}`, { location, organization: "acme", replicas: ["ams"] });
    }
  };

describeHosts("a preview", (host) => {
  const { turso, startEngine } = host;

  test.each([
    ["lhrr", "did you mean 'lhr' (London, United Kingdom)?"],
    ["aws-us-est-1", "did you mean 'aws-us-east-1' (AWS US East (Virginia))?"],
  ])("of a group in %s asks: %s", async (location, hint) => {
    const emulator = await emulate();
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    engine.program = async () => {
      new turso.Group("analytics", { location });
    };
    const { failed, text } = await engine.run("preview");
    expect(failed).toBe(true);
    expect(text).toContain(
      `property location value {${location}} has a problem: Turso has no location '${location}': ${hint}`,
    );
  });

  test("with a token that is refused, or for an organization that is not one's own, is an error", async () => {
    const emulator = await emulate({ organizations: ["beta"] });
    const engine = await startEngine({ env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN } });
    engine.program = groups(host, "lhr");
    const forbidden = await engine.run("preview");
    expect(forbidden).toMatchObject({ failed: true });
    expect(forbidden.text).toContain("403 you are not a member of organization acme");
    engine.stack.workspace.envVars.TURSO_API_TOKEN = "wrong";
    const refused = await engine.run("preview");
    expect(refused).toMatchObject({ failed: true });
    expect(refused.text).toContain("401 not authenticated: invalid token");
    expect(refused.text).toContain("`pulumi config set --secret turso:apiToken`");
    expect(emulator.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  test("without a token, without a server, and of a server in trouble goes on with one line of warning", async () => {
    const emulator = await emulate();
    const engine = await startEngine();
    engine.program = groups(host, "lhr", 10);
    emulator.fail({ status: 503, body: { error: "down" }, times: Number.POSITIVE_INFINITY });
    const cases: [Record<string, string>, string][] = [
      [{ TURSO_API_TOKEN: "" }, "No API token is set, so this preview"],
      [{ TURSO_API_BASEURL: "http://127.0.0.1:1" }, "Could not reach the Turso API, so this preview"],
      [{ TURSO_API_BASEURL: "http://127.0.0.1:1" }, "Start the emulator with `npx turso-emulator --port 1`"],
      [{}, "The Turso API responded with 503 down, so this preview"],
    ];
    for (const [env, reason] of cases) {
      const good = { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN };
      Object.assign(engine.stack.workspace.envVars, good, env);
      const { failed, diagnostics, steps } = await engine.run("preview");
      expect(failed).toBe(false);
      expect(Object.values(steps).flat()).toEqual(Array(20).fill("create"));
      expect(diagnostics.trim().split("\n")).toEqual([
        "Diagnostics:",
        expect.stringMatching(host.warnsUnder),
        expect.stringContaining(
          "so this preview may be incomplete: existing groups, locations and databases were not checked.",
        ),
      ]);
      expect(diagnostics).toContain(reason);
    }
    // Each list is asked for again once, however many groups are waiting for it: its locations once for each form.
    const lists = ["/v1/groups", "/v1/locations", "/v1/locations", "/v1/organizations/acme/groups"];
    expect(emulator.requests.map(({ path }) => path).sort()).toEqual(lists.flatMap((path) => [path, path]));
  });
});
