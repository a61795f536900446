/** What a report says of previews that the engine printed: see test/data/previews. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toMarkdown } from "../../../src/cli/report/markdown.js";
import { toJson, toText } from "../../../src/cli/report/plain.js";
import { parsePreview } from "../../../src/cli/report/preview.js";
import { type Rules, type Summary, summaryOf } from "../../../src/cli/report/summary.js";
import { rendered } from "./rendered.ts";

const HOSTS = ["dynamic", "native"] as const;
const PREVIEWS = join("test", "data", "previews");
const recorded = (name: string) => readFileSync(join(PREVIEWS, `${name}.json`), "utf8");
const rules: Rules = { allow: [], failOn: "destructive" };
const summary = (text: string, options: Partial<Rules> = {}) =>
  summaryOf(parsePreview(text), { ...rules, ...options });
const markdown = (of: Summary) => toMarkdown(of, { title: undefined, marker: "test" });
const exitCode = (text: string, options?: Partial<Rules>) => summary(text, options).exitCode;

describe.each(HOSTS)("a preview of the %s host", (host) => {
  test("of creates lists them, and fails only with --fail-on changes", () => {
    const found = summary(recorded(`creates.${host}`));
    expect(found).toMatchObject({
      stack: "shop/dev",
      failed: false,
      errors: [],
      destructive: [],
      exitCode: 0,
    });
    const changes = found.changes.map(({ action, type, name }) => `${action} ${type} ${name}`).sort();
    expect(changes).toEqual([
      "create turso:index:Group old",
      "create turso:index:Group prod",
      "create turso:index:GroupToken api",
      "create turso:index:GroupTokenInvalidation leak",
    ]);
    expect(exitCode(recorded(`creates.${host}`), { failOn: "changes" })).toBe(7);
    expect(exitCode(recorded(`creates.${host}`), { failOn: "changes", allow: ["turso:*"] })).toBe(0);
  });

  test("without changes says so", () => {
    const found = summary(recorded(`unchanged.${host}`), { failOn: "changes" });
    expect(found).toMatchObject({ changes: [], exitCode: 0 });
    expect(markdown(found)).toBe("<!-- test -->\n## Pulumi preview of `shop/dev`\n\n**No changes.**\n");
  });

  test("that is refused failed, and names the databases", () => {
    for (const name of [`refused.${host}`, `refused.stream.${host}`]) {
      for (const failOn of ["destructive", "never"] as const) {
        const found = summary(recorded(name), { failOn, allow: ["*"] });
        expect(found).toMatchObject({ failed: true, exitCode: 1, changes: [] });
        expect(found.errors).toHaveLength(1);
        const { code } = rendered(markdown(found));
        expect(code).toContain(
          "which holds 2 databases (orders, <img src=x onerror=alert(1)> @team | ` #1 </details>)",
        );
        expect(code).toContain("[HOLDS_DATA]");
      }
    }
  });

  test("that deletes a group says what is lost, and whether that is allowed", () => {
    const text = recorded(`delete.${host}`);
    expect(summary(text).destructive).toMatchObject([
      { action: "delete", name: "old", type: "turso:index:Group" },
    ]);
    expect(exitCode(text)).toBe(7);
    expect(exitCode(text, { failOn: "never" })).toBe(0);
    for (const allow of ["old", "turso:index:Group", "*::old"])
      expect(exitCode(text, { allow: [allow] })).toBe(0);
    for (const allow of ["ol", "prod", "Group", "."]) expect(exitCode(text, { allow: [allow] })).toBe(7);
    expect(markdown(summary(text, { allow: ["old"] }))).toContain(
      "**delete** `old` (`turso:index:Group`) (allowed)",
    );
  });

  test("that replaces a group by force has the same destructive changes in both forms", () => {
    for (const name of [`forced.${host}`, `forced.stream.${host}`]) {
      const { destructive, exitCode } = summary(recorded(name));
      expect(destructive.map(({ action, name }) => `${action} ${name}`)).toEqual([
        "replace prod",
        "replace api",
        "replace leak",
      ]);
      expect(destructive[0]?.loss).toContain("`forceDestroy: true` is in state");
      expect(destructive[0]?.diff).toEqual([
        { path: "location", kind: "update", old: '"lhr"', new: '"ams"', forcesReplacement: true },
      ]);
      expect(exitCode).toBe(7);
    }
  });

  test("that renews a token is not destructive", () => {
    const found = summary(recorded(`renewal.${host}`));
    expect(found).toMatchObject({ destructive: [], exitCode: 0 });
    expect(found.renewals).toMatchObject([{ name: "api", type: "turso:index:GroupToken" }]);
    expect(found.warnings[0]?.message).toContain("renewBefore is 59m59.999s");
    expect(exitCode(recorded(`renewal.${host}`), { failOn: "changes" })).toBe(7);
  });

  test("of a program that fails has the error of the program once", () => {
    const found = summary(recorded(`failed.${host}`));
    expect(found).toMatchObject({ failed: true, exitCode: 1 });
    expect(found.errors).toHaveLength(1);
    expect(found.errors[0]?.message).toContain("No program for <img");
  });

  test("of a refresh lists what changed outside Pulumi", () => {
    const found = summary(recorded(`drift.${host}`));
    expect(found).toMatchObject({ refresh: true, destructive: [], exitCode: 0 });
    const text = markdown(found);
    expect(text).toContain("## Drift of `shop/dev`");
    expect(text).toContain("`kept` (`turso:index:Group`) no longer exists");
    expect(text).toContain("`~ deleteProtection: true → false`");
  });

  test("has no secret and no output in any format", () => {
    for (const name of ["forced", "forced.stream", "renewal", "drift"]) {
      const text = recorded(`${name}.${host}`);
      expect(text).toMatch(/v0\.23\.7|\[secret\]/);
      const found = summary(text);
      for (const shown of [markdown(found), toText(found, undefined), toJson(found)])
        expect(shown).not.toMatch(/v0\.23\.7|jwt|4dabf18193072939515e22adb298388d|__provider/);
    }
  });
});

describe("input that is no preview", () => {
  const cases: Record<string, string> = {
    empty: "",
    "an error of the CLI": "error: no stack named 'dev' found\n",
    "another JSON": '{"result":"failed"}\n',
    "a list": "[]",
    "a document that ends early": recorded("creates.native").slice(0, 3_000),
    "events that end early": recorded("forced.stream.native").split("\n").slice(0, 20).join("\n"),
    "an event that ends early": recorded("forced.stream.native").slice(0, 5_000),
  };
  test.each(Object.keys(cases))("%s has exit code 1, whatever --fail-on says", (name) => {
    const found = summary(cases[name] ?? "", { failOn: "never" });
    expect(found).toMatchObject({ failed: true, exitCode: 1 });
    expect(found.errors[0]?.message).not.toBe("");
  });

  test("may surround a preview", () => {
    const text = `warning: a new version of Pulumi is available\n${recorded("delete.native")}\nnpm notice\n`;
    expect(summary(text)).toEqual(summary(recorded("delete.native")));
  });
});

test("events of a refresh have the changes that the document has", () => {
  const events = recorded("drift.native");
  const { steps } = JSON.parse(events) as { steps: { op: string; urn: string }[] };
  const found = steps.filter(({ op }) => op !== "refresh");
  expect(found).not.toEqual([]);
  const event = (key: string, metadata: object) => ({ [key]: { metadata } });
  const stream = [
    ...steps.map(({ urn }) => event("resourcePreEvent", { op: "refresh", urn })),
    ...steps.map(({ op, urn }) => event("resOutputsEvent", { op: op === "refresh" ? "same" : op, urn })),
    { summaryEvent: { result: "succeeded" } },
  ];
  const text = stream.map((event, sequence) => `${JSON.stringify({ sequence, ...event })}\n`).join("");
  const { refresh, changes, exitCode } = summary(text, { failOn: "changes" });
  expect({ refresh, exitCode }).toEqual({ refresh: true, exitCode: 7 });
  expect(changes.map(({ urn }) => urn)).toEqual(found.map(({ urn }) => urn).sort());
});

test("several previews in one input are no preview", () => {
  const [unchanged, removed] = [recorded("unchanged.native"), recorded("delete.native")];
  const events = recorded("forced.stream.native");
  for (const text of [unchanged + removed, unchanged + events, events + events])
    expect(summary(text, { failOn: "never" })).toMatchObject({
      exitCode: 1,
      errors: [{ message: "The input has several previews. Report each one by itself." }],
    });
});

/** A preview of one step, as the engine prints it. */
function preview(step: object, type = "turso:index:Group"): string {
  const urn = `urn:pulumi:dev::shop::${type}::it`;
  return JSON.stringify({ steps: [{ urn, detailedDiff: null, ...step }], duration: 1 });
}
const state = (inputs: object, others: object = {}) => ({ custom: true, inputs, ...others });

