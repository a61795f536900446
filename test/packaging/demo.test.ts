import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, it, onTestFinished, vi } from "vitest";

const DEMO = join(import.meta.dirname, "..", "..", "tools", "demo.ts");

const PROVIDER = /cmd\/dynamic-provider\/index\.js 127/;

/** Starts the demo as `npm run demo` does, with a folder of its own for what is temporary. */
function startDemo(variables: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "demo-test-"));
  const child = spawn(process.execPath, [DEMO], {
    // As in a terminal: a process group of its own, which Ctrl-C reaches as a whole.
    detached: true,
    env: { ...process.env, ...variables, TMPDIR: folder, TEMP: folder, TMP: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const demo = { child, folder, text: "", ended: once(child, "close") };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      demo.text += chunk;
    });
  }
  onTestFinished(async () => {
    child.kill("SIGINT");
    await demo.ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return demo;
}

/** The demo and the processes that it has started: they have its TMPDIR. */
function processesOf({ folder }: { folder: string }): string[] {
  const options = process.platform === "darwin" ? "axEww" : "axeww";
  const all = execFileSync("ps", [options, "-o", "pid=,command="], { encoding: "utf8", maxBuffer: 2 ** 26 });
  return all.split("\n").filter((line) => line.includes(`TMPDIR=${folder}`));
}

describe.skipIf(!inject("engine"))("npm run demo", () => {
  it("shows the whole life of a group, does not use the user's account, and leaves nothing", async () => {
    const demo = startDemo({
      TURSO_API_TOKEN: "the-user's-own",
      TURSO_API_BASEURL: "http://127.0.0.1:9",
      TURSO_ORGANIZATION: "the-user's-own",
      // No server listens there.
      http_proxy: "http://127.0.0.1:9",
      HTTP_PROXY: "http://127.0.0.1:9",
    });

    expect(await demo.ended, demo.text).toEqual([0, null]);

    const facts = [
      "1/9",
      "+ 2 to create",
      "2/9",
      "analytics created",
      "3/9",
      "GET /v1/organizations/acme/groups\n200 {",
      '"aws-us-east-1"',
      "4/9",
      "2 unchanged",
      "No changes, 0 requests to the Turso API.",
      "5/9",
      "1 database (orders)",
      "[HOLDS_DATA]",
      "6/9",
      '"aws-us-east-1" => "aws-eu-west-1"',
      "+-1 to replace",
      "7/9",
      "+-1 replaced",
      '"aws-eu-west-1"',
      "8/9",
      "- 2 deleted",
      "9/9",
      '"groups": []',
      "Pulumi's stack: removed.",
      "The emulator: closed. The temporary folder: removed.",
      "pulumi config set --secret turso:apiToken",
    ];
    let from = 0;
    for (const fact of facts) {
      const found = demo.text.indexOf(fact, from);
      expect(found, `"${fact}" is missing after ${from} in:\n${demo.text}`).not.toBe(-1);
      from = found + fact.length;
    }
    expect(demo.text).not.toMatch(/warning|the-user's-own/i);
    expect(readdirSync(demo.folder)).toEqual([]);
  });

  it.skipIf(process.platform === "win32").each([
    ["Ctrl-C in a terminal", (pid: number) => process.kill(-pid, "SIGINT")],
    ["a signal to the demo alone", (pid: number) => process.kill(pid, "SIGINT")],
  ])("ends all that it has started on %s, and leaves nothing", async (_, interrupt) => {
    const demo = startDemo();
    const provider = await vi.waitUntil(
      () => demo.text.includes("2/9") && processesOf(demo).find((line) => PROVIDER.test(line)),
      { timeout: 60_000, interval: 100 },
    );
    // Stopped, so that the engine is still running when the signal arrives.
    const pid = Number.parseInt(provider, 10);
    process.kill(pid, "SIGSTOP");
    try {
      interrupt(demo.child.pid ?? 0);
      await vi.waitUntil(() => demo.text.includes("^C received"), { timeout: 10_000 });
    } finally {
      process.kill(pid, "SIGCONT");
    }

    expect(await demo.ended, demo.text).toEqual([130, null]);
    // Once, because a second signal makes the engine abandon pending operations.
    expect(demo.text.match(/\^C received/g)).toHaveLength(1);
    expect(demo.text).toContain("Stopped.");
    expect(processesOf(demo)).toEqual([]);
    expect(readdirSync(demo.folder)).toEqual([]);
  });
});
