/**
 * Replicas: declared, changed outside Pulumi, refused, and added only in part. Every group is declared in
 * both forms of the API.
 */
import type * as turso from "pulumi-turso";
import { expect, test } from "vitest";
import { both, startBothForms, steps } from "../support/bothForms.ts";
import { describeHosts, describeLifecycle } from "../support/hosts.ts";
import { errorLine } from "../support/messages.ts";

describeLifecycle("replicas", (host) => {
  test("are added, then removed, in place; ignored when not set; none with []; in any order; drift is shown and corrected; an archived group says how to unarchive it", async () => {
    const { accounts, engine, declare, writes, reads, forget, stored } = await startBothForms(host);
    const location = "lhr";
    const groups: Record<string, turso.GroupArgs> = {
      swapped: { location, replicas: ["ams", "fra"] },
      sorted: { location, replicas: ["ams", "fra"] },
      emptied: { location, replicas: ["ams"] },
      unmanaged: { location },
    };
    declare(groups);
    expect(await engine.run("up")).toMatchObject({ failed: false });
    expect(writes("swapped")).toEqual([
      "POST groups",
      "POST groups/swapped/locations/ams",
      "POST groups/swapped/locations/fra",
    ]);
    expect(writes("unmanaged")).toEqual(["POST groups"]);

    for (const account of accounts) account.addLocation("unmanaged", "nrt");
    groups.swapped = { location, replicas: ["fra", "nrt", "iad"] };
    groups.sorted = { location, replicas: ["fra", "ams"] };
    groups.emptied = { location, replicas: [] };
    forget();
    expect(await engine.run("up")).toMatchObject({
      failed: false,
      steps: steps({ swapped: ["update"], emptied: ["update"] }),
    });
    expect(writes("swapped")).toEqual([
      "POST groups/swapped/locations/nrt",
      "POST groups/swapped/locations/iad",
      "DELETE groups/swapped/locations/ams",
    ]);
    expect(writes("emptied")).toEqual(["DELETE groups/emptied/locations/ams"]);
    expect(writes("sorted")).toEqual([]);
    expect(reads()).toEqual(["GET groups", "GET locations"]);

    for (const account of accounts) {
      account.removeLocation("swapped", "nrt");
      account.addLocation("emptied", "cdg");
      account.archiveGroup("unmanaged");
    }
    const refresh = await engine.run("refresh");
    expect(refresh.text).toMatch(/own-swapped updated .*\[diff: ~replicas\]/);
    expect(refresh.text).toMatch(/acme-emptied updated .*\[diff: ~replicas\]/);
    expect(await stored("swapped")).toMatchObject(both({ inputs: { replicas: ["fra", "iad"] } }));
    for (const { inputs, outputs } of await stored("unmanaged")) {
      expect(inputs).not.toHaveProperty("replicas");
      expect(outputs).not.toHaveProperty("replicas");
      expect(outputs).toMatchObject({ locations: ["lhr", "nrt"], archived: true });
    }

    const preview = await engine.run("preview");
    expect(preview).toMatchObject({
      failed: false,
      steps: steps({ swapped: ["update"], emptied: ["update"] }),
    });
    expect(preview.text).toMatch(/own-swapped update \[diff: ~replicas\]/);
    forget();
    groups.unmanaged = { location, replicas: ["nrt", "ams"] };
    const archived = await engine.run("up", { continueOnError: true });
    expect(archived.failed).toBe(true);
    expect(archived.text).toMatch(errorLine("UPDATE_FAILED", "'unmanaged' in organization 'acme'", "ams"));
    expect(archived.text).toContain("`turso group unarchive unmanaged`");
    expect(writes("swapped")).toEqual(["POST groups/swapped/locations/nrt"]);
    expect(writes("emptied")).toEqual(["DELETE groups/emptied/locations/cdg"]);

    for (const account of accounts) account.unarchiveGroup("unmanaged");
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ unmanaged: ["update"] }) });
    for (const account of accounts) {
      expect(account.group("unmanaged").locations).toEqual(["lhr", "nrt", "ams"]);
      expect(account.group("swapped").locations.toSorted()).toEqual(["fra", "iad", "lhr", "nrt"]);
      expect(account.group("emptied").locations).toEqual(["lhr"]);
    }
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
  });

  test("that are impossible are refused at preview", async () => {
    const { engine, emulator, declare } = await startBothForms(host);
    const PROPERTY = "property replicas value {";
    const cases: [turso.GroupArgs, RegExp][] = [
      [{ location: "lhr", replicas: ["ams", "lhr"] }, errorLine("INVALID_INPUT", PROPERTY, "'lhr'")],
      [{ location: "lhr", replicas: ["ams", "fra", "ams"] }, errorLine("INVALID_INPUT", PROPERTY, "'ams'")],
      [
        { location: "lhr", replicas: ["amss"] },
        errorLine("UNKNOWN_LOCATION", PROPERTY, "'ams' (Amsterdam, Netherlands)"),
      ],
      [{ location: "aws-us-east-1", replicas: ["lhr"] }, errorLine("INVALID_INPUT", PROPERTY, "AWS")],
    ];
    for (const [args, problem] of cases) {
      declare({ prod: args });
      const { failed, text } = await engine.run("preview");
      expect(failed).toBe(true);
      expect(text).toMatch(problem);
    }
    expect(emulator.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  });
});