describe("a change", () => {
  test("of any provider counts, but not of a component, a provider, or what Pulumi retains", () => {
    const removed = { op: "delete", oldState: state({}) };
    expect(exitCode(preview(removed, "aws:s3/bucket:Bucket"))).toBe(7);
    expect(exitCode(preview(removed, "pulumi:providers:aws"))).toBe(0);
    expect(exitCode(preview({ op: "delete", oldState: { custom: false } }, "my:index:Component"))).toBe(0);
    expect(exitCode(preview({ op: "delete", oldState: state({}, { retainOnDelete: true }) }))).toBe(0);
    expect(exitCode(preview({ op: "read", newState: state({}) }), { failOn: "changes" })).toBe(0);
  });

  test("by an operation that only a later engine has is destructive", () => {
    const codes = (op: string) => exitCode(preview({ op, oldState: state({}), newState: state({}) }));
    for (const op of ["replace", "read-replacement", "import-replacement", "remove-pending-replace", "merge"])
      expect(codes(op), op).toBe(7);
    for (const op of ["same", "read", "refresh", "discard", "discard-replaced", "diff", "import", "update"])
      expect(codes(op), op).toBe(0);
  });

  test("that deletes the old half of an interrupted replacement is destructive, whatever the new one is", () => {
    const urn = "urn:pulumi:dev::shop::turso:index:Group::it";
    const kept = { op: "same", urn, oldState: state({}, { retainOnDelete: true }), newState: state({}) };
    const removed = { op: "delete", urn, oldState: state({ forceDestroy: true }) };
    const found = summary(JSON.stringify({ steps: [kept, removed], duration: 1 }));
    expect(found.destructive).toMatchObject([{ action: "delete", diff: [{ kind: "delete" }] }]);
    expect(found.destructive[0]?.loss).toContain("`forceDestroy: true` is in state");
  });

  test("that revokes tokens is destructive", () => {
    const type = "turso:index:GroupTokenInvalidation";
    const update = (before: object, after: object) =>
      exitCode(preview({ op: "update", oldState: state(before), newState: state(after) }, type));
    expect(update({ triggers: { leaked: 1 } }, { triggers: { leaked: 2 } })).toBe(7);
    expect(update({ onCreate: false }, { onCreate: true })).toBe(0);
    expect(exitCode(preview({ op: "create", newState: state({ onCreate: true }) }, type))).toBe(7);
    const unknown = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7";
    expect(exitCode(preview({ op: "create", newState: state({ onCreate: unknown }) }, type))).toBe(7);
    expect(exitCode(preview({ op: "create", newState: state({}) }, type))).toBe(0);
  });

  test("of a secret shows neither value, also if one side is plain", () => {
    const marked = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "plain",
    };
    for (const secret of ["[secret]", marked, ["[secret]"], { key: "[secret]" }, { key: [marked] }]) {
      for (const plain of ["plain", ["plain"], { key: "plain" }, { other: 1, key: ["plain"] }]) {
        for (const [before, after] of [
          [secret, plain],
          [plain, secret],
        ]) {
          const text = preview({
            op: "update",
            oldState: state({ it: before }),
            newState: state({ it: after }),
          });
          expect(toJson(summary(text))).not.toContain("plain");
        }
      }
    }
    // The engine says only which secret differs.
    const same = state({ key: "[secret]" });
    const [change] = summary(
      preview({ op: "update", oldState: same, newState: same, diffReasons: ["key"] }),
    ).changes;
    expect(change?.diff).toEqual([{ path: "key", kind: "update", forcesReplacement: false }]);
  });
});

