/** Members and invites of an organization, from the first preview to destroy. */
import { expect, test } from "vitest";
import { emulate, requestsOf, TOKEN } from "../support/emulator.ts";
import { describeLifecycle } from "../support/hosts.ts";
import { errorLine, warningLine } from "../support/messages.ts";

describeLifecycle("members and invites", (host) => {
  test("are added, changed, kept when accepted, handed over and removed; the token's user never is", async () => {
    const { OrganizationInvite, OrganizationMember } = host.turso;
    const emulator = await emulate();
    const acme = emulator.store.account("acme");
    const roles = () => Object.fromEntries([...acme.members.values()].map(({ name, role }) => [name, role]));
    acme.addMember("carol", "admin");
    const engine = await host.startEngine({
      env: { TURSO_API_BASEURL: emulator.url, TURSO_API_TOKEN: TOKEN, TURSO_ORGANIZATION: "acme" },
    });
    const outputs = async () =>
      Object.fromEntries((await engine.resources()).map(({ id, outputs }) => [id, outputs]));
    const program =
      (alice: string, adopt: { adopt?: boolean }, bob = true) =>
      async () => {
        new OrganizationMember(alice, { username: "alice", role: "admin", ...(alice === "taker" && adopt) });
        new OrganizationMember("carol", { username: "carol", role: "admin", ...adopt });
        if (bob) new OrganizationInvite("bob", { email: "bob+1@example.com", role: "member" });
      };

    engine.program = program("alice", {});
    const taken = await engine.run("preview");
    expect(taken).toMatchObject({ failed: true });
    expect(taken.text).toMatch(errorLine("NAME_TAKEN", "property username", "'carol'"));

    engine.program = program("alice", { adopt: true });
    const up = await engine.run("up");
    expect(up).toMatchObject({
      failed: false,
      steps: { alice: ["create"], bob: ["create"], carol: ["create"] },
    });
    expect(roles()).toEqual({ personal: "owner", alice: "admin", carol: "admin" });
    expect([...acme.invites.keys()]).toEqual(["bob+1@example.com"]);
    expect(await outputs()).toMatchObject({
      "acme/alice": { username: "alice", role: "admin", email: "alice@example.com", organization: "acme" },
      "acme/bob+1@example.com": { email: "bob+1@example.com", role: "member", accepted: false },
    });
    emulator.requests.length = 0;
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: {} });
    expect(requestsOf(emulator)).toEqual([]);

    acme.acceptInvite("bob+1@example.com", "bob");
    acme.setRole("alice", "viewer");
    expect(await engine.run("refresh")).toMatchObject({ failed: false });
    expect(await outputs()).toMatchObject({
      "acme/alice": { role: "viewer" },
      "acme/bob+1@example.com": { accepted: true },
    });

    // Another resource takes alice over, and the accepted invite is removed.
    engine.program = program("taker", { adopt: true }, false);
    const handover = await engine.run("up");
    expect(handover).toMatchObject({
      failed: false,
      steps: { taker: ["create"], alice: ["delete"], bob: ["delete"] },
    });
    expect(handover.text).toMatch(warningLine("'alice'"));
    expect(handover.text).toMatch(warningLine("'bob+1@example.com'"));
    expect(roles()).toEqual({ personal: "owner", alice: "admin", carol: "admin", bob: "member" });

    emulator.store.tokenUser = "carol";
    const refused = await engine.run("destroy");
    expect(refused.failed).toBe(true);
    expect(refused.text).toMatch(errorLine("MEMBER_PROTECTED", "'carol'"));
    expect(roles()).toMatchObject({ personal: "owner", carol: "admin", bob: "member" });
    emulator.store.tokenUser = "personal";
    expect(await engine.run("destroy")).toMatchObject({ failed: false });
    expect(roles()).toEqual({ personal: "owner", bob: "member" });
  });
});