describeHosts("replicas", (host) => {
  test("of which the second is refused: state has the first, and the next up adds the others, after a create and after an update", async () => {
    const { accounts, emulator, engine, declare, writes, forget, stored } = await startBothForms(host);
    const refuse = (path: RegExp) =>
      emulator.fail({ method: "POST", path, times: 2, status: 402, body: { error: "no more replicas" } });
    const location = "lhr";
    declare({ prod: { location, replicas: ["ams", "fra", "nrt"] } });
    refuse(/prod\/locations\/fra$/);
    const created = await engine.run("up", { continueOnError: true });
    expect(created.failed).toBe(true);
    expect(created.text).toMatch(errorLine("UPDATE_FAILED", "'prod' in organization 'acme'", "fra"));
    expect(created.text).toContain("402 no more replicas");
    const uuids = accounts.map((account) => account.group("prod").uuid);
    expect(await stored("prod")).toMatchObject(
      uuids.map((uuid) => ({
        initErrors: [expect.stringMatching(errorLine("UPDATE_FAILED", "fra"))],
        outputs: { uuid, replicas: ["ams"], locations: ["lhr", "ams"] },
      })),
    );

    forget();
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: ["update"] }) });
    expect(writes("prod")).toEqual(["POST groups/prod/locations/fra", "POST groups/prod/locations/nrt"]);

    declare({ prod: { location, replicas: ["fra", "nrt", "cdg", "iad", "arn"] } });
    refuse(/prod\/locations\/iad$/);
    forget();
    const updated = await engine.run("up", { continueOnError: true });
    expect(updated.failed).toBe(true);
    expect(writes("prod")).toEqual(["POST groups/prod/locations/cdg", "POST groups/prod/locations/iad"]);
    expect(await stored("prod")).toMatchObject(
      both({
        initErrors: [expect.stringMatching(errorLine("UPDATE_FAILED", "iad"))],
        outputs: {
          replicas: ["ams", "fra", "nrt", "cdg"],
          locations: ["lhr", "ams", "fra", "nrt", "cdg"],
        },
      }),
    );

    forget();
    expect(await engine.run("up")).toMatchObject({ failed: false, steps: steps({ prod: ["update"] }) });
    expect(writes("prod")).toEqual([
      "POST groups/prod/locations/iad",
      "POST groups/prod/locations/arn",
      "DELETE groups/prod/locations/ams",
    ]);
    expect(await stored("prod")).toMatchObject(
      uuids.map((uuid) => ({ outputs: { uuid, replicas: ["fra", "nrt", "cdg", "iad", "arn"] } })),
    );
    for (const { initErrors } of await stored("prod")) expect(initErrors).toBeUndefined();
    expect(await engine.run("preview")).toMatchObject({ failed: false, steps: {} });
  });
});