test("the JSON leaves nothing out, so that a deployment can compare it with what was approved", () => {
  const of = (end: string) => {
    const newState = state({ triggers: { note: `${"x".repeat(400)}${end}` } });
    return summary(preview({ op: "update", oldState: state({}), newState }));
  };
  expect(markdown(of("a"))).toBe(markdown(of("b")));
  expect(toJson(of("a"))).not.toBe(toJson(of("b")));
});

test("destructive changes are the last that a long report leaves out", () => {
  const removed = (index: number, op: string) => ({
    op,
    urn: `urn:pulumi:dev::shop::turso:index:Group::${"n".repeat(80)}${index}`,
    oldState: state({ forceDestroy: true }),
    newState: op === "update" ? state({ forceDestroy: false }) : undefined,
  });
  const length = (count: number) => {
    const steps = [...Array(count).keys()].flatMap((index) => [
      removed(index, "update"),
      removed(-index - 1, "delete"),
    ]);
    const diagnostics = [...Array(count).keys()].map((index) => ({
      severity: "warning",
      message: `w${index}`,
    }));
    const text = markdown(summary(JSON.stringify({ steps, diagnostics, duration: 1 })));
    expect(text.length).toBeLessThanOrEqual(60_000);
    return text;
  };
  expect(length(50)).not.toContain("not shown");
  const some = length(200);
  expect(some.match(/\*\*delete\*\*/g)).toHaveLength(200);
  expect(some).toMatch(/\d+ more changes are not shown/);
  const many = length(1_000);
  expect(many).toMatch(/\d+ more are not shown: the report is too long/);
  expect(many).toContain("1000 destructive changes");
  expect(many).not.toContain("w0");
});

describe("npx pulumi-turso report", () => {
  const run = (args: string[], input = "") =>
    spawnSync(process.execPath, ["provider/bin/pulumi-turso.js", "report", ...args], {
      input,
      encoding: "utf8",
    });
  const file = join(PREVIEWS, "delete.native.json");

  test("reads a file or standard input, and writes the same report each time", () => {
    const first = run([file]);
    expect(first).toMatchObject({ status: 7, stderr: "" });
    expect(run([], readFileSync(file, "utf8"))).toMatchObject({ status: 7, stdout: first.stdout });
    expect(run([file, "--fail-on", "never", "--title", "a `b`"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("of `` a `b` ``"),
    });
    expect(JSON.parse(run([file, "--format", "json"]).stdout)).toMatchObject({ exitCode: 7, failed: false });
    expect(run([file, "--format", "text"]).stdout).toContain("delete old (turso:index:Group)");
  });

  test("reports a preview that the CLI refused, and one that a policy failed", () => {
    const stderr = join("provider", "test", "cli", "report", "rendered.ts");
    const refused = run(["--exit-code", "255", "--stderr", stderr]);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain("unescaped");
    const policy = run([file, "--exit-code", "255", "--fail-on", "never"]);
    expect(policy).toMatchObject({ status: 1, stdout: expect.stringContaining("exited with code 255") });
  });

  test("has exit code 2 for wrong options, and 1 for a file that does not exist", () => {
    const wrong = [
      ["--format", "html"],
      ["--fail-on", "delete"],
      ["--marker", "--> <img>"],
      ["--exit-code", "no"],
      ["--no-such-option"],
      ["a", "b"],
    ];
    for (const args of wrong) expect(run(args), args.join(" ")).toMatchObject({ status: 2, stdout: "" });
    expect(run(["--fail-on", "delete"]).stderr).toContain(
      "must be destructive, changes or never, got 'delete'",
    );
    expect(run(["no-such-file.json"])).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "pulumi-turso: Failed to read no-such-file.json: it does not exist.\n",
    });
  });

  test("of JSON that is no preview says so", () => {
    const { status, stdout } = run(["package.json"]);
    expect(status).toBe(1);
    expect(stdout).toContain("The input is not the output of `pulumi preview --json`.");
  });
});
